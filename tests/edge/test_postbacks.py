"""Postbacks: other systems' servers report conversions, each in its own words."""

import json
from urllib.parse import urlencode

import pytest

from common.clock import now
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from programs.models import Program
from programs.services import GoalDraft, add_goal
from tests.edge.postbacks import logged, send, settled, stored
from tests.facts import work
from tracking.models import Conversion, IntakeCall, Refund, Touch

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


def test_goals_are_numbered_for_affise(edge, acme, token, click):
    with merchant_context(acme.id):
        by = acting_user(acme.owner.user)
        program = Program.objects.get(id=acme.program.id)
        add_goal(program=program, draft=GoalDraft("goal_7", "Seven"), by=by, at=now())

    send(edge, "/postback", clickid=click, action_id="A-1", goal="7", secure=token)

    assert [row[:2] for row in stored(acme)] == [("goal_7", "A-1")]
