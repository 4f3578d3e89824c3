"""Take a notice of a provider's: prove it, store it, answer. The work on it is the worker's."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from common import clock
from payouts.directory import rail_of_notices
from payouts.models import Rail
from payouts.providers import NoSuchProvider, api_provider
from payouts.providers.base import NoAnswer, NotGenuine
from payouts.sending.notices import store_notice

log = structlog.get_logger()

BODY_MAX = 256 * 1024
RETRY_SECONDS = "30"


@csrf_exempt
@require_POST
def take_notice(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """Answer 200 once a genuine notice is stored, the first time or before.

    404: no such address. 413: too large. 401: not proved to be theirs. 503: that cannot be told
    now; they send it again.
    """
    rail = rail_of_notices(provider=provider.upper(), token=token)
    if rail is None:
        return HttpResponse(status=404)
    body = _body_of(request)
    if body is None:
        return HttpResponse(status=413)
    if not body:
        return HttpResponse(status=400)
    return _take(rail, request, body)


def _take(rail: Rail, request: HttpRequest, body: bytes) -> HttpResponse:
    at = clock.now()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        external_id = api_provider(rail.provider).verify_notice(
            rail, headers=headers, body=body, at=at
        )
    except NotGenuine as problem:
        log.warning("notice.not_genuine", rail=str(rail.id), reason=str(problem))
        return HttpResponse(status=401)
    except NoSuchProvider:  # It makes files, and sends no notices.
        return HttpResponse(status=404)
    except NoAnswer as problem:
        log.warning("notice.not_verified", rail=str(rail.id), reason=str(problem))
        return HttpResponse(status=503, headers={"Retry-After": RETRY_SECONDS})
    store_notice(rail=rail, external_id=external_id, body=body, at=at)
    return HttpResponse(status=200)


def _body_of(request: HttpRequest) -> bytes | None:
    """Return the raw bytes; None if there are too many, which are not read then."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > BODY_MAX:
        return None
    body = request.read(BODY_MAX + 1)
    return body if len(body) <= BODY_MAX else None
