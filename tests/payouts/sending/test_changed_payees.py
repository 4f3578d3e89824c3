"""Between the approval and the call: who was suspended or is paid elsewhere by now is not paid."""

from datetime import timedelta

import psycopg

from affiliates.models import Affiliate, Enrollment
from affiliates.models import Status as EnrollmentStatus
from affiliates.services import move_enrollment
from commissions.models import Commission
from commissions.models import Status as CommissionStatus
from demo.providers.paypal import FakePayPal
from demo.providers.stripe import FakeStripe
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from payouts.methods import set_payout_method
from payouts.models import Attempt, BatchStatus, MethodKind, Payout, Provider
from payouts.sending.poll import poll_some
from payouts.sending.submit import CHANGED, SUSPENDED, submit_some
from tests.cast import Company
from tests.payouts.sending.stage import Sent, hand_over


def suspend(sent: Sent, payout: Payout) -> None:
    """Suspend the payee, as a manager does who found something out."""
    with merchant_context(sent.company.id):
        move_enrollment(
            enrollment=Enrollment.objects.get(affiliate_id=payout.affiliate_id),
            to=EnrollmentStatus.SUSPENDED,
            by=acting_user(sent.company.owner.user),
            at=sent.at,
            reason="Bids on our name.",
        )


def change_method(payout: Payout, sent: Sent) -> None:
    """Let the payee name another account, as whoever got into theirs would."""
    with merchant_context(sent.company.id):
        affiliate = Affiliate.objects.get(id=payout.affiliate_id)
    set_payout_method(
        affiliate=affiliate,
        kind=MethodKind.STRIPE,
        details={"holder": "Somebody Else", "account": "acct_elsewhere"},
        at=sent.at,
    )


def reasons(sent: Sent) -> list[str]:
    """Return the reasons of what failed, in order."""
    return [row.status_reason for row in sent.payouts() if row.status == "FAILED"]


def test_a_call_leaves_out_whom_nobody_may_pay_any_more(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 3)
    bad, moved, good = sent.payouts()
    suspend(sent, bad)
    change_method(moved, sent)

    while submit_some(merchant_id=acme.id, at=sent.at):
        pass

    assert stripe.paid() == {str(good.id): 1}
    assert (sent.standing(), sent.status()) == ({"FAILED": 2, "PAID": 1}, BatchStatus.DONE)
    assert reasons(sent) == [SUSPENDED, CHANGED]
    assert sent.books() == []
    with merchant_context(acme.id):
        released = Commission.objects.filter(
            affiliate_id__in=[bad.affiliate_id, moved.affiliate_id]
        )
        assert set(released.values_list("status", flat=True)) == {CommissionStatus.APPROVED}


def test_the_others_of_one_call_are_paid(
    admin: psycopg.Connection, acme: Company, paypal: FakePayPal
) -> None:
    sent = hand_over(admin, acme, Provider.PAYPAL, 3)
    suspend(sent, sent.payouts()[1])

    while submit_some(merchant_id=acme.id, at=sent.at):
        pass
    poll_some(merchant_id=acme.id, at=sent.at + timedelta(minutes=1))

    assert (sent.standing(), reasons(sent)) == ({"FAILED": 1, "PAID": 2}, [SUSPENDED])
    assert [len(batch["items"]) for batch in paypal.batches.values()] == [2]
    assert sent.books() == []


def test_nobody_is_left_so_nobody_is_called(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 1)
    suspend(sent, sent.payouts()[0])

    submit_some(merchant_id=acme.id, at=sent.at)

    assert (sent.standing(), stripe.book) == ({"FAILED": 1}, [])
    assert (sent.status(), sent.books()) == (BatchStatus.DONE, [])
    with merchant_context(acme.id):
        assert not Attempt.objects.exists()
