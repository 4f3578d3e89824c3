"""What is read of claims, and what is known of the orders that they name."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db.models import Case, QuerySet, Value, When

from commissions.models import Claim, ClaimStatus, Commission
from commissions.selectors import lines_of_conversion
from tracking.models import Click, Conversion, Credit
from tracking.selectors import clicks_between, credits_of

CLICKS_SHOWN = 20
DAYS_BEFORE, DAYS_AFTER = 3, 2  # Of clicks around the day; the day itself is the first after.


def claims_of(merchant_id: UUID) -> QuerySet[Claim]:
    """Return the merchant's claims with what a list names: those to answer first, by deadline."""
    claims = Claim.objects.filter(merchant_id=merchant_id)
    named = claims.select_related("affiliate", "program", "goal", "conversion")
    closed = Case(When(status=ClaimStatus.OPEN, then=Value(0)), default=Value(1))
    return named.order_by(closed, "due_at", "id")


def claims_of_affiliate(affiliate_id: UUID) -> QuerySet[Claim]:
    """Return the affiliate's claims of all merchants, newest first; for its own context."""
    claims = Claim.objects.filter(affiliate_id=affiliate_id)
    return claims.select_related("program__merchant", "goal").order_by("-submitted_at", "-id")


def conversion_claimed(claim: Claim) -> Conversion | None:
    """Return the conversion of a claim's order, if one was reported."""
    rows = Conversion.objects.filter(
        merchant_id=claim.merchant_id,
        program_id=claim.program_id,
        goal_id=claim.goal_id,
        external_id=claim.order_id,
        is_test=False,
    )
    return rows.select_related("program", "goal").first()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a merchant looks at before answering."""

    conversion: Conversion | None
    credits: list[Credit]
    lines: list[Commission]
    clicks: list[Click]  # The latest CLICKS_SHOWN of the claimant around the day.
    click_count: int
    credited_before: int  # Other claims of the claimant, by how they were answered.
    refused_before: int


def evidence_of(claim: Claim) -> Evidence:
    """Return what is known of a claim's order and of its claimant."""
    conversion = conversion_claimed(claim)
    clicks = _clicks_around(claim)
    others = Claim.objects.filter(
        merchant_id=claim.merchant_id, enrollment_id=claim.enrollment_id
    ).exclude(id=claim.id)
    return Evidence(
        conversion,
        credits_of(conversion) if conversion else [],
        lines_of_conversion(conversion) if conversion else [],
        list(clicks[:CLICKS_SHOWN]),
        clicks.count(),
        others.filter(status=ClaimStatus.CREDITED).count(),
        others.filter(status=ClaimStatus.REFUSED).count(),
    )


def _clicks_around(claim: Claim) -> QuerySet[Click]:
    day = datetime.combine(claim.happened_on, time.min, tzinfo=UTC)
    clicks = clicks_between(
        merchant_id=claim.merchant_id,
        since=day - timedelta(days=DAYS_BEFORE),
        until=day + timedelta(days=DAYS_AFTER),
    )
    return clicks.filter(enrollment_id=claim.enrollment_id)
