"""What PostgreSQL refuses of the lines of payouts, and of the rows that they name."""

from datetime import timedelta
from threading import Thread
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, transaction

from affiliates.services import ApplicationDraft, Consent
from commissions.models import Commission, Kind
from common.ids import new_id
from merchants.tenancy import merchant_context
from payouts.models import Batch, Payout, PayoutLine
from tests.cast import Company, Promoter, make_promoter
from tests.payouts.batches.stage import LATER, books_hold, earn, finance, prepared
from tracking.services import join_program

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


def refused(admin: psycopg.Connection, payout: Payout, due: Commission, **facts: object) -> bool:
    """Return whether a line is refused to somebody who sees all merchants."""
    row = {
        "merchant": payout.merchant_id,
        "payout": payout.id,
        "commission": due.id,
        "affiliate": payout.affiliate_id,
        "amount": due.amount_minor,
    }
    statement = (
        "INSERT INTO payouts_payoutline (id, created_at, merchant_id, payout_id, commission_id,"
        " affiliate_id, amount_minor, released_at) VALUES (gen_random_uuid(), now(), %(merchant)s,"
        " %(payout)s, %(commission)s, %(affiliate)s, %(amount)s, now())"
    )
    try:
        with admin.transaction(force_rollback=True):
            admin.execute(statement, row | facts)
    except psycopg.errors.ForeignKeyViolation:
        return True
    return False


def copy_of(due: Commission, **facts: object) -> Commission:
    """Store the same commission again, but for the facts."""
    columns = {field.attname: getattr(due, field.attname) for field in due._meta.local_fields}
    columns.pop("phase")
    named = {"id": new_id(), "event_ref": f"manual:{new_id()}", "kind": Kind.MANUAL}
    again = Commission(**(columns | named | facts))
    with merchant_context(again.merchant_id):
        again.save(force_insert=True)
    return again


def test_each_thing_that_a_line_says_is_compared_by_itself(
    acme: Company,
    globex: Company,
    bob: Promoter,
    batch: Batch,
    due: Commission,
    admin: psycopg.Connection,
) -> None:
    dave = make_promoter(acme, "Dave")
    there = join_program(
        program=globex.program,
        affiliate=bob.affiliate,
        consent=Consent(user=bob.user, terms_version=None),
        application=ApplicationDraft(),
        at=LATER,
    )
    with merchant_context(acme.id):
        payout = Payout.objects.get()
    daves = {"enrollment_id": dave.enrollment.id, "affiliate_id": dave.affiliate.id}
    same_amount = copy_of(due, **daves)
    theirs = copy_of(
        due,
        merchant_id=globex.id,
        program_id=globex.program.id,
        enrollment_id=there.id,
        conversion_id=None,
        rule_version_id=None,
    )

    assert not refused(admin, payout, due)
    assert not refused(admin, payout, copy_of(due))
    # Of Dave, in Bob's payout, whoever's it says that it is.
    assert refused(admin, payout, same_amount)
    assert refused(admin, payout, same_amount, affiliate=dave.affiliate.id)
    assert refused(admin, payout, copy_of(due, currency="USD"))
    assert refused(admin, payout, due, amount=1_001)
    # Of Bob, at another merchant: whose commission it is, or whose payout.
    assert refused(admin, payout, theirs)
    assert refused(admin, payout, theirs, merchant=globex.id)


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
