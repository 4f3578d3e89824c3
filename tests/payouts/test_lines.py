"""What PostgreSQL refuses of the lines of payouts, and of the rows that they name."""

from datetime import timedelta
from threading import Thread
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, transaction

from commissions.models import Commission
from merchants.tenancy import merchant_context
from payouts.models import Batch, Payout, PayoutLine
from tests.cast import Company, Promoter
from tests.payouts.batches.stage import LATER, books_hold, earn, finance, prepared

# Columns that a batch changes when it reserves: were one in an index, all of them would be written.
RESERVING = ("status", "status_changed_at", "status_reason")
INDEXED = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = 'commissions_commission'::regclass
"""


@pytest.fixture
def due(acme: Company, bob: Promoter) -> Commission:
    """Return an approved commission of 10.00."""
    return earn(acme, bob)


@pytest.fixture
def batch(acme: Company, due: Commission) -> Batch:
    """Return a batch of that commission."""
    return prepared(acme, finance(acme))


def line_of(batch: Batch, due: Commission, **facts: object) -> PayoutLine:
    """Return a line that could be stored, or could but for the facts."""
    payout = Payout.objects.get(batch=batch)
    fitting = {
        "merchant_id": batch.merchant_id,
        "payout_id": payout.id,
        "commission_id": due.id,
        "affiliate_id": due.affiliate_id,
        "amount_minor": due.amount_minor,
        "released_at": LATER,
    }
    return PayoutLine(**(fitting | facts))


def test_a_line_that_fits_is_stored(acme: Company, batch: Batch, due: Commission) -> None:
    with merchant_context(acme.id):
        line_of(batch, due).save(force_insert=True)

        assert PayoutLine.objects.count() == 2


@pytest.mark.parametrize(
    "facts",
    [
        {"payout_id": UUID(int=1)},
        {"commission_id": UUID(int=1)},
        {"affiliate_id": UUID(int=1)},
        {"amount_minor": 1_001},
    ],
)
def test_a_line_of_something_else_is_refused(
    acme: Company, batch: Batch, due: Commission, facts: dict[str, object]
) -> None:
    with merchant_context(acme.id):
        line = line_of(batch, due, **facts)
        with pytest.raises(DatabaseError, match="is not of a payout"), transaction.atomic():
            line.save(force_insert=True)

        assert PayoutLine.objects.count() == 1


def test_a_line_of_another_merchants_commission_is_refused(
    acme: Company, batch: Batch, globex: Company, carol: Promoter, admin: psycopg.Connection
) -> None:
    theirs = earn(globex, carol)
    with merchant_context(acme.id):
        line = line_of(batch, theirs)
        with pytest.raises(DatabaseError, match="is not of a payout"), transaction.atomic():
            line.save(force_insert=True)

    # Whoever sees all merchants is refused as well.
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        admin.execute(
            "INSERT INTO payouts_payoutline (id, created_at, merchant_id, payout_id, commission_id,"
            " affiliate_id, amount_minor, released_at)"
            " SELECT gen_random_uuid(), now(), merchant_id, payout_id, %s, affiliate_id,"
            " amount_minor, now() FROM payouts_payoutline",
            [theirs.id],
        )


def test_a_commission_has_one_live_line_and_many_released(
    acme: Company, batch: Batch, due: Commission
) -> None:
    with merchant_context(acme.id):
        line_of(batch, due).save(force_insert=True)
        line_of(batch, due).save(force_insert=True)
        with pytest.raises(DatabaseError, match="in_one_live_payout"), transaction.atomic():
            line_of(batch, due, released_at=None).save(force_insert=True)

        assert PayoutLine.objects.filter(released_at=None).count() == 1


@pytest.mark.parametrize("column", ["merchant_id", "payout_id", "commission_id"])
def test_a_line_keeps_what_it_names(batch: Batch, admin: psycopg.Connection, column: str) -> None:
    with pytest.raises(psycopg.IntegrityError):
        admin.execute(f"UPDATE payouts_payoutline SET {column} = gen_random_uuid()")


def test_a_payout_keeps_its_id_and_is_not_deleted_from_under_its_lines(
    acme: Company, batch: Batch, admin: psycopg.Connection
) -> None:
    with pytest.raises(psycopg.IntegrityError):
        admin.execute("UPDATE payouts_payout SET id = gen_random_uuid()")
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="has lines"):
        admin.execute("DELETE FROM payouts_payout")

    assert books_hold(acme)


def test_a_payout_is_not_deleted_while_a_line_comes(
    acme: Company, batch: Batch, due: Commission, admin: psycopg.Connection
) -> None:
    """Neither sees what the other does, so the one that comes second waits for the first."""
    refused: list[Exception] = []

    def delete() -> None:
        try:
            admin.execute("DELETE FROM payouts_payout")
        except psycopg.Error as error:
            refused.append(error)

    with merchant_context(acme.id):
        PayoutLine.objects.all().delete()
    with merchant_context(acme.id):
        line_of(batch, due, released_at=None).save(force_insert=True)
        thread = Thread(target=delete)
        thread.start()
        thread.join(timedelta(milliseconds=300).total_seconds())
        assert thread.is_alive()
    thread.join()

    assert [type(error) for error in refused] == [psycopg.errors.ForeignKeyViolation]
    assert books_hold(acme)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM commissions_commission",
        "UPDATE commissions_commission SET amount_minor = 1",
        "UPDATE commissions_commission SET currency = 'USD'",
        "UPDATE commissions_commission SET id = gen_random_uuid()",
        "UPDATE commissions_commission SET merchant_id = gen_random_uuid()",
        "UPDATE commissions_commission SET enrollment_id = gen_random_uuid()",
        "UPDATE commissions_commission SET affiliate_id = gen_random_uuid()",
        "TRUNCATE commissions_commission CASCADE",
    ],
)
def test_what_was_earned_is_kept_whoever_asks(
    due: Commission, admin: psycopg.Connection, statement: str
) -> None:
    with pytest.raises(psycopg.IntegrityError):  # By the trigger, or by a key that comes first.
        admin.execute(statement)


def test_a_commission_that_is_saved_as_it_is_may_be_saved(acme: Company, due: Commission) -> None:
    with merchant_context(acme.id):
        due.status_reason = "looked at"
        due.save()

        assert Commission.objects.get().status_reason == "looked at"


def test_reserving_writes_no_index(admin: psycopg.Connection) -> None:
    known = [
        (name, column)
        for name, definition in admin.execute(INDEXED)
        for column in RESERVING
        if column in definition
    ]

    assert known == []
