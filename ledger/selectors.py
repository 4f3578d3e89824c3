"""What the ledger says: balances, lines and whether it is whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, cast
from uuid import UUID

from django.db.models import Q, Sum

from ledger.models import Account, AccountKind, Posting


class Balance(TypedDict):
    """What one enrollment has in one currency, in minor units."""

    enrollment: UUID
    currency: str
    pending_minor: int
    payable_minor: int
    in_payout_minor: int
    paid_minor: int


@dataclass(frozen=True, slots=True)
class Line:
    """One posting, as "Why?" shows it."""

    at: datetime
    account: str
    amount_minor: int
    currency: str
    source: str


def balances(*, merchant_id: UUID, enrollment_ids: Iterable[UUID] | None = None) -> list[Balance]:
    """Return the balance of each enrollment and currency that ever had a posting."""

    def total(kind: AccountKind) -> Sum:
        return Sum("amount_minor", filter=Q(account__kind=kind), default=0)

    postings = Posting.objects.filter(merchant_id=merchant_id, account__enrollment_id__isnull=False)
    if enrollment_ids is not None:
        postings = postings.filter(account__enrollment_id__in=list(enrollment_ids))
    rows = postings.values("account__enrollment_id", "currency").annotate(
        pending_minor=total(AccountKind.PENDING),
        payable_minor=total(AccountKind.PAYABLE),
        in_payout_minor=total(AccountKind.PAYOUT_CLEARING),
        paid_minor=total(AccountKind.PAID),
    )
    return [
        Balance(
            enrollment=cast(UUID, row["account__enrollment_id"]),
            currency=row["currency"],
            pending_minor=row["pending_minor"],
            payable_minor=row["payable_minor"],
            in_payout_minor=row["in_payout_minor"],
            paid_minor=row["paid_minor"],
        )
        for row in rows.order_by("account__enrollment_id", "currency")
    ]


def enrollments_with_balance(
    *, merchant_id: UUID, limit: int, before: UUID | None = None
) -> list[UUID]:
    """Return up to `limit` enrollments that ever had a posting, newest first, older than `before`.

    An account is made by its first posting, so accounts say who had one.
    """
    accounts = Account.objects.filter(merchant_id=merchant_id, enrollment_id__isnull=False)
    if before is not None:
        accounts = accounts.filter(enrollment_id__lt=before)
    ids = accounts.order_by("-enrollment_id").values_list("enrollment_id", flat=True).distinct()
    return [id for id in ids[:limit] if id is not None]


def lines_of(*, merchant_id: UUID, sources: Iterable[str]) -> list[Line]:
    """Return the postings of the named sources, oldest first."""
    postings = Posting.objects.filter(merchant_id=merchant_id, journal__source__in=list(sources))
    rows = postings.select_related("journal", "account").order_by("journal__at", "journal_id", "id")
    return [
        Line(row.journal.at, row.account.kind, row.amount_minor, row.currency, row.journal.source)
        for row in rows
    ]
