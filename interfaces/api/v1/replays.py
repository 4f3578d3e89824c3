"""Replays: what other rules would have cost, and open conversions decided anew."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from commissions.models import Replay, ReplayDifference, ReplayTotal
from commissions.replays import differences_of, replays_of, totals_of_replay
from commissions.services.replays import (
    apply_recompute,
    start_backtest,
    start_recompute,
    stop_replay,
)
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.find import one
from interfaces.api.v1.programs import programs
from interfaces.api.v1.replay_shapes import (
    NewBacktestSerializer,
    ReplayDifferenceSerializer,
    ReplayQuery,
    ReplayRowsQuery,
    ReplaySerializer,
    ReplayTotalSerializer,
    WhenSerializer,
    WholeReplaySerializer,
)
from merchants.rights import Scope

MARCH = {"happened_from": "2026-03-01T00:00:00Z", "happened_until": "2026-04-01T00:00:00Z"}


class Backtests(MerchantView):
    """What would these rules have cost?"""

    @endpoint(
        "Backtest rules",
        gives=WholeReplaySerializer,
        takes=NewBacktestSerializer,
        status=202,
        scope=Scope.PROGRAMS,
        example={
            **MARCH,
            "rules": [
                {
                    "goal": "sale",
                    "reward": "percent",
                    "rate_bps": 1_500,
                    "conditions": [{"field": "amount_minor", "op": "gte", "value": 15_000}],
                },
                {"goal": "sale", "reward": "percent", "rate_bps": 1_200},
            ],
        },
        description=(
            "Past conversions are decided anew under these rules; nothing of what is booked"
            " changes. Read the replay again for its progress, its sums and its totals by"
            " affiliate."
        ),
    )
    def post(self, call: Call, id: UUID) -> Replay:
        return start_backtest(
            program=one(programs(call), id),
            proposed=[_plain(rule) for rule in call.body["rules"]],
            happened_from=call.body["happened_from"],
            happened_until=call.body["happened_until"],
            replaces_all=call.body.get("replaces_all", False),
            by=call.by,
            at=call.at,
        )


def _plain(rule: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in rule.items()}


class Recomputes(MerchantView):
    """What does the policy of today make of open conversions?"""

    @endpoint(
        "Recompute open conversions",
        gives=WholeReplaySerializer,
        takes=WhenSerializer,
        status=202,
        scope=Scope.COMMISSIONS,
        example=MARCH,
        description=(
            "A dry run: lists each conversion and affiliate for whom money would change. Nothing"
            " is booked until it is applied."
        ),
    )
    def post(self, call: Call, id: UUID) -> Replay:
        return start_recompute(
            program=one(programs(call), id),
            happened_from=call.body["happened_from"],
            happened_until=call.body["happened_until"],
            by=call.by,
            at=call.at,
        )


class Replays(MerchantView):
    """The merchant's replays."""

    @endpoint("List replays", gives=ReplaySerializer, query=ReplayQuery)
    def get(self, call: Call) -> QuerySet[Replay]:
        return replays_of(call.merchant_id)


class OneReplay(MerchantView):
    """One replay."""

    @endpoint("Read a replay", gives=WholeReplaySerializer)
    def get(self, call: Call, id: UUID) -> Replay:
        return one(replays_of(call.merchant_id), id)


class ReplayTotals(MerchantView):
    """The sums of a replay by affiliate."""

    @endpoint("List totals of a replay", gives=ReplayTotalSerializer, query=ReplayRowsQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[ReplayTotal]:
        return totals_of_replay(one(replays_of(call.merchant_id), id))


class ReplayDifferences(MerchantView):
    """What a recompute would change."""

    @endpoint(
        "List differences of a replay", gives=ReplayDifferenceSerializer, query=ReplayRowsQuery
    )
    def get(self, call: Call, id: UUID) -> QuerySet[ReplayDifference]:
        return differences_of(one(replays_of(call.merchant_id), id))


class ApplyReplay(MerchantView):
    """Book what a recompute has listed."""

    @endpoint(
        "Apply a recompute",
        gives=WholeReplaySerializer,
        status=202,
        scope=Scope.COMMISSIONS,
        description=(
            "Each listed conversion is decided anew once more and what differs is booked as a"
            " correction. What was paid or declined in the meantime is left alone."
        ),
    )
    def post(self, call: Call, id: UUID) -> Replay:
        return apply_recompute(replay=one(replays_of(call.merchant_id), id), by=call.by, at=call.at)


class StopReplay(MerchantView):
    """Do no more of it."""

    @endpoint(
        "Stop a replay",
        gives=WholeReplaySerializer,
        scope=Scope.COMMISSIONS,
        description="What it has found or booked so far stays.",
    )
    def post(self, call: Call, id: UUID) -> Replay:
        return stop_replay(replay=one(replays_of(call.merchant_id), id), by=call.by, at=call.at)
