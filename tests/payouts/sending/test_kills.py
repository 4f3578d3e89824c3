"""kill -9 at every marked place of a batch of 1,000: each is paid once, and all converge."""

import psycopg
import pytest
from django.conf import settings

from demo.providers.base import Fake
from demo.providers.paypal import FakePayPal
from demo.providers.stripe import FakeStripe
from payouts.models import Provider
from payouts.providers.paypal import PayPal
from tests.cast import Company
from tests.payouts.sending.stage import Sent, hand_over
from tests.payouts.sending.worker import end_of, start_worker

ITEMS = 1_000
FEW = 100  # Where one call takes them all, more of them prove nothing more.
# In the order in which a batch passes them. What a death leaves behind, the next worker finds: the
# calls of the resolver's places are those that the ones before were killed over.
SUBMITTING = (
    "before_attempt:2",
    "attempt_written:2",
    "before_call:3",
    "after_call:2",
    "answers_in:2",
    "outcome_half_written:1",
    "outcome_written:1",
)
RESOLVING = ("resolver_claimed:1", "before_resend:1")
ASKING = ("before_look_up:1", "after_look_up:1", "traces_in:1")
POLLING = ("polled:1",)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what takes minutes for good reasons take tenths of a second."""
    monkeypatch.setattr(settings, "PAYOUT_LEASE_SECONDS", 0.3)
    monkeypatch.setattr(settings, "PAYOUT_SETTLE_SECONDS", 0.3)
    monkeypatch.setattr(settings, "PAYOUT_POLL_SECONDS", 0.1)


def require_each_paid_once(sent: Sent, fake: Fake) -> None:
    """Compare the provider's book with ours, and ours with itself."""
    assert fake.paid() == dict.fromkeys(sent.ids(), 1)
    assert sent.standing() == {"PAID": len(sent.ids())}
    assert {payout.provider_ref for payout in sent.payouts()} == {row.theirs for row in fake.book}
    assert sum(payout.amount_minor for payout in sent.payouts()) == sum(
        row.amount_minor for row in fake.book
    )
    assert sent.books() == []


def test_stripe_pays_each_once_whoever_dies_where(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, ITEMS)

    # The one in the middle of a call's lot comes before workers have time to send what is left.
    for fault in (*SUBMITTING, "after_call:70", *RESOLVING, *ASKING):
        assert end_of(start_worker(sent, fault=fault)) == "killed", fault
    assert end_of(start_worker(sent)) == "done"

    require_each_paid_once(sent, stripe)


def test_paypal_pays_each_once_whoever_dies_where(
    admin: psycopg.Connection,
    acme: Company,
    paypal: FakePayPal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(PayPal, "chunk", ITEMS // 25)
    sent = hand_over(admin, acme, Provider.PAYPAL, ITEMS)

    for fault in (*SUBMITTING, *RESOLVING, *POLLING):
        assert end_of(start_worker(sent, fault=fault)) == "killed", fault
    assert end_of(start_worker(sent)) == "done"

    require_each_paid_once(sent, paypal)
    assert len(paypal.batches) == 25


@pytest.mark.parametrize("fault", ["attempt_written", "after_call", "outcome_half_written"])
def test_a_whole_batch_in_one_call_survives_its_caller(
    admin: psycopg.Connection, acme: Company, paypal: FakePayPal, fault: str
) -> None:
    sent = hand_over(admin, acme, Provider.PAYPAL, FEW)

    assert end_of(start_worker(sent, fault=fault)) == "killed"
    assert end_of(start_worker(sent)) == "done"

    require_each_paid_once(sent, paypal)
    assert len(paypal.batches) == 1


def test_two_workers_and_a_provider_that_fails_in_every_way(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 200)
    for kind in ("refuse", "reset_before", "fail_after", "reset_after"):
        stripe.fail(kind, path="/v1/transfers", times=10)
    stripe.fail("refuse", path="/v1/transfers", status=429, times=10)
    stripe.fail("refuse", method="GET", path="/v1/transfers", times=5)

    workers = [start_worker(sent), start_worker(sent)]

    assert [end_of(worker) for worker in workers] == ["done", "done"]
    require_each_paid_once(sent, stripe)
