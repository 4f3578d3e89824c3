"""From exceptions to RFC 9457 problems: the only place that knows statuses and codes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as noop
from rest_framework import exceptions
from rest_framework.settings import api_settings

from affiliates.services import AlreadyEnrolled, ProgramClosed
from channel.deals import DealExists, DealsClosed, NoExtension, Protected, TooManyDeals
from commissions.services import (
    AlreadyCredited,
    AmountNeeded,
    ClaimExists,
    ConversionDeclined,
    MayNotClaim,
    TooManyClaims,
)
from commissions.services.proposals import NotYourTurn, ProposalExists
from commissions.services.replays import TooManyReplays
from commissions.services.write_offs import NoDebt
from common.refusals import BadValue
from common.states import IllegalMove
from interfaces.api.words import lower
from merchants.domains import DomainExists
from merchants.services import NotAllowed
from messaging.services import NotReachable, TooManyMessages
from partnerships.services import NotPartner
from payouts.method_details import BadMethod
from payouts.methods import NotShared
from payouts.providers.base import NotWritable
from payouts.sending.by_person import StillRemembered
from payouts.services import (
    BatchOutdated,
    NoProof,
    NoRail,
    NothingInBatch,
    NothingToPay,
    NotInBatch,
    NotPayable,
    NotRetriable,
    PayeeNotReady,
    ProofUsed,
    ProvidersWord,
    RailBlocked,
    RetriedAlready,
    SelfApproval,
    SelfConfirmation,
    TermsExist,
    WithdrawalOpen,
)
from payouts.statements.lines import BadStatement
from payouts.tax.profiles import AlreadyFaulty
from programs.services import (
    DestinationNameTaken,
    GoalTaken,
    HasConversions,
    HostNotAllowed,
    QuestionTaken,
    SlugTaken,
    StepInUse,
    TierNameTaken,
)
from recruiting.services import LooksKnown, ProspectExists
from tracking.services import (
    BadEvidence,
    CodeTaken,
    CurrencyMismatch,
    GoalHasSteps,
    NobodysStep,
    NoFxRate,
    NotEnrolled,
    TooMuchRefunded,
    UnknownGoal,
    UnknownStep,
)

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
UNAVAILABLE_RETRY_SECONDS = 5


class NotFound(exceptions.NotFound):
    """There is no such object for this caller; `field` names the one of the body that led there."""

    def __init__(self, named_by: str = "") -> None:
        super().__init__()
        self.named_by = named_by


class MissingScope(exceptions.PermissionDenied):
    """The key lacks the scope that the operation needs."""

    default_code = "missing_scope"


class WrongKeyKind(exceptions.PermissionDenied):
    """The key is genuine, but such keys do not open this door."""

    default_code = "wrong_key_kind"


class IsTestKey(exceptions.PermissionDenied):
    """The key is for tests, and this would not be one."""

    default_code = "test_key"


class BadIdempotencyKey(Exception):
    """The Idempotency-Key is empty, too long or not of visible characters."""


class IdempotencyKeyReused(Exception):
    """The Idempotency-Key belongs to another request."""


class IdempotencyInProgress(Exception):
    """The first request with this Idempotency-Key still runs."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field, by its dotted path; the empty path is the body itself."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as outsiders see it."""

    status: int
    code: str
    title: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the members of the problem document."""
        return {
            "type": f"urn:fairlead:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "errors": [
                {"field": row.field, "code": row.code, "message": row.message}
                for row in self.errors
            ],
        }

    def as_response(self) -> HttpResponse:
        """Return the answer that carries it."""
        return JsonResponse(
            self.as_dict(),
            status=self.status,
            content_type=MEDIA_TYPE,
            headers={"Cache-Control": "no-store", **self.headers},
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an exception of the domain becomes; `named_by` is the field it is about."""

    status: int
    code: str
    title: str
    named_by: str = ""


REFUSALS: dict[type[Exception], Refusal] = {
    UnknownGoal: Refusal(422, "unknown_goal", noop("The program has no such goal"), "goal"),
    GoalHasSteps: Refusal(
        422, "goal_has_steps", noop("The goal is reached by its steps: report these"), "goal"
    ),
    UnknownStep: Refusal(422, "unknown_step", noop("The program has no such step"), "step"),
    NobodysStep: Refusal(
        422, "nobodys_step", noop("Name the customer or the click whose step it is"), "customer"
    ),
    BadEvidence: Refusal(422, "bad_evidence", noop("This binds nobody")),
    BadValue: Refusal(422, "bad_value", noop("A value that cannot be")),
    NoFxRate: Refusal(
        422, "no_fx_rate", noop("No rate of this currency is known for that time"), "currency"
    ),
    TierNameTaken: Refusal(
        409, "tier_name_taken", noop("The program has a tier with this name"), "name"
    ),
    CurrencyMismatch: Refusal(
        422, "currency_mismatch", noop("Not the program's currency"), "currency"
    ),
    TooMuchRefunded: Refusal(
        422, "refund_exceeds_amount", noop("More than is left to refund"), "amount_minor"
    ),
    HostNotAllowed: Refusal(
        422,
        "host_not_allowed",
        noop("The program does not lead to this host"),
        "destination_url",
    ),
    BadMethod: Refusal(422, "bad_payout_method", noop("These details cannot be paid to")),
    NotWritable: Refusal(422, "not_writable", noop("The file cannot be made"), "provider"),
    BadStatement: Refusal(422, "bad_statement", noop("The statement cannot be read"), "file"),
    NotShared: Refusal(409, "account_not_shared", noop("Nobody else is paid to this account")),
    AlreadyFaulty: Refusal(409, "already_doubted", noop("The form is doubted already")),
    NothingToPay: Refusal(422, "nothing_to_pay", noop("Nobody can be paid now")),
    NoRail: Refusal(422, "no_rail", noop("No account with this provider is connected"), "provider"),
    RailBlocked: Refusal(
        409, "rail_blocked", noop("The provider's books differ: resolve the findings first")
    ),
    NothingInBatch: Refusal(422, "nothing_in_batch", noop("Everybody was taken out of the batch")),
    NotInBatch: Refusal(422, "not_in_batch", noop("The batch is not about these affiliates")),
    ProvidersWord: Refusal(
        409, "providers_word", noop("Only the provider says what became of this payout")
    ),
    NotRetriable: Refusal(
        409, "not_retriable", noop("A file is made once: it goes into the next batch")
    ),
    StillRemembered: Refusal(
        409, "still_remembered", noop("It is still found out without anybody: wait")
    ),
    RetriedAlready: Refusal(409, "retried_already", noop("It was tried again already")),
    PayeeNotReady: Refusal(409, "payee_not_ready", noop("The affiliate cannot be paid now")),
    NotPayable: Refusal(422, "not_payable", noop("There is nothing to ask for now")),
    WithdrawalOpen: Refusal(409, "withdrawal_open", noop("A request in this currency is open")),
    TermsExist: Refusal(409, "terms_exist", noop("There are terms already: change these")),
    NoDebt: Refusal(409, "no_debt", noop("There is no debt to write off")),
    NotPartner: Refusal(409, "not_partner", noop("They are no partner, or not any more")),
    NoProof: Refusal(422, "no_proof", noop("Paid needs a reference"), "provider_ref"),
    ProofUsed: Refusal(
        409, "provider_ref_used", noop("Another payout has this reference"), "provider_ref"
    ),
    DestinationNameTaken: Refusal(
        409, "name_taken", noop("The program has a destination with this name"), "name"
    ),
    DomainExists: Refusal(409, "domain_exists", noop("This domain is yours already"), "host"),
    HasConversions: Refusal(
        409, "has_conversions", noop("It has conversions: this is settled"), "is_test"
    ),
    StepInUse: Refusal(409, "step_in_use", noop("The step was done already")),
    SlugTaken: Refusal(409, "slug_taken", noop("Another program has this address"), "slug"),
    GoalTaken: Refusal(409, "goal_taken", noop("The program has a goal with this code"), "code"),
    CodeTaken: Refusal(409, "code_taken", noop("This code is taken"), "code"),
    AlreadyEnrolled: Refusal(
        409, "already_enrolled", noop("The program has this affiliate already"), "email"
    ),
    ProgramClosed: Refusal(409, "program_closed", noop("The program takes nobody in"), "program"),
    QuestionTaken: Refusal(
        409, "question_taken", noop("The program has a question with this code"), "code"
    ),
    ProposalExists: Refusal(
        409, "proposal_exists", noop("One for this goal waits for an answer"), "goal"
    ),
    NotYourTurn: Refusal(409, "not_your_turn", noop("It is the other side who answers this")),
    NotEnrolled: Refusal(409, "not_enrolled", noop("The enrollment is not approved"), "enrollment"),
    BatchOutdated: Refusal(
        409, "batch_outdated", noop("Commissions or payees changed since the batch was prepared")
    ),
    MayNotClaim: Refusal(
        409, "may_not_claim", noop("The enrollment may not claim anything"), "enrollment"
    ),
    ClaimExists: Refusal(409, "claim_exists", noop("You have asked for this order"), "order_id"),
    NotReachable: Refusal(
        409, "not_reachable", noop("Nobody of this enrollment would read it"), "enrollment"
    ),
    TooManyMessages: Refusal(409, "too_many_messages", noop("Wait before you write again")),
    DealsClosed: Refusal(409, "deals_closed", noop("The program takes no deals"), "enrollment"),
    DealExists: Refusal(
        409, "deal_exists", noop("You have registered this company already"), "domain"
    ),
    TooManyDeals: Refusal(409, "too_many_deals", noop("Too many deals are live")),
    Protected: Refusal(409, "deal_protected", noop("Another affiliate has this company now")),
    NoExtension: Refusal(409, "no_extension", noop("The deal was extended as often as it may be")),
    LooksKnown: Refusal(409, "looks_known", noop("Somebody known looks the same"), "name"),
    ProspectExists: Refusal(
        409, "prospect_exists", noop("The program has a prospect with this address"), "email"
    ),
    TooManyClaims: Refusal(409, "too_many_claims", noop("Too many claims are open")),
    AlreadyCredited: Refusal(
        409, "already_credited", noop("This order is credited to you"), "order_id"
    ),
    AmountNeeded: Refusal(
        422, "amount_needed", noop("Say what the order was worth"), "amount_minor"
    ),
    ConversionDeclined: Refusal(409, "conversion_declined", noop("The conversion was declined")),
    IllegalMove: Refusal(409, "illegal_move", noop("Its status does not allow that")),
    TooManyReplays: Refusal(409, "too_many_replays", noop("Too many replays run already")),
    NotAllowed: Refusal(403, "not_allowed", noop("The key's member may not do that")),
    SelfConfirmation: Refusal(
        403, "self_confirmation", noop("Whoever approved a large batch does not mark it paid")
    ),
    SelfApproval: Refusal(403, "self_approval", noop("Whoever prepared a batch cannot approve it")),
    BadIdempotencyKey: Refusal(
        400,
        "bad_idempotency_key",
        noop("An Idempotency-Key is 1 to 255 visible characters"),
        "Idempotency-Key",
    ),
    IdempotencyKeyReused: Refusal(
        422, "idempotency_key_reused", noop("The Idempotency-Key belongs to another request")
    ),
    IdempotencyInProgress: Refusal(
        409, "idempotency_in_progress", noop("The first request with this key still runs")
    ),
}

# DRF's own exceptions; their `default_code` when it stands here, else by their status.
HTTP_TITLES: dict[str, str] = {
    "not_authenticated": noop("An API key is needed"),
    "authentication_failed": noop("The API key is not valid"),
    "missing_scope": noop("The key lacks a scope"),
    "test_key": noop("Not with a test key"),
    "wrong_key_kind": noop("Not a door for this kind of key"),
    "permission_denied": noop("Not allowed"),
    "not_found": noop("Not found"),
    "method_not_allowed": noop("Method not allowed"),
    "unsupported_media_type": noop("Send application/json"),
    "parse_error": noop("The body cannot be read"),
    "throttled": noop("Too many requests"),
}
NOT_FOUND_DETAIL = gettext_lazy("There is no such object, or it is not yours.")


def handle(error: Exception, _context: Mapping[str, Any]) -> HttpResponse | None:
    """Return the answer to an exception; None for a fault of ours, which is logged as such."""
    problem = problem_of(error)
    return problem.as_response() if problem else None


def problem_of(error: Exception) -> Problem | None:
    """Return the problem that an exception is to outsiders; None for a fault of ours."""
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error)
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, exceptions.APIException):
        return _http(error)
    if isinstance(error, RequestDataTooBig):
        return Problem(
            413, "too_large", _("The body is too large"), _("Send less at once: 2 MB at the most.")
        )
    if isinstance(error, UnreadablePostError):
        return Problem(400, "parse_error", _("The body cannot be read"), _("It broke off."))
    if isinstance(error, OperationalError | InterfaceError):
        return _unavailable(error)
    for kind, refusal in REFUSALS.items():
        if isinstance(error, kind):
            return _refused(error, refusal)
    return None


def _refused(error: Exception, refusal: Refusal) -> Problem:
    detail = _detail_of(error) or _(refusal.title)
    if isinstance(error, BadValue):  # It says itself which field, and what is wrong with it.
        said = (FieldError(error.field, error.code, detail),)
        return Problem(refusal.status, refusal.code, _(refusal.title), detail, said)
    if isinstance(error, BadStatement):
        faults = tuple(FieldError("file", refusal.code, said) for said in error.messages)
        return Problem(refusal.status, refusal.code, _(refusal.title), faults[0].message, faults)
    named_by = getattr(error, "field", refusal.named_by)
    errors = (FieldError(named_by, refusal.code, detail),) if named_by else ()
    return Problem(refusal.status, refusal.code, _(refusal.title), detail, errors)


def _detail_of(error: Exception) -> str:
    if isinstance(error, IllegalMove):
        return _("%(what)s is %(status)s: it cannot become %(to)s.") % {
            "what": error.what,
            "status": lower(error.status),
            "to": lower(error.to),
        }
    return str(error)


def _invalid(error: exceptions.ValidationError) -> Problem:
    errors = tuple(flatten(error.detail))
    first = errors[0]
    detail = f"{first.field}: {first.message}" if first.field else first.message
    return Problem(400, "invalid", _("The request is not valid"), detail, errors)


def flatten(detail: Any, path: tuple[str, ...] = ()) -> Iterator[FieldError]:
    """Yield the errors of a serializer with dotted paths, in the order of its fields."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from flatten(inner, path if own else (*path, str(name)))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            leaf = isinstance(inner, exceptions.ErrorDetail)
            yield from flatten(inner, path if leaf else (*path, str(index)))
    else:
        yield FieldError(".".join(path), str(detail.code), str(detail))


def _http(error: exceptions.APIException) -> Problem:
    code = str(getattr(error.detail, "code", error.default_code))
    detail, headers = str(error.detail), {}
    errors: tuple[FieldError, ...] = ()
    if isinstance(error, exceptions.NotFound):
        detail = str(NOT_FOUND_DETAIL)
        if named_by := getattr(error, "named_by", ""):
            errors = (FieldError(named_by, "not_found", detail),)
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(max(1, round(getattr(error, "wait", None) or 1)))
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    title = HTTP_TITLES.get(code) or HTTPStatus(error.status_code).phrase
    return Problem(error.status_code, code, _(title), detail, errors, headers)


def _unavailable(error: Exception) -> Problem:
    log.warning("api.database_away", error=str(error))
    return Problem(
        503,
        "unavailable",
        _("Service unavailable"),
        _("The database cannot be reached, or is too busy. Try again."),
        headers={"Retry-After": str(UNAVAILABLE_RETRY_SECONDS)},
    )
