"""Postbacks: other systems' servers report conversions, each in its own words."""

from functools import partial

import structlog

from common import clock
from common.secrets import hash_key
from interfaces.edge.desk import Desk, Unavailable
from interfaces.edge.http import (
    Request,
    Response,
    TooLarge,
    headers_of,
)
from interfaces.edge.intake import BODY_MAX, read_parameters
from interfaces.edge.meter import Meter, caller_of
from tracking.intake import Call, receive_postback, token_of
from tracking.postbacks import Refused, Reply, vocabulary_of

log = structlog.get_logger()

METHODS = ("GET", "POST")
RETRY_SECONDS = 5
STRANGE_TOKENS_MAX = 60  # A minute and address: tokens cannot be guessed, but asking costs.
KNOWN_TOKENS_MAX = 10_000


class Postbacks:
    """Takes the calls of merchants' and networks' servers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._strangers = Meter(limit=STRANGE_TOKENS_MAX)
        self._known: dict[str, None] = {}  # Hashes of tokens that were right, the oldest first.

    async def take(self, request: Request) -> Response:
        """Answer a postback, once it is stored."""
        names = [name for name, _value in request.query]
        try:
            if request.method not in METHODS:
                raise Refused("method_not_allowed", "Use GET or POST.")
            parameters = await read_parameters(request)
            names = list(parameters)
            call = Call(
                path=request.path,
                method=request.method,
                address=request.address,
                parameters=parameters,
                header_token=request.headers.get("x-api-key", ""),
            )
            reply = await self._receive(call)
        except TooLarge:
            reply = _refused(
                request, names, Refused("too_large", f"Send at most {BODY_MAX} bytes.")
            )
        except Refused as refusal:
            reply = _refused(request, names, refusal)
        except Unavailable as error:
            log.warning("postback.unavailable", path=request.path, error=str(error))
            reply = _refused(request, names, Refused("unavailable", "Try again in a moment."))
        return self._response(reply)

    async def _receive(self, call: Call) -> Reply:
        """Store a call. One sender may speak for many merchants: a wrong token is only its own.

        :raises Refused: if its sender has used too many wrong tokens, and this one is not known.
        :raises Unavailable: if it cannot be stored now.
        """
        sender, token = caller_of(call.address), hash_key(token_of(call))
        if token not in self._known and self._strangers.is_used_up(sender):
            raise Refused("throttled", "Too many calls with a wrong token.")
        reply = await self._desk.run(partial(receive_postback, call, at=clock.now()))
        if reply.is_strange:
            self._known.pop(token, None)
            self._strangers.count(sender)
        else:
            self._remember(token)
        return reply

    def _remember(self, token: str) -> None:
        if token not in self._known and len(self._known) >= KNOWN_TOKENS_MAX:
            del self._known[next(iter(self._known))]
        self._known[token] = None

    def _response(self, reply: Reply) -> Response:
        named = {"content-type": reply.media_type, "cache-control": "no-store"}
        if reply.status == 503:
            named["retry-after"] = str(RETRY_SECONDS)
        if reply.status == 429:
            named["retry-after"] = str(self._strangers.wait_seconds)
        if reply.status == 405:
            named["allow"] = ", ".join(METHODS)
        return Response(reply.status, headers_of(named), reply.body.encode())


def _refused(request: Request, names: list[str], refusal: Refused) -> Reply:
    return vocabulary_of(request.path, names).refused(refusal)
