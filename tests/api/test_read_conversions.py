"""Conversions as they are read: alone, in lists, and explained."""

from datetime import timedelta

from commissions.services import approve_due
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Payout
from payouts.services import approve_batch, mark_paid, prepare_batch, send_batch
from tests.api.conftest import Caller
from tests.cast import NOON, Company, Promoter, add_member, click_of, sell, settle
from tracking.services import create_coupon

LATER = NOON + timedelta(days=40)


def test_conversions_are_listed_with_all_that_follows(
    acme: Company, bob: Promoter, api: Caller
) -> None:
    first = sell(acme, click=click_of(bob))
    second = sell(acme)

    rows = api.get("conversions").json["data"]

    assert [row["id"] for row in rows] == [str(second.id), str(first.id)]
    assert rows[1] == api.get(f"conversions/{first.id}").json
    assert rows[1]["commissions"][0]["amount_minor"] == 1_000
    assert (rows[0]["status"], rows[0]["reason"]) == ("approved", "unattributed")


def test_conversions_are_filtered(acme: Company, bob: Promoter, api: Caller) -> None:
    credited = sell(acme, click=click_of(bob), external_id="a-1")
    sell(acme, external_id="a-2", goal="lead", amount_minor=0)

    def ids(query: str) -> list[str]:
        return [row["external_id"] for row in api.get(f"conversions?{query}").json["data"]]

    assert ids("status=pending") == ["a-1"]
    assert ids("goal=lead") == ["a-2"]
    assert ids("external_id=a-1") == ["a-1"]
    assert ids(f"enrollment={bob.enrollment.id}") == ["a-1"]
    assert ids(f"program={acme.program.id}&status=held") == []
    assert ids(f"created_to={credited.created_at.isoformat().replace('+00:00', 'Z')}") == []


def test_why_explains_touch_rule_arithmetic_and_ledger(
    acme: Company, bob: Promoter, api: Caller
) -> None:
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="BOB10")
    conversion = sell(acme, click=click_of(bob), coupon="bob10", external_id="a-1")

    answer = api.get(f"conversions/{conversion.id}/why")

    assert answer.status == 200
    why = answer.json
    assert why["conversion"] == str(conversion.id)
    assert why["policy"] == {"model": "last_touch", "window_days": 30}
    assert [
        (touch["kind"], touch["enrollment"], touch["accepted"], touch["reason"])
        for touch in why["touches"]
    ] == [
        ("click", str(bob.enrollment.id), True, "accepted"),
        ("coupon", str(bob.enrollment.id), True, "accepted"),
    ]
    assert [touch["at"] for touch in why["touches"]] == [
        "2026-03-02T12:00:00Z",
        "2026-03-02T13:00:00Z",
    ]
    assert why["credits"] == [
        {"enrollment": str(bob.enrollment.id), "share_ppm": 1_000_000, "amount_minor": 10_000}
    ]
    [rule] = why["rules"]
    assert (rule["level"], rule["matched"]) == ("program", True)
    assert why["arithmetic"] == ["10000 paid − 0 tax − 0 shipping = 10000 net; × 1000 bps = 1000"]
    [line] = api.get(f"conversions/{conversion.id}").json["commissions"]
    assert rule["rule_version"] == line["rule_version"]
    assert sorted(
        (row["account"], row["amount_minor"], row["currency"], row["source"])
        for row in why["ledger"]
    ) == [
        ("commission_expense", -1_000, "EUR", f"commission:{line['id']}:earned"),
        ("pending", 1_000, "EUR", f"commission:{line['id']}:earned"),
    ]


def test_why_follows_the_money_to_the_bank(acme: Company, bob: Promoter, api: Caller) -> None:
    conversion = sell(acme, click=click_of(bob))
    approve_due(merchant_id=acme.id, at=LATER)
    finn = add_member(acme, "Finn", Role.FINANCE)
    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        batch = approve_batch(member=acme.owner, batch=batch, at=LATER)
        send_batch(member=finn, batch=batch, at=LATER)
        payout = Payout.objects.get()
        mark_paid(member=finn, payout=payout, provider_ref="B-1", paid_at=LATER, at=LATER)

    ledger = api.get(f"conversions/{conversion.id}/why").json["ledger"]

    verbs = [row["source"].rsplit(":", 1)[1] for row in ledger if row["amount_minor"] > 0]
    accounts = [row["account"] for row in ledger if row["amount_minor"] > 0]
    assert sorted(verbs) == ["approved", "earned", "paid", "reserved"]
    assert sorted(accounts) == ["paid", "payable", "payout_clearing", "pending"]
    assert sum(row["amount_minor"] for row in ledger) == 0


def test_why_of_an_unseen_conversion_is_empty(acme: Company, api: Caller) -> None:
    body = {
        "program": str(acme.program.id),
        "goal": "sale",
        "external_id": "a-1",
        "amount_minor": 1,
        "currency": "EUR",
    }
    id = api.post("conversions", body).json["id"]

    assert api.get(f"conversions/{id}/why").json == {
        "conversion": id,
        "policy": None,
        "touches": [],
        "caps": [],
        "credits": [],
        "rules": [],
        "arithmetic": [],
        "assigned": None,
        "guard": None,
        "budgets": [],
        "ledger": [],
    }
    settle(acme, at=NOON)
    assert api.get(f"conversions/{id}/why").json["policy"] is not None


def test_another_merchants_conversion_is_missing(
    globex: Company, carol: Promoter, api: Caller
) -> None:
    foreign = sell(globex, click=click_of(carol))
    missing = "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b"

    for path in ("", "/why", "/refunds"):
        answer = api.get(f"conversions/{foreign.id}{path}")
        assert answer.refusal == (404, "not_found")
        assert answer.response.content == api.get(f"conversions/{missing}{path}").response.content
