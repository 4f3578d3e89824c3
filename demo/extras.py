"""What Acme pays that no single sale earns, what it may cost, and what other rates would have.

None of it is for Bob: his sales stay as the README tells.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Sum

from affiliates.services import set_recruiter
from commissions.models import BudgetPeriod, BudgetScope, Commission, Level, Reward, Status
from commissions.replays import run_replays
from commissions.services import RuleDraft, create_rule
from commissions.services.bonuses import give_bonuses
from commissions.services.budgets import BudgetDraft, create_budget
from commissions.services.flat_fees import pay_flat_fees
from commissions.services.grants import release_grants
from commissions.services.replays import start_backtest
from commissions.services.traffic import pay_traffic
from demo.cast import DANA, HUGO, INES, LENA
from demo.history import History
from demo.rates import TIER
from merchants.rights import Role
from programs.models import Tier

SWEPT_DAYS_AGO = (36, 29, 22, 15, 8, 1, 0)  # The real ones are seconds apart.
BUDGET_PERCENT = (
    145  # Of what was used when it was set. By now the budget is used to more than its first alert.
)
TRIED = (
    ("FIXED", 200, 0, "signup"),
    ("FIXED", 500, 0, "lead"),
    ("PERCENT", 0, 1_200, "sale"),
)


def plan_extras(history: History) -> None:
    """Plan when Alice agreed to what, and the daily rounds of the worker that it asks for."""
    for days_ago, hour, action in (
        (36, 9.0, _sponsor_films),
        (35, 9.0, _reward_milestones),
        (10, 9.0, _pay_for_clicks),
        (12, 9.0, _set_budget),
        (8, 12.0, _thank_ines),
        (4, 11.0, _try_twelve_percent),
    ):
        _plan(history, days_ago, hour, action)
    for days_ago in SWEPT_DAYS_AGO:
        _plan(history, days_ago, 7.0, _sweep)


def _plan(
    history: History, days_ago: int, hour: float, action: Callable[[History, datetime], None]
) -> None:
    history.agenda.plan(history.day(days_ago) + timedelta(hours=hour), partial(action, history))


def _sweep(history: History, at: datetime) -> None:
    merchant_id = history.stage.id
    give_bonuses(merchant_id=merchant_id, at=at)
    pay_flat_fees(merchant_id=merchant_id, at=at)
    while pay_traffic(merchant_id=merchant_id, at=at):  # A day at a time.
        pass
    release_grants(merchant_id=merchant_id, at=at)


def _sponsor_films(history: History, at: datetime) -> None:
    if standing := history.stage.standing(DANA):
        facts = {"level": Level.ENROLLMENT, "enrollment": standing.enrollment}
        details = {"period": "MONTH"}
        _rule(history, at, reward=Reward.FLAT, fixed_minor=5_000, details=details, **facts)


def _reward_milestones(history: History, at: datetime) -> None:
    program = history.stage.program
    tier = Tier.objects.get(merchant=history.stage.merchant, program=program, name=TIER)
    details = {"counts": "CONVERSIONS", "every": 10, "period": "QUARTER", "goal": "sale"}
    facts = {"level": Level.TIER, "tier": tier, "fixed_minor": 2_500, "details": details}
    _rule(history, at, reward=Reward.BONUS, **facts)


def _pay_for_clicks(history: History, at: datetime) -> None:
    if standing := history.stage.standing(HUGO):
        facts = {"level": Level.ENROLLMENT, "enrollment": standing.enrollment}
        _rule(history, at, reward=Reward.PER_CLICK, details={"rate_e5": 1_500}, **facts)


def _set_budget(history: History, at: datetime) -> None:
    """Set what the program may cost in all: little more than it has cost by then."""
    program = history.stage.program
    lines = Commission.objects.filter(merchant=history.stage.merchant, program=program)
    used = lines.exclude(status=Status.DECLINED).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    limit_minor = max(round(used * BUDGET_PERCENT // 100, -4), 10_000)
    draft = BudgetDraft(BudgetScope.PROGRAM, BudgetPeriod.ALL, limit_minor)
    create_budget(program=program, draft=draft, by=history.stage.acting(Role.OWNER), at=at)


def _thank_ines(history: History, at: datetime) -> None:
    """Ines brought Lena, and gets a twentieth of what Lena earns."""
    ines, lena = history.stage.standing(INES), history.stage.standing(LENA)
    if ines and lena:
        by = history.stage.acting(Role.MANAGER)
        set_recruiter(enrollment=lena.enrollment, recruiter=ines.enrollment, by=by, at=at)
        facts = {"level": Level.ENROLLMENT, "enrollment": ines.enrollment}
        details = {"depth_max": 1}
        _rule(history, at, reward=Reward.OVERRIDE, rate_bps=500, details=details, **facts)


def _try_twelve_percent(history: History, at: datetime) -> None:
    proposed = [
        {"goal": goal, "reward": reward, "fixed_minor": fixed_minor, "rate_bps": rate_bps}
        for reward, fixed_minor, rate_bps, goal in TRIED
    ]
    start_backtest(
        program=history.stage.program,
        proposed=proposed,
        happened_from=history.day(34),
        happened_until=history.day(4),
        by=history.stage.acting(Role.OWNER),
        at=at,
    )
    while run_replays(merchant_id=history.stage.id, at=at):
        pass


def _rule(history: History, at: datetime, **facts: Any) -> None:
    by = history.stage.acting(Role.OWNER)
    create_rule(program=history.stage.program, draft=RuleDraft(**facts), by=by, at=at)
