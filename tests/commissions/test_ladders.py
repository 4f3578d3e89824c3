"""Ladders: figures of a period, the daily round, who would move, and what affiliates are told."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from affiliates.models import Enrollment, MoveCause, TierMove
from commissions.directory import merchants_with_ladders_due, merchants_with_tiers_to_tell_of
from commissions.ladders import climb, preview_ladder, running_window, tier_progress
from commissions.ladders.figures import figures_of
from commissions.ladders.mails import tell_of_tiers
from commissions.services import decline_conversion, move_to_tier
from common.refusals import BadValue
from merchants.models import SYSTEM, Event
from merchants.tenancy import affiliate_context, merchant_context
from programs.models import Metric, Period, Tier
from programs.selectors import ladder_of, targets_by_tier, tiers_of
from programs.services import Preset, create_tier, ladder_draft, set_ladder, use_preset
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell

DAY = timedelta(days=1)
SOLD_AT = NOON + timedelta(hours=1)


@pytest.fixture
def silver(acme: Company) -> Tier:
    """Let Acme move whoever sells for 200.00 in 30 days into Silver."""
    with merchant_context(acme.id):
        tier = create_tier(
            program=acme.program,
            name="Silver",
            targets={Metric.REVENUE: 20_000},
            benefits="A contact of your own.",
            by=SYSTEM,
            at=NOON,
        )
    switch(acme, period=Period.DAYS_30.value)
    return tier


def switch(acme: Company, **changes: Any) -> None:
    """Let Acme's ladder move people by itself."""
    with merchant_context(acme.id):
        changes = {"is_automatic": True, "grace_days": 14, "lock_days": 7, **changes}
        set_ladder(program=acme.program, changes=changes, by=SYSTEM, at=NOON)


def climb_all(acme: Company, at: datetime) -> None:
    """Do what the worker does on a day."""
    while climb(merchant_id=acme.id, at=at):
        pass


def now(acme: Company, promoter: Promoter) -> Enrollment:
    """Return the enrollment as it is stored."""
    with merchant_context(acme.id):
        return Enrollment.objects.select_related("tier").get(id=promoter.enrollment.id)


def sell_twice(acme: Company, bob: Promoter) -> None:
    """Let Bob bring two sales of 100.00."""
    for order in ("o-1", "o-2"):
        sell(acme, click=click_of(bob), external_id=order, at=SOLD_AT)


def test_figures_count_what_was_not_declined(acme: Company, bob: Promoter) -> None:
    dave = make_promoter(acme, "Dave")
    sell_twice(acme, bob)
    declined = sell(acme, click=click_of(bob), external_id="o-3", at=SOLD_AT)
    sell(acme, click=click_of(bob), external_id="late", at=SOLD_AT + 40 * DAY)
    with merchant_context(acme.id):
        decline_conversion(conversion=declined, reason="No", by=SYSTEM, at=SOLD_AT)
        found = figures_of(
            acme.id,
            [bob.enrollment.id, dave.enrollment.id],
            metrics=[Metric.CONVERSIONS, Metric.REVENUE, Metric.COMMISSION, Metric.NEW_CUSTOMERS],
            window=running_window(Period.DAYS_30, SOLD_AT + DAY),
        )

    assert found == {
        bob.enrollment.id: {
            "CONVERSIONS": 2,
            "REVENUE": 20_000,
            "COMMISSION": 2_000,
            "NEW_CUSTOMERS": 0,
        }
    }


def test_whoever_reaches_the_targets_rises_once_and_is_told(
    acme: Company, bob: Promoter, silver: Tier
) -> None:
    sell_twice(acme, bob)

    assert merchants_with_ladders_due(at=SOLD_AT) == [acme.id]
    climb_all(acme, SOLD_AT)
    assert merchants_with_ladders_due(at=SOLD_AT) == []
    climb_all(acme, SOLD_AT + DAY)

    row = now(acme, bob)
    assert (row.tier_id, row.tier_since) == (silver.id, SOLD_AT)
    assert row.tier_locked_until == SOLD_AT + 7 * DAY
    with merchant_context(acme.id):
        move = TierMove.objects.get()
        assert (move.cause, move.figures) == (MoveCause.REACHED, {"REVENUE": 20_000})
        event = Event.objects.get(type="enrollment.tier_changed")
        assert event.data["figures"] == {"REVENUE": 20_000}
    assert merchants_with_tiers_to_tell_of() == [acme.id]
    assert tell_of_tiers(merchant_id=acme.id, at=SOLD_AT) == 1
    assert tell_of_tiers(merchant_id=acme.id, at=SOLD_AT) == 0
    (sent,) = mail.outbox
    assert sent.subject == "You are in the tier Silver of Acme Partners"
    assert "A contact of your own." in sent.body


def test_whoever_misses_them_is_warned_then_falls(
    acme: Company, bob: Promoter, silver: Tier
) -> None:
    sell_twice(acme, bob)
    climb_all(acme, SOLD_AT)
    tell_of_tiers(merchant_id=acme.id, at=SOLD_AT)
    mail.outbox.clear()
    later = SOLD_AT + 31 * DAY

    climb_all(acme, later)

    row = now(acme, bob)
    assert (row.tier_id, row.tier_missed_since) == (silver.id, later)
    assert tell_of_tiers(merchant_id=acme.id, at=later) == 1
    assert "If that is still so on 16 Apr 2026, you move down." in mail.outbox[0].body
    climb_all(acme, later + 13 * DAY)
    assert now(acme, bob).tier_id == silver.id
    climb_all(acme, later + 14 * DAY)
    assert now(acme, bob).tier_id is None
    with merchant_context(acme.id):
        last = TierMove.objects.order_by("-at").first()
        assert last is not None
        assert (last.cause, last.figures) == (MoveCause.MISSED, {"REVENUE": 0})
        assert Event.objects.filter(type="enrollment.tier_missed").count() == 1


def test_a_calendar_month_lets_fall_only_when_it_is_over(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        gold = create_tier(
            program=acme.program, name="Gold", targets={Metric.CONVERSIONS: 1}, by=SYSTEM, at=NOON
        )
    switch(acme, period=Period.MONTH.value, grace_days=0, lock_days=0)
    sell(acme, click=click_of(bob), at=SOLD_AT)

    climb_all(acme, SOLD_AT)  # 2 March.
    assert now(acme, bob).tier_id == gold.id
    climb_all(acme, SOLD_AT + 35 * DAY)  # April: March was good, and April is not over.
    assert now(acme, bob).tier_id == gold.id
    climb_all(acme, SOLD_AT + 60 * DAY)  # 1 May: April was not.

    assert now(acme, bob).tier_id is None


def test_who_was_put_somewhere_by_hand_stays(acme: Company, bob: Promoter, silver: Tier) -> None:
    with merchant_context(acme.id):
        vip = create_tier(program=acme.program, name="VIP", position=1, by=SYSTEM, at=NOON)
        move_to_tier(enrollment=bob.enrollment, tier=vip, by=SYSTEM, at=NOON)
    sell_twice(acme, bob)

    climb_all(acme, SOLD_AT)
    assert now(acme, bob).tier_id == silver.id
    climb_all(acme, SOLD_AT + 40 * DAY)
    climb_all(acme, SOLD_AT + 60 * DAY)

    assert now(acme, bob).tier_id == vip.id


def test_a_ladder_that_is_not_automatic_moves_nobody_but_says_whom(
    acme: Company, bob: Promoter, silver: Tier
) -> None:
    make_promoter(acme, "Dave")
    switch(acme, is_automatic=False)
    sell_twice(acme, bob)

    climb_all(acme, SOLD_AT)

    assert now(acme, bob).tier_id is None
    with merchant_context(acme.id):
        ladder = ladder_draft(acme.program, {})
        found = preview_ladder(acme.program, ladder, at=SOLD_AT)
    assert (found.up, found.down, found.warned_count, found.looked_at) == (1, 0, 0, 2)
    (row,) = found.moves
    assert (row.enrollment.id, row.verdict.tier_id) == (bob.enrollment.id, silver.id)
    assert row.figures == {"REVENUE": 20_000}


def test_progress_says_what_is_missing_and_reads_as_the_affiliate(
    acme: Company, bob: Promoter, silver: Tier
) -> None:
    sell(acme, click=click_of(bob), at=SOLD_AT)

    with affiliate_context(bob.affiliate.id):
        enrollment = Enrollment.objects.select_related("program").get(id=bob.enrollment.id)
        found = tier_progress(enrollment, at=SOLD_AT)

    assert found is not None
    assert found.upper == silver
    assert [(row.metric, row.reached, row.rest) for row in found.missing] == [
        ("REVENUE", 10_000, 10_000)
    ]


@pytest.mark.parametrize("preset", list(Preset))
def test_a_preset_makes_a_ladder_that_is_switched_off(acme: Company, preset: Preset) -> None:
    with merchant_context(acme.id):
        use_preset(program=acme.program, preset=preset, by=SYSTEM, at=NOON)

        ladder = ladder_of(acme.program)
        assert ladder is not None
        assert not ladder.is_automatic
        tiers, targets = tiers_of(acme.program), targets_by_tier(acme.program)
        assert len(tiers) == 3
        assert all(targets[tier.id] and tier.benefits for tier in tiers)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"grace_days": 366}, "grace_days"),
        ({"period": "WEEK"}, "period"),
        ({"judged_on": None}, "judged_on"),
    ],
)
def test_a_ladder_that_cannot_be_is_refused(
    acme: Company, changes: dict[str, Any], field: str
) -> None:
    with merchant_context(acme.id), pytest.raises(BadValue) as refusal:
        set_ladder(program=acme.program, changes=changes, by=SYSTEM, at=NOON)

    assert refusal.value.field == field
