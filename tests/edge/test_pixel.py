"""GET /px.gif: a page tells of an order; the visitor sees a picture whatever happens."""

import time
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest

from common.clock import now
from interfaces.edge import meter
from interfaces.edge.pixel import GIF, OF_ADDRESS_MAX, _remembered
from merchants.models import KeyKind
from merchants.services import create_key
from merchants.tenancy import merchant_context
from tests.cast import click_of, settle
from tests.edge.running import CHROME, RunningEdge
from tracking.models import Conversion, ConversionStatus, IntakeCall, Reason, Source


def is_picture(answer) -> bool:
    assert (answer.status, answer.body) == (200, GIF)
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    return len(answer.body) == 43


def ask(edge: RunningEdge, headers: dict[str, str] | None = None, **said: object):
    url = f"/px.gif?{urlencode(said)}"
    return edge.get(url, headers=headers or {}, client="203.0.113.9")


@pytest.fixture
def said(acme, bob) -> dict[str, object]:
    return {
        "program": acme.program.id,
        "order_id": "A-1",
        "amount": "12.50",
        "currency": "EUR",
        "click_id": click_of(bob, at=now()),
    }


def rows(company) -> list[tuple[str, int, str]]:
    with merchant_context(company.id):
        found = Conversion.objects.order_by("created_at")
        return [(row.external_id, row.amount_minor, row.source) for row in found]


def log(company) -> list[tuple[str, str, str]]:
    with merchant_context(company.id):
        found = IntakeCall.objects.order_by("id")
        return [(row.outcome, row.reason, row.address) for row in found]


def test_an_order_is_kept_unverified_and_the_visitor_gets_a_picture(edge, acme, said):
    answer = ask(edge, **said)

    assert is_picture(answer)
    assert rows(acme) == [("A-1", 1_250, Source.PIXEL)]
    settle(acme, at=now())
    with merchant_context(acme.id):
        conversion = Conversion.objects.get()
        assert (conversion.status, conversion.reason) == (
            ConversionStatus.PENDING,
            Reason.UNVERIFIED,
        )
        assert conversion.confirmed_at is None
        assert conversion.commissions.count() == 0
    assert log(acme) == [("CREATED", "", "203.0.113.0/24")]  # The network, never the address.


def test_a_postback_confirms_it_with_its_own_facts(edge, acme, said):
    ask(edge, **{**said, "amount": "99999"})

    answer = edge.get(f"/postback?token={acme.program.postback_token}&order_id=A-1&amount=12.50")

    assert answer.json["status"] == "updated"
    assert [row[:2] for row in rows(acme)] == [("A-1", 1_250)]


def test_a_beacon_says_the_same(edge, acme, said):
    form = urlencode(said).encode()

    answer = edge.post("/px.gif", form, headers={"content-type": "text/plain;charset=UTF-8"})

    assert is_picture(answer)
    assert rows(acme) == [("A-1", 1_250, Source.PIXEL)]


def test_the_click_may_come_from_the_first_party_cookie(edge, acme, bob, said):
    token = said.pop("click_id")

    ask(edge, {"cookie": f"a=b; fl_click={token}; c=d"}, **said)

    with merchant_context(acme.id):
        assert Conversion.objects.get().click_token == token


def test_no_cookie_holds_up_the_clicks():
    token = "a" * 38
    begun = time.thread_time()

    assert _remembered('fl_click="' + "\\0" * 40_000 + '"') == {}
    assert _remembered(";" * 80_000) == {}
    assert _remembered(f"fl_click=short; fl_click={token}") == {"fl_click": token}
    assert time.thread_time() - begun < 0.1


def test_the_programs_address_does_beside_a_publishable_key_or_a_click(edge, acme, said):
    with merchant_context(acme.id):
        _row, key = create_key(
            member=acme.owner, name="k", scopes=[], at=now(), kind=KeyKind.PUBLISHABLE
        )
    said["program"] = "partners"
    ask(edge, **said)
    ask(edge, **{**said, "click_id": "", "order_id": "A-2", "key": key})
    ask(edge, **{**said, "click_id": "", "order_id": "A-3"})

    assert [row[0] for row in rows(acme)] == ["A-1", "A-2"]
    with merchant_context(acme.id):
        assert IntakeCall.objects.get(order_id="A-2").said["key"] == "•••"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"order_id": ""}, "required"),
        ({"amount": "NaN"}, "invalid_amount"),
        ({"amount": "-1"}, "negative_amount"),
        ({"currency": "XXX"}, "unknown_currency"),
        ({"currency": "USD"}, "currency_mismatch"),
        ({"goal": "nothing"}, "unknown_goal"),
    ],
)
def test_what_is_wrong_is_in_the_log_and_not_before_the_visitor(edge, acme, said, changes, reason):
    assert is_picture(ask(edge, **{**said, **changes}))

    assert rows(acme) == []
    assert log(acme) == [("REFUSED", reason, "203.0.113.0/24")]


def test_a_visitor_cannot_say_what_became_of_an_order(edge, acme, said):
    ask(edge, **said, status="approved", refund_id="r", refund_amount="1", token="x")

    with merchant_context(acme.id):
        assert Conversion.objects.get().refunds.count() == 0
        assert IntakeCall.objects.get().detail == (
            "Not understood: status, refund_id, refund_amount, token"
        )


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"user-agent": "curl/8.0"}, "bot"),
        ({"sec-purpose": "prefetch"}, "prefetch"),
        ({"user-agent": "facebookexternalhit/1.1"}, "preview"),
    ],
)
def test_no_person_no_conversion(edge, acme, said, headers, reason):
    assert is_picture(ask(edge, headers, **said))

    assert rows(acme) == []
    assert log(acme) == [("REFUSED", reason, "203.0.113.0/24")]


@pytest.mark.parametrize(
    "url",
    [
        "/px.gif",
        "/px.gif?program=",
        "/px.gif?program=nothing",
        "/px.gif?program=01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
        "/px.gif?program=%00%ff",
        "/px.gif?" + "a=1&" * 200,
    ],
)
def test_nonsense_gets_the_picture(edge, acme, url):
    assert is_picture(edge.get(url))
    assert rows(acme) == []


def test_an_endless_body_and_other_methods_get_the_picture(edge, acme, said):
    assert is_picture(edge.post("/px.gif", b"x" * 64_001))
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE"):
        assert is_picture(edge.run(edge.ask(method, f"/px.gif?{urlencode(said)}")))
    assert rows(acme) == []


def test_one_address_is_counted(edge, acme, said, monkeypatch):
    monkeypatch.setattr(meter, "time", SimpleNamespace(monotonic=lambda: 30.0))
    for _number in range(OF_ADDRESS_MAX):
        edge.get("/px.gif?program=nothing", client="203.0.113.9")

    assert is_picture(ask(edge, **said))
    assert rows(acme) == []
    edge.get(f"/px.gif?{urlencode(said)}", client="198.51.100.7")
    assert len(rows(acme)) == 1


@pytest.mark.parametrize("way", ["close", "hang"])
def test_the_picture_comes_while_postgresql_is_away(gated_edge, gate, said, way):
    getattr(gate, way)()

    answer = ask(gated_edge, {"user-agent": CHROME}, **said)

    gate.open()
    assert is_picture(answer)


def test_one_program_has_one_name_and_strangers_fill_no_log(edge, acme, said, monkeypatch):
    monkeypatch.setattr(meter, "time", SimpleNamespace(monotonic=lambda: 30.0))
    monkeypatch.setattr(edge.app.routes["/px.gif"].__self__._programs, "_limit", 4)
    program = str(acme.program.id)
    odd = [f"{{{program}}}", f"urn:uuid:{program}", program.replace("-", ""), f" {program}"]
    for number, name in enumerate([program.upper(), *odd, program, program, program, program]):
        ask(edge, **{**said, "program": name, "order_id": f"A-{number}"})

    assert [row[0] for row in rows(acme)] == ["A-0", "A-5", "A-6", "A-7"]
    assert [row[0] for row in log(acme)].count("CREATED") == 4
    assert {row[2] for row in log(acme)} == {"203.0.113.0/24"}


def test_refusals_are_kept_up_to_a_number_and_what_was_said_by_known_names(
    edge, acme, said, monkeypatch
):
    monkeypatch.setattr(edge.app.routes["/px.gif"].__self__._refusals, "_limit", 2)
    nobodys = "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b"
    for program in (acme.program.id, nobodys, acme.program.id, nobodys):
        ask(edge, **{**said, "program": program, "amount": "-1", "my secret": "x", "meta_a": "b"})
    ask(edge, **said)

    assert [row[:2] for row in log(acme)] == [
        ("REFUSED", "negative_amount"),
        ("REFUSED", "unknown_program"),
        ("CREATED", ""),
    ]
    with merchant_context(acme.id):
        kept = IntakeCall.objects.order_by("id")[0].said
    assert kept.keys() == {*said, "meta_a"}
