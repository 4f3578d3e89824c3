"""Commissions decided by filter: counted first, then as many moved as were counted."""

from datetime import timedelta

import pytest

from commissions.models import Commission
from commissions.services import decisions_by_filter as deciding
from merchants.models import Event
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from tests.api.conftest import Caller
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell

PATH = "commissions/decide"
APPROVE = {"decision": "approve", "filter": {"status": "pending"}}


@pytest.fixture
def three(acme: Company, bob: Promoter) -> Promoter:
    """Sell twice by Bob, once by Dora; return Dora."""
    dora = make_promoter(acme, "Dora")
    for who, hours in ((bob, 1), (bob, 2), (dora, 3)):
        sell(acme, click=click_of(who), at=NOON + timedelta(hours=hours))
    return dora


def statuses(company: Company) -> list[str]:
    """Return where the lines stand, after checking the books."""
    with merchant_context(company.id):
        assert check_money(company.id) == []
        return list(Commission.objects.order_by("earned_at").values_list("status", flat=True))


def test_it_is_counted_then_decided(acme: Company, three: Promoter, api: Caller) -> None:
    counted = api.post(PATH, APPROVE | {"dry_run": True})

    assert (counted.status, counted.json) == (
        200,
        {
            "dry_run": True,
            "count": 3,
            "skipped": 0,
            "totals": [{"currency": "EUR", "count": 3, "amount_minor": 3_000}],
            "moved": None,
            "decision": None,
        },
    )
    assert statuses(acme) == ["PENDING"] * 3

    done = api.post(PATH, APPROVE | {"expected_count": 3})

    assert (done.status, done.json["moved"], done.json["dry_run"]) == (200, 3, False)
    assert statuses(acme) == ["APPROVED"] * 3
    with merchant_context(acme.id):
        events = Event.objects.filter(type="commission.approved")
        assert set(events.values_list("actor_kind", flat=True)) == {"KEY"}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"enrollment": "{dora}"}, ["PENDING", "PENDING", "HELD"]),
        ({"earned_to": "2026-03-02T14:00:00Z"}, ["HELD", "PENDING", "PENDING"]),
        ({"earned_from": "2026-03-02T14:00:00Z"}, ["PENDING", "HELD", "HELD"]),
        ({"currency": "USD"}, ["PENDING"] * 3),
        ({"hold_to": "2026-03-03T00:00:00Z"}, ["PENDING"] * 3),
        ({"kind": "earning", "status": "pending"}, ["HELD"] * 3),
    ],
)
def test_only_what_the_filter_finds_moves(
    acme: Company,
    three: Promoter,
    api: Caller,
    chosen: dict[str, str],
    expected: list[str],
) -> None:
    ids = {"dora": three.enrollment.id}
    said = {name: value.format(**ids) for name, value in chosen.items()}

    api.post(PATH, {"decision": "hold", "reason": "Odd", "filter": said})

    assert statuses(acme) == expected


def test_chosen_ones_by_id_and_never_anothers(
    acme: Company, globex: Company, three: Promoter, carol: Promoter, api: Caller
) -> None:
    sell(globex, click=click_of(carol))
    with merchant_context(globex.id):
        foreign = Commission.objects.get()
    with merchant_context(acme.id):
        own = Commission.objects.earliest("earned_at")
    body = {"decision": "decline", "reason": "Fake"}

    done = api.post(PATH, {**body, "filter": {"commissions": [str(own.id), str(foreign.id)]}})
    nothing = api.post(PATH, {**body, "filter": {"program": str(globex.program.id)}})

    assert (done.json["count"], done.json["moved"], nothing.json["moved"]) == (1, 1, 0)
    assert (statuses(acme), statuses(globex)) == (["DECLINED", "PENDING", "PENDING"], ["PENDING"])


@pytest.mark.parametrize(
    ("change", "status", "fields"),
    [
        ({"filter": {}}, 400, {"filter": "required"}),
        ({"filter": {"x": 1}}, 400, {"filter.x": "unknown_field"}),
        ({"filter": {"commissions": []}}, 400, {"filter.commissions": "min_length"}),
        ({"decision": "pay"}, 400, {"decision": "invalid_choice"}),
        ({"decision": "decline"}, 422, {"reason": "required"}),
        ({"decision": "hold", "reason": "x" * 501}, 400, {"reason": "max_length"}),
        ({"expected_count": 2}, 422, {"expected_count": "changed"}),
    ],
)
def test_what_cannot_be_decided_changes_nothing(
    acme: Company,
    three: Promoter,
    api: Caller,
    change: dict[str, object],
    status: int,
    fields: dict[str, str],
) -> None:
    refused = api.post(PATH, APPROVE | change)

    assert (refused.status, refused.fields) == (status, fields)
    assert statuses(acme) == ["PENDING"] * 3


def test_the_same_request_twice_decides_once(acme: Company, three: Promoter, api: Caller) -> None:
    first, again = (api.post(PATH, APPROVE, Idempotency_Key="k-1") for _ in range(2))

    assert first.json == again.json
    assert first.json["moved"] == 3
    assert api.post(PATH, APPROVE).json["moved"] == 0


def test_many_are_left_to_a_worker(
    acme: Company, three: Promoter, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "AT_ONCE_MAX", 2)

    asked = api.post(PATH, APPROVE)
    path = f"commission-decisions/{asked.json['decision']}"
    waiting = api.get(path).json
    assert statuses(acme) == ["PENDING"] * 3
    while deciding.run_decisions(merchant_id=acme.id, at=NOON, limit=2):
        pass
    done = api.get(path).json

    assert (asked.status, asked.json["moved"]) == (202, None)
    assert (waiting["status"], waiting["lines_total"], waiting["lines_done"]) == ("waiting", 3, 0)
    assert (done["status"], done["to"], done["lines_moved"]) == ("done", "approved", 3)
    assert statuses(acme) == ["APPROVED"] * 3
