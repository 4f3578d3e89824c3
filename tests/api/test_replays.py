"""Backtests and recomputes by the API."""

from datetime import timedelta
from typing import Any

import pytest

from commissions.replays import run_replays
from commissions.services.replays import start_recompute
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tests.api.conftest import Caller
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell

SPAN = {"happened_from": "2026-03-01T00:00:00Z", "happened_until": "2026-04-01T00:00:00Z"}
RULE = {"goal": "sale", "reward": "percent", "rate_bps": 1_200}
BODY = {**SPAN, "rules": [RULE]}


def work(company: Company) -> None:
    """Do what the worker does."""
    while run_replays(merchant_id=company.id, at=NOON):
        pass


def test_a_backtest_is_taken_in_and_read_with_its_totals(acme: Company, api: Caller, bob: Promoter):
    dora = make_promoter(acme, "Dora")
    sell(acme, click=click_of(bob))
    sell(acme, click=click_of(dora), amount_minor=5_000)

    started = api.post(f"programs/{acme.program.id}/rules/backtest", BODY)
    work(acme)
    read = api.get(f"replays/{started.json['id']}").json
    first = api.get(f"replays/{read['id']}/totals?limit=1").json
    second = api.get(f"replays/{read['id']}/totals?limit=1&cursor={first['next_cursor']}").json

    assert (started.status, started.json["status"]) == (202, "waiting")
    assert read | {"created_at": "", "finished_at": ""} == {
        "id": started.json["id"],
        "program": str(acme.program.id),
        "kind": "backtest",
        "status": "done",
        "detail": None,
        **SPAN,
        "replaces_all": False,
        "conversions_total": 2,
        "conversions_done": 2,
        "currency": "EUR",
        "before_minor": 1_500,
        "after_minor": 1_800,
        "conversions_differing": 0,
        "conversions_applied": 0,
        "booked_minor": 0,
        "finished_at": "",
        "applied_at": None,
        "created_at": "",
        "rules": [
            {
                **RULE,
                "name": "",
                "level": "program",
                "fixed_minor": 0,
                "details": {},
                "conditions": [],
            }
        ],
    }
    rows = first["data"] + second["data"]
    assert {(row["affiliate_name"], row["before_minor"], row["after_minor"]) for row in rows} == {
        ("Bob", 1_000, 1_200),
        ("Dora", 500, 600),
    }
    assert second["next_cursor"] is None
    own = api.get(f"replays/{read['id']}/totals?enrollment={bob.enrollment.id}").json["data"]
    assert [row["enrollment"] for row in own] == [str(bob.enrollment.id)]
    assert [row["id"] for row in api.get("replays?kind=backtest").json["data"]] == [read["id"]]
    assert api.get("replays?kind=recompute").json["data"] == []


def test_a_recompute_is_listed_and_applied_once(acme: Company, api: Caller, bob: Promoter):
    sell(acme, click=click_of(bob))

    started = api.post(f"programs/{acme.program.id}/recompute", SPAN)
    early = api.post(f"replays/{started.json['id']}/apply")
    work(acme)
    listed = api.get(f"replays/{started.json['id']}/differences")
    applied = api.post(f"replays/{started.json['id']}/apply")
    work(acme)

    assert (started.status, started.json["kind"]) == (202, "recompute")
    assert early.refusal == (409, "illegal_move")
    assert listed.json == {"data": [], "next_cursor": None}
    assert (applied.status, applied.json["status"]) == (202, "applying")
    assert api.get(f"replays/{started.json['id']}").json["status"] == "applied"
    assert api.post(f"replays/{started.json['id']}/apply").refusal == (409, "illegal_move")


@pytest.mark.parametrize(
    ("change", "status", "fields"),
    [
        ({"x": 1}, 400, {"x": "unknown_field"}),
        ({"rules": []}, 400, {"rules": "empty"}),
        ({"rules": [{"goal": "sale"}]}, 400, {"rules.0.reward": "required"}),
        ({"rules": [RULE | {"rate_bps": "12"}]}, 400, {"rules.0.rate_bps": "not_an_integer"}),
        ({"rules": [RULE | {"details": []}]}, 400, {"rules.0.details": "not_an_object"}),
        ({"rules": [RULE | {"conditions": [1]}]}, 400, {"rules.0.conditions.0": "not_an_object"}),
        ({"rules": [RULE, RULE | {"goal": "x"}]}, 422, {"rules.1.goal": "unknown_goal"}),
        ({"rules": [RULE | {"level": "tier"}]}, 422, {"rules.0.tier": "required"}),
        (
            {"rules": [RULE | {"level": "tier", "tier": "0" * 36}]},
            400,
            {"rules.0.tier": "invalid"},
        ),
        (
            {"rules": [RULE | {"conditions": [{"field": "moon", "op": "is", "value": "full"}]}]},
            422,
            {"rules.0.conditions.0.field": "invalid_choice"},
        ),
        ({"happened_until": SPAN["happened_from"]}, 422, {"happened_until": "not_after"}),
        ({"happened_until": "now"}, 400, {"happened_until": "no_moment"}),
    ],
)
def test_what_is_wrong_is_named(
    acme: Company, api: Caller, change: dict[str, Any], status: int, fields: dict[str, str]
):
    answer = api.post(f"programs/{acme.program.id}/rules/backtest", BODY | change)

    assert (answer.status, answer.fields) == (status, fields)


def test_so_many_at_a_time(acme: Company, api: Caller):
    path = f"programs/{acme.program.id}/rules/backtest"
    first, *_others = [api.post(path, BODY) for _number in range(5)]

    assert api.post(path, BODY).refusal == (409, "too_many_replays")
    stopped = api.post(f"replays/{first.json['id']}/stop")
    assert (stopped.status, stopped.json["status"]) == (200, "failed")
    assert api.post(path, BODY).status == 202


def test_another_merchants_is_not_there(acme: Company, globex: Company, api: Caller):
    with merchant_context(globex.id):
        foreign = start_recompute(
            program=globex.program,
            happened_from=NOON,
            happened_until=NOON + timedelta(days=1),
            by=SYSTEM,
            at=NOON,
        )

    for path in ("", "/totals", "/differences"):
        assert api.get(f"replays/{foreign.id}{path}").refusal == (404, "not_found")
    for path in ("apply", "stop"):
        assert api.post(f"replays/{foreign.id}/{path}").refusal == (404, "not_found")
    assert api.post(f"programs/{globex.program.id}/rules/backtest", BODY).status == 404
    assert api.post(f"programs/{globex.program.id}/recompute", SPAN).status == 404
    assert api.get("replays").json["data"] == []
