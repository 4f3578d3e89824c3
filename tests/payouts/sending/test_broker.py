"""The broker forgets everything and the worker is killed in the middle of a batch: it completes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis

from demo.providers.stripe import FakeStripe
from payouts.models import BatchStatus, Provider
from stack.programs import BEAT, WORKER
from tests.cast import Company
from tests.payouts.sending.stage import hand_over

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[3]
SECONDS_MAX = 120


class Crew:
    """A Celery worker and a beat that are started again when they end, as a supervisor does."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def keep_up(self) -> None:
        """Start whoever does not run."""
        for role, options in (("worker", WORKER), ("beat", BEAT)):
            process = self.running.get(role)
            if process is None or process.poll() is not None:
                self.running[role] = subprocess.Popen(
                    [sys.executable, "-m", "celery", "--app", "config", role, *options],
                    env=self.environment,
                    cwd=ROOT,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )

    def kill(self, role: str) -> None:
        """End a process and its children at once."""
        os.killpg(self.running[role].pid, signal.SIGKILL)
        self.running[role].wait()

    def until(self, condition: Callable[[], bool]) -> None:
        """Keep them up until the condition holds."""
        deadline = time.monotonic() + SECONDS_MAX
        while not condition():
            self.keep_up()
            time.sleep(0.1)
            assert time.monotonic() < deadline, "it takes too long"


@contextmanager
def crew(broker: str, fake: FakeStripe) -> Iterator[Crew]:
    """Give a crew on a broker of its own; stop it in the end."""
    environment = os.environ | {
        "REDIS_URL": broker,
        "FAIRLEAD_ENV": "development",
        "FAIRLEAD_STRIPE_URL": fake.url,
        "FAIRLEAD_PAYOUT_LEASE_SECONDS": "5",
        "FAIRLEAD_PAYOUT_SETTLE_SECONDS": "5",
    }
    people = Crew(environment)
    try:
        yield people
    finally:
        for role in people.running:
            people.kill(role)


def test_a_batch_completes_though_everything_but_postgresql_is_lost(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 250)
    url = urlsplit(os.environ["REDIS_URL"])
    broker = urlunsplit(url._replace(path="/15"))  # Flushing it takes nothing from other tests.
    keys = redis.Redis.from_url(broker)
    keys.flushdb()

    with crew(broker, stripe) as people:
        people.until(lambda: len(stripe.book) > 50)
        keys.flushdb()
        people.until(lambda: len(stripe.book) > 120)
        people.kill("worker")
        keys.flushdb()
        people.until(lambda: sent.status() == BatchStatus.DONE)
    keys.flushdb()

    assert stripe.paid() == dict.fromkeys(sent.ids(), 1)
    assert (sent.standing(), sent.books()) == ({"PAID": 250}, [])
