"""kill -9 of the worker while a product is called 300 times: each balance is credited once."""

import pytest
from django.conf import settings

from tests.payouts.sending.test_balance import hand_to_product
from tests.payouts.sending.test_kills import RESOLVING, SUBMITTING, require_each_paid_once
from tests.payouts.sending.worker import end_of, start_worker


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what takes minutes for good reasons take tenths of a second."""
    monkeypatch.setattr(settings, "PAYOUT_LEASE_SECONDS", 0.3)
    monkeypatch.setattr(settings, "PAYOUT_SETTLE_SECONDS", 0.3)


def test_a_product_credits_each_once_whoever_dies_where(admin, acme, product):
    sent = hand_to_product(admin, acme, product, 300)

    # The one in the middle of a call's lot comes before workers have time to send what is left.
    for fault in (*SUBMITTING, "after_call:70", *RESOLVING):
        assert end_of(start_worker(sent, fault=fault)) == "killed", fault
    assert end_of(start_worker(sent)) == "done"

    require_each_paid_once(sent, product)
