"""What Acme pays beside its base rates: a tier, an agreement, a coupon rule, two promotions.

None of it is for Bob's usual sale: that one stays a plain percentage.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from commissions.models import Level, Reward
from commissions.services import RuleDraft, create_promotion, create_rule
from commissions.services.tiers import move_to_tier
from demo.cast import DANA, ERIK, FARAH, HUGO
from demo.history import History
from merchants.rights import Role
from programs.models import Goal
from programs.services import create_tier

TIER = "Harbour masters"  # Above those that figures open.
TIER_DAYS_AGO = 40
AGREED_DAYS_AGO = 36
COUPON_DAYS_AGO = 34
REGATTA_DAYS_AGO = 30
REGATTA_DAYS = 14
WINTER_SET_DAYS_AGO = 5
WINTER_IN_DAYS = 10
VOLUME = {
    "period": "MONTH",
    "counts": "CONVERSIONS",
    "mode": "ONWARDS",
    "steps": [{"from": 1, "rate_bps": 1_100}, {"from": 6, "rate_bps": 1_300}],
}
FLAG = {"kind": "GIFT", "quantity": 1, "description": "a signal flag"}
LAMPS = {
    "items": [{"category": "Lamps", "rate_bps": 1_500}],
    "otherwise": {"rate_bps": 1_000},
}


def plan_rates(history: History) -> None:
    """Plan when Alice set what."""
    for days_ago, action in (
        (TIER_DAYS_AGO, _make_tier),
        (AGREED_DAYS_AGO, _agree_with_erik),
        (COUPON_DAYS_AGO, _pay_less_for_coupons),
        (REGATTA_DAYS_AGO, _promote_regatta),
        (WINTER_SET_DAYS_AGO, _plan_winter),
    ):
        history.agenda.plan(history.day(days_ago) + timedelta(hours=8), partial(action, history))


def _make_tier(history: History, at: datetime) -> None:
    by, program = history.stage.acting(Role.OWNER), history.stage.program
    tier = create_tier(program=program, name=TIER, position=10, by=by, at=at)
    _rule(history, at, level=Level.TIER, tier=tier, reward=Reward.VOLUME, details=VOLUME)
    for promoter in (DANA, HUGO):
        if standing := history.stage.standing(promoter):
            move_to_tier(enrollment=standing.enrollment, tier=tier, by=by, at=at)


def _agree_with_erik(history: History, at: datetime) -> None:
    if standing := history.stage.standing(ERIK):
        facts = {"level": Level.ENROLLMENT, "enrollment": standing.enrollment}
        _rule(history, at, **facts, rate_bps=1_200, name="Agreed by mail")


def _pay_less_for_coupons(history: History, at: datetime) -> None:
    standing = history.stage.standing(FARAH)
    if standing and standing.coupon:
        codes = {"field": "coupon", "op": "in", "value": [standing.coupon.code]}
        _rule(history, at, conditions=[codes], rate_bps=800, name="Codes on coupon sites")


def _promote_regatta(history: History, at: datetime) -> None:
    new = {"field": "customer", "op": "is", "value": "new"}
    promotion = create_promotion(
        program=history.stage.program,
        name="Regatta weeks",
        starts_at=at,
        ends_at=at + timedelta(days=REGATTA_DAYS),
        by=history.stage.acting(Role.OWNER),
        at=at,
    )
    _rule(
        history,
        at,
        level=Level.PROMOTION,
        promotion=promotion,
        conditions=[new],
        rate_bps=1_500,
        details={"friend": FLAG},
    )


def _plan_winter(history: History, at: datetime) -> None:
    """Set what begins only after today."""
    starts_at = history.day(0) + timedelta(days=WINTER_IN_DAYS)
    promotion = create_promotion(
        program=history.stage.program,
        name="Winter light",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(days=21),
        by=history.stage.acting(Role.OWNER),
        at=at,
    )
    facts = {"level": Level.PROMOTION, "promotion": promotion}
    _rule(history, at, **facts, reward=Reward.PER_ITEM, details=LAMPS)


def _rule(history: History, at: datetime, **facts: Any) -> None:
    program = history.stage.program
    goal = Goal.objects.get(merchant=history.stage.merchant, program=program, code="sale")
    draft = RuleDraft(**{"reward": Reward.PERCENT, "goal": goal, **facts})
    create_rule(program=program, draft=draft, by=history.stage.acting(Role.OWNER), at=at)
