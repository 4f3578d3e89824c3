"""Calls that wait for a member: what each answer does to how much money, and doing it."""

from datetime import timedelta

import psycopg
import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from demo.providers.stripe import FakeStripe
from merchants.models import Event
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Attempt, Provider
from payouts.sending.resolve import resolve_some
from payouts.sending.submit import submit_some
from tests.cast import Company, add_member
from tests.console.conftest import SignIn, words
from tests.payouts.sending.conftest import stripe as stripe
from tests.payouts.sending.stage import Sent, hand_over

PAGE = reverse("console:payout-calls")
FOUND = {"reason": "Searched at Stripe: nothing there."}


@pytest.fixture
def lost(admin: psycopg.Connection, acme: Company, stripe: FakeStripe, clock: Traveller) -> Sent:
    """Return three payouts, of one of which nobody knows the fate, two days later."""
    sent = hand_over(admin, acme, Provider.STRIPE, 3)
    stripe.fail("reset_before", path="/v1/transfers")
    submit_some(merchant_id=acme.id, at=sent.at)
    for hours in (22, 30, 48):
        resolve_some(merchant_id=acme.id, at=sent.at + timedelta(hours=hours))
    clock.move_to(sent.at + timedelta(days=2))
    return sent


def url(name: str, sent: Sent, status: str) -> str:
    with merchant_context(sent.company.id):
        attempt = Attempt.objects.get(batch=sent.batch, status=status)
    return reverse(f"console:{name}", args=[attempt.id])


def test_without_such_calls_the_page_says_what_it_is_for(alice: Client) -> None:
    assert "Nothing to decide" in words(alice.get(PAGE).content)


def test_a_lost_call_is_called_out_where_people_look(
    acme: Company, lost: Sent, sign_in: SignIn
) -> None:
    alice = sign_in(acme.owner.user)

    home = words(alice.get(reverse("console:home")).content)
    batch = words(alice.get(reverse("console:batch", args=[lost.batch.id])).content)
    page = words(alice.get(PAGE).content)

    assert "Calls to decide on 1" in home
    assert "1 call waits for a member" in batch
    assert "Nobody knows whether these were made" in page
    assert "sent to Stripe Connect once more, byte for byte." in page
    assert "paid twice" in page


def test_it_is_made_again_when_somebody_has_looked(
    acme: Company, lost: Sent, stripe: FakeStripe, sign_in: SignIn
) -> None:
    alice = sign_in(acme.owner.user)

    page = alice.post(url("payout-call-again", lost, "UNKNOWN"), FOUND, follow=True)
    resolve_some(merchant_id=acme.id, at=lost.at + timedelta(days=2, minutes=1))

    assert "It is made again within seconds." in words(page.content)
    assert stripe.paid() == dict.fromkeys(lost.ids(), 1)
    assert lost.books() == []
    with merchant_context(acme.id):
        event = Event.objects.get(type="payout_batch.call_made_again")
    assert event.data["reason"] == FOUND["reason"]


def test_nothing_is_decided_without_saying_what_was_found(
    acme: Company, lost: Sent, stripe: FakeStripe, sign_in: SignIn
) -> None:
    alice = sign_in(acme.owner.user)
    before = lost.standing()

    answer = alice.post(url("payout-call-again", lost, "UNKNOWN"), {"reason": " "})

    assert answer.status_code == 422
    assert "This field is required." in words(answer.content)
    assert "data-dialog-reopen" in answer.content.decode()
    assert lost.standing() == before


def test_what_they_may_have_read_cannot_be_given_up(
    acme: Company, lost: Sent, stripe: FakeStripe, sign_in: SignIn
) -> None:
    alice = sign_in(acme.owner.user)
    before = lost.standing()

    page = alice.post(url("payout-call-give-up", lost, "UNKNOWN"), FOUND, follow=True)

    assert "Nothing was changed" in words(page.content)
    assert lost.standing() == before


def test_who_may_not_approve_reads_and_decides_nothing(
    acme: Company, lost: Sent, stripe: FakeStripe, sign_in: SignIn
) -> None:
    ann = sign_in(add_member(acme, "Ann", Role.VIEWER).user)

    page = ann.get(PAGE)

    assert "Who may approve payouts decides." in words(page.content)
    assert "Make it again" not in words(page.content)
    assert ann.post(url("payout-call-again", lost, "UNKNOWN"), FOUND).status_code == 403


def test_what_was_never_read_can_be_given_up_and_is_payable_again(
    admin: psycopg.Connection,
    acme: Company,
    stripe: FakeStripe,
    clock: Traveller,
    sign_in: SignIn,
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 1)
    stripe.secret_key = "sk_test_another"
    submit_some(merchant_id=acme.id, at=sent.at)
    clock.move_to(sent.at)
    alice = sign_in(acme.owner.user)

    page = words(alice.get(PAGE).content)
    done = alice.post(url("payout-call-give-up", sent, "SENDING"), FOUND, follow=True)

    assert "The provider did not read these" in page
    assert "Stripe Connect never read the call, so nothing was paid" in page
    assert "1 payout failed: its commissions are payable again." in words(done.content)
    assert (sent.standing(), stripe.book, sent.books()) == ({"FAILED": 1}, [], [])
