"""Large batches: prepared in steps and reserved by a worker, with the same outcome."""

import pytest

from commissions.models import Status as CommissionStatus
from merchants.models import Member
from merchants.rights import Role
from merchants.services import change_role
from merchants.tenancy import affiliate_context, merchant_context
from payouts.models import Batch, BatchStatus, PayoutMethod
from payouts.services import (
    approve_batch,
    cancel_batch,
    prepare_further,
    preparing,
    reserve_further,
)
from tests.cast import Company, Promoter, make_promoter
from tests.payouts.batches.stage import LATER, books_hold, earn, finance, prepared, statuses


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "LARGE", 1)
    monkeypatch.setattr(preparing, "AFFILIATES_AT_ONCE", 2)


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


def test_prepared_in_steps_with_progress(acme: Company, batch: Batch) -> None:
    assert (batch.status, batch.progress) == (BatchStatus.PREPARING, {"done": 0, "total": 5})

    prepare_further(merchant_id=acme.id, at=LATER)
    assert again(acme).progress["done"] == 2
    assert work(acme) == 2

    found = again(acme)
    assert (found.status, found.items, found.amount_minor) == (BatchStatus.DRAFT, 5, 5_000)
    with merchant_context(acme.id):
        references = list(found.payouts.order_by("id").values_list("reference", flat=True))
    assert references == [f"FL-1-{position}" for position in range(1, 6)]
    assert books_hold(acme)


def test_reserved_by_a_worker(acme: Company, batch: Batch) -> None:
    work(acme)
    with merchant_context(acme.id):
        approve_batch(member=acme.owner, batch=batch, at=LATER)
    assert again(acme).status == BatchStatus.APPROVING
    assert statuses(acme) == {CommissionStatus.APPROVED}

    assert reserve_further(merchant_id=acme.id, at=LATER) == 1
    assert reserve_further(merchant_id=acme.id, at=LATER) == 0

    assert again(acme).status == BatchStatus.APPROVED
    assert statuses(acme) == {CommissionStatus.RESERVED}
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
