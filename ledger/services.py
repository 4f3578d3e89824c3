"""post: the only writer of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from ledger.models import Account, AccountKind, Journal, Posting


class Unbalanced(ValueError):
    """The entries of a journal do not sum to zero in each currency."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount for one account, named by its owner: an enrollment, or None for the merchant."""

    kind: AccountKind
    amount_minor: int
    currency: str
    enrollment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A journal to be posted; `source` is unique per merchant and makes a repeat harmless."""

    source: str
    entries: tuple[Entry, ...]


def transfer(
    *,
    source: str,
    amount_minor: int,
    currency: str,
    enrollment_id: UUID,
    out_of: AccountKind,
    into: AccountKind,
) -> Draft:
    """Return the journal that moves an amount between two accounts of one enrollment.

    `COMMISSION_EXPENSE` is the merchant's own account, whichever side it stands on.
    """
    return Draft(
        source,
        (
            Entry(out_of, -amount_minor, currency, _owner(out_of, enrollment_id)),
            Entry(into, amount_minor, currency, _owner(into, enrollment_id)),
        ),
    )


def _owner(kind: AccountKind, enrollment_id: UUID) -> UUID | None:
    return None if kind is AccountKind.COMMISSION_EXPENSE else enrollment_id


def post(*, merchant_id: UUID, drafts: Sequence[Draft], at: datetime) -> int:
    """Write journals with their postings; return how many were new.

    A source that was posted before is skipped whole, so running this twice changes nothing.

    :raises Unbalanced: if a draft does not sum to zero per currency; nothing is written then.
    """
    for draft in drafts:
        _require_balance(draft)
    with transaction.atomic():
        new = _insert_journals(merchant_id, drafts, at)
        posted = [(new[draft.source], draft) for draft in drafts if draft.source in new]
        accounts = _accounts(
            merchant_id, [entry for _id, draft in posted for entry in draft.entries]
        )
        Posting.objects.bulk_create(
            Posting(
                merchant_id=merchant_id,
                journal_id=journal_id,
                account_id=accounts[entry.enrollment_id, entry.currency, entry.kind],
                amount_minor=entry.amount_minor,
                currency=entry.currency,
            )
            for journal_id, draft in posted
            for entry in draft.entries
            if entry.amount_minor
        )
    return len(new)


def _require_balance(draft: Draft) -> None:
    sums: dict[str, int] = {}
    for entry in draft.entries:
        sums[entry.currency] = sums.get(entry.currency, 0) + entry.amount_minor
    if not draft.entries or any(sums.values()):
        raise Unbalanced(f"{draft.source}: {sums}")


def _insert_journals(merchant_id: UUID, drafts: Sequence[Draft], at: datetime) -> dict[str, UUID]:
    # Sorted, so that two batches with sources in common wait for each other in one order.
    by_source = {draft.source: draft for draft in drafts}
    rows = [Journal(merchant_id=merchant_id, source=source, at=at) for source in sorted(by_source)]
    Journal.objects.bulk_create(rows, ignore_conflicts=True)
    return dict(Journal.objects.filter(id__in=[row.id for row in rows]).values_list("source", "id"))


AccountKey = tuple[UUID | None, str, str]


def _accounts(merchant_id: UUID, entries: Sequence[Entry]) -> dict[AccountKey, UUID]:
    wanted = {(entry.enrollment_id, entry.currency, str(entry.kind)) for entry in entries}
    if not wanted:
        return {}
    found = _find_accounts(merchant_id, wanted)
    missing = sorted(wanted - found.keys(), key=str)
    if missing:
        Account.objects.bulk_create(
            [
                Account(merchant_id=merchant_id, enrollment_id=owner, currency=currency, kind=kind)
                for owner, currency, kind in missing
            ],
            ignore_conflicts=True,
        )
        found |= _find_accounts(merchant_id, set(missing))
    return found


def _find_accounts(merchant_id: UUID, wanted: set[AccountKey]) -> dict[AccountKey, UUID]:
    owners, currencies, kinds = zip(*wanted, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT account.enrollment_id, account.currency, account.kind, account.id
            FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS wanted (owner, currency, kind)
            JOIN ledger_account AS account
              ON account.merchant_id = %s
             AND account.enrollment_id IS NOT DISTINCT FROM wanted.owner
             AND account.currency = wanted.currency AND account.kind = wanted.kind
            """,
            [list(owners), list(currencies), list(kinds), merchant_id],
        )
        return {(owner, currency, kind): row_id for owner, currency, kind, row_id in cursor}
