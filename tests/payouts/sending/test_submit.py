"""Sending: each payout is said once, and what is not certain is not believed."""

from datetime import timedelta

import psycopg
import pytest
from django.conf import settings

from demo.providers.paypal import FakePayPal
from demo.providers.stripe import FakeStripe
from merchants.tenancy import merchant_context
from payouts.models import Attempt, AttemptStatus, BatchStatus, Provider
from payouts.sending.calls import InsideTransaction
from payouts.sending.poll import poll_some
from payouts.sending.resolve import resolve_some
from payouts.sending.submit import submit_some
from tests.cast import Company
from tests.commissions.test_concurrency import at_once
from tests.payouts.sending.stage import Sent, hand_over

HALF_AN_HOUR = timedelta(seconds=settings.PAYOUT_SETTLE_SECONDS)


def submit_all(sent: Sent, *, after: timedelta = timedelta(0)) -> None:
    """Send until there is nothing more to be sent."""
    while submit_some(merchant_id=sent.company.id, at=sent.at + after):
        pass


def poll(sent: Sent, *, after: timedelta) -> int:
    """Ask about what is on its way."""
    return poll_some(merchant_id=sent.company.id, at=sent.at + after)


def resolve(sent: Sent, *, after: timedelta) -> int:
    """Look into what is unknown."""
    return resolve_some(merchant_id=sent.company.id, at=sent.at + after)


def attempts(sent: Sent) -> list[Attempt]:
    """Return the attempts as they are now."""
    with merchant_context(sent.company.id):
        return list(Attempt.objects.filter(batch=sent.batch).order_by("id"))


def test_stripe_pays_each_payout_in_a_call_of_its_own(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 5)

    submit_all(sent)

    assert stripe.paid() == dict.fromkeys(sent.ids(), 1)
    assert {row.amount_minor for row in stripe.book} == {1_000, 1_001, 1_002, 1_003, 1_004}
    assert sent.standing() == {"PAID": 5}
    assert {payout.provider_ref for payout in sent.payouts()} == {row.theirs for row in stripe.book}
    assert (sent.status(), sent.books()) == (BatchStatus.DONE, [])
    assert submit_some(merchant_id=acme.id, at=sent.at) == 0
    assert stripe.calls["POST /v1/transfers"] == 5


def test_paypal_pays_all_in_one_call_and_says_later_what_became_of_it(
    admin: psycopg.Connection, acme: Company, paypal: FakePayPal
) -> None:
    sent = hand_over(admin, acme, Provider.PAYPAL, 5)

    submit_all(sent)
    assert sent.standing() == {"SUBMITTED": 5}
    poll(sent, after=timedelta(seconds=20))

    assert paypal.paid() == dict.fromkeys(sent.ids(), 1)
    assert paypal.calls["POST /v1/payments/payouts"] == 1
    assert sent.standing() == {"PAID": 5}
    assert (sent.status(), sent.books()) == (BatchStatus.DONE, [])


def test_the_same_work_at_once_sends_each_once(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 40)

    assert at_once([lambda: submit_all(sent)] * 4) == []
    submit_all(sent)

    assert stripe.calls["POST /v1/transfers"] == 40
    assert stripe.paid() == dict.fromkeys(sent.ids(), 1)
    assert (sent.standing(), sent.books()) == ({"PAID": 40}, [])


def test_no_provider_is_called_inside_a_transaction(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 1)

    with pytest.raises(InsideTransaction), merchant_context(acme.id):
        submit_all(sent)

    assert stripe.book == []


@pytest.mark.parametrize(
    ("kind", "paid_at_once"),
    [("refuse", 0), ("reset_before", 0), ("fail_after", 1), ("reset_after", 1)],
)
def test_an_answer_that_says_nothing_is_looked_into(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe, kind: str, paid_at_once: int
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 1)
    stripe.fail(kind, path="/v1/transfers")

    submit_all(sent)
    assert (sent.standing(), sum(stripe.paid().values())) == ({"UNKNOWN": 1}, paid_at_once)
    assert resolve(sent, after=HALF_AN_HOUR / 2) == 0  # They may still be working.
    resolve(sent, after=HALF_AN_HOUR)
    if not paid_at_once:  # "Not found" counts when it is said twice.
        assert (sent.standing(), stripe.calls["POST /v1/transfers"]) == ({"UNKNOWN": 1}, 1)
        resolve(sent, after=HALF_AN_HOUR * 2)

    assert stripe.paid() == dict.fromkeys(sent.ids(), 1)
    assert (sent.standing(), sent.books()) == ({"PAID": 1}, [])
    assert stripe.calls["POST /v1/transfers"] == 2 - paid_at_once


@pytest.mark.parametrize("kind", ["refuse", "reset_before", "fail_after", "reset_after"])
def test_paypal_is_asked_by_the_same_call_once_more(
    admin: psycopg.Connection, acme: Company, paypal: FakePayPal, kind: str
) -> None:
    sent = hand_over(admin, acme, Provider.PAYPAL, 3)
    paypal.fail(kind, path="/v1/payments/payouts")

    submit_all(sent)
    assert sent.standing() == {"UNKNOWN": 3}
    resolve(sent, after=HALF_AN_HOUR)
    assert sent.standing() == {"SUBMITTED": 3}
    poll(sent, after=HALF_AN_HOUR * 2)

    (attempt,) = attempts(sent)
    assert (attempt.status, attempt.sends) == (AttemptStatus.ACCEPTED, 2)
    assert len(paypal.batches) == 1
    assert paypal.paid() == dict.fromkeys(sent.ids(), 1)
    assert (sent.standing(), sent.books()) == ({"PAID": 3}, [])


def test_an_answer_that_comes_too_late_is_no_answer(
    admin: psycopg.Connection,
    acme: Company,
    stripe: FakeStripe,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from payouts.providers import calling

    monkeypatch.setitem(calling.ask.__kwdefaults__, "timeout", 0.5)
    sent = hand_over(admin, acme, Provider.STRIPE, 2)
    stripe.fail("hang", path="/v1/transfers", seconds=1.5)
    stripe.fail("late", path="/v1/transfers", seconds=1.0)

    submit_all(sent)
    assert sent.standing() == {"UNKNOWN": 2}
    stripe.stopping.wait(1.5)  # By now both were carried out.
    resolve(sent, after=HALF_AN_HOUR)

    assert stripe.paid() == dict.fromkeys(sent.ids(), 1)
    assert stripe.calls["POST /v1/transfers"] == 2
    assert (sent.standing(), sent.books()) == ({"PAID": 2}, [])


def test_too_many_calls_are_made_later_and_nothing_is_unknown(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 3)
    stripe.fail("refuse", path="/v1/transfers", status=429, times=2)

    submit_all(sent)
    assert sent.standing() == {"PAID": 1, "SUBMITTING": 2}
    resolve(sent, after=timedelta(seconds=30))

    assert stripe.paid() == dict.fromkeys(sent.ids(), 1)
    assert (sent.standing(), sent.books()) == ({"PAID": 3}, [])


def test_a_key_that_was_mended_lets_it_go_on(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 1)
    stripe.secret_key = "sk_test_another"

    submit_all(sent)
    assert sent.standing() == {"SUBMITTING": 1}
    stripe.secret_key = "sk_test_fairlead"
    resolve(sent, after=timedelta(minutes=10))

    assert (sent.standing(), sent.books()) == ({"PAID": 1}, [])


def test_a_refusal_fails_and_the_commissions_are_payable_again(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    stripe.balance_minor = 1_000
    sent = hand_over(
        admin,
        acme,
        Provider.STRIPE,
        2,
        details=[{"account": "acct_1"}, {"account": "acct_missing"}],
    )

    submit_all(sent)

    assert sent.standing() == {"PAID": 1, "FAILED": 1}
    failed = next(payout for payout in sent.payouts() if payout.status == "FAILED")
    assert failed.status_reason == "Stripe: 400 resource_missing"
    assert (sent.status(), sent.books()) == (BatchStatus.DONE, [])


def test_insufficient_funds_are_a_refusal(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    stripe.balance_minor = 999
    sent = hand_over(admin, acme, Provider.STRIPE, 1)

    submit_all(sent)

    assert (sent.standing(), stripe.book) == ({"FAILED": 1}, [])
    assert sent.payouts()[0].status_reason == "Stripe: 400 balance_insufficient"
    assert sent.books() == []


def test_a_call_that_is_not_known_after_the_window_waits_for_a_person(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 1)
    stripe.fail("reset_before", path="/v1/transfers")

    submit_all(sent)
    for hours in (24, 26, 28):
        resolve(sent, after=timedelta(hours=hours))

    assert (sent.standing(), stripe.book) == ({"UNKNOWN": 1}, [])
    assert stripe.calls["POST /v1/transfers"] == 1


def test_not_found_and_then_no_answer_begins_anew(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 1)
    stripe.fail("reset_before", path="/v1/transfers")

    submit_all(sent)
    resolve(sent, after=HALF_AN_HOUR)
    stripe.fail("refuse", method="GET", path="/v1/transfers")
    resolve(sent, after=HALF_AN_HOUR * 2)
    resolve(sent, after=HALF_AN_HOUR * 4)

    assert (sent.standing(), stripe.calls["POST /v1/transfers"]) == ({"UNKNOWN": 1}, 1)
    resolve(sent, after=HALF_AN_HOUR * 6)
    assert (sent.standing(), sent.books()) == ({"PAID": 1}, [])


def test_what_nobody_claims_comes_back_after_30_days(
    admin: psycopg.Connection, acme: Company, paypal: FakePayPal
) -> None:
    sent = hand_over(
        admin,
        acme,
        Provider.PAYPAL,
        3,
        details=[{"email": "unclaimed@example.com"}, {"email": "failed@example.com"}],
    )

    submit_all(sent)
    poll(sent, after=timedelta(minutes=1))
    assert sent.standing() == {"SUBMITTED": 1, "FAILED": 1, "PAID": 1}
    paypal.let_days_pass(30)
    poll(sent, after=timedelta(days=30, hours=1))

    assert sent.standing() == {"FAILED": 2, "PAID": 1}
    reasons = {payout.status_reason for payout in sent.payouts() if payout.status == "FAILED"}
    assert reasons == {"PayPal: FAILED RECEIVER_UNREGISTERED", "PayPal: RETURNED"}
    assert (sent.status(), sent.books()) == (BatchStatus.DONE, [])


def test_money_that_comes_back_after_it_was_paid_is_booked_back(
    admin: psycopg.Connection, acme: Company, paypal: FakePayPal
) -> None:
    sent = hand_over(admin, acme, Provider.PAYPAL, 2)

    submit_all(sent)
    poll(sent, after=timedelta(minutes=1))
    paypal.move_item(sent.ids()[0], "REFUNDED")
    poll(sent, after=timedelta(days=3))

    assert sent.standing() == {"RETURNED": 1, "PAID": 1}
    assert sent.books() == []


def test_a_batch_of_paypal_is_asked_for_page_by_page(
    admin: psycopg.Connection, acme: Company, paypal: FakePayPal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payouts.providers.paypal import items

    monkeypatch.setattr(items, "PAGE", 2)
    sent = hand_over(admin, acme, Provider.PAYPAL, 5)

    submit_all(sent)
    poll(sent, after=timedelta(minutes=1))

    assert (sent.standing(), sent.books()) == ({"PAID": 5}, [])
