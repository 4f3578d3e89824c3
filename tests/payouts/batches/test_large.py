"""Large batches: prepared and reserved in parts by workers, with the same outcome."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from commissions.models import Commission
from commissions.models import Status as CommissionStatus
from merchants.models import Member
from merchants.rights import Role
from merchants.services import change_role
from merchants.tenancy import affiliate_context, merchant_context
from payouts.models import Batch, BatchStatus, PayoutMethod
from payouts.services import (
    approve_batch,
    cancel_batch,
    parts,
    prepare_batch,
    prepare_further,
    preparing,
    reserve_further,
)
from payouts.tasks import take_further
from tests.cast import Company, Promoter, make_promoter
from tests.payouts.batches.stage import LATER, books_hold, earn, finance, prepared, statuses


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "LARGE", 1)
    monkeypatch.setattr(parts, "AFFILIATES_AT_ONCE", 2)


@pytest.fixture
def batch(acme: Company, bob: Promoter) -> Batch:
    """Return a batch of five affiliates that is being prepared, with 10.00 for each."""
    for promoter in (bob, *(make_promoter(acme, name) for name in ("Dave", "Erin", "Fay", "Gus"))):
        earn(acme, promoter)
    return prepared(acme, finance(acme))


def again(company: Company) -> Batch:
    """Return the batch as it is now."""
    with merchant_context(company.id):
        return Batch.objects.get()


def work(company: Company) -> int:
    """Prepare further until nothing is left; return in how many steps."""
    steps = 0
    while prepare_further(merchant_id=company.id, at=LATER):
        steps += 1
    return steps


def approved(company: Company, batch: Batch) -> None:
    """Prepare the batch and have the owner approve it."""
    work(company)
    with merchant_context(company.id):
        approve_batch(member=company.owner, batch=batch, at=LATER)


@contextmanager
def another_worker(admin: psycopg.Connection, *, after_position: int) -> Iterator[None]:
    """Hold a part, and share the batch, as a worker does who is about to be killed."""
    with admin.transaction(force_rollback=True):
        admin.execute(
            "SELECT FROM payouts_batchpart WHERE after_position = %s FOR UPDATE", [after_position]
        )
        admin.execute("SELECT FROM payouts_batch FOR SHARE")
        yield


def test_prepared_in_parts_with_progress(acme: Company, batch: Batch) -> None:
    assert (batch.status, batch.progress) == (BatchStatus.PREPARING, {})

    prepare_further(merchant_id=acme.id, at=LATER)
    with merchant_context(acme.id):
        assert Batch.objects.get().progress == {"done": 0, "total": 5}
        prepare_further(merchant_id=acme.id, at=LATER)
        assert Batch.objects.get().progress == {"done": 2, "total": 5}
    assert work(acme) == 3  # Two parts, and the end.

    found = again(acme)
    assert (found.status, found.items, found.amount_minor) == (BatchStatus.DRAFT, 5, 5_000)
    with merchant_context(acme.id):
        references = list(found.payouts.order_by("id").values_list("reference", flat=True))
    assert references == [f"FL-1-{position}" for position in range(1, 6)]
    assert books_hold(acme)


def test_a_part_that_another_worker_has_is_left_to_it_until_it_dies(
    acme: Company, batch: Batch, admin: psycopg.Connection
) -> None:
    prepare_further(merchant_id=acme.id, at=LATER)
    with another_worker(admin, after_position=2):
        assert work(acme) == 2
        assert again(acme).status == BatchStatus.PREPARING

    work(acme)
    with merchant_context(acme.id):
        approve_batch(member=acme.owner, batch=batch, at=LATER)
    reserve_further(merchant_id=acme.id, at=LATER)
    with another_worker(admin, after_position=0):
        while reserve_further(merchant_id=acme.id, at=LATER):
            pass
        assert again(acme).status == BatchStatus.APPROVING
        assert statuses(acme) == {CommissionStatus.APPROVED, CommissionStatus.RESERVED}
        assert books_hold(acme)

    while reserve_further(merchant_id=acme.id, at=LATER):
        pass
    assert again(acme).status == BatchStatus.APPROVED
    assert statuses(acme) == {CommissionStatus.RESERVED}
    assert books_hold(acme)


def test_two_workers_at_once_do_each_part_once(acme: Company, batch: Batch) -> None:
    take_further([acme.id], prepare_further)
    with merchant_context(acme.id):
        approve_batch(member=acme.owner, batch=batch, at=LATER)
    take_further([acme.id], reserve_further)

    found = again(acme)
    assert (found.status, found.items, found.amount_minor) == (BatchStatus.APPROVED, 5, 5_000)
    assert statuses(acme) == {CommissionStatus.RESERVED}
    assert books_hold(acme)


def test_the_second_batch_waits_for_the_first(acme: Company, batch: Batch) -> None:
    prepare_further(merchant_id=acme.id, at=LATER)
    with merchant_context(acme.id):
        second = prepare_batch(member=acme.owner, currency="EUR", at=LATER)

    work(acme)

    with merchant_context(acme.id):
        batch.refresh_from_db()
        second.refresh_from_db()
    assert (batch.status, batch.items) == (BatchStatus.DRAFT, 5)
    assert (second.status, second.items) == (BatchStatus.CANCELLED, 0)


def test_reserved_by_workers(acme: Company, batch: Batch) -> None:
    approved(acme, batch)
    assert again(acme).status == BatchStatus.APPROVING
    assert statuses(acme) == {CommissionStatus.APPROVED}

    while reserve_further(merchant_id=acme.id, at=LATER):
        assert books_hold(acme)

    assert again(acme).status == BatchStatus.APPROVED
    assert statuses(acme) == {CommissionStatus.RESERVED}
    assert books_hold(acme)


def test_cancelled_while_it_is_reserved(acme: Company, batch: Batch) -> None:
    approved(acme, batch)
    for _step in ("cut", "a part"):
        reserve_further(merchant_id=acme.id, at=LATER)
    assert statuses(acme) == {CommissionStatus.APPROVED, CommissionStatus.RESERVED}

    with merchant_context(acme.id):
        cancel_batch(member=acme.owner, batch=batch, at=LATER)

    assert reserve_further(merchant_id=acme.id, at=LATER) == 0
    assert again(acme).status == BatchStatus.CANCELLED
    assert statuses(acme) == {CommissionStatus.APPROVED}
    assert books_hold(acme)


def test_a_part_that_cannot_be_reserved_gives_the_others_back(
    acme: Company, batch: Batch, admin: psycopg.Connection
) -> None:
    approved(acme, batch)
    for _step in ("cut", "a part"):
        reserve_further(merchant_id=acme.id, at=LATER)
    with merchant_context(acme.id):
        last = Commission.objects.filter(status=CommissionStatus.APPROVED).latest("affiliate_id")
    change = "UPDATE commissions_commission SET status = %s WHERE id = %s"
    admin.execute(change, ["HELD", last.id])

    while reserve_further(merchant_id=acme.id, at=LATER):
        pass

    found = again(acme)
    assert (found.status, found.problem) == (
        BatchStatus.CANCELLED,
        "a commission of the batch is in another status by now",
    )
    assert statuses(acme) == {CommissionStatus.APPROVED, CommissionStatus.HELD}
    admin.execute(change, ["APPROVED", last.id])
    assert books_hold(acme)


def test_what_cannot_be_reserved_waits_again_and_says_why(acme: Company, batch: Batch) -> None:
    work(acme)
    with merchant_context(acme.id):
        approve_batch(member=acme.owner, batch=batch, at=LATER)
        affiliate_id = batch.payouts.values_list("affiliate_id", flat=True)[0]
    with affiliate_context(affiliate_id):
        PayoutMethod.objects.update(replaced_at=LATER)

    reserve_further(merchant_id=acme.id, at=LATER)

    found = again(acme)
    assert (found.status, found.approved_by) == (BatchStatus.DRAFT, None)
    assert "payout method" in found.problem
    assert statuses(acme) == {CommissionStatus.APPROVED}
    assert books_hold(acme)


def test_a_role_revoked_before_the_worker_came_counts(acme: Company, batch: Batch) -> None:
    work(acme)
    otto = finance(acme, "Otto")
    with merchant_context(acme.id):
        approve_batch(member=otto, batch=batch, at=LATER)
        change_role(
            member=acme.owner, target=Member.objects.get(id=otto.id), role=Role.VIEWER, at=LATER
        )

    reserve_further(merchant_id=acme.id, at=LATER)

    assert again(acme).status == BatchStatus.DRAFT
    assert books_hold(acme)


def test_cancelled_while_it_is_prepared(acme: Company, batch: Batch) -> None:
    prepare_further(merchant_id=acme.id, at=LATER)
    with merchant_context(acme.id):
        cancel_batch(member=acme.owner, batch=batch, at=LATER)

    assert work(acme) == 0
    assert again(acme).status == BatchStatus.CANCELLED
    assert books_hold(acme)


def test_nobody_to_pay_cancels_it(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora", method=False)
    earn(acme, dora)
    earn(acme, dora)
    prepared(acme, finance(acme))

    work(acme)

    found = again(acme)
    assert (found.status, found.problem) == (BatchStatus.CANCELLED, "Nobody could be paid.")
