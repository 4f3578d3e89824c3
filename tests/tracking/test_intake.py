"""receive_postback: whose call it is, what is stored for it, and what the log keeps of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from common.clock import now
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from programs.models import Goal, PostbackProfile, Program
from programs.services import add_goal_step
from tests.cast import Company, Promoter, click_of
from tests.facts import work
from tracking.intake import Call, masked, receive_postback
from tracking.models import (
    Conversion,
    IntakeCall,
    Outcome,
    Refund,
    Source,
    StatusReport,
    StepReport,
    Touch,
)
from tracking.postbacks import Reply


def send(company: Company, path: str = "/postback", **said: Any) -> Reply:
    said.setdefault("token", company.program.postback_token)
    call = Call(path=path, method="GET", address="203.0.113.9", parameters=said)
    return receive_postback(call, at=now())


def goals(company: Company) -> list[str]:
    with merchant_context(company.id):
        return list(Conversion.objects.order_by("id").values_list("goal__code", flat=True))


def test_the_programs_format_speaks_at_the_native_path(acme: Company, bob: Promoter):
    with merchant_context(acme.id):
        programs = Program.objects.filter(id=acme.program.id)
        programs.update(postback_profile=PostbackProfile.TUNE)

    reply = send(acme, transaction_id=click_of(bob, at=now()), amount="10", unknown="1")

    assert reply.body == "success=true;"
    with merchant_context(acme.id):
        row = IntakeCall.objects.get()
    assert (row.intake, row.outcome, row.detail) == (
        "tune",
        Outcome.CREATED,
        "Not understood: unknown",
    )


def test_a_step_is_reported_where_others_name_a_goal(acme: Company, bob: Promoter):
    with merchant_context(acme.id):
        by = acting_user(acme.owner.user)
        lead = Goal.objects.get(program=acme.program, code="lead")
        for code in ("install", "first_open"):
            add_goal_step(goal=lead, code=code, name=code, times=1, by=by, at=now())
    click = click_of(bob, at=now())

    first = send(acme, goal="install", order_id="i-1", click_id=click)
    again = send(acme, goal="install", order_id="i-1", click_id=click)
    last = send(acme, goal="first-open", order_id="o-1", click_id=click)
    whole = send(acme, goal="lead", order_id="l-1", click_id=click)
    nobodys = send(acme, goal="install", order_id="i-2")

    assert '"status": "created"' in first.body
    assert '"reason": "step_done"' in first.body
    assert '"status": "repeated"' in again.body
    assert last.status == 200
    assert (whole.status, nobodys.status) == (422, 422)
    assert '"field": "goal", "code": "goal_has_steps"' in whole.body
    assert '"field": "customer", "code": "required"' in nobodys.body
    assert goals(acme) == ["lead"]
    with merchant_context(acme.id):
        assert Conversion.objects.get().source == Source.STEPS
        assert StepReport.objects.count() == 2


def test_a_registration_without_a_goal_of_its_own_makes_the_customer_known(
    acme: Company, bob: Promoter
):
    with merchant_context(acme.id):
        Goal.objects.filter(program=acme.program, code="signup").delete()
    said = {"conversion_type": "1", "source_user_id": "u-7", "ref": bob.enrollment.code}

    first = send(acme, "/pb/partnershare", **said)
    again = send(acme, "/pb/partnershare", **said)
    stranger = send(acme, "/pb/partnershare", **{**said, "ref": "nobody"})

    assert '"status": "created"' in first.body
    assert '"status": "repeated"' in again.body
    assert (stranger.status, goals(acme)) == (422, [])
    assert "ref: " in stranger.body
    with merchant_context(acme.id):
        assert Touch.objects.count() == 1


def test_a_later_fact_without_a_goal_is_of_the_orders_goal(acme: Company, bob: Promoter):
    send(acme, goal="lead", order_id="A-1", amount="10", click_id=click_of(bob, at=now()))

    send(acme, order_id="A-1", refund_id="r-1", refund_amount="4")
    send(acme, order_id="A-1", status="declined")

    work(acme, at=now())
    with merchant_context(acme.id):
        lead = Conversion.objects.get()
        assert lead.goal.code == "lead"
        assert lead.refunds.filter(external_id="r-1").exists()
        assert StatusReport.objects.get().conversion == lead


def test_a_refund_in_another_currency_is_refused(acme: Company):
    said = {"order_id": "A-1", "refund_id": "r-1", "refund_amount": "100"}

    refused = send(acme, **said, currency="JPY")

    assert (refused.status, "currency" in refused.body) == (422, True)
    with merchant_context(acme.id):
        assert not Refund.objects.exists()


def test_the_same_order_tried_and_sold_is_two(acme: Company):
    send(acme, order_id="A-1", test="1")
    send(acme, order_id="A-1")

    with merchant_context(acme.id):
        assert sorted(Conversion.objects.values_list("is_test", flat=True)) == [False, True]


def test_nobodys_call_leaves_no_row(acme: Company):
    reply = send(acme, token="wrong", order_id="A-1")

    assert reply.is_strange
    with merchant_context(acme.id):
        assert not IntakeCall.objects.exists()


def test_a_call_of_the_future_is_refused_with_its_row(acme: Company):
    reply = send(acme, order_id="A-1", occurred_at=(now() + timedelta(hours=2)).isoformat())

    assert reply.status == 422
    with merchant_context(acme.id):
        row = IntakeCall.objects.get()
    assert (row.outcome, row.reason) == (Outcome.REFUSED, "invalid_time")
    assert row.detail.startswith("occurred_at: ")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"token": "x"}, {"token": "•••"}),
        ({"Secure": "x"}, {"Secure": "•••"}),
        ({"api_key": "x", "key": "y"}, {"api_key": "•••", "key": "•••"}),
        ({"token": ""}, {"token": ""}),
        ({"note": "fl_pb_abcdefgh"}, {"note": "•••"}),
        ({"note": {"deep": ["fl_sk_abcdefgh"]}}, {"note": "•••"}),
        ({"customer": "me@example.com"}, {"customer": "•••"}),
        ({"ios_ifa": "x", "ip": "192.0.2.1"}, {"ios_ifa": "•••", "ip": "•••"}),
        ({"items": [{"sku": "ü"}]}, {"items": '[{"sku": "ü"}]'}),
        ({"a\x00b": "c\x00d\ud800"}, {"ab": "cd"}),
        ({"a" * 90: "b" * 900}, {"a" * 60: "b" * 300}),
    ],
)
def test_the_log_shows_no_secret_and_no_person(said, shown):
    assert masked(said) == shown


def test_no_more_parameters_than_fit_are_kept():
    assert len(masked({f"a{number}": "b" for number in range(500)})) == 60


def test_a_token_that_cannot_be_is_no_fault_of_ours(acme: Company):
    call = Call(path="/postback", method="POST", address="", parameters={})

    for odd in ("\ud800", "x" * 10_000, "é", ["x"], {"a": "b"}):
        assert receive_postback(replace(call, parameters={"token": odd}), at=now()).status == 401
