"""Rules beside the base rate: a tier with one, a promotion, one with a condition."""

from datetime import timedelta
from uuid import UUID

from commissions.models import Level, RuleVersion
from commissions.services import RuleDraft, create_promotion, create_rule
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from programs.models import Goal
from programs.services import create_tier
from tests.cast import NOON, Company


def store_rule(company: Company, **facts: object) -> RuleVersion:
    """Store a rule of the company's program for sales; return its first version."""
    with merchant_context(company.id):
        goal = Goal.objects.get(program=company.program, code="sale")
        draft = RuleDraft(**{"reward": "PERCENT", "goal": goal, **facts})  # type: ignore[arg-type]
        by = acting_user(company.owner.user)
        return create_rule(program=company.program, draft=draft, by=by, at=NOON)


def new_customers(rate_bps: int = 2_000) -> dict[str, object]:
    """Return the facts of a rule for new customers alone."""
    conditions = [{"field": "customer", "op": "is", "value": "new"}]
    return {"rate_bps": rate_bps, "conditions": conditions, "name": "New ones"}


def store_rates(company: Company) -> dict[str, UUID]:
    """Store a tier, a promotion and a rule of each level; return what routes name."""
    by, program = acting_user(company.owner.user), company.program
    with merchant_context(company.id):
        tier = create_tier(program=program, name="Gold", by=by, at=NOON)
        promotion = create_promotion(
            program=program,
            name="Spring weeks",
            starts_at=NOON - timedelta(days=1),
            ends_at=NOON + timedelta(days=20),
            by=by,
            at=NOON,
        )
    store_rule(company, level=Level.TIER, tier=tier, rate_bps=1_500)
    store_rule(company, level=Level.PROMOTION, promotion=promotion, rate_bps=2_500)
    rule = store_rule(company, **new_customers()).rule
    return {"rule_id": rule.id, "tier_id": tier.id, "promotion_id": promotion.id}
