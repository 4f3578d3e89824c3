"""POST /t: the snippet reports that somebody came straight to the merchant's page by `?via=`."""

import json
from typing import Any, NamedTuple

from interfaces.edge.database import Away
from interfaces.edge.http import (
    Request,
    Response,
    TooLarge,
    headers_of,
    json_response,
    method_not_allowed,
    problem,
)
from interfaces.edge.judge import Judge
from interfaces.edge.keys import PublishableKeys
from interfaces.edge.limits import RateLimit
from interfaces.edge.links import Links
from interfaces.edge.meter import caller_of
from interfaces.edge.recorder import Recorder
from interfaces.edge.store import line_of
from tracking.parameters import SUB_NAMES
from tracking.routes import Route

BODY_MAX = 8_000
URL_MAX = 2_000
ANY_ORIGIN = {"access-control-allow-origin": "*"}  # Without credentials: the key is the proof.
PREFLIGHT = {
    **ANY_ORIGIN,
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "authorization, content-type",
    "access-control-max-age": "7200",
}
# A person makes one report a visit, an office with one address a few a second, a site thousands.
ADDRESS_PER_SECOND, ADDRESS_AT_ONCE = 10.0, 100
KEY_PER_SECOND, KEY_AT_ONCE = 1_000.0, 5_000
FIELDS_MAX = {"program": 60, "code": 40, "url": URL_MAX, "referrer": URL_MAX}


class Invalid(Exception):
    """A field of the report is missing, unknown or wrong."""

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.field, self.code, self.detail = field, code, detail


class Report(NamedTuple):
    """What the snippet says."""

    program: str
    code: str
    url: str
    referrer: str
    subs: dict[str, str]


class Beacon:
    """Takes the snippet's reports."""

    def __init__(
        self, links: Links, recorder: Recorder, publishable: PublishableKeys, judge: Judge
    ) -> None:
        self._links = links
        self._recorder = recorder
        self._publishable = publishable
        self._judge = judge
        self._by_address = RateLimit(per_second=ADDRESS_PER_SECOND, at_once=ADDRESS_AT_ONCE)
        self._by_key = RateLimit(per_second=KEY_PER_SECOND, at_once=KEY_AT_ONCE)

    async def take(self, request: Request) -> Response:
        """Answer POST /t with `{click_id}`, null if the visit is not credited."""
        if request.method == "OPTIONS":
            return Response(204, headers_of(PREFLIGHT))
        if request.method != "POST":
            return method_not_allowed("POST")
        if seconds := self._by_address.wait_seconds(caller_of(request.address)):
            return _too_many(seconds)
        try:
            merchant_id = await self._publishable.merchant_of(_bearer(request))
        except Away:
            headers = {**ANY_ORIGIN, "retry-after": "5"}
            return problem(503, "unavailable", "Try again.", headers=headers)
        if not merchant_id:
            return problem(401, "invalid_key", "Send a publishable key.", headers=ANY_ORIGIN)
        if seconds := self._by_key.wait_seconds(_bearer(request)):
            return _too_many(seconds)
        try:
            said = read_report(await request.body(BODY_MAX))
        except TooLarge as error:
            return problem(413, "too_large", str(error), headers=ANY_ORIGIN)
        except Invalid as error:
            return problem(422, error.code, error.detail, field=error.field, headers=ANY_ORIGIN)
        route = self._route_of(said, merchant_id)
        if route is None:
            return problem(404, "not_found", "No such program or code.", headers=ANY_ORIGIN)
        return await self._record(request, route, said)

    def _route_of(self, said: Report, merchant_id: str) -> Route | None:
        """Return the link of a referral code, or of a link's own code, in that program."""
        links = self._links.map
        route = links.of_enrollment(said.code, program=said.program, merchant_id=merchant_id)
        if route is None:
            route = links.routes.get(said.code)
        if route is None or route.merchant_id != merchant_id:
            return None
        return route if said.program in (route.program.slug, route.program.id) else None

    async def _record(self, request: Request, route: Route, said: Report) -> Response:
        decision = await self._judge.report(
            route, request.visit(), url=said.url, referrer=said.referrer, subs=said.subs
        )
        await self._recorder.record(line_of(decision.row))
        return json_response(201, {"click_id": decision.token or None}, ANY_ORIGIN)


def _too_many(seconds: int) -> Response:
    headers = {**ANY_ORIGIN, "retry-after": str(seconds)}
    return problem(429, "rate_limited", "Too many reports; wait a little.", headers=headers)


def _bearer(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def read_report(body: bytes) -> Report:
    """Return what a body says.

    :raises Invalid: naming the first field that is wrong.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise Invalid("", "malformed", "Send a JSON object.")
    for field in content.keys() - {*FIELDS_MAX, "subs"}:
        raise Invalid(field, "unknown_field", "There is no such field.")
    texts = {name: _text(content, name, length) for name, length in FIELDS_MAX.items()}
    for required in ("program", "code", "url"):
        if not texts[required]:
            raise Invalid(required, "required", "This field is required.")
    return Report(**texts, subs=_subs(content.get("subs")))


def _text(content: dict[str, Any], name: str, length_max: int) -> str:
    value = content.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > length_max:
        raise Invalid(name, "invalid", f"Send text of at most {length_max} characters.")
    return value


def _subs(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise Invalid("subs", "invalid", "Send an object of texts.")
    for name in value.keys() - set(SUB_NAMES):
        raise Invalid(f"subs.{name}", "unknown_field", "There is no such field.")
    return value
