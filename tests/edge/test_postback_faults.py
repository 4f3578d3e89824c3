"""Postbacks among secrets, faults of ours, and while PostgreSQL is away."""

import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings

from merchants.tenancy import merchant_context
from tests.edge.conftest import wait_until
from tests.edge.postbacks import logged, send
from tracking.models import IntakeCall


def test_the_log_masks_secrets_and_persons(edge, acme, token, click, capfd):
    said = {
        "order_id": "A-1",
        "token": token,
        "email": "a@b.example",
        "ip": "192.0.2.1",
        "meta_note": token,
        "coupon": "c@d.example",
        "click_id": click,
    }

    edge.get(f"/postback?{urlencode(said)}", client="203.0.113.9")

    with merchant_context(acme.id):
        row = IntakeCall.objects.get()
    assert row.said == {
        "order_id": "A-1",
        "token": "•••",
        "email": "•••",
        "ip": "•••",
        "meta_note": "•••",
        "coupon": "•••",
        "click_id": click,
    }
    assert row.address == "203.0.113.9"
    assert token not in "".join(capfd.readouterr())


def test_a_fault_of_ours_is_said_to_be_ours_and_shows_no_secret(
    edge, acme, token, monkeypatch, capfd
):
    def fail(*_args: Any, **_named: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("tracking.intake.receiving.take", fail)

    answer = send(edge, "/postback", order_id="A-1", token=token)

    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert logged(acme) == [("postback", "FAILED", "internal_error", "A-1")]
    assert token not in "".join(capfd.readouterr())


@pytest.fixture
def gated(gate, monkeypatch, start_edge, acme, bob):
    """Return an edge whose threads reach PostgreSQL through the gate, too."""
    for alias in ("default", "ops"):
        monkeypatch.setitem(settings.DATABASES[alias], "HOST", "127.0.0.1")
        monkeypatch.setitem(settings.DATABASES[alias], "PORT", str(gate.port))
    return start_edge(conninfo=gate.conninfo)


@pytest.mark.parametrize("way", ["close", "hang"])
@pytest.mark.parametrize("path", ["/postback", "/aff_lsr", "/pb/everflow"])
def test_while_postgresql_is_away_nobody_is_told_that_all_went_well(
    gated, gate, token, click, path, way
):
    url = f"{path}?token={token}&order_id=A-1&click_id={click}&transaction_id={click}"
    assert gated.get(url).status == 200
    getattr(gate, way)()

    started = time.monotonic()
    away = gated.get(url)
    seconds = time.monotonic() - started
    gate.open()

    assert (away.status, away.headers["retry-after"]) == (503, "5")
    assert seconds < 2
    wait_until(lambda: gated.get(url).status == 200)


def test_clicks_and_health_answer_while_every_thread_hangs(gated, gate, bob, token):
    url = f"/postback?token={token}&order_id=A-1"
    gated.get(url)
    gate.hang()

    answers = gated.get_many([url] * 120 + ["/healthz"])

    gate.open()
    assert {row.status for row in answers[:-1]} == {503}
    assert answers[-1].status == 200
