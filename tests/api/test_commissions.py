"""Commissions and balances: read, decided, and always what the ledger says."""

from datetime import timedelta

import pytest

from commissions.models import Commission
from commissions.services import approve_due
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from tests.api.conftest import Caller
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell

LATER = NOON + timedelta(days=40)


@pytest.fixture
def line(acme: Company, bob: Promoter) -> Commission:
    """Return a pending commission of 10.00."""
    conversion = sell(acme, click=click_of(bob))
    with merchant_context(acme.id):
        return Commission.objects.get(conversion=conversion)


def test_a_commission_is_read_whole(
    acme: Company, bob: Promoter, line: Commission, api: Caller
) -> None:
    found = api.get(f"commissions/{line.id}").json

    assert found.pop("created_at")
    assert found == {
        "id": str(line.id),
        "program": str(acme.program.id),
        "enrollment": str(bob.enrollment.id),
        "affiliate": str(bob.affiliate.id),
        "conversion": str(line.conversion_id),
        "kind": "earning",
        "amount_minor": 1_000,
        "currency": "EUR",
        "status": "pending",
        "status_changed_at": "2026-03-02T13:00:00Z",
        "reason": None,
        "hold_until": "2026-04-01T13:00:00Z",
        "rule_version": str(line.rule_version_id),
        "earned_at": "2026-03-02T13:00:00Z",
    }
    assert api.get("commissions").json["data"] == [api.get(f"commissions/{line.id}").json]


def test_a_commission_is_approved_once(acme: Company, line: Commission, api: Caller) -> None:
    path = f"commissions/{line.id}"

    assert api.post(f"{path}/approve").json["status"] == "approved"
    again = api.post(f"{path}/approve")

    assert again.refusal == (409, "illegal_move")
    assert again.json["detail"] == "The commission is approved: it cannot become approved."
    assert api.post(f"{path}/decline", {"reason": "Late"}).refusal == (409, "illegal_move")
    with merchant_context(acme.id):
        assert check_money(acme.id) == []


def test_a_commission_is_declined_with_a_reason(
    acme: Company, line: Commission, api: Caller
) -> None:
    path = f"commissions/{line.id}"

    assert api.post(f"{path}/decline").fields == {"reason": "required"}
    declined = api.post(f"{path}/decline", {"reason": "Own purchase"}).json

    assert (declined["status"], declined["reason"]) == ("declined", "Own purchase")
    with merchant_context(acme.id):
        assert check_money(acme.id) == []


def test_commissions_are_filtered(
    acme: Company, bob: Promoter, line: Commission, api: Caller
) -> None:
    dora = make_promoter(acme, "Dora")
    sell(acme, click=click_of(dora), amount_minor=500)

    def amounts(query: str) -> list[int]:
        return [row["amount_minor"] for row in api.get(f"commissions?{query}").json["data"]]

    assert amounts("") == [50, 1_000]
    assert amounts(f"enrollment={bob.enrollment.id}") == [1_000]
    assert amounts(f"affiliate={dora.affiliate.id}") == [50]
    assert amounts(f"conversion={line.conversion_id}") == [1_000]
    assert amounts("status=approved") == []
    assert amounts("kind=reversal") == []
    assert amounts("currency=USD") == []


def test_balances_say_what_stands_where(
    acme: Company, bob: Promoter, line: Commission, api: Caller
) -> None:
    dora = make_promoter(acme, "Dora")
    make_promoter(acme, "Emil")
    approve_due(merchant_id=acme.id, at=LATER)
    sell(acme, click=click_of(dora), amount_minor=500)

    rows = api.get("balances").json["data"]

    nothing = {"currency": "EUR", "in_payout_minor": 0, "paid_minor": 0}
    hers = {"enrollment": str(dora.enrollment.id), "pending_minor": 50, "payable_minor": 0}
    his = {"enrollment": str(bob.enrollment.id), "pending_minor": 0, "payable_minor": 1_000}
    assert rows == [{**nothing, **hers}, {**nothing, **his}]
    only = api.get(f"balances?enrollment={bob.enrollment.id}").json
    assert only == {"data": [rows[1]], "next_cursor": None}


def test_balances_come_page_by_page(
    acme: Company, bob: Promoter, line: Commission, api: Caller
) -> None:
    sell(acme, click=click_of(make_promoter(acme, "Dora")))
    whole = api.get("balances").json["data"]

    first = api.get("balances?limit=1").json
    second = api.get(f"balances?limit=1&cursor={first['next_cursor']}").json

    assert first["data"] + second["data"] == whole
    assert second["next_cursor"] is None


def test_another_merchants_enrollment_has_no_balance_here(
    globex: Company, carol: Promoter, api: Caller
) -> None:
    sell(globex, click=click_of(carol))

    assert api.get(f"balances?enrollment={carol.enrollment.id}").json["data"] == []
    assert api.get("balances").json["data"] == []
    assert api.get("commissions").json["data"] == []
