"""Notices by real HTTP: twice, in any order, before the answer, after the end, and forged."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import psycopg
import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.urls import reverse

from demo.providers.base import Fake
from demo.providers.paypal import FakePayPal
from demo.providers.stripe import FakeStripe
from merchants.models import Event
from merchants.tenancy import merchant_context
from payouts.models import BatchStatus, Notice, Provider
from payouts.sending.notices import process_some
from payouts.sending.poll import poll_some
from payouts.sending.submit import submit_some
from tests.cast import Company
from tests.payouts.sending.stage import Sent, hand_over

ITEMS = 20
Told = tuple[dict[str, str], bytes]


class Door(ThreadingMixIn, WSGIServer):
    """The product, as providers see it."""

    daemon_threads = True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and leave no connection to the database behind."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def door(fake: Fake, sent: Sent) -> Iterator[None]:
    """Let the stand-in post its notices to the rail's address."""
    server = make_server("127.0.0.1", 0, get_wsgi_application(), Door, Quiet)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    path = reverse("rails:notice", args=[sent.rail.provider.lower(), sent.rail.notice_token])
    fake.notices_to = f"http://127.0.0.1:{server.server_port}{path}"
    try:
        yield
    finally:
        fake.notices_to = ""
        server.shutdown()
        server.server_close()


def deliver(fake: Fake, told: Told) -> int:
    """Post a notice; return the status."""
    headers, body = told
    try:
        with urlopen(Request(fake.notices_to, body, headers), timeout=20) as answer:
            return int(answer.status)
    except HTTPError as problem:
        with problem:
            return problem.code


def shuffled(notices: list[Told], *, seed: int) -> list[Told]:
    """Return each notice three times, in disorder."""
    pile = notices * 3
    Random(seed).shuffle(pile)
    return pile


def work_through(sent: Sent, *, after: timedelta = timedelta(minutes=1)) -> None:
    """Do what the worker does with notices."""
    while process_some(merchant_id=sent.company.id, at=sent.at + after):
        pass


def stored(sent: Sent) -> int:
    """Return how many notices were stored."""
    with merchant_context(sent.company.id):
        return Notice.objects.count()


def events(sent: Sent, type: str) -> int:
    """Return how often something is said to have happened."""
    with merchant_context(sent.company.id):
        return Event.objects.filter(type=type).count()


@pytest.mark.parametrize("seed", [1, 2])
def test_paypal_tells_everything_three_times_in_disorder(
    admin: psycopg.Connection, acme: Company, paypal: FakePayPal, seed: int
) -> None:
    sent = hand_over(admin, acme, Provider.PAYPAL, ITEMS)

    with door(paypal, sent):  # Each is posted as it is made, before the call is answered.
        submit_some(merchant_id=acme.id, at=sent.at)
        for ours in sent.ids()[:5]:
            paypal.move_item(ours, "REFUNDED")
        statuses = {deliver(paypal, told) for told in shuffled(paypal.notices, seed=seed)}
    work_through(sent)

    assert statuses == {200}
    assert stored(sent) == len(paypal.notices) == ITEMS + 5
    # Refunds that overtake what they refund have failed; either way the money is here again.
    standing = sent.standing()
    assert standing["PAID"] == ITEMS - 5
    assert standing.get("RETURNED", 0) + standing.get("FAILED", 0) == 5
    assert events(sent, "payout.returned") + events(sent, "payout.failed") == 5
    assert (sent.status(), sent.books()) == (BatchStatus.DONE, [])


@pytest.mark.parametrize("seed", [1, 2])
def test_stripe_tells_everything_three_times_in_disorder(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe, seed: int
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, ITEMS)

    with door(stripe, sent):
        submit_some(merchant_id=acme.id, at=sent.at)
        for transfer in stripe.transfers[:5]:
            stripe.reverse(transfer["id"])
        statuses = {deliver(stripe, told) for told in shuffled(stripe.notices, seed=seed)}
    work_through(sent)

    assert statuses == {200}
    assert stored(sent) == len(stripe.notices) == ITEMS + 5
    assert (events(sent, "payout.paid"), events(sent, "payout.returned")) == (ITEMS, 5)
    assert (sent.standing(), sent.books()) == ({"PAID": ITEMS - 5, "RETURNED": 5}, [])


def test_what_comes_when_all_is_known_changes_nothing(
    admin: psycopg.Connection, acme: Company, paypal: FakePayPal
) -> None:
    sent = hand_over(admin, acme, Provider.PAYPAL, ITEMS)
    submit_some(merchant_id=acme.id, at=sent.at)
    poll_some(merchant_id=acme.id, at=sent.at + timedelta(minutes=1))
    assert (sent.standing(), sent.status()) == ({"PAID": ITEMS}, BatchStatus.DONE)

    with door(paypal, sent):
        late = [(paypal.sign(body), body) for _headers, body in paypal.notices]
        statuses = {deliver(paypal, told) for told in late}
    work_through(sent, after=timedelta(hours=1))

    assert statuses == {200}
    with merchant_context(acme.id):
        assert set(Notice.objects.values_list("outcome", flat=True)) == {"known before"}
    assert events(sent, "payout.paid") == ITEMS
    assert (sent.standing(), sent.books()) == ({"PAID": ITEMS}, [])


def test_notices_of_an_old_signature_are_not_believed(
    admin: psycopg.Connection, acme: Company, stripe: FakeStripe
) -> None:
    sent = hand_over(admin, acme, Provider.STRIPE, 1)
    stripe.clock_offset = -3_600
    submit_some(merchant_id=acme.id, at=sent.at)

    with door(stripe, sent):
        (replayed,) = stripe.notices
        assert deliver(stripe, replayed) == 401
        stripe.clock_offset = 0
        assert deliver(stripe, (stripe.sign(replayed[1]), replayed[1])) == 200

    assert stored(sent) == 1


def test_forgeries_among_the_genuine_are_turned_away(
    admin: psycopg.Connection, acme: Company, paypal: FakePayPal
) -> None:
    sent = hand_over(admin, acme, Provider.PAYPAL, ITEMS)
    forger = FakePayPal()

    with door(paypal, sent):
        submit_some(merchant_id=acme.id, at=sent.at)
        genuine = list(paypal.notices)
        forged = [told[1].replace(b"SUCCEEDED", b"RETURNED.") for told in genuine]
        with forger:
            by_others = {deliver(paypal, (forger.sign(body), body)) for body in forged}
        changed = {
            deliver(paypal, (told[0], body)) for told, body in zip(genuine, forged, strict=True)
        }
        known = {deliver(paypal, told) for told in genuine}
    work_through(sent)

    assert (by_others, changed, known) == ({401}, {401}, {200})
    assert stored(sent) == ITEMS
    assert (sent.standing(), sent.books()) == ({"PAID": ITEMS}, [])
