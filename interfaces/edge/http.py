"""The little of HTTP that the edge needs, between RSGI and the handlers.

RSGI is granian's own interface (its docs/spec/RSGI.md): an answer costs two thirds of what it
costs by ASGI, because nothing is wrapped into messages.
"""

import json
import re
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl

from tracking.routes import is_within
from tracking.visits import Visit

PARAMETERS_MAX = 100
QUERY_MAX = 8_000
FORWARDED_MAX = 2_000  # Characters of X-Forwarded-For, from its end: what our proxies wrote.
PORT = re.compile(r":[0-9]*\Z", re.ASCII)
HTML = "text/html; charset=utf-8"


UNREADABLE = "?"  # A user agent that is not ASCII; the server keeps the value to itself.
UNKNOWN_ADDRESS = ""  # Some visitor's, behind our proxy: in no network, on no list.


class Headers(Protocol):
    """The headers of a request. Values that are not ASCII are named, but have no item."""

    def items(self) -> list[tuple[str, str]]: ...

    def __contains__(self, name: str) -> bool: ...


class Scope(Protocol):
    """What the server says of a request; the path is decoded, the query is not."""

    method: str
    path: str
    query_string: str
    client: str  # "address:port".

    @property
    def headers(self) -> Headers: ...


class Exchange(Protocol):
    """The server's end of one request: gives the body in pieces, takes the answer."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None: ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


class TooLarge(Exception):
    """A body is longer than it may be."""


class Request(NamedTuple):
    """One request, with those of its headers that matter; their names are in lower case."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    address: str  # The visitor's IP address.
    exchange: Exchange

    @property
    def host(self) -> str:
        """Return the host that was asked, in lower case and without a port."""
        name = self.headers.get("host", "").lower()
        return name.rpartition(":")[0] if PORT.search(name) else name

    def visit(self) -> Visit:
        """Return what the rules of clicks look at."""
        return Visit(self.method, self.headers, self.query, self.address)

    async def body(self, length_max: int) -> bytes:
        """Return the whole body.

        :raises TooLarge: as soon as it is longer than that.
        """
        body = bytearray()  # Grows in place, however small the pieces are.
        async for piece in self.exchange:
            body += piece
            if len(body) > length_max:
                raise TooLarge(f"more than {length_max} bytes")
        return bytes(body)


class Response(NamedTuple):
    """One answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""

    def send(self, exchange: Exchange) -> None:
        """Send it."""
        if self.body:
            exchange.response_bytes(self.status, self.headers, self.body)
        else:
            exchange.response_empty(self.status, self.headers)


def read_request(scope: Scope, exchange: Exchange, trusted: tuple[str, ...]) -> Request:
    """Return the request that the server has received."""
    headers = dict(scope.headers.items())
    if "user-agent" not in headers and "user-agent" in scope.headers:
        headers["user-agent"] = UNREADABLE
    address = scope.client.rpartition(":")[0].strip("[]")
    if trusted and "x-forwarded-for" in headers:
        address = visitor_behind(address, headers["x-forwarded-for"], trusted)
    elif trusted and "x-forwarded-for" in scope.headers and is_within(address, trusted):
        address = UNKNOWN_ADDRESS
    query = scope.query_string
    return Request(
        scope.method, scope.path, read_query(query) if query else [], headers, address, exchange
    )


def read_query(text: str) -> list[tuple[str, str]]:
    """Return the parameters of a query; what is too much is not read."""
    try:
        return parse_qsl(
            text[:QUERY_MAX],
            keep_blank_values=True,
            max_num_fields=PARAMETERS_MAX,
        )
    except ValueError:
        return []


def visitor_behind(address: str, forwarded_for: str, trusted: tuple[str, ...]) -> str:
    """Return the address that the outermost proxy of our own saw.

    Every proxy appends whom it saw. Read from the right, the first that is none of our own
    proxies is the visitor; what stands left of it anybody may have written.
    """
    forwarded_for = forwarded_for[-FORWARDED_MAX:]
    if "," not in forwarded_for:  # Nearly always.
        return forwarded_for.strip() if is_within(address, trusted) else address
    chain = [*(part.strip() for part in forwarded_for.split(",")), address]
    while len(chain) > 1 and is_within(chain[-1], trusted):
        chain.pop()
    return chain[-1]


def headers_of(named: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return headers as the server wants them."""
    return [(name.lower(), value) for name, value in named.items()]


def json_response(
    status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    """Return JSON that nobody keeps."""
    body = json.dumps(content, separators=(",", ":")).encode()
    kind = "application/problem+json" if status >= 400 else "application/json"
    named = {"content-type": kind, "cache-control": "no-store", **(headers or {})}
    return Response(status, headers_of(named), body)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    field: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error as RFC 9457 has it, like the API's."""
    errors = [{"field": field, "code": code, "message": detail}] if field else []
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": errors,
    }
    return json_response(status, content, headers)


def method_not_allowed(allowed: str) -> Response:
    """Return the answer to a method that means nothing here."""
    return problem(405, "method_not_allowed", f"Use {allowed}.", headers={"allow": allowed})
