"""Postbacks: other systems' servers report conversions, each in its own words."""

from functools import partial

import structlog

from common import clock
from interfaces.edge.desk import Desk, Unavailable
from interfaces.edge.http import (
    Request,
    Response,
    TooLarge,
    headers_of,
)
from interfaces.edge.intake import BODY_MAX, read_parameters
from interfaces.edge.meter import Meter
from tracking.intake import Call, receive_postback
from tracking.postbacks import Refused, Reply, vocabulary_of

log = structlog.get_logger()

METHODS = ("GET", "POST")
RETRY_SECONDS = 5
STRANGE_TOKENS_MAX = 60  # A minute and address: tokens cannot be guessed, but asking costs.


class Postbacks:
    """Takes the calls of merchants' and networks' servers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._strangers = Meter(limit=STRANGE_TOKENS_MAX)

    async def take(self, request: Request) -> Response:
        """Answer a postback, once it is stored."""
        names = [name for name, _value in request.query]
        try:
            if request.method not in METHODS:
                raise Refused("method_not_allowed", "Use GET or POST.")
            if self._strangers.is_used_up(request.address):
                raise Refused("throttled", "Too many calls with a wrong token.")
            parameters = await read_parameters(request)
            names = list(parameters)
            call = Call(
                path=request.path,
                method=request.method,
                address=request.address,
                parameters=parameters,
                header_token=request.headers.get("x-api-key", ""),
            )
            reply = await self._desk.run(partial(receive_postback, call, at=clock.now()))
        except TooLarge:
            reply = _refused(
                request, names, Refused("too_large", f"Send at most {BODY_MAX} bytes.")
            )
        except Refused as refusal:
            reply = _refused(request, names, refusal)
        except Unavailable as error:
            log.warning("postback.unavailable", path=request.path, error=str(error))
            reply = _refused(request, names, Refused("unavailable", "Try again in a moment."))
        if reply.is_strange:
            self._strangers.count(request.address)
        return self._response(reply)

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
