"""What a member decides: a call that nobody remembers, and one that was never read."""

from datetime import timedelta

import psycopg
import pytest

from common.states import IllegalMove
from demo.providers.stripe import FakeStripe
from merchants.models import Event
from merchants.rights import Role
from merchants.services import NotAllowed
from merchants.tenancy import merchant_context
from payouts.models import Attempt, Provider
from payouts.sending.by_person import (
    Choice,
    NoReason,
    StillRemembered,
    calls_of,
    calls_to_decide,
    give_up,
    send_again,
)
from payouts.sending.resolve import resolve_some
from payouts.sending.submit import submit_some
from tests.cast import Company, add_member
from tests.payouts.sending.stage import Sent, hand_over

TWO_DAYS = timedelta(days=2)


def lose_a_call(admin: psycopg.Connection, company: Company, stripe: FakeStripe) -> Sent:
    """Hand over a payout whose call never came through, and let two days pass."""
    sent = hand_over(admin, company, Provider.STRIPE, 1)
    stripe.fail("reset_before", path="/v1/transfers")
    submit_some(merchant_id=company.id, at=sent.at)
    for hours in (22, 30, 48):
        resolve_some(merchant_id=company.id, at=sent.at + timedelta(hours=hours))
    assert sent.standing() == {"UNKNOWN": 1}
    return sent


def attempt_of(sent: Sent) -> Attempt:
    """Return the only attempt."""
    with merchant_context(sent.company.id):
        return Attempt.objects.get(batch=sent.batch)


def test_after_the_window_a_member_lets_the_same_call_be_made_again(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = lose_a_call(admin, acme, stripe)
    at = sent.at + TWO_DAYS
    with merchant_context(acme.id):
        assert list(calls_to_decide(acme.id, at=at)) == [attempt_of(sent)]
        (call,) = calls_of(acme.id, at=at)
        assert (call.choice, call.payout_count) == (Choice.SEND_AGAIN, 1)
        assert call.amount_minor == sent.payouts()[0].amount_minor
        send_again(member=acme.owner, attempt=attempt_of(sent), reason="Seen at Stripe", at=at)

    resolve_some(merchant_id=acme.id, at=at)

    assert stripe.paid() == dict.fromkeys(sent.ids(), 1)
    assert (sent.standing(), sent.books()) == ({"PAID": 1}, [])
    with merchant_context(acme.id):
        event = Event.objects.get(type="payout_batch.call_made_again")
    assert (event.actor_id, event.data["reason"]) == (acme.owner.user_id, "Seen at Stripe")


def test_within_the_window_nobody_needs_to_decide(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 1)
    stripe.fail("reset_before", path="/v1/transfers")
    submit_some(merchant_id=acme.id, at=sent.at)

    with merchant_context(acme.id), pytest.raises(StillRemembered):
        send_again(member=acme.owner, attempt=attempt_of(sent), reason="Seen", at=sent.at)

    with merchant_context(acme.id):
        assert list(calls_to_decide(acme.id, at=sent.at)) == []
        assert [call.choice for call in calls_of(acme.id, at=sent.at)] == [""]
    assert stripe.calls["POST /v1/transfers"] == 1


def test_only_who_may_approve_decides_and_says_why(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = lose_a_call(admin, acme, stripe)
    ann = add_member(acme, "Ann", Role.VIEWER)
    at = sent.at + TWO_DAYS

    with merchant_context(acme.id):
        with pytest.raises(NotAllowed):
            send_again(member=ann, attempt=attempt_of(sent), reason="Seen", at=at)
        with pytest.raises(NoReason):
            send_again(member=acme.owner, attempt=attempt_of(sent), reason=" ", at=at)
        with pytest.raises(IllegalMove):  # They may have read it.
            give_up(member=acme.owner, attempt=attempt_of(sent), reason="Enough", at=at)

    assert sent.standing() == {"UNKNOWN": 1}


def test_a_call_that_was_never_read_can_be_given_up(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 1)
    stripe.secret_key = "sk_test_another"
    submit_some(merchant_id=acme.id, at=sent.at)

    with merchant_context(acme.id):
        attempt = attempt_of(sent)
        assert [call.choice for call in calls_of(acme.id, at=sent.at)] == [Choice.GIVE_UP]
        failed = give_up(member=acme.owner, attempt=attempt, reason="Account closed", at=sent.at)
    resolve_some(merchant_id=acme.id, at=sent.at + TWO_DAYS)

    assert (failed, sent.standing(), stripe.book) == (1, {"FAILED": 1}, [])
    assert sent.books() == []
