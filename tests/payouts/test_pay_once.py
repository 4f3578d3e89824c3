"""From a click to money: approved, reserved once, paid once, and the books hold at each step."""

from datetime import timedelta

import pytest

from affiliates.models import Status as EnrollmentStatus
from affiliates.services import move_enrollment
from commissions.models import Commission, Status
from commissions.services import approve_due
from common.states import IllegalMove
from merchants.models import SYSTEM
from merchants.rights import Role
from merchants.services import NotAllowed
from merchants.tenancy import merchant_context
from payouts.left_out import LeftOut
from payouts.method_details import clean_details
from payouts.methods import set_payout_method
from payouts.models import (
    Batch,
    BatchFile,
    BatchStatus,
    MethodKind,
    Payout,
    PayoutLine,
    PayoutStatus,
)
from payouts.selectors import check_money
from payouts.services import (
    BatchOutdated,
    NoProof,
    NothingToPay,
    ProofUsed,
    SelfApproval,
    approve_batch,
    cancel_batch,
    mark_batch_paid,
    mark_failed,
    mark_paid,
    prepare_batch,
    propose_batch,
    send_batch,
)
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, sell

LATER = NOON + timedelta(days=40)


@pytest.fixture
def due(acme: Company, bob: Promoter) -> Commission:
    """Return a commission of 10.00 whose hold has passed."""
    conversion = sell(acme, click=click_of(bob))
    approve_due(merchant_id=acme.id, at=LATER)
    with merchant_context(acme.id):
        return Commission.objects.get(conversion=conversion)


def test_a_batch_goes_from_prepared_to_paid(acme: Company, bob: Promoter, due: Commission) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)

    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        assert check_money(acme.id) == []
        approve_batch(member=acme.owner, batch=batch, at=LATER)
        assert check_money(acme.id) == []
        file = send_batch(member=finn, batch=batch, at=LATER)
        payout = Payout.objects.get(batch=batch)
        mark_paid(member=finn, payout=payout, provider_ref="B-1", paid_at=LATER, at=LATER)
        batch.refresh_from_db()
        due.refresh_from_db()

        assert check_money(acme.id) == []
        assert (payout.amount_minor, payout.status) == (1_000, PayoutStatus.PAID)
        assert (batch.status, due.status) == (BatchStatus.DONE, Status.PAID)
        assert b"FL-1-1,Bob,bank,Bob,DE89370400440532013000,10.00,EUR" in file.reveal()


def test_whoever_prepared_a_batch_cannot_approve_it(acme: Company, due: Commission) -> None:
    with merchant_context(acme.id):
        batch = prepare_batch(member=acme.owner, currency="EUR", at=LATER)

        with pytest.raises(SelfApproval):
            approve_batch(member=acme.owner, batch=batch, at=LATER)

        assert Batch.objects.get().status == BatchStatus.DRAFT


def test_a_viewer_can_neither_prepare_nor_approve(acme: Company, due: Commission) -> None:
    ann = add_member(acme, "Ann", Role.VIEWER)

    with merchant_context(acme.id):
        with pytest.raises(NotAllowed):
            prepare_batch(member=ann, currency="EUR", at=LATER)
        batch = prepare_batch(member=acme.owner, currency="EUR", at=LATER)
        with pytest.raises(NotAllowed):
            approve_batch(member=ann, batch=batch, at=LATER)


def test_a_commission_waits_in_one_batch_only(acme: Company, due: Commission) -> None:
    with merchant_context(acme.id):
        prepare_batch(member=acme.owner, currency="EUR", at=LATER)

        with pytest.raises(NothingToPay):
            prepare_batch(member=acme.owner, currency="EUR", at=LATER)

        assert PayoutLine.objects.count() == 1


def test_a_cancelled_batch_gives_its_commissions_back(acme: Company, due: Commission) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)

    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        batch = approve_batch(member=acme.owner, batch=batch, at=LATER)
        cancel_batch(member=finn, batch=batch, at=LATER)
        due.refresh_from_db()

        assert due.status == Status.APPROVED
        assert check_money(acme.id) == []
        again = prepare_batch(member=finn, currency="EUR", at=LATER)
        assert Payout.objects.get(batch=again).amount_minor == 1_000


def test_a_failed_payout_is_payable_again_and_never_paid_afterwards(
    acme: Company, due: Commission
) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)

    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        batch = approve_batch(member=acme.owner, batch=batch, at=LATER)
        send_batch(member=finn, batch=batch, at=LATER)
        payout = Payout.objects.get(batch=batch)
        mark_failed(member=finn, payout=payout, reason="Account closed", at=LATER)
        due.refresh_from_db()

        assert due.status == Status.APPROVED
        assert check_money(acme.id) == []
        with pytest.raises(IllegalMove):
            mark_paid(member=finn, payout=payout, provider_ref="B-2", paid_at=LATER, at=LATER)
        assert check_money(acme.id) == []


def test_paid_needs_a_proof(acme: Company, due: Commission) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)

    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        batch = approve_batch(member=acme.owner, batch=batch, at=LATER)
        send_batch(member=finn, batch=batch, at=LATER)
        payout = Payout.objects.get(batch=batch)

        with pytest.raises(NoProof):
            mark_paid(member=finn, payout=payout, provider_ref=" ", paid_at=LATER, at=LATER)

        assert Payout.objects.get().status == PayoutStatus.SUBMITTED


def test_the_file_is_made_once(acme: Company, due: Commission) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)

    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        batch = approve_batch(member=acme.owner, batch=batch, at=LATER)
        first = send_batch(member=finn, batch=batch, at=LATER)
        second = send_batch(member=finn, batch=batch, at=LATER + timedelta(days=1))

        assert (first.id, first.sha256) == (second.id, second.sha256)


def test_who_has_no_method_is_left_out_with_the_reason(acme: Company) -> None:
    dave = make_promoter(acme, "Dave", method=False)
    sell(acme, click=click_of(dave))
    approve_due(merchant_id=acme.id, at=LATER)

    with merchant_context(acme.id):
        proposal = propose_batch(merchant_id=acme.id, currency="EUR", at=LATER)

        assert proposal.items == ()
        assert [(row.amount_minor, row.reason) for row in proposal.left_out] == [
            (1_000, LeftOut.NO_METHOD)
        ]


def test_one_reference_proves_one_payout(acme: Company, due: Commission) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)
    sell(acme, click=click_of(make_promoter(acme, "Dave")))
    approve_due(merchant_id=acme.id, at=LATER)

    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        batch = approve_batch(member=acme.owner, batch=batch, at=LATER)
        send_batch(member=finn, batch=batch, at=LATER)
        first, second = Payout.objects.filter(batch=batch).order_by("id")
        mark_paid(member=finn, payout=first, provider_ref="B-1", paid_at=LATER, at=LATER)

        with pytest.raises(ProofUsed):
            mark_paid(member=finn, payout=second, provider_ref="B-1", paid_at=LATER, at=LATER)

        second.refresh_from_db()
        assert second.status == PayoutStatus.SUBMITTED
        assert check_money(acme.id) == []


def test_a_whole_batch_is_marked_paid_with_a_reference_each(
    acme: Company, bob: Promoter, due: Commission
) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)
    dora = make_promoter(acme, "Dora")
    sell(acme, click=click_of(dora))
    approve_due(merchant_id=acme.id, at=LATER)

    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        batch = approve_batch(member=acme.owner, batch=batch, at=LATER)
        send_batch(member=finn, batch=batch, at=LATER)
        settle = {"member": finn, "batch": batch, "paid_at": LATER, "at": LATER}

        assert mark_batch_paid(reference_prefix=" B-17 ", **settle) == 2

        proofs = Payout.objects.order_by("reference").values_list("reference", "provider_ref")
        assert list(proofs) == [("FL-1-1", "B-17-1"), ("FL-1-2", "B-17-2")]
        assert set(Commission.objects.values_list("status", flat=True)) == {Status.PAID}
        assert Batch.objects.get().status == BatchStatus.DONE
        assert check_money(acme.id) == []
        with pytest.raises(IllegalMove):
            mark_batch_paid(reference_prefix="B-18", **settle)


@pytest.mark.parametrize("change", ["suspended", "another method"])
@pytest.mark.parametrize("step", ["approve", "send"])
def test_a_payee_who_changed_meanwhile_stops_the_batch(
    acme: Company, bob: Promoter, due: Commission, change: str, step: str
) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)
    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        if step == "send":
            batch = approve_batch(member=acme.owner, batch=batch, at=LATER)
    before = batch.status

    if change == "suspended":
        with merchant_context(acme.id):
            move_enrollment(
                enrollment=bob.enrollment, to=EnrollmentStatus.SUSPENDED, by=SYSTEM, at=LATER
            )
    else:
        details = clean_details(
            kind=MethodKind.PAYPAL, details={"holder": "Bob", "email": "eve@example.com"}
        )
        set_payout_method(
            affiliate=bob.affiliate, kind=MethodKind.PAYPAL, details=details, at=LATER
        )

    with merchant_context(acme.id):
        act, member = (approve_batch, acme.owner) if step == "approve" else (send_batch, finn)
        with pytest.raises(BatchOutdated):
            act(member=member, batch=batch, at=LATER)
        batch.refresh_from_db()
        assert (batch.status, BatchFile.objects.count()) == (before, 0)
        cancel_batch(member=finn, batch=batch, at=LATER)
        assert check_money(acme.id) == []
