"""The little of HTTP that the edge needs, between ASGI and the handlers."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from tracking.routes import is_within
from tracking.visits import Visit

PARAMETERS_MAX = 100
QUERY_MAX = 8_000
PORT = re.compile(r":[0-9]*\Z", re.ASCII)
HTML = "text/html; charset=utf-8"


Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


# The headers that anything here looks at; decoding the others would be time lost.
HEADERS = {
    name.encode(): name
    for name in (
        *("host", "user-agent", "referer", "sec-fetch-dest", "sec-fetch-mode", "sec-gpc"),
        *("sec-purpose", "purpose", "x-purpose", "x-moz", "x-forwarded-for"),
        *("accept-language", "accept-encoding", "if-none-match", "authorization"),
        *("content-type", "cookie", "x-api-key"),
    )
}


class TooLarge(Exception):
    """A body is longer than it may be."""


class Request(NamedTuple):
    """One request, with those of its headers that matter; their names are in lower case."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    address: str  # The visitor's IP address.
    receive: Receive

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
        body = b""
        while True:
            message = await self.receive()
            body += message.get("body", b"")
            if len(body) > length_max:
                raise TooLarge(f"more than {length_max} bytes")
            if not message.get("more_body"):
                return body


class Response(NamedTuple):
    """One answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""

    async def send(self, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


def read_request(scope: Scope, receive: Receive, trusted: tuple[str, ...]) -> Request:
    """Return the request of an ASGI scope."""
    headers = {
        HEADERS[name]: value.decode("latin-1")
        for name, value in scope["headers"]
        if name in HEADERS
    }
    client = scope.get("client")
    address = client[0] if client else ""
    if trusted and "x-forwarded-for" in headers:
        address = visitor_behind(address, headers["x-forwarded-for"], trusted)
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=read_query(scope["query_string"]) if scope["query_string"] else [],
        headers=headers,
        address=address,
        receive=receive,
    )


def read_query(text: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a query; what is too much is not read."""
    try:
        return parse_qsl(
            text[:QUERY_MAX].decode(errors="replace"),
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
    if "," not in forwarded_for:  # Nearly always.
        return forwarded_for.strip() if is_within(address, trusted) else address
    chain = [*(part.strip() for part in forwarded_for.split(",")), address]
    while len(chain) > 1 and is_within(chain[-1], trusted):
        chain.pop()
    return chain[-1]


def headers_of(named: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI wants them."""
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named.items()
    ]


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
