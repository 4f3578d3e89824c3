"""Postbacks: other systems' servers report conversions, each in its own words."""

import json
import time
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings

from common.clock import now
from interfaces.edge import meter
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from programs.models import Program
from programs.services import GoalDraft, add_goal, rotate_postback_token
from tests.cast import Company, Promoter, click_of, make_company
from tests.edge.conftest import wait_until
from tests.edge.running import RunningEdge
from tests.facts import work
from tracking.models import Conversion, Customer, IntakeCall, Refund, StatusReport, Touch

WRONG_CLICK = "1027c887059b47b0d9f0e2b1c3a4d5"


@pytest.fixture
def token(acme: Company) -> str:
    return acme.program.postback_token


@pytest.fixture
def click(bob: Promoter) -> str:
    return click_of(bob, at=now())


def send(edge: RunningEdge, path: str, **said: Any):
    return edge.get(f"{path}?{urlencode(said)}")


def stored(company: Company) -> list[tuple[str, str, int, str]]:
    with merchant_context(company.id):
        rows = Conversion.objects.order_by("created_at").select_related("goal")
        return [(row.goal.code, row.external_id, row.amount_minor, row.source) for row in rows]


def logged(company: Company) -> list[tuple[str, str, str, str]]:
    with merchant_context(company.id):
        rows = IntakeCall.objects.order_by("id")
        return [(row.intake, row.outcome, row.reason, row.order_id) for row in rows]


def settled(company: Company) -> Conversion:
    work(company, at=now())
    with merchant_context(company.id):
        return Conversion.objects.get()


# One success in each system's words --------------------------------------------------------------


def test_a_native_postback_is_a_conversion_of_the_affiliate(edge, acme, bob, token, click):
    answer = send(
        edge, "/postback", click_id=click, order_id="A-1", amount="12.50", token=token, x="y"
    )

    conversion = settled(acme)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json == {
        "status": "created",
        "id": str(conversion.id),
        "external_id": "A-1",
        "reason": None,
        "ignored": ["x"],
    }
    assert stored(acme) == [("sale", "A-1", 1_250, "POSTBACK")]
    with merchant_context(acme.id):
        assert [row.enrollment_id for row in conversion.credits.all()] == [bob.enrollment.id]
    assert logged(acme) == [("postback", "CREATED", "", "A-1")]


@pytest.mark.parametrize(
    ("path", "said", "body", "order"),
    [
        (
            "/aff_lsr",
            {"transaction_id": "{click}", "conversion_unique_id": "A-1", "amount": "12.50",
             "security_token": "{token}"},
            b"success=true;",
            "A-1",
        ),
        (
            "/aff_lsr",
            {"transaction_id": "{click}", "amount": "12.50", "security_token": "{token}"},
            b"success=true;",
            "click:{click}",
        ),
        (
            "/postback",
            {"clickid": "{click}", "action_id": "A-1", "sum": "12.50", "goal": "sale",
             "secure": "{token}"},
            b'{"status": 1, "message": "Received"}',
            "A-1",
        ),
        (
            "/pb/everflow",
            {"nid": "1", "transaction_id": "{click}", "order_id": "A-1", "amount": "12.50",
             "verification_token": "{token}"},
            b"created",
            "A-1",
        ),
        (
            "/pb/tapfiliate",
            {"click_id": "{click}", "external_id": "A-1", "amount": "12.50", "token": "{token}"},
            None,
            "A-1",
        ),
        (
            "/pb/partnershare",
            {"conversion_token": "{token}", "conversion_type": "2", "source_user_id": "u-7",
             "transaction_id": "A-1", "total_money": "12.50", "session_id": "{click}"},
            None,
            "A-1",
        ),
    ],
)  # fmt: skip
def test_each_system_is_understood_and_answered(edge, acme, token, click, path, said, body, order):
    filled = {name: value.format(click=click, token=token) for name, value in said.items()}

    answer = send(edge, path, **filled)

    assert answer.status == 200
    assert body is None or answer.body == body
    assert stored(acme) == [("sale", order.format(click=click), 1_250, "POSTBACK")]
    settled(acme)
    with merchant_context(acme.id):
        assert Conversion.objects.get().credits.count() == 1


def test_a_partnershare_registration_makes_the_customer_known_for_later_transactions(
    edge, acme, bob, token
):
    registered = send(
        edge, "/pb/partnershare", conversion_token=token, conversion_type=1,
        source_user_id="u-7", ref=bob.enrollment.code, product_id="p",
    )  # fmt: skip
    with merchant_context(acme.id):
        touches = list(Touch.objects.values_list("customer__external_id", "enrollment_id"))
    bought = send(
        edge, "/pb/partnershare", conversion_token=token, conversion_type=2,
        source_user_id="u-7", transaction_id="T-1", total_money="20",
    )  # fmt: skip

    assert (registered.status, registered.json["code"]) == (200, 0)
    assert touches == [("u-7", bob.enrollment.id)]
    assert bought.json["code"] == 0
    assert bought.json["message"] == "success"
    assert bought.json["data"]["status"] == "created"
    work(acme, at=now())
    with merchant_context(acme.id):
        assert Conversion.objects.get(goal__code="sale").credits.count() == 1


@pytest.mark.parametrize(
    ("content_type", "encode"),
    [
        ("application/x-www-form-urlencoded", lambda said: urlencode(said).encode()),
        ("application/json", lambda said: json.dumps(said).encode()),
        ("application/json; charset=utf-8", lambda said: json.dumps(said).encode()),
    ],
)
def test_a_form_or_json_says_the_same(edge, acme, token, click, content_type, encode):
    body = encode({"click_id": click, "order_id": "A-1", "amount": "12.50"})

    answer = edge.post(f"/postback?token={token}", body, headers={"content-type": content_type})

    assert (answer.status, answer.json["status"]) == (200, "created")
    assert stored(acme) == [("sale", "A-1", 1_250, "POSTBACK")]


def test_numbers_of_json_are_exact_and_items_are_kept(edge, acme, token):
    body = b"""{"order_id": 1001, "amount": 12.10, "token": "%s", "tax": 1.93,
        "items": [{"sku": "mug", "quantity": 2, "amount": 12.10}],
        "metadata": {"colour": "red"}, "coupon": null}""" % token.encode()

    answer = edge.post("/postback", body, headers={"content-type": "application/json"})

    assert answer.status == 200
    with merchant_context(acme.id):
        row = Conversion.objects.get()
    assert (row.external_id, row.amount_minor, row.tax_minor) == ("1001", 1_210, 193)
    assert row.items == [{"sku": "mug", "quantity": 2, "amount_minor": 1_210}]
    assert row.metadata == {"colour": "red"}


def test_the_token_may_come_as_a_header(edge, acme, token):
    answer = edge.get("/pb/tapfiliate?coupon=X&external_id=A-1", headers={"x-api-key": token})

    assert (answer.status, answer.json["status"]) == (200, "created")


# Once, however often -----------------------------------------------------------------------------


def test_twenty_times_the_same_and_another_amount_are_one_conversion(edge, acme, token, click):
    url = f"/postback?token={token}&click_id={click}&order_id=A-1&amount="

    answers = edge.get_many([f"{url}100.00"] * 20)
    settled(acme)
    lower, higher = edge.get(f"{url}80.00"), edge.get(f"{url}120.00")

    assert sorted(row.json["status"] for row in answers) == ["created", *["repeated"] * 19]
    assert {row.json["id"] for row in (*answers, lower, higher)} == {answers[0].json["id"]}
    assert lower.json["reason"] == higher.json["reason"] == "amount_differs"
    assert stored(acme) == [("sale", "A-1", 10_000, "POSTBACK")]
    with merchant_context(acme.id):
        conversion = Conversion.objects.get()
        assert [row.amount_minor for row in conversion.commissions.all()] == [1_000]
        assert IntakeCall.objects.count() == 22


def test_affise_says_that_it_has_the_conversion(edge, acme, token, click):
    said = {"clickid": click, "action_id": "A-1", "sum": "10", "secure": token}
    first = send(edge, "/postback", **said)

    again, approved = send(edge, "/postback", **said), send(edge, "/postback", **said, status=1)

    assert first.json == {"status": 1, "message": "Received"}
    assert again.json == {"status": 2, "message": "Conversion exists"}
    assert approved.json == {"status": 1, "message": "Received"}
    assert [row[1] for row in logged(acme)] == ["CREATED", "REPEATED", "UPDATED"]


# What became of it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "names", "status", "expected"),
    [
        ("/postback", "click_id order_id amount token", "declined", "DECLINED"),
        ("/postback", "click_id order_id amount token", "approved", "APPROVED"),
        ("/postback", "click_id order_id amount token", "held", "HELD"),
        ("/postback", "click_id order_id amount token", "pending", "PENDING"),
        ("/postback", "clickid action_id sum secure", "1", "APPROVED"),
        ("/postback", "clickid action_id sum secure", "2", "PENDING"),
        ("/postback", "clickid action_id sum secure", "3", "DECLINED"),
        ("/postback", "clickid action_id sum secure", "5", "HELD"),
        ("/aff_lsr", "transaction_id conversion_unique_id amount token", "approved", "APPROVED"),
        ("/aff_lsr", "transaction_id conversion_unique_id amount token", "pending", "PENDING"),
        ("/aff_lsr", "transaction_id conversion_unique_id amount token", "rejected", "DECLINED"),
    ],
)
@pytest.mark.parametrize("is_known", [False, True], ids=["new order", "known order"])
def test_status_words_reach_the_conversion(
    edge, acme, token, click, path, names, status, expected, is_known
):
    said = dict(zip(names.split(), (click, "A-1", "10.00", token), strict=True))
    if is_known:
        send(edge, path, **said)
        work(acme, at=now())

    answer = send(edge, path, **said, status=status)

    assert answer.status == 200
    work(acme, at=now())
    assert settled(acme).status == expected


def test_a_status_alone_waits_for_its_order(edge, acme, token, click):
    early = send(edge, "/postback", order_id="A-1", status="declined", token=token)
    send(edge, "/postback", order_id="A-1", amount="10", click_id=click, token=token)

    assert early.json["status"] == "updated"
    assert early.json["reason"] == "waits_for_its_order"
    work(acme, at=now())
    assert settled(acme).status == "DECLINED"


def test_a_refund_takes_back_and_may_come_first(edge, acme, token, click):
    refund = {"order_id": "A-1", "refund_id": "r-1", "refund_amount": "4.00", "token": token}
    early, again = send(edge, "/postback", **refund), send(edge, "/postback", **refund)
    send(edge, "/postback", order_id="A-1", amount="10", click_id=click, token=token)
    work(acme, at=now())
    send(edge, "/postback", **{**refund, "refund_id": "r-2", "refund_amount": "6.00"})
    work(acme, at=now())

    assert (early.json["status"], early.json["reason"]) == ("created", "waits_for_its_order")
    assert again.json["status"] == "repeated"
    with merchant_context(acme.id):
        conversion = Conversion.objects.get()
        assert sum(row.amount_minor for row in conversion.commissions.all()) == 0
        assert Refund.objects.filter(conversion=conversion).count() == 2


def test_a_test_call_never_reaches_money(edge, acme, token, click):
    send(edge, "/postback", order_id="A-1", amount="10", click_id=click, token=token, test="1")

    conversion = settled(acme)
    assert conversion.is_test
    assert conversion.reason == "test"
    with merchant_context(acme.id):
        assert conversion.commissions.count() == 0
        assert IntakeCall.objects.get().is_test


# Refusals ----------------------------------------------------------------------------------------


def nothing_stored(company: Company) -> bool:
    with merchant_context(company.id):
        models = (Conversion, Customer, Refund, StatusReport)
        return not any(model.objects.exists() for model in models)


@pytest.mark.parametrize(
    ("path", "said", "expected"),
    [
        ("/postback", {}, (401, "token_missing", "token")),
        ("/postback", {"token": "fl_pb_" + 43 * "x"}, (401, "unknown_token", "token")),
        ("/postback", {"token": "\x00"}, (401, "unknown_token", "token")),
        ("/pb/tapfiliate", {"token": "nonsense"}, (401, "unknown_token", "token")),
    ],
)
def test_without_a_token_in_force_nothing_is_taken(edge, acme, click, path, said, expected):
    answer = send(edge, path, order_id="A-1", amount="10", click_id=click, **said)

    assert answer.headers["content-type"] == "application/problem+json"
    errors = answer.json["errors"]
    assert (answer.status, answer.json["code"], errors[0]["field"]) == expected
    assert nothing_stored(acme)
    with merchant_context(acme.id):
        [row] = IntakeCall.objects.all()  # The click says whose it is.
    assert (row.outcome, row.reason) == ("REFUSED", expected[1])


@pytest.mark.parametrize(
    ("path", "said", "status", "body"),
    [
        ("/postback", {"clickid": "{click}", "secure": "wrong"}, 403,
         b'{"status": 2, "message": "Access denied"}'),
        ("/postback", {"secure": "{token}", "action_id": "A-1"}, 422,
         b'{"status": 2, "message":'
         b' "Missing mandatory parameter clickid/click_id or ref_id or aimp_id"}'),
        ("/postback", {"secure": "{token}", "clickid": WRONG_CLICK}, 422,
         b'{"status": 2, "message": "Broken clickid"}'),
        ("/aff_lsr", {"transaction_id": WRONG_CLICK, "security_token": "{token}"}, 200,
         f"success=false; err_msg=Invalid Trans. ID #{WRONG_CLICK}.;".encode()),
        ("/aff_lsr", {"transaction_id": "{click}", "security_token": "wrong"}, 200,
         b"success=false; err_msg=security_token: This is the token of no program.;"),
        ("/aff_lsr", {"transaction_id": "{click}", "security_token": "{token}", "amount": "-1"},
         200, b"success=false; err_msg=amount: This cannot be negative:"
         b" report a refund or a declined status instead.;"),
        ("/pb/everflow", {"transaction_id": WRONG_CLICK, "verification_token": "{token}"}, 422,
         b"transaction_id: We never gave this click id."),
        ("/pb/partnershare", {"conversion_token": "{token}", "conversion_type": "2"}, 422,
         b'{"code": 422, "message": "source_user_id: This is required.", "data": null}'),
    ],
)  # fmt: skip
def test_each_system_is_refused_in_its_own_words(
    edge, acme, token, click, path, said, status, body
):
    filled = {name: value.format(click=click, token=token) for name, value in said.items()}

    answer = send(edge, path, **filled)

    assert (answer.status, answer.body) == (status, body)
    assert nothing_stored(acme)
    assert all(row[1] == "REFUSED" for row in logged(acme))


@pytest.mark.parametrize(
    ("amount", "currency", "field"),
    [
        ("-1", "EUR", "amount"),
        ("1e309", "EUR", "amount"),
        ("NaN", "EUR", "amount"),
        ("12.345", "EUR", "amount"),
        ("10", "XXX", "currency"),
        ("10", "USD", "currency"),
    ],
)
def test_an_amount_that_cannot_be_is_refused_by_name(edge, acme, token, amount, currency, field):
    answer = send(edge, "/postback", order_id="A-1", amount=amount, currency=currency, token=token)

    assert answer.status == 422
    assert [row["field"] for row in answer.json["errors"]] == [field]
    assert nothing_stored(acme)
    [(intake, outcome, _reason, order)] = logged(acme)
    assert (intake, outcome, order) == ("postback", "REFUSED", "A-1")


@pytest.mark.parametrize(
    ("currency", "amount", "expected"),
    [("JPY", "10.5", None), ("JPY", "10", 10), ("KWD", "1.234", 1_234), ("KWD", "1.2345", None)],
)
def test_currencies_have_their_own_decimals(start_edge, currency, amount, expected):
    company = make_company("Initech", "Bill", currency=currency)
    edge = start_edge()

    answer = send(
        edge, "/postback", order_id="A-1", amount=amount, token=company.program.postback_token
    )

    assert answer.status == (200 if expected else 422)
    assert [row[2] for row in stored(company)] == ([expected] if expected else [])


def test_a_goal_of_the_services_is_refused_by_the_callers_name(edge, acme, token, click):
    answer = send(edge, "/aff_lsr", transaction_id=click, goal_id="nothing", security_token=token)

    assert answer.body == b"success=false; err_msg=goal_id: The program has no such goal.;"


def test_a_rotated_token_opens_nothing(edge, acme, token):
    with merchant_context(acme.id):
        by = acting_user(acme.owner.user)
        program = Program.objects.get(id=acme.program.id)
        rotate_postback_token(program=program, by=by, at=now())

    assert send(edge, "/postback", order_id="A-1", token=token).status == 401


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        ([], "203.0.113.9", 200),
        (["203.0.113.0/24"], "203.0.113.9", 200),
        (["203.0.113.9/32", "2001:db8::/32"], "2001:db8::7", 200),
        (["203.0.113.0/24"], "::ffff:203.0.113.9", 200),
        (["203.0.113.0/24"], "198.51.100.1", 403),
        (["203.0.113.0/24"], "unknown", 403),
    ],
)
def test_a_program_may_name_who_sends(edge, acme, token, networks, address, status):
    with merchant_context(acme.id):
        Program.objects.filter(id=acme.program.id).update(postback_networks=networks)

    answer = edge.get(f"/postback?order_id=A-1&token={token}", client=address)

    assert answer.status == status
    with merchant_context(acme.id):
        assert Conversion.objects.count() == (status == 200)
        assert IntakeCall.objects.get().address == address[:50]


def test_another_merchants_click_earns_nothing(edge, acme, carol, token):
    send(edge, "/postback", order_id="A-1", amount="10", click_id=click_of(carol), token=token)

    assert settled(acme).reason == "unattributed"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "application/json"),
        (b"{" + b'"a":{' * 12 + b"}" * 13, "application/json"),
        (b"&".join(b"a%d=1" % number for number in range(101)), ""),
        (b"\xff\xfe{", "application/json"),
    ],
)
def test_what_cannot_be_read_is_refused(edge, acme, token, body, content_type):
    answer = edge.post(f"/postback?token={token}", body, headers={"content-type": content_type})

    assert (answer.status, answer.json["code"]) == (422, "malformed")
    assert nothing_stored(acme)


def test_an_endless_body_is_not_read(edge, token):
    answer = edge.post(f"/postback?token={token}", b"x" * 64_001)

    assert (answer.status, answer.json["code"]) == (413, "too_large")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "PATCH"])
def test_other_methods_mean_nothing(edge, token, method):
    answer = edge.run(edge.ask(method, f"/postback?order_id=A-1&token={token}"))

    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")


def test_whoever_guesses_tokens_is_asked_to_stop(edge, acme, token, monkeypatch):
    monkeypatch.setattr(meter, "time", SimpleNamespace(monotonic=lambda: 30.0))

    answers = [
        edge.get(f"/postback?token=wrong{number}", client="198.51.100.1") for number in range(61)
    ]

    assert [row.status for row in answers[58:]] == [401, 401, 429]
    assert answers[-1].headers["retry-after"] == "30"
    right = edge.get(f"/postback?order_id=A-1&token={token}", client="203.0.113.9")
    assert right.status == 200


def test_one_merchants_old_token_stops_nobody_else_behind_the_same_sender(
    edge, acme, token, monkeypatch
):
    monkeypatch.setattr(meter, "time", SimpleNamespace(monotonic=lambda: 30.0))
    sender, right = "198.51.100.1", f"/postback?order_id=A-1&token={token}"
    assert edge.get(right, client=sender).status == 200
    for _number in range(61):
        stale = edge.get("/postback?token=old", client=sender)

    assert stale.status == 429
    assert edge.get(right, client=sender).status == 200
    with merchant_context(acme.id):
        program = Program.objects.get(id=acme.program.id)
        rotate_postback_token(program=program, by=acting_user(acme.owner.user), at=now())
    assert [edge.get(right, client=sender).status for _ in range(2)] == [401, 429]
    postbacks = edge.app.routes["/postback"].__self__
    assert token not in str(vars(postbacks))


def test_a_click_alone_proves_no_server_so_only_its_network_is_kept(edge, acme, click):
    edge.get(f"/postback?order_id=A-1&click_id={click}", client="203.0.113.9")

    with merchant_context(acme.id):
        assert IntakeCall.objects.get().address == "203.0.113.0/24"


# Secrets, faults and load ------------------------------------------------------------------------


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


def test_goals_are_numbered_for_affise(edge, acme, token, click):
    with merchant_context(acme.id):
        by = acting_user(acme.owner.user)
        program = Program.objects.get(id=acme.program.id)
        add_goal(program=program, draft=GoalDraft("goal_7", "Seven"), by=by, at=now())

    send(edge, "/postback", clickid=click, action_id="A-1", goal="7", secure=token)

    assert [row[:2] for row in stored(acme)] == [("goal_7", "A-1")]
