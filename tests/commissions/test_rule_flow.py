"""Rules as conversions meet them: from the report to the line, by the numbers of the docs."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Sum

from commissions.models import Commission, Level
from commissions.services import (
    Rate,
    RuleDraft,
    create_promotion,
    create_rule,
    move_to_tier,
    set_rate,
)
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Goal
from programs.services import create_tier, update_program
from tests.cast import NOON, Company, Promoter, click_of, sell

STEPS = [{"from": 1, "rate_bps": 1_000}, {"from": 3, "rate_bps": 1_500}]
VOLUME = {"period": "MONTH", "counts": "CONVERSIONS", "mode": "ONWARDS", "steps": STEPS}
LAST_OF_MARCH = datetime(2026, 3, 31, 23, 59, 59, 999999, tzinfo=UTC)


def rule(company: Company, **facts: Any) -> None:
    known: dict[str, Any] = {
        "reward": "PERCENT",
        "goal": Goal.objects.get(program=company.program, code="sale"),
    }
    create_rule(program=company.program, draft=RuleDraft(**(known | facts)), by=SYSTEM, at=NOON)


def earned(company: Company) -> list[int]:
    with merchant_context(company.id):
        lines = Commission.objects.order_by("earned_at", "created_at", "id")
        return list(lines.values_list("amount_minor", flat=True))


def test_a_rate_that_changes_in_mid_month_pays_by_the_moment(acme: Company, bob: Promoter) -> None:
    change = datetime(2026, 3, 15, 10, 30, tzinfo=UTC)
    with merchant_context(acme.id):
        set_rate(
            goal=Goal.objects.get(program=acme.program, code="sale"),
            rate=Rate("PERCENT", rate_bps=2_000),  # type: ignore[arg-type]
            by=SYSTEM,
            at=NOON,
            valid_from=change,
        )

    sell(acme, click=click_of(bob), at=change)
    sell(acme, click=click_of(bob), at=change - timedelta(microseconds=1))

    assert earned(acme) == [1_000, 2_000]


def test_from_the_third_sale_of_a_month_and_anew_in_the_next(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        rule(acme, reward="VOLUME", details=VOLUME)
    april = LAST_OF_MARCH + timedelta(microseconds=1)

    for at in (NOON + timedelta(hours=1), NOON + timedelta(days=1), LAST_OF_MARCH, april):
        sell(acme, click=click_of(bob, at=at - timedelta(days=1)), at=at)

    assert earned(acme) == [1_000, 1_000, 1_500, 1_000]


def test_a_retroactive_step_corrects_what_was_earned_before(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        rule(acme, reward="VOLUME", details=VOLUME | {"mode": "RETROACTIVE"})

    for hours in (1, 2, 3):
        sell(acme, click=click_of(bob), at=NOON + timedelta(hours=hours))

    with merchant_context(acme.id):
        total = Commission.objects.aggregate(total=Sum("amount_minor"))["total"]
    assert total == 4_500


def test_every_level_is_asked_in_turn_and_the_trace_says_so(acme: Company, bob: Promoter) -> None:
    day = timedelta(days=1)
    with merchant_context(acme.id):
        gold = create_tier(program=acme.program, name="Gold", by=SYSTEM, at=NOON)
        move_to_tier(enrollment=bob.enrollment, tier=gold, by=SYSTEM, at=NOON)
        promotion = create_promotion(
            program=acme.program,
            name="Two days",
            starts_at=NOON + day,
            ends_at=NOON + 3 * day,
            by=SYSTEM,
            at=NOON,
        )
        rule(acme, level=Level.TIER, tier=gold, rate_bps=1_200)
        rule(acme, level=Level.PROMOTION, promotion=promotion, rate_bps=1_300)
        large = [{"field": "amount_minor", "op": "gte", "value": 20_000}]
        rule(
            acme,
            level=Level.ENROLLMENT,
            enrollment=bob.enrollment,
            rate_bps=1_400,
            conditions=large,
        )

    sell(acme, click=click_of(bob), at=NOON + day / 2)
    conversion = sell(acme, click=click_of(bob), at=NOON + 2 * day)
    sell(acme, click=click_of(bob), amount_minor=20_000, at=NOON + 2.5 * day)
    sell(acme, click=click_of(bob), at=NOON + 3 * day)

    assert earned(acme) == [1_200, 1_300, 2_800, 1_200]
    looks = [(row["level"].upper(), row["matched"]) for row in conversion.trace["rules"]]
    assert looks == [("ENROLLMENT", False), ("PROMOTION", True)]


def test_the_guard_cuts_what_a_sale_may_cost(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        rule(acme, level=Level.ENROLLMENT, enrollment=bob.enrollment, rate_bps=3_000)
        changes = {"commission_bps_max": 2_500}
        update_program(program=acme.program, changes=changes, by=SYSTEM, at=NOON)

    sell(acme, click=click_of(bob))

    assert earned(acme) == [2_500]
