"""Withdrawals: asked for, answered by a rule or a member, paid by the next batch, at a fee."""

from typing import Any

import pytest
from django.core import mail

from common.states import IllegalMove
from merchants.models import acting_user
from merchants.rights import Role
from merchants.services import NotAllowed
from merchants.tenancy import affiliate_context, merchant_context
from payouts.left_out import LeftOut
from payouts.mails import tell_of_payouts
from payouts.models import (
    Destination,
    Provider,
    Schedule,
    Withdrawal,
    WithdrawalStatus,
)
from payouts.selectors import withdrawals_of_affiliate
from payouts.services import (
    NoRail,
    NotPayable,
    WithdrawalOpen,
    approve_withdrawal,
    cancel_batch,
    cancel_withdrawal,
    decline_withdrawal,
    propose_batch,
    request_withdrawal,
)
from payouts.services.settle import Failed, settle_failed
from tests.cast import Company, Promoter, add_member
from tests.payouts.batches.stage import (
    LATER,
    books_hold,
    earn,
    finance,
    pay_all,
    payout_of,
    prepared,
    sent,
    set_terms,
)


def ask(company: Company, promoter: Promoter, **facts: Any) -> Withdrawal:
    """Ask for everything in EUR."""
    facts = {"destination": Destination.MONEY, "at": LATER, **facts}
    with merchant_context(company.id):
        return request_withdrawal(
            merchant_id=company.id,
            affiliate_id=promoter.affiliate.id,
            currency="EUR",
            by=acting_user(promoter.user),
            **facts,
        )


def again(company: Company, withdrawal: Withdrawal) -> Withdrawal:
    """Return the request as it is now."""
    with merchant_context(company.id):
        return Withdrawal.objects.get(id=withdrawal.id)


def test_a_request_is_reviewed_and_paid_less_the_fee(acme: Company, bob: Promoter) -> None:
    set_terms(acme, Schedule.ON_REQUEST, request_fee_minor=150)
    earn(acme, bob)
    finn = finance(acme)

    withdrawal = ask(acme, bob)
    assert (withdrawal.status, withdrawal.expected_minor) == (WithdrawalStatus.REQUESTED, 1_000)
    with merchant_context(acme.id):
        proposal = propose_batch(merchant_id=acme.id, currency="EUR", at=LATER)
        assert [row.reason for row in proposal.left_out] == [LeftOut.NOT_REQUESTED]
        approve_withdrawal(member=finn, withdrawal=withdrawal, at=LATER)
    batch = sent(acme, finn)

    payout = payout_of(acme, bob)
    assert (payout.earned_minor, payout.fee_minor, payout.amount_minor) == (1_000, 150, 850)
    assert again(acme, withdrawal).payout_id == payout.id
    pay_all(acme, batch)
    assert again(acme, withdrawal).status == WithdrawalStatus.PAID
    assert books_hold(acme)


def test_a_rule_may_answer(acme: Company, bob: Promoter) -> None:
    set_terms(acme, Schedule.ON_REQUEST, automatic_minor_max=1_000)
    earn(acme, bob)

    withdrawal = ask(acme, bob)

    assert (withdrawal.status, withdrawal.decided_by) == (WithdrawalStatus.APPROVED, None)


def test_above_the_rule_a_member_answers(acme: Company, bob: Promoter) -> None:
    set_terms(acme, Schedule.ON_REQUEST, automatic_minor_max=999)
    earn(acme, bob)

    assert ask(acme, bob).status == WithdrawalStatus.REQUESTED


def test_a_request_needs_no_pay_day_but_takes_only_what_has_cleared(
    acme: Company, bob: Promoter
) -> None:
    set_terms(acme, Schedule.AT_ONCE, net_days=5, automatic_minor_max=10_000)
    earn(acme, bob)

    with pytest.raises(NotPayable) as refusal:
        ask(acme, bob)

    assert refusal.value.reason == LeftOut.NOT_DUE


def test_one_request_is_open_at_a_time(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)
    first = ask(acme, bob)

    with pytest.raises(WithdrawalOpen):
        ask(acme, bob)
    with merchant_context(acme.id):
        cancel_withdrawal(withdrawal=first, by=acting_user(bob.user), at=LATER)
    ask(acme, bob)

    with merchant_context(acme.id):
        assert Withdrawal.objects.count() == 2


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"minor_min": 1_001}, LeftOut.BELOW_MINIMUM),
        ({"request_fee_minor": 1_000}, LeftOut.NOTHING_DUE),
    ],
)
def test_refuses_what_could_not_be_paid(
    acme: Company, bob: Promoter, terms: dict[str, int], reason: LeftOut
) -> None:
    set_terms(acme, Schedule.ON_REQUEST, **terms)
    earn(acme, bob)

    with pytest.raises(NotPayable) as refusal:
        ask(acme, bob)

    assert refusal.value.reason == reason
    with merchant_context(acme.id):
        assert not Withdrawal.objects.exists()


def test_nothing_approved_is_nothing_to_ask_for(acme: Company, bob: Promoter) -> None:
    with pytest.raises(NotPayable):
        ask(acme, bob)


def test_a_balance_needs_a_product_that_takes_it(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)

    with pytest.raises(NoRail):
        ask(acme, bob, destination=Destination.BALANCE)


def test_a_request_for_the_balance_is_in_no_other_batch(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)
    with merchant_context(acme.id):
        Withdrawal.objects.create(
            merchant_id=acme.id,
            affiliate=bob.affiliate,
            currency="EUR",
            destination=Destination.BALANCE,
            expected_minor=1_000,
            status=WithdrawalStatus.APPROVED,
            status_changed_at=LATER,
            requested_at=LATER,
        )
        facts: dict[str, Any] = {"merchant_id": acme.id, "currency": "EUR", "at": LATER}
        money = propose_batch(**facts)
        balance = propose_batch(**facts, provider=Provider.BALANCE)

    assert [row.reason for row in money.left_out] == [LeftOut.OTHER_RAIL]
    assert [(item.method, item.amount_minor) for item in balance.items] == [(None, 1_000)]


def test_a_failed_payout_leaves_the_request_approved(acme: Company, bob: Promoter) -> None:
    set_terms(acme, Schedule.ON_REQUEST, automatic_minor_max=10_000)
    earn(acme, bob)
    withdrawal, finn = ask(acme, bob), finance(acme)
    sent(acme, finn)

    with merchant_context(acme.id):
        settle_failed(
            merchant_id=acme.id,
            news=[Failed(payout_of(acme, bob).id, "Closed")],
            by=acting_user(finn.user),
            at=LATER,
        )

    assert again(acme, withdrawal).status == WithdrawalStatus.APPROVED
    assert prepared(acme, finn).amount_minor == 1_000
    assert again(acme, withdrawal).status == WithdrawalStatus.IN_PAYOUT
    assert books_hold(acme)


def test_a_cancelled_batch_leaves_the_request_approved(acme: Company, bob: Promoter) -> None:
    set_terms(acme, Schedule.ON_REQUEST, automatic_minor_max=10_000)
    earn(acme, bob)
    withdrawal, finn = ask(acme, bob), finance(acme)
    batch = prepared(acme, finn)

    with merchant_context(acme.id):
        cancel_batch(member=finn, batch=batch, at=LATER)

    assert again(acme, withdrawal).status == WithdrawalStatus.APPROVED
    assert books_hold(acme)


def test_declined_with_a_reason_and_for_good(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)
    withdrawal, finn = ask(acme, bob), finance(acme)

    with merchant_context(acme.id):
        decline_withdrawal(member=finn, withdrawal=withdrawal, reason="Wait", at=LATER)
        with pytest.raises(IllegalMove):
            approve_withdrawal(member=finn, withdrawal=withdrawal, at=LATER)

    assert again(acme, withdrawal).status_reason == "Wait"


def test_only_who_prepares_payouts_answers(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)
    withdrawal, mona = ask(acme, bob), add_member(acme, "Mona", Role.MANAGER)

    with merchant_context(acme.id):
        with pytest.raises(NotAllowed):
            approve_withdrawal(member=mona, withdrawal=withdrawal, at=LATER)
        with pytest.raises(NotAllowed):
            decline_withdrawal(member=mona, withdrawal=withdrawal, reason="No", at=LATER)

    assert again(acme, withdrawal).status == WithdrawalStatus.REQUESTED


def test_an_affiliate_sees_its_own_alone(acme: Company, bob: Promoter, carol: Promoter) -> None:
    earn(acme, bob)
    ask(acme, bob)

    with affiliate_context(bob.affiliate.id):
        assert withdrawals_of_affiliate(bob.affiliate.id).count() == 1
    with affiliate_context(carol.affiliate.id):
        assert not Withdrawal.objects.exists()


def test_people_hear_of_requests_and_answers_once(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)
    withdrawal = ask(acme, bob)

    assert tell_of_payouts(merchant_id=acme.id, at=LATER) == 1
    with merchant_context(acme.id):
        approve_withdrawal(member=acme.owner, withdrawal=withdrawal, at=LATER)
    assert tell_of_payouts(merchant_id=acme.id, at=LATER) == 1
    assert tell_of_payouts(merchant_id=acme.id, at=LATER) == 0

    told = [(message.to, message.subject) for message in mail.outbox]
    assert told == [
        (["alice@acme.example"], "Bob asks for a payout"),
        (["bob@example.com"], "Your request for a payout from Acme"),
    ]
