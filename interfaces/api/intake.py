"""API calls that report facts stand in the intake log, too, refusals as well."""

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import structlog
from allauth.account.adapter import get_adapter
from django.http import HttpResponse
from rest_framework.request import Request

from common import clock
from interfaces.api.endpoints import MerchantView
from interfaces.api.problems import Problem, problem_of
from merchants.tenancy import merchant_context
from tracking.intake import CallNote, record_calls, uuid_of
from tracking.models import Outcome

log = structlog.get_logger()
Respond = Callable[..., HttpResponse]
INTAKE = "api"
ORDER_NAMES = ("conversion_external_id", "external_id")


def logged(respond: Respond) -> Respond:
    """Put an operation's calls into the intake log; stands above `@endpoint`.

    The log has a transaction of its own and never fails a call.
    """

    @functools.wraps(respond)
    def respond_and_log(view: MerchantView, request: Request, **ids: Any) -> HttpResponse:
        try:
            response = respond(view, request, **ids)
        except Exception as error:
            problem = problem_of(error)
            if problem is None or problem.status != 503:  # PostgreSQL is away for the log, too.
                _log(view, request, problem=problem)
            raise
        _log(view, request, response=response)
        return response

    return respond_and_log


def _log(
    view: MerchantView,
    request: Request,
    *,
    response: HttpResponse | None = None,
    problem: Problem | None = None,
) -> None:
    try:
        notes = list(_notes(view, request, response, problem))
        with merchant_context(view.key.merchant_id):
            record_calls(notes, at=clock.now())
    except Exception as error:
        log.warning("api.intake_log_failed", error=type(error).__name__)


def _notes(
    view: MerchantView, request: Request, response: HttpResponse | None, problem: Problem | None
) -> Iterator[CallNote]:
    said = _said(request)
    if response is None:
        yield _note(view, request, said, **_refused(problem.as_dict() if problem else None))
        return
    answer = json.loads(response.content)
    if "data" not in answer:  # One thing.
        again = "Idempotency-Replayed" in response.headers
        yield _note(view, request, said, **_done(200 if again else response.status_code, answer))
        return
    for item, row in zip(said.get("data", []), answer["data"], strict=False):
        own = item if isinstance(item, dict) else {}
        error, thing = row["error"], row.get("conversion") or row.get("step") or {}
        facts = _refused(error) if error else _done(row["status"], thing)
        yield _note(view, request, own, **facts)


def _said(request: Request) -> dict[str, Any]:
    try:
        return dict(request.data) if isinstance(request.data, Mapping) else {}
    except Exception:  # What cannot be read was refused as such.
        return {}


def _refused(problem: Mapping[str, Any] | None) -> dict[str, Any]:
    if problem is None or problem["status"] >= 500:
        return {"outcome": Outcome.FAILED, "reason": "internal_error"}
    first = problem["errors"][0] if problem["errors"] else {}
    return {
        "outcome": Outcome.REFUSED,
        "reason": first.get("code") or problem["code"],
        "detail": problem["detail"],
    }


def _done(status: int, answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "outcome": Outcome.REPEATED if status == 200 else Outcome.CREATED,
        "conversion_id": _conversion_of(answer),
        "reason": "step_done" if status == 202 else "",
    }


def _conversion_of(answer: Mapping[str, Any]) -> Any:
    """Return the conversion that an answer is, or is about."""
    about = answer.get("conversion")
    if isinstance(about, Mapping):
        about = about.get("id")
    return uuid_of(about or (answer.get("id") if "credits" in answer else None))


def _note(view: MerchantView, request: Request, said: dict[str, Any], **facts: Any) -> CallNote:
    order = next((said[name] for name in ORDER_NAMES if isinstance(said.get(name), str)), "")
    return CallNote(
        merchant_id=view.key.merchant_id,
        program_id=uuid_of(said.get("program")),
        intake=INTAKE,
        method=request.method or "",
        address=get_adapter().get_client_ip(request._request) or "",
        said=said,
        order_id=order,
        is_test=view.key.is_test,
        **facts,
    )
