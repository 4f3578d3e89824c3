"""What money did, and whether the ledger and the rows agree (`manage.py check_ledger`)."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from commissions.models import Commission, Status
from commissions.selectors import LEDGER_VERBS
from ledger.selectors import Line, lines_of
from payouts.models import Batch, BatchFile, Exclusion, Payout, PayoutLine, PayoutStatus
from tracking.models import Conversion

PAYOUT_VERBS = ("reserved", "paid", "failed", "cancelled")
# Every row these return is a finding; all of them run in one merchant's context.
CHECKS = {
    "a journal does not sum to zero": """
        SELECT journal_id::text || ' ' || currency, sum(amount_minor) FROM ledger_posting
        WHERE merchant_id = %(merchant)s GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0
    """,
    "an account differs from the commissions in its status": """
        WITH posted AS (
            SELECT account.enrollment_id AS enrollment, posting.currency, account.kind,
                   sum(posting.amount_minor) AS total
            FROM ledger_posting AS posting JOIN ledger_account AS account
              ON account.merchant_id = posting.merchant_id AND account.id = posting.account_id
            WHERE posting.merchant_id = %(merchant)s AND account.enrollment_id IS NOT NULL
              AND account.kind IN ('PENDING', 'PAYABLE', 'PAYOUT_CLEARING', 'PAID')
            GROUP BY 1, 2, 3
        ), standing AS (
            SELECT enrollment_id AS enrollment, currency,
                   CASE status WHEN 'PENDING' THEN 'PENDING' WHEN 'HELD' THEN 'PENDING'
                        WHEN 'APPROVED' THEN 'PAYABLE' WHEN 'RESERVED' THEN 'PAYOUT_CLEARING'
                        ELSE 'PAID' END AS kind,
                   sum(amount_minor) AS total
            FROM commissions_commission
            WHERE merchant_id = %(merchant)s AND status <> 'DECLINED' GROUP BY 1, 2, 3
        )
        SELECT COALESCE(posted.enrollment, standing.enrollment)::text || ' '
               || COALESCE(posted.kind, standing.kind),
               COALESCE(posted.total, 0) - COALESCE(standing.total, 0)
        FROM posted FULL JOIN standing
          ON posted.enrollment = standing.enrollment AND posted.currency = standing.currency
         AND posted.kind = standing.kind
        WHERE COALESCE(posted.total, 0) <> COALESCE(standing.total, 0)
    """,
    "a payout differs from its lines": """
        SELECT payout.id::text, payout.amount_minor - COALESCE(sum(line.amount_minor), 0)
        FROM payouts_payout AS payout LEFT JOIN payouts_payoutline AS line
          ON line.merchant_id = payout.merchant_id AND line.payout_id = payout.id
        WHERE payout.merchant_id = %(merchant)s
        GROUP BY payout.id HAVING payout.amount_minor <> COALESCE(sum(line.amount_minor), 0)
    """,
    "a commission's status differs from its payout's": """
        SELECT commission.id::text, commission.amount_minor
        FROM commissions_commission AS commission
        LEFT JOIN payouts_payoutline AS line ON line.merchant_id = commission.merchant_id
              AND line.commission_id = commission.id AND line.released_at IS NULL
        LEFT JOIN payouts_payout AS payout
               ON payout.merchant_id = line.merchant_id AND payout.id = line.payout_id
        WHERE commission.merchant_id = %(merchant)s AND commission.status IN ('RESERVED', 'PAID')
          AND (commission.status = 'PAID') IS DISTINCT FROM (payout.status = 'PAID')
    """,
    "credits do not sum to the whole": """
        SELECT conversion_id::text, sum(share_ppm) FROM tracking_credit
        WHERE merchant_id = %(merchant)s GROUP BY conversion_id HAVING sum(share_ppm) <> 1000000
    """,
    "more was taken back than was earned": """
        SELECT conversion_id::text || ' ' || enrollment_id::text, sum(amount_minor)
        FROM commissions_commission WHERE merchant_id = %(merchant)s AND status <> 'DECLINED'
          AND conversion_id IS NOT NULL
        GROUP BY conversion_id, enrollment_id HAVING sum(amount_minor) < 0
    """,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the books do not hold."""

    rule: str
    where: str
    difference: int


def check_money(merchant_id: UUID) -> list[Finding]:
    """Return every place where ledger, commissions and payouts of a merchant disagree."""
    findings = []
    with connection.cursor() as cursor:
        for rule, sql in CHECKS.items():
            cursor.execute(sql, {"merchant": merchant_id})
            findings += [Finding(rule, where, int(by)) for where, by in cursor.fetchall()]
    return findings


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
    due = Commission.objects.filter(~waiting, merchant_id=merchant_id, status=Status.APPROVED)
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
