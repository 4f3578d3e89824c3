"""The only writers of the ledger: `post`, and `post_transfers` for rows of the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from common.ids import RUN_ID, id_run, new_id_text
from common.rows import hashing, insert_rows, json_text, values_apart
from ledger.models import Account, AccountKind


class Unbalanced(ValueError):
    """The entries of a journal do not sum to zero in each currency."""


class Entry(NamedTuple):
    """An amount for one account, named by its owner: an enrollment, or None for the merchant."""

    kind: AccountKind
    amount_minor: int
    currency: str
    enrollment_id: UUID | None = None


class Draft(NamedTuple):
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


# One statement, so that a journal never stands without its postings. Sorted, so that two batches
# with sources in common wait for each other in one order.
POST = """
WITH journal AS (
    INSERT INTO ledger_journal (id, created_at, merchant_id, source, at)
    SELECT id, now(), %(merchant)s, source, %(at)s
    FROM json_to_recordset(%(journals)s::json) AS new (id uuid, source text)
    ORDER BY source
    ON CONFLICT DO NOTHING
    RETURNING id
), posting AS (
    INSERT INTO ledger_posting (
        id, created_at, merchant_id, journal_id, account_id, amount_minor, currency
    )
    SELECT new.id, now(), %(merchant)s, journal.id, account_id, amount_minor, currency
    FROM json_to_recordset(%(postings)s::json) AS new (
        id uuid, journal_id uuid, account_id uuid, amount_minor bigint, currency text
    ) JOIN journal ON journal.id = new.journal_id
    WHERE amount_minor <> 0
)
SELECT count(*) FROM journal
"""


def post(*, merchant_id: UUID, drafts: Sequence[Draft], at: datetime) -> int:
    """Write journals with their postings; return how many were new.

    A source that was posted before is skipped whole, so running this twice changes nothing.

    :raises Unbalanced: if a draft does not sum to zero per currency; nothing is written then.
    """
    for draft in drafts:
        _require_balance(draft)
    by_source = {draft.source: draft for draft in drafts}
    if not by_source:
        return 0
    with transaction.atomic():
        accounts = _accounts(
            merchant_id, [entry for draft in by_source.values() for entry in draft.entries]
        )
        journals = [{"id": new_id_text(), "source": source} for source in by_source]
        postings = [
            {
                "id": new_id_text(),
                "journal_id": journal["id"],
                "account_id": accounts[entry.enrollment_id, entry.currency, entry.kind],
                "amount_minor": entry.amount_minor,
                "currency": entry.currency,
            }
            for journal in journals
            for entry in by_source[journal["source"]].entries
        ]
        written = {"journals": json_text(journals), "postings": json_text(postings)}
        with values_apart() as cursor:
            cursor.execute(POST, {**written, "merchant": merchant_id, "at": at})
            ((new,),) = cursor.fetchall()
    return int(new)


def _require_balance(draft: Draft) -> None:
    sums: dict[str, int] = {}
    for entry in draft.entries:
        sums[entry.currency] = sums.get(entry.currency, 0) + entry.amount_minor
    if not draft.entries or any(sums.values()):
        raise Unbalanced(f"{draft.source}: {sums}")


AccountKey = tuple[UUID | None, str, str]


def _accounts(merchant_id: UUID, entries: Sequence[Entry]) -> dict[AccountKey, UUID]:
    wanted = {(entry.enrollment_id, entry.currency, str(entry.kind)) for entry in entries}
    found = _find_accounts(merchant_id, wanted)
    missing = sorted(wanted - found.keys(), key=str)
    if missing:
        insert_rows(
            Account,
            [
                {
                    "id": new_id_text(),
                    "merchant_id": str(merchant_id),
                    "enrollment_id": str(owner) if owner else None,
                    "currency": currency,
                    "kind": kind,
                }
                for owner, currency, kind in missing
            ],
            on_conflict="DO NOTHING",
        )
        found |= _find_accounts(merchant_id, set(missing))
    return found


# Two parts, because an index finds what is equal and what is null, but not both in one.
FIND_ACCOUNTS = """
WITH wanted AS (
    SELECT * FROM unnest(%(owners)s::uuid[], %(currencies)s::text[], %(kinds)s::text[])
        AS wanted (owner, currency, kind)
)
SELECT account.enrollment_id, account.currency, account.kind, account.id
FROM wanted JOIN ledger_account AS account
    ON account.merchant_id = %(merchant)s AND account.enrollment_id = wanted.owner
    AND account.currency = wanted.currency AND account.kind = wanted.kind
UNION ALL
SELECT NULL, account.currency, account.kind, account.id
FROM wanted JOIN ledger_account AS account
    ON account.merchant_id = %(merchant)s AND account.enrollment_id IS NULL
    AND account.currency = wanted.currency AND account.kind = wanted.kind
WHERE wanted.owner IS NULL
"""


def _find_accounts(merchant_id: UUID, wanted: set[AccountKey]) -> dict[AccountKey, UUID]:
    owners, currencies, kinds = zip(*wanted, strict=True)
    asked: dict[str, Any] = {
        "owners": list(owners),
        "currencies": list(currencies),
        "kinds": list(kinds),
        "merchant": merchant_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIND_ACCOUNTS, asked)
        return {(owner, currency, kind): row_id for owner, currency, kind, row_id in cursor}


# Many transfers at once ---------------------------------------------------------------------------

# In the order of their sources, as `post` takes them.
TRANSFERS = """
CREATE TEMPORARY TABLE ledger_transfer ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY source) AS number, wanted.*
FROM ({rows}) AS wanted (source, enrollment_id, currency, amount_minor, out_of, put_into)
"""
ACCOUNTS = f"""
ANALYZE ledger_transfer;
INSERT INTO ledger_account (id, created_at, merchant_id, enrollment_id, currency, kind)
SELECT {RUN_ID.format(run="accounts", number="row_number() OVER (ORDER BY owner, currency, kind)")},
       now(), %(merchant)s, owner, currency, kind
FROM (
    SELECT enrollment_id AS owner, currency, out_of AS kind FROM ledger_transfer
    UNION SELECT enrollment_id, currency, put_into FROM ledger_transfer
) AS side
WHERE NOT EXISTS (
    SELECT FROM ledger_account AS account
    WHERE account.merchant_id = %(merchant)s AND account.enrollment_id = owner
      AND account.currency = side.currency AND account.kind = side.kind
)
ORDER BY owner, currency, kind
ON CONFLICT DO NOTHING
"""  # noqa: S608
JOURNALS = f"""
WITH journal AS (
    INSERT INTO ledger_journal (id, created_at, merchant_id, source, at)
    SELECT {RUN_ID.format(run="journals", number="number")}, now(), %(merchant)s, source, %(at)s
    FROM ledger_transfer ORDER BY number
    ON CONFLICT DO NOTHING
    RETURNING id
)
INSERT INTO ledger_posting (
    id, created_at, merchant_id, journal_id, account_id, amount_minor, currency
)
SELECT {RUN_ID.format(run="postings", number="2 * transfer.number + side.number")}, now(),
       %(merchant)s, journal.id, account.id, side.amount_minor, transfer.currency
FROM ledger_transfer AS transfer
JOIN journal ON journal.id = {RUN_ID.format(run="journals", number="transfer.number")}
CROSS JOIN LATERAL (
    VALUES (0, transfer.out_of, -transfer.amount_minor), (1, put_into, transfer.amount_minor)
) AS side (number, kind, amount_minor)
JOIN ledger_account AS account
  ON account.merchant_id = %(merchant)s AND account.enrollment_id = transfer.enrollment_id
 AND account.currency = transfer.currency AND account.kind = side.kind
WHERE side.amount_minor <> 0
ORDER BY transfer.number, side.number
"""  # noqa: S608


def post_transfers(*, merchant_id: UUID, rows: str, facts: Mapping[str, Any], at: datetime) -> None:
    """Write a journal for each row of a SELECT, without one of them coming to Python.

    Its columns are source, enrollment, currency, amount, and the kinds of the two accounts of the
    enrollment: out of which, and into which. A source that was posted before is skipped, as by
    `post`. `facts` are the parameters of the SELECT.
    """
    written: dict[str, Any] = {
        "merchant": merchant_id,
        "at": at,
        "accounts": id_run(),
        "journals": id_run(),
        "postings": id_run(),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.ledger_transfer")
        cursor.execute(TRANSFERS.format(rows=rows), facts)
        with hashing(cursor.rowcount):
            cursor.execute(ACCOUNTS, written)
            cursor.execute(JOURNALS, written)
