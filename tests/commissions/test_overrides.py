"""Overrides: what recruiters earn, with the numbers of docs/other-earnings.md."""

from datetime import timedelta
from uuid import UUID

import pytest

from commissions.facts import Basis, Facts
from commissions.models import Level, Reward
from commissions.overrides import (
    OwnQuestion,
    Recruiter,
    day_of,
    overrides_due,
    own_conversions,
    questions_of,
    recruiters_of,
)
from commissions.rules import RuleInForce
from common.ids import new_id
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell

CAROL, DORA, TIER = new_id(), new_id(), new_id()
FACTS = Facts(goal="sale", goal_id=new_id(), occurred_at=NOON, basis=Basis(50_000))
FIRST = RuleInForce(
    level=Level.PROGRAM,
    reward=Reward.OVERRIDE,
    rate_bps=1_000,
    details={"depth_max": 1},
    position=1,
)
SECOND = RuleInForce(
    level=Level.PROGRAM,
    reward=Reward.OVERRIDE,
    rate_bps=250,
    details={"depth_max": 3, "own": {"conversions_min": 2, "days": 30}},
    position=2,
)


def recruiter(id: UUID, depth: int, *, is_approved: bool = True, tier: UUID | None = None):
    """Return one who stands above."""
    return Recruiter(id, new_id(), tier, "OTHER", depth, is_approved)


def amounts(earned_minor: int, *, own: int = 2, carol_approved: bool = True) -> dict[int, int]:
    """Return what Carol (1) and Dora (2) earn by the page's two rules."""
    due = overrides_due(
        earned_minor=earned_minor,
        facts=FACTS,
        chain=[recruiter(CAROL, 1, is_approved=carol_approved), recruiter(DORA, 2)],
        rules=[SECOND, FIRST],
        own={OwnQuestion(DORA, day_of(NOON), 30): own},
    )
    return {one.recruiter.depth: one.amount_minor for one in due if one.amount_minor}


@pytest.mark.parametrize(
    ("_case", "facts", "expected"),
    [
        ("the first rule pays depth 1, the second depth 2", {}, {1: 500, 2: 125}),
        ("one conversion of her own is too few", {"own": 1}, {1: 500}),
        ("who is suspended earns nothing, the next one does", {"carol_approved": False}, {2: 125}),
    ],
)
def test_recruiters_earn_a_share_of_the_line(_case, facts, expected) -> None:
    assert amounts(5_000, **facts) == expected


@pytest.mark.parametrize(("earned", "expected"), [(20, {1: 2}), (60, {1: 6, 2: 2})])
def test_shares_are_rounded_half_even(earned: int, expected: dict[int, int]) -> None:
    assert amounts(earned) == expected


def test_the_recruiters_own_levels_decide() -> None:
    for_tier = RuleInForce(
        level=Level.TIER,
        tier_id=TIER,
        reward=Reward.OVERRIDE,
        rate_bps=2_000,
        details={"depth_max": 1},
    )

    due = overrides_due(
        earned_minor=5_000,
        facts=FACTS,
        chain=[recruiter(CAROL, 1, tier=TIER)],
        rules=[FIRST, for_tier],
        own={},
    )

    assert [(one.rule, one.amount_minor, one.event_ref) for one in due] == [
        (for_tier, 1_000, "override:1")
    ]


def test_only_what_a_rule_depends_on_is_asked() -> None:
    chain = [recruiter(CAROL, 1), recruiter(DORA, 4)]

    assert questions_of(FACTS, chain, [FIRST]) == set()
    assert questions_of(FACTS, chain, [FIRST, SECOND]) == {OwnQuestion(CAROL, day_of(NOON), 30)}


def recruit(company: Company, promoter: Promoter, by: Promoter) -> None:
    """Let one have recruited another."""
    with merchant_context(company.id):
        promoter.enrollment.recruited_by = by.enrollment
        promoter.enrollment.save(update_fields=["recruited_by"])


def test_a_chain_ends_where_it_would_begin_anew(acme: Company, bob: Promoter) -> None:
    dora, carol = make_promoter(acme, "Dora"), make_promoter(acme, "Carla")
    recruit(acme, bob, by=carol)
    recruit(acme, carol, by=dora)
    recruit(acme, dora, by=bob)

    with merchant_context(acme.id):
        chains = recruiters_of(acme.id, [bob.enrollment.id])

    found = [(one.enrollment_id, one.depth, one.is_approved) for one in chains[bob.enrollment.id]]
    assert found == [(carol.enrollment.id, 1, True), (dora.enrollment.id, 2, True)]


def test_own_conversions_are_those_of_the_days_before(acme: Company, bob: Promoter) -> None:
    click = click_of(bob)
    sell(acme, click=click, at=NOON + timedelta(hours=1))
    sell(acme, click=click, at=NOON + timedelta(days=1))
    today = day_of(NOON + timedelta(days=1))
    asked = [
        OwnQuestion(bob.enrollment.id, today, 1),
        OwnQuestion(bob.enrollment.id, today + timedelta(days=1), 1),
        OwnQuestion(bob.enrollment.id, today + timedelta(days=1), 2),
    ]

    with merchant_context(acme.id):
        counts = own_conversions(acme.id, asked)

    assert [counts[question] for question in asked] == [1, 1, 2]
