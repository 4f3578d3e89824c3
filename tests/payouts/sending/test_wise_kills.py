"""kill -9 in the middle of Wise's steps, for a batch of 1,000: each is paid once."""

import pytest
from django.conf import settings

from payouts.providers.wise import Wise
from tests.payouts.sending.test_kills import require_each_paid_once
from tests.payouts.sending.test_wise import hand_to_wise
from tests.payouts.sending.worker import end_of, start_worker

ITEMS = 1_000
# Of a group, progress is kept when it is open, has its quotes, has its transfers, is closed, and
# before the money; two groups are made at a time.
IN_A_GROUP = tuple(f"progress_kept:{times}" for times in (1, 3, 5, 7, 9, 10))
AROUND_IT = (
    "before_attempt:2",
    "attempt_written:2",
    "before_call:3",
    "after_call:2",
    "answers_in:2",
    "outcome_half_written:1",
    "outcome_written:1",
)
AFTER_IT = (
    "resolver_claimed:1",
    "before_look_up:1",
    "after_look_up:1",
    "traces_in:1",
    "before_resend:1",
    "polled:1",
)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what takes minutes for good reasons take tenths of a second."""
    monkeypatch.setattr(settings, "PAYOUT_LEASE_SECONDS", 0.3)
    monkeypatch.setattr(settings, "PAYOUT_SETTLE_SECONDS", 0.3)
    monkeypatch.setattr(settings, "PAYOUT_POLL_SECONDS", 0.1)
    monkeypatch.setattr(Wise, "chunk", ITEMS // 50)


def test_wise_pays_each_once_whoever_dies_where(admin, acme, wise):
    sent = hand_to_wise(admin, acme, ITEMS)

    for fault in (*IN_A_GROUP, *AROUND_IT, *AFTER_IT):
        assert end_of(start_worker(sent, fault=fault)) == "killed", fault
    assert end_of(start_worker(sent)) == "done"

    require_each_paid_once(sent, wise)
    assert set(wise.known.fundings.values()) == {1}
    assert len(wise.known.transfers) == ITEMS
