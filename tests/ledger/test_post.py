"""ledger.post, and what PostgreSQL refuses whoever asks."""

import contextlib
from threading import Barrier, Thread
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, connections, transaction

from ledger.models import Account, AccountKind, Journal, Posting
from ledger.selectors import balances, lines_of
from ledger.services import Draft, Entry, Unbalanced, post, post_transfers, transfer
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, make_promoter


def earned(enrollment_id: UUID, amount_minor: int, source: str = "commission:1:earned") -> Draft:
    """Return the journal of an earning."""
    return transfer(
        source=source,
        amount_minor=amount_minor,
        currency="EUR",
        enrollment_id=enrollment_id,
        out_of=AccountKind.COMMISSION_EXPENSE,
        into=AccountKind.PENDING,
    )


def test_posts_both_sides(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        new = post(merchant_id=acme.id, drafts=[earned(bob.enrollment.id, 250)], at=NOON)
        rows = Posting.objects.order_by("amount_minor").values_list("account__kind", "amount_minor")

        assert new == 1
        assert list(rows) == [("COMMISSION_EXPENSE", -250), ("PENDING", 250)]
        assert [row["pending_minor"] for row in balances(merchant_id=acme.id)] == [250]


def test_a_source_is_posted_once(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        post(merchant_id=acme.id, drafts=[earned(bob.enrollment.id, 250)], at=NOON)
        again = post(merchant_id=acme.id, drafts=[earned(bob.enrollment.id, 999)], at=NOON)

        assert again == 0
        assert (Journal.objects.count(), Posting.objects.count()) == (1, 2)


def test_twenty_callers_at_once_post_once(acme: Company, bob: Promoter) -> None:
    barrier, counts = Barrier(20), []

    def run() -> None:
        barrier.wait()
        with merchant_context(acme.id):
            drafts = [earned(bob.enrollment.id, 250, f"commission:{i}:earned") for i in range(5)]
            counts.append(post(merchant_id=acme.id, drafts=drafts, at=NOON))
        connections.close_all()

    threads = [Thread(target=run) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(counts) == 5
    with merchant_context(acme.id):
        assert [row["pending_minor"] for row in balances(merchant_id=acme.id)] == [1_250]


@pytest.mark.parametrize(
    "entries",
    [
        (),
        (Entry(AccountKind.PENDING, 5, "EUR", uuid4()),),
        (
            Entry(AccountKind.PENDING, 5, "EUR", uuid4()),
            Entry(AccountKind.COMMISSION_EXPENSE, -5, "USD"),
        ),
    ],
)
def test_refuses_what_does_not_balance(acme: Company, entries: tuple[Entry, ...]) -> None:
    with merchant_context(acme.id), pytest.raises(Unbalanced):
        post(merchant_id=acme.id, drafts=[Draft("x", entries)], at=NOON)
    with merchant_context(acme.id):
        assert Journal.objects.count() == 0


@pytest.mark.parametrize("alias", ["default", "ops", "owner"])
@pytest.mark.parametrize("table", ["ledger_journal", "ledger_posting", "ledger_account"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET created_at = now()", "DELETE FROM {}"])
def test_an_edit_changes_nothing_for_any_role(
    acme: Company, bob: Promoter, admin: psycopg.Connection, alias: str, table: str, verb: str
) -> None:
    with merchant_context(acme.id):
        post(merchant_id=acme.id, drafts=[earned(bob.enrollment.id, 250)], at=NOON)
    before = admin.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()

    with contextlib.suppress(DatabaseError), transaction.atomic(using=alias):
        _serve(acme, alias)
        with connections[alias].cursor() as cursor:
            cursor.execute(verb.format(table))

    assert before == admin.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() != []


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_the_triggers_refuse_even_a_superuser(
    acme: Company, bob: Promoter, admin: psycopg.Connection, verb: str
) -> None:
    with merchant_context(acme.id):
        post(merchant_id=acme.id, drafts=[earned(bob.enrollment.id, 250)], at=NOON)
    what = "UPDATE {} SET created_at = now()" if verb == "UPDATE" else "DELETE FROM {}"

    for table in ("ledger_journal", "ledger_posting", "ledger_account"):
        with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            admin.execute(what.format(table))
        with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            admin.execute(f"TRUNCATE {table} CASCADE")


def _serve(company: Company, alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT set_config('app.merchant_id', %s, true)", [str(company.id)])


def test_postgresql_refuses_an_unbalanced_journal(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        post(merchant_id=acme.id, drafts=[earned(bob.enrollment.id, 250)], at=NOON)
        journal = Journal.objects.create(merchant_id=acme.id, source="x", at=NOON)
        account = Account.objects.get(kind=AccountKind.PENDING)
        alone = Posting(
            merchant_id=acme.id, journal=journal, account=account, amount_minor=5, currency="EUR"
        )

        with pytest.raises(DatabaseError, match="does not sum to zero"), transaction.atomic():
            alone.save(force_insert=True)

        assert Posting.objects.count() == 2


def test_postgresql_refuses_a_currency_that_is_not_the_accounts(
    acme: Company, bob: Promoter
) -> None:
    with merchant_context(acme.id):
        post(merchant_id=acme.id, drafts=[earned(bob.enrollment.id, 250)], at=NOON)
        journal = Journal.objects.create(merchant_id=acme.id, source="x", at=NOON)
        pair = [
            Posting(
                merchant_id=acme.id,
                journal=journal,
                account=account,
                amount_minor=amount_minor,
                currency="USD",
            )
            for account, amount_minor in zip(Account.objects.all(), (5, -5), strict=True)
        ]

        with pytest.raises(DatabaseError, match="not its account"), transaction.atomic():
            Posting.objects.bulk_create(pair)

        assert Posting.objects.count() == 2


def test_postgresql_refuses_what_is_of_another_merchant(
    acme: Company, bob: Promoter, globex: Company, carol: Promoter
) -> None:
    with merchant_context(globex.id):
        post(merchant_id=globex.id, drafts=[earned(carol.enrollment.id, 250)], at=NOON)
        account = Account.objects.get(kind=AccountKind.PENDING)
        journal = Journal.objects.get()
    with merchant_context(acme.id):
        post(merchant_id=acme.id, drafts=[earned(bob.enrollment.id, 250)], at=NOON)
        own = Account.objects.get(kind=AccountKind.PENDING), Journal.objects.get()

        for one, other in ((account, own[1]), (own[0], journal)):
            pair = [
                Posting(
                    merchant_id=acme.id,
                    journal=other,
                    account=one,
                    amount_minor=amount_minor,
                    currency="EUR",
                )
                for amount_minor in (5, -5)
            ]
            with pytest.raises(DatabaseError, match="is not the merchant's"), transaction.atomic():
                Posting.objects.bulk_create(pair)

        assert Posting.objects.count() == 2


def test_each_journal_balances_by_itself_in_each_currency(
    acme: Company, bob: Promoter, admin: psycopg.Connection
) -> None:
    with merchant_context(acme.id):
        post(merchant_id=acme.id, drafts=[earned(bob.enrollment.id, 250)], at=NOON)
        euros = Account.objects.get(kind=AccountKind.PENDING)
        facts = {"merchant_id": acme.id, "enrollment_id": euros.enrollment_id}
        dollars = Account.objects.create(**facts, currency="USD", kind=AccountKind.PENDING)
        first, second = (
            Journal.objects.create(merchant_id=acme.id, source=source, at=NOON)
            for source in ("x", "y")
        )

    def rows(*pairs: tuple[Journal, Account, int]) -> list[Posting]:
        return [
            Posting(
                merchant_id=acme.id,
                journal=journal,
                account=account,
                amount_minor=amount_minor,
                currency=account.currency,
            )
            for journal, account, amount_minor in pairs
        ]

    for unbalanced in (
        rows((first, euros, 5), (second, euros, -5)),
        rows((first, euros, 5), (first, dollars, -5)),
    ):
        with pytest.raises(DatabaseError, match="sum to zero"), merchant_context(acme.id):
            Posting.objects.bulk_create(unbalanced)
    with merchant_context(acme.id):
        Posting.objects.bulk_create(
            rows((first, euros, 5), (first, euros, -5), (second, dollars, 7), (second, dollars, -7))
        )
        assert Posting.objects.count() == 6


def test_another_merchants_journal_and_account_are_refused_to_who_sees_them(
    acme: Company, bob: Promoter, globex: Company, carol: Promoter, admin: psycopg.Connection
) -> None:
    for company, promoter in ((acme, bob), (globex, carol)):
        with merchant_context(company.id):
            post(merchant_id=company.id, drafts=[earned(promoter.enrollment.id, 250)], at=NOON)
    one, other = (
        admin.execute(
            "SELECT merchant_id, journal_id, account_id FROM ledger_posting"
            " WHERE merchant_id = %s LIMIT 1",
            [company.id],
        ).fetchone()
        for company in (acme, globex)
    )
    assert one
    assert other
    statement = (
        "INSERT INTO ledger_posting (id, created_at, merchant_id, journal_id, account_id,"
        " amount_minor, currency) SELECT gen_random_uuid(), now(), %s, %s, %s, amount, 'EUR'"
        " FROM (VALUES (5), (-5)) AS pair (amount)"
    )

    for journal, account in ((one[1], other[2]), (other[1], one[2])):
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match="is not the merchant's"):
            admin.execute(statement, [one[0], journal, account])
    admin.execute(statement, one)


# Rows of the database ----------------------------------------------------------------------------

ROWS = """
SELECT 'enrollment:' || id || ':moved', id, 'EUR', %(amount)s::bigint, 'PENDING', 'PAYABLE'
FROM affiliates_enrollment
"""


def test_transfers_of_rows_are_posted_once(acme: Company, bob: Promoter) -> None:
    dave = make_promoter(acme, "Dave")
    with merchant_context(acme.id):
        for amount_minor in (250, 999):
            post_transfers(merchant_id=acme.id, rows=ROWS, facts={"amount": amount_minor}, at=NOON)

        lines = lines_of(merchant_id=acme.id, sources=[f"enrollment:{bob.enrollment.id}:moved"])
        assert [(line.account, line.amount_minor) for line in lines] == [
            ("PENDING", -250),
            ("PAYABLE", 250),
        ]
        assert (Journal.objects.count(), Posting.objects.count()) == (2, 4)
        assert {
            (row["enrollment"], row["pending_minor"], row["payable_minor"])
            for row in balances(merchant_id=acme.id)
        } == {(bob.enrollment.id, -250, 250), (dave.enrollment.id, -250, 250)}


def test_a_transfer_of_nothing_is_a_journal_without_postings(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        post_transfers(merchant_id=acme.id, rows=ROWS, facts={"amount": 0}, at=NOON)

        assert (Journal.objects.count(), Posting.objects.count()) == (1, 0)


def test_callers_at_once_transfer_once(acme: Company, bob: Promoter) -> None:
    barrier = Barrier(8)

    def run() -> None:
        barrier.wait()
        with merchant_context(acme.id):
            post_transfers(merchant_id=acme.id, rows=ROWS, facts={"amount": 5}, at=NOON)
        connections.close_all()

    threads = [Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with merchant_context(acme.id):
        assert (Journal.objects.count(), Posting.objects.count()) == (1, 2)
