"""Claims by the API: the affiliate asks, the merchant answers."""

from datetime import timedelta

import pytest
import time_machine

from commissions.models import Commission
from merchants.tenancy import merchant_context
from tests.api.conftest import Caller
from tests.cast import NOON, Company, Promoter, settle

SIX = NOON + timedelta(hours=6)


@pytest.fixture(autouse=True)
def clock() -> object:
    """Live on the evening of 2 March 2026."""
    with time_machine.travel(SIX, tick=False):
        yield


def body(bob: Promoter, **said: object) -> dict[str, object]:
    """Return what Bob says."""
    return {
        "enrollment": str(bob.enrollment.id),
        "goal": "sale",
        "order_id": "4711",
        "happened_on": "2026-03-01",
        "message": "She told me.",
        **said,
    }


def test_a_claim_is_asked_and_credited(
    acme: Company, bob: Promoter, api: Caller, partner: Caller
) -> None:
    asked = partner.post("partner/claims", body(bob, amount_minor=8_000))
    assert asked.status == 201
    claim = asked.json
    assert claim.pop("created_at")
    assert claim == {
        "id": claim["id"],
        "program": str(acme.program.id),
        "enrollment": str(bob.enrollment.id),
        "goal": "sale",
        "order_id": "4711",
        "happened_on": "2026-03-01",
        "amount_minor": 8_000,
        "currency": "EUR",
        "message": "She told me.",
        "status": "open",
        "submitted_at": "2026-03-02T18:00:00Z",
        "due_at": "2026-03-16T18:00:00Z",
        "answer": None,
        "answered_at": None,
        "conversion": None,
    }

    answered = api.post(f"claims/{claim['id']}/credit", {"amount_minor": 10_000})

    assert answered.status == 200
    assert (answered.json["status"], answered.json["affiliate"]) == (
        "credited",
        str(bob.affiliate.id),
    )
    settle(acme, at=SIX)
    with merchant_context(acme.id):
        assert Commission.objects.get().amount_minor == 1_000
    seen = partner.get(f"partner/claims/{claim['id']}").json
    assert (seen["status"], seen["conversion"]) == ("credited", answered.json["conversion"])
    own = partner.get(f"partner/conversions/{seen['conversion']}").json
    assert own["commissions"][0]["amount_minor"] == 1_000


def test_a_refusal_is_read_word_for_word(bob: Promoter, api: Caller, partner: Caller) -> None:
    claim = partner.post("partner/claims", body(bob)).json

    assert api.post(f"claims/{claim['id']}/refuse", {"reason": " "}).status == 400
    api.post(f"claims/{claim['id']}/refuse", {"reason": "<b>Cancelled.</b>"})

    seen = partner.get("partner/claims?status=refused").json["data"]
    assert [row["answer"] for row in seen] == ["<b>Cancelled.</b>"]
    again = api.post(f"claims/{claim['id']}/credit", {"amount_minor": 1})
    assert again.refusal == (409, "illegal_move")


def test_what_cannot_be_is_refused_by_name(bob: Promoter, partner: Caller) -> None:
    assert partner.post("partner/claims", body(bob, goal="none")).fields == {"goal": "not_found"}
    bad_day = partner.post("partner/claims", body(bob, happened_on="1.3.2026"))
    assert (bad_day.status, bad_day.fields) == (400, {"happened_on": "no_day"})
    late = partner.post("partner/claims", body(bob, happened_on="2024-03-01"))
    assert (late.refusal, late.fields) == ((422, "bad_value"), {"happened_on": "too_old"})
    assert partner.post("partner/claims", body(bob)).status == 201
    assert partner.post("partner/claims", body(bob)).refusal == (409, "claim_exists")


def test_a_worthless_credit_asks_for_the_amount(
    bob: Promoter, api: Caller, partner: Caller
) -> None:
    claim = partner.post("partner/claims", body(bob)).json

    answered = api.post(f"claims/{claim['id']}/credit")

    assert answered.refusal == (422, "amount_needed")
    assert answered.fields == {"amount_minor": "amount_needed"}


def test_claims_are_filtered(bob: Promoter, api: Caller, partner: Caller) -> None:
    claim = partner.post("partner/claims", body(bob)).json
    partner.post(f"partner/claims/{claim['id']}/withdraw")
    partner.post("partner/claims", body(bob, order_id="4712"))

    def orders(query: str) -> list[str]:
        return [row["order_id"] for row in api.get(f"claims?{query}").json["data"]]

    assert orders("status=open") == ["4712"]
    assert orders("status=withdrawn") == ["4711"]
    assert orders("order_id=4711") == ["4711"]
    assert orders("due_to=2026-03-10T00:00:00Z") == []
