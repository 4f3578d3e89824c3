"""Claims: an affiliate says that a sale is missing, the merchant answers (docs/claims.md)."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from commissions.claims import conversion_claimed
from commissions.models import Claim, ClaimStatus
from commissions.services.reassignments import reassign_conversion
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import draft_event, record_events
from merchants.models import Actor, Event
from programs.models import Goal
from tracking.models import Conversion, ConversionStatus, Credit, Source
from tracking.services import ConversionReport, confirm_conversion, record_conversion

OPEN_CLAIMS_MAX = 50  # Of one enrollment.
CLAIM_AGE_DAYS_MAX = 365
ZONES = timedelta(days=1)  # The claimant's day may be another one than in UTC.
MAY_CLAIM = (EnrollmentStatus.APPROVED, EnrollmentStatus.SUSPENDED)


class MayNotClaim(Exception):
    """The enrollment is neither approved nor suspended."""


class TooManyClaims(Exception):
    """So many claims of the enrollment are open that the merchant answers these first."""


class ClaimExists(Exception):
    """The enrollment has an open claim for this goal and order."""


class AlreadyCredited(Exception):
    """The order is the claimant's already, and nobody else's."""


class ConversionDeclined(Exception):
    """The order is there and was declined, so it is nobody's."""


class AmountNeeded(Exception):
    """Nobody has said what the order was worth."""


@dataclass(frozen=True, slots=True)
class ClaimDraft:
    """What an affiliate says of a missing sale."""

    goal: Goal
    order_id: str
    happened_on: date
    message: str
    amount_minor: int | None = None


def submit_claim(*, enrollment: Enrollment, draft: ClaimDraft, by: Actor, at: datetime) -> Claim:
    """Store a claim, due in as many days as the program says; return it.

    :raises MayNotClaim: if the enrollment is neither approved nor suspended.
    :raises BadValue: if the order, the day or the text cannot be.
    :raises AlreadyCredited: if the order is the claimant's alone.
    :raises ClaimExists: if it is asked already.
    :raises TooManyClaims: if OPEN_CLAIMS_MAX are open.
    """
    program = enrollment.program
    claim = Claim(
        merchant_id=enrollment.merchant_id,
        program=program,
        enrollment=enrollment,
        affiliate_id=enrollment.affiliate_id,
        goal=draft.goal,
        order_id=_clean_order(draft.order_id),
        happened_on=_clean_day(draft.happened_on, at),
        amount_minor=cleaned(Claim, "amount_minor", draft.amount_minor),
        currency=program.currency,
        message=_clean_message(draft.message),
        submitted_at=at,
        due_at=at + timedelta(days=program.claim_days),
    )
    with transaction.atomic():
        _lock_claimant(enrollment)
        if _is_theirs_alone(claim):
            raise AlreadyCredited(claim.order_id)
        try:
            with transaction.atomic():
                claim.save(force_insert=True)
        except IntegrityError as error:
            raise ClaimExists(claim.order_id) from error
        record_events([_event(claim, "submitted", by, at)])
    return claim


def _clean_order(order_id: str) -> str:
    order_id = order_id.strip()
    if not order_id:
        raise BadValue("order_id", "required", _("Write the number of the order."))
    if any(unicodedata.category(char).startswith("C") for char in order_id):
        raise BadValue("order_id", "invalid", _("Write the number of the order in plain letters."))
    return str(cleaned(Claim, "order_id", order_id))


def _clean_message(message: str) -> str:
    message = message.strip()
    if not message:
        raise BadValue("message", "required", _("Say what happened."))
    return str(cleaned(Claim, "message", message))


def _clean_day(day: date, at: datetime) -> date:
    today = at.astimezone(UTC).date()
    if day > today + ZONES:
        raise BadValue("happened_on", "in_future", _("This day is still to come."))
    if day < today - timedelta(days=CLAIM_AGE_DAYS_MAX):
        message = _("This is longer ago than %(days)s days.") % {"days": CLAIM_AGE_DAYS_MAX}
        raise BadValue("happened_on", "too_old", message)
    return day


def _lock_claimant(enrollment: Enrollment) -> None:
    """Lock the enrollment, so that its claims are counted one by one; check that it may claim."""
    rows = Enrollment.objects.filter(merchant_id=enrollment.merchant_id, id=enrollment.id)
    locked = rows.select_for_update(of=("self",), no_key=True).get()
    if locked.status not in MAY_CLAIM:
        raise MayNotClaim(locked.status)
    claims = Claim.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    if claims.filter(status=ClaimStatus.OPEN).count() >= OPEN_CLAIMS_MAX:
        raise TooManyClaims(str(OPEN_CLAIMS_MAX))


def _is_theirs_alone(claim: Claim) -> bool:
    found = conversion_claimed(claim)
    if found is None:
        return False
    credits = Credit.objects.filter(merchant_id=claim.merchant_id, conversion=found)
    return list(credits.values_list("enrollment_id", flat=True)) == [claim.enrollment_id]


# Answers -----------------------------------------------------------------------------------------


def credit_claim(
    *,
    claim: Claim,
    by: Actor,
    at: datetime,
    amount_minor: int | None = None,
    answer: str = "",
) -> Claim:
    """Give the claimed order to the claimant, recording it if it is not there; return the claim.

    `amount_minor` is what the order was worth, if it is not there; else what the claim says.

    :raises IllegalMove: if the claim was answered or withdrawn.
    :raises AmountNeeded: if the order is not there and nobody says what it was worth.
    :raises ConversionDeclined: if the order was declined.
    :raises GoalHasSteps: if the order is not there and its goal is reached by steps.
    """
    with transaction.atomic():
        claim = _lock_open(claim, to=ClaimStatus.CREDITED)
        conversion = conversion_claimed(claim) or _record(claim, amount_minor, by, at)
        if conversion.status == ConversionStatus.DECLINED:
            raise ConversionDeclined(conversion.external_id)
        if conversion.is_unverified:  # Who credits it, says that it is real.
            conversion = confirm_conversion(conversion=conversion, by=by, at=at)
        if not _is_theirs_alone(claim):
            reassign_conversion(
                conversion=conversion,
                enrollment=claim.enrollment,
                reason=_("Claim of %(day)s") % {"day": claim.submitted_at.date().isoformat()},
                by=by,
                at=at,
            )
        Claim.objects.filter(id=claim.id).update(conversion=conversion)
        return _move(claim, ClaimStatus.CREDITED, by, at, answer=_clean_answer(answer))


def _record(claim: Claim, amount_minor: int | None, by: Actor, at: datetime) -> Conversion:
    worth = claim.amount_minor if amount_minor is None else amount_minor
    if worth is None:
        raise AmountNeeded(claim.order_id)
    happened_at = datetime.combine(claim.happened_on, time(12), tzinfo=UTC)
    report = ConversionReport(
        goal=claim.goal.code,
        external_id=claim.order_id,
        amount_minor=worth,
        currency=claim.currency,
        occurred_at=min(happened_at, claim.submitted_at),
        metadata={"claim": str(claim.id)},
    )
    conversion, _is_new = record_conversion(
        program=claim.program, report=report, by=by, at=at, source=Source.CLAIM
    )
    return conversion


def refuse_claim(*, claim: Claim, reason: str, by: Actor, at: datetime) -> Claim:
    """Refuse a claim; return it. The affiliate reads the reason word for word.

    :raises BadValue: if there is no reason.
    :raises IllegalMove: if the claim was answered or withdrawn.
    """
    reason = _clean_answer(reason)
    if not reason:
        raise BadValue("reason", "required", _("Say why; the affiliate reads it."))
    with transaction.atomic():
        return _move(_lock_open(claim, to=ClaimStatus.REFUSED), ClaimStatus.REFUSED, by, at, reason)


def withdraw_claim(*, claim: Claim, by: Actor, at: datetime) -> Claim:
    """Take a claim back; return it.

    :raises IllegalMove: if the claim was answered or withdrawn.
    """
    with transaction.atomic():
        return _move(_lock_open(claim, to=ClaimStatus.WITHDRAWN), ClaimStatus.WITHDRAWN, by, at)


def _clean_answer(answer: str) -> str:
    return str(cleaned(Claim, "answer", answer.strip()))


def _lock_open(claim: Claim, *, to: ClaimStatus) -> Claim:
    rows = Claim.objects.filter(merchant_id=claim.merchant_id, id=claim.id)
    locked = rows.select_for_update(of=("self",)).select_related("program", "enrollment", "goal")
    found = locked.get()
    if found.status != ClaimStatus.OPEN:
        raise IllegalMove("The claim", to=to, status=found.status)
    return found


def _move(claim: Claim, to: ClaimStatus, by: Actor, at: datetime, answer: str = "") -> Claim:
    Claim.objects.filter(id=claim.id).move(to=to, at=at, answer=answer)
    claim.refresh_from_db()
    record_events([_event(claim, to.lower(), by, at)])
    return claim


def _event(claim: Claim, verb: str, by: Actor, at: datetime) -> Event:
    return draft_event(
        merchant_id=claim.merchant_id,
        type=f"claim.{verb}",
        subject_id=claim.id,
        by=by,
        at=at,
        data={
            "enrollment": str(claim.enrollment_id),
            "goal": claim.goal.code,
            "order_id": claim.order_id,
            "happened_on": claim.happened_on.isoformat(),
            "amount_minor": claim.amount_minor,
            "currency": claim.currency,
            "due_at": claim.due_at.isoformat(),
            "conversion": str(claim.conversion_id) if claim.conversion_id else None,
            "reason": claim.answer,
        },
    )
