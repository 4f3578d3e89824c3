"""Rules at every level: created, revised, put in order, archived; and promotions."""

from datetime import timedelta
from typing import Any

import pytest

from affiliates.services import move_to_tier
from commissions.accrual.rates import RuleBook, rules_of
from commissions.models import Commission, Level, Rule, RuleVersion
from commissions.selectors import (
    program_rules_in_force,
    rate_histories,
    rates_in_force,
    terms_of_enrollment,
)
from commissions.services import (
    RuleDraft,
    archive_promotion,
    archive_rule,
    create_promotion,
    create_rule,
    reorder_rules,
    revise_rule,
    update_promotion,
)
from commissions.services.lines import hold_of
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import SYSTEM, Event
from merchants.tenancy import affiliate_context, merchant_context
from programs.models import Goal, Tier
from programs.services import archive_tier, create_tier
from reports.affiliate_programs import rates_in_force as rates_shown
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell

LATER = NOON + timedelta(days=1)
NEW = [{"field": "customer", "op": "is", "value": "new"}]


def sale_of(company: Company) -> Goal:
    return Goal.objects.get(program=company.program, code="sale")


def create(company: Company, **facts: Any) -> RuleVersion:
    known: dict[str, Any] = {"reward": "PERCENT", "rate_bps": 2_000, "goal": sale_of(company)}
    draft = RuleDraft(**(known | facts))
    return create_rule(program=company.program, draft=draft, by=SYSTEM, at=LATER)


def tier_of(company: Company, name: str = "Gold") -> Tier:
    return create_tier(program=company.program, name=name, by=SYSTEM, at=NOON)


def book_of(company: Company) -> RuleBook:
    return rules_of(company.id, [company.program.id])


def told(company: Company) -> list[str]:
    return list(Event.objects.order_by("created_at", "id").values_list("type", flat=True))


def test_a_rule_stands_at_its_level_with_its_first_version(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        for_tier = create(acme, level=Level.TIER, tier=tier_of(acme), name="Gold")
        own = create(acme, level=Level.ENROLLMENT, enrollment=bob.enrollment)
        linked = create(acme, level=Level.LINK, link=bob.link, goal=None)

        in_force = book_of(acme).in_force(acme.program.id, sale_of(acme).id, LATER)

        assert [row.level for row in in_force] == ["LINK", "ENROLLMENT", "TIER", "PROGRAM"]
        assert [row.version_id for row in in_force[:3]] == [linked.id, own.id, for_tier.id]
        assert for_tier.rule.position == 10
        assert told(acme).count("program.rule_created") == 3


def test_before_a_rule_was_made_nobody_is_paid_by_it(acme: Company) -> None:
    with merchant_context(acme.id):
        create(acme, conditions=NEW)
        book, goal = book_of(acme), sale_of(acme)
        before = LATER - timedelta(microseconds=1)

        assert len(book.in_force(acme.program.id, goal.id, before)) == 1
        assert len(book.in_force(acme.program.id, goal.id, LATER)) == 2


def test_a_rule_of_the_program_without_conditions_is_the_base_rate(acme: Company) -> None:
    with merchant_context(acme.id):
        version = create(acme)

        assert version.rule.is_base
        assert version.version == 2
        assert Rule.objects.filter(goal=sale_of(acme)).count() == 1


def test_what_is_earned_otherwise_has_no_goal_and_is_no_base(acme: Company) -> None:
    with merchant_context(acme.id):
        version = create(
            acme, reward="PER_CLICK", rate_bps=0, goal=None, details={"rate_e5": 1_000}
        )

        assert not version.rule.is_base
        found = book_of(acme).paying(acme.program.id, "PER_CLICK", LATER)
        assert [row.version_id for row in found] == [version.id]
        assert len(book_of(acme).in_force(acme.program.id, sale_of(acme).id, LATER)) == 1


@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        ({"level": "MOON"}, "level", "invalid_choice"),
        ({"level": "TIER"}, "tier", "required"),
        ({"level": "LINK"}, "link", "required"),
        ({"goal": None}, "goal", "required"),
        ({"rate_bps": 0}, "rate_bps", "required"),
        ({"conditions": [{"field": "moon"}]}, "conditions.0.op", "required"),
        ({"name": "x" * 81, "conditions": NEW}, "name", "max_length"),
        ({"position": -1, "conditions": NEW}, "position", "min_value"),
        (
            {"reward": "FLAT", "rate_bps": 0, "fixed_minor": 5, "details": {"period": "ONCE"}}
            | {"conditions": NEW},
            "conditions",
            "not_with_reward",
        ),
    ],
)
def test_a_bad_rule_names_its_field_and_stores_nothing(
    acme: Company, facts: dict[str, Any], field: str, code: str
) -> None:
    with merchant_context(acme.id):
        before = Rule.objects.count()

        with pytest.raises(BadValue) as refusal:
            create(acme, **facts)

        assert (refusal.value.field, refusal.value.code) == (field, code)
        assert Rule.objects.count() == before


def test_what_is_another_programs_is_refused(
    acme: Company, globex: Company, carol: Promoter, bob: Promoter
) -> None:
    with merchant_context(acme.id):
        with pytest.raises(BadValue, match="another program"):
            create(acme, level=Level.ENROLLMENT, enrollment=carol.enrollment)
        with pytest.raises(BadValue) as refusal:
            create(acme, level=Level.ENROLLMENT, enrollment=bob.enrollment, tier=tier_of(acme))
        assert refusal.value.code == "not_with_level"


def test_what_has_ended_gets_no_rule(acme: Company) -> None:
    with merchant_context(acme.id):
        gold = archive_tier(tier=tier_of(acme), by=SYSTEM, at=NOON)
        times: dict[str, Any] = {"starts_at": NOON, "ends_at": LATER, "by": SYSTEM, "at": NOON}
        sale = create_promotion(program=acme.program, name="Sale", **times)
        archive_promotion(promotion=sale, by=SYSTEM, at=NOON)
        sale.refresh_from_db()

        for facts in ({"level": "TIER", "tier": gold}, {"level": "PROMOTION", "promotion": sale}):
            with pytest.raises(BadValue) as refusal:
                create(acme, **facts)
            assert (refusal.value.field, refusal.value.code) == (list(facts)[1], "archived")
        with pytest.raises(BadValue) as refusal:
            create_promotion(program=acme.program, name="Other", tier=gold, **times)
        assert (refusal.value.field, refusal.value.code) == ("tier", "archived")

        assert Rule.objects.filter(program=acme.program).count() == 1


def test_a_revision_holds_from_its_moment_on(acme: Company) -> None:
    with merchant_context(acme.id):
        first = create(acme, conditions=NEW, name="New")
        soon = LATER + timedelta(days=7)
        draft = RuleDraft(reward="FIXED", fixed_minor=500, conditions=NEW, name="New, fixed")

        second = revise_rule(rule=first.rule, draft=draft, by=SYSTEM, at=LATER, valid_from=soon)

        book, goal = book_of(acme), sale_of(acme)
        before = book.in_force(acme.program.id, goal.id, soon - timedelta(microseconds=1))[0]
        after = book.in_force(acme.program.id, goal.id, soon)[0]
        assert (before.version_id, after.version_id) == (first.id, second.id)
        event = Event.objects.get(type="program.rule_revised")
        assert event.data["before"]["rate_bps"] == 2_000
        assert event.data["after"]["fixed_minor"] == 500


def test_the_base_rate_takes_no_conditions_and_an_archived_rule_no_version(acme: Company) -> None:
    with merchant_context(acme.id):
        base = Rule.objects.get(goal=sale_of(acme), is_base=True)
        rule = create(acme, conditions=NEW).rule
        draft = RuleDraft(reward="FIXED", fixed_minor=500, conditions=NEW)

        with pytest.raises(BadValue) as refusal:
            revise_rule(rule=base, draft=draft, by=SYSTEM, at=LATER)
        assert refusal.value.field == "conditions"

        archive_rule(rule=rule, by=SYSTEM, at=LATER)
        archive_rule(rule=rule, by=SYSTEM, at=LATER + timedelta(days=1))
        with pytest.raises(IllegalMove):
            revise_rule(rule=rule, draft=draft, by=SYSTEM, at=LATER)
        assert told(acme).count("program.rule_archived") == 1


def test_an_archived_rule_pays_for_what_happened_before(acme: Company) -> None:
    with merchant_context(acme.id):
        rule = create(acme, conditions=NEW).rule
        end = LATER + timedelta(days=2)
        archive_rule(rule=rule, by=SYSTEM, at=end)

        book, goal = book_of(acme), sale_of(acme)

        assert len(book.in_force(acme.program.id, goal.id, end - timedelta(seconds=1))) == 2
        assert len(book.in_force(acme.program.id, goal.id, end)) == 1


def test_rules_are_asked_in_the_order_that_was_given(acme: Company) -> None:
    with merchant_context(acme.id):
        rules = [create(acme, conditions=NEW, name=str(number)).rule for number in range(3)]

        reorder_rules(program=acme.program, rules=[rules[2], rules[0]], by=SYSTEM, at=LATER)

        names = [
            row.name for row in book_of(acme).in_force(acme.program.id, sale_of(acme).id, LATER)
        ]
        assert names == ["2", "0", "1", ""]
        for wrong in ([], [rules[0], rules[0]], [Rule.objects.get(is_base=True)]):
            with pytest.raises(BadValue):
                reorder_rules(program=acme.program, rules=wrong, by=SYSTEM, at=LATER)
        tiered = create(acme, level=Level.TIER, tier=tier_of(acme)).rule
        with pytest.raises(BadValue) as refusal:
            reorder_rules(program=acme.program, rules=[rules[0], tiered], by=SYSTEM, at=LATER)
        assert refusal.value.code == "other_level"


def test_a_promotion_has_a_time_and_perhaps_a_tier(acme: Company, globex: Company) -> None:
    with merchant_context(acme.id):
        facts = {"name": "May", "starts_at": LATER, "ends_at": LATER + timedelta(days=7)}
        promotion = create_promotion(program=acme.program, **facts, by=SYSTEM, at=NOON)
        rule = create(acme, level=Level.PROMOTION, promotion=promotion)

        longer = facts | {"ends_at": LATER + timedelta(days=8)}
        update_promotion(promotion=promotion, **longer, by=SYSTEM, at=NOON)
        archive_promotion(promotion=promotion, by=SYSTEM, at=LATER + timedelta(days=3))
        archive_promotion(promotion=promotion, by=SYSTEM, at=LATER + timedelta(days=4))

        book, goal = book_of(acme), sale_of(acme)
        in_force = book.in_force(acme.program.id, goal.id, LATER + timedelta(days=2))
        assert in_force[0].version_id == rule.id
        later = book.in_force(acme.program.id, goal.id, LATER + timedelta(days=3))
        assert [row.level for row in later] == ["PROGRAM"]
        with pytest.raises(IllegalMove):
            update_promotion(promotion=promotion, **facts, by=SYSTEM, at=NOON)
        with pytest.raises(BadValue) as refusal:
            create_promotion(
                program=acme.program, **(facts | {"ends_at": LATER}), by=SYSTEM, at=NOON
            )
        assert refusal.value.field == "ends_at"
        assert [name for name in told(acme) if "promotion" in name] == [
            "program.promotion_created",
            "program.promotion_updated",
            "program.promotion_archived",
        ]


def test_the_rules_of_an_archived_tier_pay_no_more(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        tier = tier_of(acme)
        create(acme, level=Level.TIER, tier=tier)
        archive_tier(tier=tier, by=SYSTEM, at=LATER + timedelta(days=1))

        in_force = book_of(acme).in_force(
            acme.program.id, sale_of(acme).id, LATER + timedelta(days=1)
        )

        assert [row.level for row in in_force] == ["PROGRAM"]


def test_the_hold_of_an_archived_tier_holds_no_more(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        gold = create_tier(program=acme.program, name="Gold", hold_days=90, by=SYSTEM, at=NOON)
        move_to_tier(enrollment=bob.enrollment, tier=gold, by=SYSTEM, at=NOON)
    sell(acme, click=click_of(bob), external_id="before", at=LATER)
    with merchant_context(acme.id):
        archive_tier(tier=gold, by=SYSTEM, at=LATER)
        bob.enrollment.refresh_from_db()
        assert hold_of(bob.enrollment).days == 30
    sell(acme, click=click_of(bob), external_id="after", at=LATER)

    with merchant_context(acme.id):
        lines = Commission.objects.order_by("created_at", "id")
        assert [(line.hold_until - line.earned_at).days for line in lines] == [90, 30]


def test_terms_are_the_rules_that_apply_with_past_and_coming_ones(
    acme: Company, bob: Promoter
) -> None:
    bea = make_promoter(acme, "Bea")
    week = timedelta(days=7)
    with merchant_context(acme.id):
        gold, silver = tier_of(acme), tier_of(acme, "Silver")
        move_to_tier(enrollment=bob.enrollment, tier=gold, by=SYSTEM, at=NOON)
        create(acme, level=Level.TIER, tier=gold, name="gold")
        create(acme, level=Level.TIER, tier=silver, name="silver")
        create(acme, level=Level.ENROLLMENT, enrollment=bob.enrollment, name="bob")
        create(acme, level=Level.ENROLLMENT, enrollment=bea.enrollment, name="bea")
        create(acme, level=Level.LINK, link=bob.link, name="link")
        promotion = create_promotion(
            program=acme.program,
            name="May",
            starts_at=LATER + week,
            ends_at=LATER + 2 * week,
            by=SYSTEM,
            at=NOON,
        )
        create(acme, level=Level.PROMOTION, promotion=promotion, name="may")
        create(acme)  # The second version of the base rate.

    seen = {}
    for moment in (LATER, LATER + week, LATER + 2 * week):
        with affiliate_context(bob.affiliate.id):
            bob.enrollment.refresh_from_db()
            seen[moment] = terms_of_enrollment(bob.enrollment, at=moment)

    now = seen[LATER]
    assert [row.rule.name for row in now] == ["link", "bob", "may", "gold", ""]
    assert [bool(row.current) for row in now] == [True, True, False, True, True]
    assert [len(row.coming) for row in now] == [0, 0, 1, 0, 0]
    assert [len(row.past) for row in now] == [0, 0, 0, 0, 1]
    assert now[4].past[0].until == LATER
    assert seen[LATER + week][2].current is not None
    assert len(seen[LATER + 2 * week][2].past) == 1


def test_what_everybody_is_shown_holds_nobodys_own_rates(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        create(acme, level=Level.ENROLLMENT, enrollment=bob.enrollment)
        create(acme, level=Level.LINK, link=bob.link)
        create(acme, level=Level.TIER, tier=tier_of(acme))
        new = create(acme, conditions=NEW)
        fee = create(acme, reward="FLAT", rate_bps=0, fixed_minor=5, details={"period": "ONCE"})
        id, later = acme.program.id, LATER + timedelta(days=1)

        for rows in (rates_in_force([id], at=later)[id], rates_shown([id], at=later)[id]):
            (sale,) = [row.version for row in rows if row.goal.code == "sale"]
            assert sale is not None
            assert sale.rule.is_base
        (history,) = [
            row for row in rate_histories(acme.program, at=later) if row.goal.code == "sale"
        ]
        assert len(history.versions) == 1
        assert program_rules_in_force([id], at=later)[id] == [new, fee]
        assert program_rules_in_force([id], at=NOON)[id] == []
