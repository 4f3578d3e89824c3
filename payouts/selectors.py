"""What money did, what pages list, and when affiliates are paid."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Count, DateField, Exists, OuterRef, QuerySet, Sum
from django.db.models.expressions import RawSQL

from commissions.models import Commission, Status
from commissions.selectors import LEDGER_VERBS
from ledger.selectors import Line, lines_of
from payouts.checks import check_money as check_money
from payouts.models import (
    ApprovalLimit,
    Batch,
    BatchFile,
    Exclusion,
    Payout,
    PayoutLine,
    PayoutStatus,
    PayoutTerms,
    Withdrawal,
)
from payouts.terms import DUE_AT, TERMS_OF_ENROLLMENT
from tracking.models import Conversion

PAYOUT_VERBS = (
    "reserved",
    "paid",
    "vat",
    "withheld",
    "fee",
    "failed",
    "cancelled",
    "returned",
    "returned_vat",
    "returned_withheld",
    "returned_fee",
)


def money_trail(conversion: Conversion) -> list[Line]:
    """Return every posting that a conversion's commissions and their payouts made, oldest first.

    A payout posts once per enrollment, so its lines may cover other conversions as well.
    """
    sources = [
        f"commission:{commission_id}:{verb}"
        for commission_id in conversion.commissions.order_by("id").values_list("id", flat=True)
        for verb in LEDGER_VERBS
    ]
    payouts = PayoutLine.objects.filter(
        merchant_id=conversion.merchant_id, commission__conversion=conversion
    )
    sources += [
        f"payout:{payout_id}:{enrollment_id}:{verb}"
        for payout_id, enrollment_id in payouts.values_list(
            "payout_id", "commission__enrollment_id"
        ).distinct()
        for verb in PAYOUT_VERBS
    ]
    return lines_of(merchant_id=conversion.merchant_id, sources=sources)


# What a merchant's pages list ---------------------------------------------------------------------


def batches_of(merchant_id: UUID) -> QuerySet[Batch]:
    """Return the merchant's batches, newest first."""
    batches = Batch.objects.filter(merchant_id=merchant_id)
    return batches.select_related("prepared_by__user", "approved_by__user").order_by("-number")


def exclusions_of(batch: Batch) -> QuerySet[Exclusion]:
    """Return who was left out of a batch, with the affiliate, the largest amount first."""
    exclusions = Exclusion.objects.filter(merchant_id=batch.merchant_id, batch=batch)
    return exclusions.select_related("affiliate").order_by("-amount_minor", "id")


def payouts_of(merchant_id: UUID) -> QuerySet[Payout]:
    """Return the merchant's payouts with batch and affiliate, in the order of their files."""
    payouts = Payout.objects.filter(merchant_id=merchant_id)
    return payouts.select_related("batch", "affiliate", "method").order_by("batch_id", "id")


def lines_of_payout(payout: Payout) -> list[PayoutLine]:
    """Return the commissions that a payout pays, or was to pay, with their conversions."""
    lines = PayoutLine.objects.filter(merchant_id=payout.merchant_id, payout=payout)
    return list(lines.select_related("commission__conversion__goal").order_by("id"))


def file_of(batch: Batch) -> BatchFile | None:
    """Return the file that was handed over, if it was made."""
    return BatchFile.objects.filter(merchant_id=batch.merchant_id, batch=batch).first()


def currencies_due(merchant_id: UUID) -> list[str]:
    """Return the currencies in which commissions are approved and not in a batch, sorted."""
    waiting = Exists(
        PayoutLine.objects.filter(
            merchant_id=merchant_id, commission=OuterRef("pk"), released_at=None
        )
    )
    due = Commission.objects.in_status(Status.APPROVED).filter(~waiting, merchant_id=merchant_id)
    return list(due.order_by("currency").values_list("currency", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Standing:
    """How many payouts of a batch are in a status, and what they come to."""

    status: PayoutStatus
    count: int
    amount_minor: int


def standings_of(batch: Batch) -> list[Standing]:
    """Return how far a batch has come: one row per status that occurs."""
    payouts = Payout.objects.filter(merchant_id=batch.merchant_id, batch=batch)
    rows = payouts.values("status").annotate(count=Count("id"), amount_minor=Sum("amount_minor"))
    found = {row["status"]: row for row in rows.order_by("status")}
    return [
        Standing(status, found[status]["count"], found[status]["amount_minor"])
        for status in PayoutStatus
        if status in found
    ]


def terms_of(merchant_id: UUID) -> QuerySet[PayoutTerms]:
    """Return the merchant's terms: by program, the widest first."""
    terms = PayoutTerms.objects.filter(merchant_id=merchant_id)
    return terms.select_related("program", "tier", "enrollment__affiliate").order_by("id")


def limits_of(merchant_id: UUID) -> QuerySet[ApprovalLimit]:
    """Return up to what one member alone prepares and approves, by currency."""
    return ApprovalLimit.objects.filter(merchant_id=merchant_id).order_by("currency")


def withdrawals_of(merchant_id: UUID) -> QuerySet[Withdrawal]:
    """Return the merchant's requests with affiliate and payout, newest first."""
    rows = Withdrawal.objects.filter(merchant_id=merchant_id)
    return rows.select_related("affiliate", "payout").order_by("-id")


def withdrawals_of_affiliate(affiliate_id: UUID) -> QuerySet[Withdrawal]:
    """Return the affiliate's own requests with merchant and payout, newest first."""
    rows = Withdrawal.objects.filter(affiliate_id=affiliate_id)
    return rows.select_related("merchant", "payout").order_by("-id")


EXPECTED = f"""
    CASE WHEN commissions_commission.status IN ('PENDING', 'APPROVED') THEN (
        SELECT GREATEST(
            ({DUE_AT.format(approved_at="starts.at")} AT TIME ZONE 'UTC')::date, %s::date
        ) + CASE WHEN {DUE_AT.format(approved_at="starts.at")} IS NULL THEN NULL ELSE 0 END
        FROM (
            SELECT CASE commissions_commission.status
                WHEN 'PENDING' THEN commissions_commission.hold_until
                ELSE commissions_commission.status_changed_at END AS at
        ) AS starts
        CROSS JOIN affiliates_enrollment AS enrollment
        {TERMS_OF_ENROLLMENT.format(on="%s::date")}
        WHERE enrollment.merchant_id = commissions_commission.merchant_id
          AND enrollment.id = commissions_commission.enrollment_id
    ) END
"""  # noqa: S608


def with_expected_on(commissions: QuerySet[Commission], *, at: datetime) -> QuerySet[Commission]:
    """Add `expected_on`: the day (UTC) from which a commission may be paid, today at the least.

    None where nobody can tell: held, declined, in a payout or paid, or paid only when the affiliate
    asks.
    """
    today = at.astimezone(UTC).date()
    expected = RawSQL(EXPECTED, [today] * EXPECTED.count("%s"), output_field=DateField())  # noqa: S611
    return commissions.annotate(expected_on=expected)
