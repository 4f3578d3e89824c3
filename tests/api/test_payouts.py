"""Payouts through the API: dry run, prepared, approved by another member, sent, settled."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from commissions.services import approve_due
from common import clock
from merchants.rights import Role, Scope
from merchants.tenancy import merchant_context
from payouts.models import Batch, Payout
from payouts.selectors import check_money
from tests.api.conftest import Caller, key_for
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, sell

LATER = NOON + timedelta(days=40)


@pytest.fixture
def finn(acme: Company, bob: Promoter) -> Caller:
    """Return a caller with a key of Finn, who pays; 10.00 are due to Bob."""
    sell(acme, click=click_of(bob))
    approve_due(merchant_id=acme.id, at=LATER)
    return Caller(key_for(add_member(acme, "Finn", Role.FINANCE)))


def no_findings(company: Company) -> bool:
    """Return whether the books hold."""
    with merchant_context(company.id):
        return check_money(company.id) == []


def test_a_dry_run_says_what_would_be_and_stores_nothing(
    acme: Company, bob: Promoter, finn: Caller
) -> None:
    dave = make_promoter(acme, "Dave", method=False)
    sell(acme, click=click_of(dave), amount_minor=2_000)
    approve_due(merchant_id=acme.id, at=LATER)

    answer = finn.post("payout-batches", {"currency": "EUR", "dry_run": True})

    assert answer.status == 200
    assert answer.json == {
        "currency": "EUR",
        "amount_minor": 1_000,
        "payouts": [
            {
                "affiliate": str(bob.affiliate.id),
                "name": "Bob",
                "method": "DE89 … 3000",
                "amount_minor": 1_000,
                "earned_minor": 1_000,
                "vat_minor": 0,
                "withheld_minor": 0,
                "fee_minor": 0,
            }
        ],
        "left_out": [
            {
                "affiliate": str(dave.affiliate.id),
                "name": "Dave",
                "amount_minor": 200,
                "reason": "no_method",
            }
        ],
    }
    with merchant_context(acme.id):
        assert not Batch.objects.exists()


def test_a_batch_goes_from_prepared_to_paid(
    acme: Company, bob: Promoter, finn: Caller, api: Caller
) -> None:
    prepared = finn.post("payout-batches", {"currency": "EUR"})
    batch = f"payout-batches/{prepared.json['id']}"
    assert prepared.status == 201
    assert (prepared.json["status"], prepared.json["number"]) == ("draft", 1)
    assert (prepared.json["payouts"], prepared.json["amount_minor"]) == (1, 1_000)
    assert (prepared.json["file"], prepared.json["approved_by"]) == (None, None)
    assert finn.get(f"{batch}/file").refusal == (404, "not_found")

    assert finn.post(f"{batch}/approve").refusal == (403, "self_approval")
    assert finn.post(f"{batch}/send").refusal == (409, "illegal_move")
    approved = api.post(f"{batch}/approve").json
    assert (approved["status"], approved["approved_by"]) == ("approved", str(acme.owner.id))
    assert no_findings(acme)

    sent = finn.post(f"{batch}/send").json
    again = finn.post(f"{batch}/send").json
    file = finn.get(f"{batch}/file")
    assert (sent["status"], sent) == ("sent", again)
    assert file.response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert file.response.headers["Content-Disposition"].startswith("attachment; filename=")
    assert sent["file"] == {
        "name": "payouts-1-EUR.csv",
        "sha256": hashlib.sha256(file.response.content).hexdigest(),
    }
    assert b"DE89370400440532013000,10.00,EUR" in file.response.content
    assert finn.post(f"{batch}/cancel").refusal == (409, "illegal_move")

    [payout] = finn.get(f"payouts?batch={sent['id']}").json["data"]
    assert (payout["status"], payout["method"]) == ("submitted", "DE89 … 3000")
    paid = finn.post(
        f"payouts/{payout['id']}/mark-paid",
        {"provider_ref": "B-17", "paid_at": "2026-04-12T00:00:00Z"},
    ).json
    assert paid == {
        **payout,
        "status": "paid",
        "status_changed_at": paid["status_changed_at"],
        "provider_ref": "B-17",
        "paid_at": "2026-04-12T00:00:00Z",
    }
    assert finn.get(f"payouts/{payout['id']}").json == paid
    assert finn.get(batch).json["status"] == "done"
    assert no_findings(acme)
    [balance] = api.get("balances").json["data"]
    assert (balance["paid_minor"], balance["payable_minor"]) == (1_000, 0)


def test_a_failed_payout_is_payable_again(acme: Company, finn: Caller, api: Caller) -> None:
    batch = f"payout-batches/{finn.post('payout-batches', {'currency': 'EUR'}).json['id']}"
    api.post(f"{batch}/approve")
    finn.post(f"{batch}/send")
    [payout] = finn.get("payouts?status=submitted").json["data"]
    path = f"payouts/{payout['id']}"

    assert finn.post(f"{path}/mark-failed").fields == {"reason": "required"}
    failed = finn.post(f"{path}/mark-failed", {"reason": "Account closed"}).json

    assert (failed["status"], failed["reason"]) == ("failed", "Account closed")
    paid = finn.post(f"{path}/mark-paid", {"provider_ref": "B-1"})
    assert paid.refusal == (409, "illegal_move")
    [balance] = api.get("balances").json["data"]
    assert (balance["paid_minor"], balance["payable_minor"]) == (0, 1_000)
    assert no_findings(acme)


def test_a_cancelled_batch_gives_everything_back(acme: Company, finn: Caller) -> None:
    batch = f"payout-batches/{finn.post('payout-batches', {'currency': 'EUR'}).json['id']}"

    assert finn.post(f"{batch}/cancel").json["status"] == "cancelled"
    assert finn.post("payout-batches", {"currency": "EUR"}).status == 201
    assert no_findings(acme)


@pytest.mark.parametrize(
    ("body", "refusal", "field"),
    [
        ({"currency": "USD"}, (422, "nothing_to_pay"), None),
        ({}, (400, "invalid"), "currency"),
        ({"currency": "XXX"}, (400, "invalid"), "currency"),
        ({"currency": "EUR", "dry_run": "yes"}, (400, "invalid"), "dry_run"),
        ({"currency": "EUR", "cutoff_at": "soon"}, (400, "invalid"), "cutoff_at"),
        ({"currency": "EUR", "cutoff_at": "2020-01-01T00:00:00Z"}, (422, "nothing_to_pay"), None),
    ],
)
def test_a_refused_batch_is_not_stored(
    acme: Company, finn: Caller, body: dict[str, Any], refusal: tuple[int, str], field: str | None
) -> None:
    answer = finn.post("payout-batches", body)

    assert answer.refusal == refusal
    assert list(answer.fields) == ([field] if field else [])
    with merchant_context(acme.id):
        assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (400, "invalid")),
        ({"provider_ref": ""}, (400, "invalid")),
        ({"provider_ref": "  "}, (422, "no_proof")),
        ({"provider_ref": "x" * 141}, (400, "invalid")),
        ({"provider_ref": "B-1", "paid_at": "2199-01-01T00:00:00Z"}, (400, "invalid")),
        ({"provider_ref": "B-1", "amount_minor": 1}, (400, "invalid")),
    ],
)
def test_paid_without_a_proof_changes_nothing(
    acme: Company, finn: Caller, api: Caller, body: dict[str, Any], refusal: tuple[int, str]
) -> None:
    batch = f"payout-batches/{finn.post('payout-batches', {'currency': 'EUR'}).json['id']}"
    api.post(f"{batch}/approve")
    finn.post(f"{batch}/send")
    with merchant_context(acme.id):
        id = Payout.objects.get().id

    assert finn.post(f"payouts/{id}/mark-paid", body).refusal == refusal
    assert finn.get(f"payouts/{id}").json["status"] == "submitted"


def test_one_reference_proves_one_payout(acme: Company, finn: Caller, api: Caller) -> None:
    sell(acme, click=click_of(make_promoter(acme, "Dora")))
    approve_due(merchant_id=acme.id, at=LATER)
    batch = f"payout-batches/{finn.post('payout-batches', {'currency': 'EUR'}).json['id']}"
    api.post(f"{batch}/approve")
    finn.post(f"{batch}/send")
    first, second = (row["id"] for row in finn.get("payouts").json["data"])

    assert finn.post(f"payouts/{first}/mark-paid", {"provider_ref": "B-1"}).status == 200
    answer = finn.post(f"payouts/{second}/mark-paid", {"provider_ref": "B-1"})

    assert answer.refusal == (409, "provider_ref_used")
    assert no_findings(acme)


def test_the_members_role_decides_what_a_key_may_pay(acme: Company, finn: Caller) -> None:
    mona = Caller(key_for(add_member(acme, "Mona", Role.MANAGER)))
    batch = f"payout-batches/{finn.post('payout-batches', {'currency': 'EUR'}).json['id']}"

    assert mona.post("payout-batches", {"currency": "EUR"}).refusal == (403, "not_allowed")
    dry = mona.post("payout-batches", {"currency": "EUR", "dry_run": True})
    assert dry.refusal == (403, "not_allowed")
    assert mona.post(f"{batch}/approve").refusal == (403, "not_allowed")
    assert mona.get(f"{batch}/file").refusal == (403, "not_allowed")
    assert mona.get(batch).json["status"] == "draft"


def test_reading_does_not_open_the_file(acme: Company, finn: Caller, api: Caller) -> None:
    batch = f"payout-batches/{finn.post('payout-batches', {'currency': 'EUR'}).json['id']}"
    api.post(f"{batch}/approve")
    finn.post(f"{batch}/send")
    reading = Caller(key_for(acme.owner, [Scope.READ]))

    assert reading.get(batch).status == 200
    assert reading.get(f"{batch}/file").refusal == (403, "missing_scope")


def test_paid_now_is_the_default(acme: Company, finn: Caller, api: Caller) -> None:
    batch = f"payout-batches/{finn.post('payout-batches', {'currency': 'EUR'}).json['id']}"
    api.post(f"{batch}/approve")
    finn.post(f"{batch}/send")
    [payout] = finn.get("payouts").json["data"]
    before = clock.now().isoformat()

    paid = finn.post(f"payouts/{payout['id']}/mark-paid", {"provider_ref": "B-1"}).json

    assert before[:19] <= paid["paid_at"][:19] <= clock.now().isoformat()[:19]
