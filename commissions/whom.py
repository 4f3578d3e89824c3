"""Whom the rules pay that are not about one conversion: bonuses, flat fees, clicks, impressions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from affiliates.models import Enrollment
from commissions.facts import Basis, Facts
from commissions.models import Reward, RuleVersion
from commissions.rules import RuleInForce, in_order, resolve
from programs.models import Program


def facts_of_enrollment(enrollment: Enrollment, *, at: datetime, link_id: UUID | None) -> Facts:
    """Return what such rules may ask for; of everything else nothing is known."""
    return Facts(
        goal="",
        goal_id=None,
        occurred_at=at,
        basis=Basis(0),
        affiliate_type=enrollment.affiliate.type,
        enrollment_id=enrollment.id,
        tier_id=enrollment.tier_id,
        link_id=link_id,
    )


def paying_rules(
    rules: Iterable[RuleInForce],
    enrollment: Enrollment,
    *,
    at: datetime,
    link_id: UUID | None = None,
) -> list[RuleInForce]:
    """Return the rules that pay an enrollment: of the first level that has any, in order.

    `rules` are those of one kind of reward in force at `at`; affiliate and program are at hand.
    """
    facts = facts_of_enrollment(enrollment, at=at, link_id=link_id)
    holding = [
        rule
        for rule in in_order(rules)
        if resolve([rule], replace(facts, goal_id=rule.goal_id)).rule is not None
    ]
    return [rule for rule in holding if rule.level == holding[0].level]


def pays_for(program: Program, reward: Reward) -> bool:
    """Whether a program has a rule of this reward that has not ended."""
    versions = RuleVersion.objects.filter(
        merchant_id=program.merchant_id, rule__program=program, reward=reward
    )
    return versions.filter(rule__archived_at=None).exists()
