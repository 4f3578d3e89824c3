"""GET /px.gif: a page tells that its visitor has bought. Whatever happens, it gets its picture."""

from base64 import b64decode
from functools import partial
from uuid import UUID

import structlog

from common import clock
from interfaces.edge.desk import Desk, Unavailable
from interfaces.edge.http import Request, Response, TooLarge, headers_of
from interfaces.edge.intake import read_parameters
from interfaces.edge.meter import Meter, caller_of
from tracking.intake import Call, pixel_key_of, receive_pixel
from tracking.models import ClickClass
from tracking.parameters import CLICK_PARAMETER
from tracking.postbacks import Refused
from tracking.token import LOOKS_LIKE_TOKEN
from tracking.visits import AGENT_SIGNS, classify, is_prefetch

log = structlog.get_logger()

GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICTAEAOw==")
HEADERS = headers_of(
    {
        "content-type": "image/gif",
        "cache-control": "no-store",
        "access-control-allow-origin": "*",  # Without credentials: there is nothing to read.
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "content-type",
        "cross-origin-resource-policy": "cross-origin",
        "x-content-type-options": "nosniff",
    }
)
PICTURE = Response(200, HEADERS, GIF)
OF_ADDRESS_MAX = 120  # A minute; an office behind one address buys less often.
OF_PROGRAM_MAX = 3_000
REFUSALS_KEPT_MAX = 2_000  # A day and program: strangers must not fill a merchant's log.
DAY_SECONDS = 86_400
COOKIES_MAX = 8_000  # Characters; what follows is not looked at.


class Pixel:
    """Takes what visitors' browsers report."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._addresses = Meter(limit=OF_ADDRESS_MAX)
        self._programs = Meter(limit=OF_PROGRAM_MAX)
        self._refusals = Meter(limit=REFUSALS_KEPT_MAX, seconds=DAY_SECONDS)

    async def take(self, request: Request) -> Response:
        """Answer with the picture, once the conversion is stored or cannot be."""
        try:
            if request.method in ("GET", "POST"):
                await self._take(request)
        except (TooLarge, Refused):
            pass  # Nobody's call; there is no log it could stand in.
        except Unavailable as error:
            log.warning("pixel.unavailable", error=str(error))
        except Exception:
            log.exception("pixel.failed")
        return PICTURE

    async def _take(self, request: Request) -> None:
        if not self._addresses.allows(caller_of(request.address)):
            return
        parameters = await read_parameters(request)
        if CLICK_PARAMETER not in parameters and "click_id" not in parameters:
            parameters |= _remembered(request.headers.get("cookie", ""))
        call = Call(
            path=request.path,
            method=request.method,
            address=request.address,
            parameters=parameters,
        )
        whose = pixel_key_of(call)
        if not whose or not self._programs.allows(whose):
            return
        work = partial(
            receive_pixel, call, at=clock.now(), robot=_robot(request), keeps=self._keeps
        )
        await self._desk.run_aside(work)

    def _keeps(self, program_id: UUID | None) -> bool:
        """Return whether one more refusal is kept for this program, by this process.

        The desk does one such work at a time, so this needs no lock.
        """
        return self._refusals.allows(str(program_id))


def _remembered(cookies: str) -> dict[str, str]:
    """Return the click that the visitor's device remembers, if it does."""
    for piece in cookies[:COOKIES_MAX].split(";"):
        name, _, value = piece.strip().partition("=")
        if name == CLICK_PARAMETER and LOOKS_LIKE_TOKEN.fullmatch(value):
            return {CLICK_PARAMETER: value}
    return {}


def _robot(request: Request) -> str:
    visit = request.visit()
    if is_prefetch(visit):
        return "prefetch"
    kind = classify(visit, AGENT_SIGNS)
    return "" if kind is ClickClass.HUMAN else str(kind).lower()
