"""Figures of a period: exact numbers, and totals that equal the rows behind them."""

from datetime import UTC, date, datetime, timedelta

from django.test import Client
from django.urls import reverse

from commissions.selectors import commissions_of, totals_of
from commissions.selectors import counted as counted_commissions
from commissions.services import decline_conversion
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from reports.selectors import (
    Figures,
    Period,
    Slice,
    daily_figures,
    enrollment_figures,
    last_days,
    program_figures,
    top_affiliates,
    top_links,
    total,
)
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell, settle
from tests.console.clicks import store_clicks
from tests.console.conftest import TODAY, words
from tracking.models import ClickClass
from tracking.services import record_refund

DAY = timedelta(days=1)
MARCH_2 = NOON.date()
WEEK = Period(MARCH_2 - timedelta(days=6), MARCH_2)
LAST_SECOND = datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)


def trade(acme: Company, bob: Promoter) -> None:
    """Two sales of Bob in the week (100.00 and 50.00), one before it, and four that do not count.

    Of the 50.00, 10.00 are refunded. Not counted: a declined sale, one that nobody is credited
    with, one after the week, and what bots clicked.
    """
    sell(acme, click=click_of(bob), external_id="IN-1")
    before = NOON - DAY
    partly = sell(
        acme,
        click=click_of(bob, at=before - DAY),
        amount_minor=5_000,
        at=before,
        external_id="IN-2",
    )
    with merchant_context(acme.id):
        record_refund(
            conversion=partly,
            external_id="R-1",
            amount_minor=1_000,
            reason="",
            occurred_at=before + timedelta(hours=1),
            by=SYSTEM,
            at=NOON,
        )
    settle(acme, at=NOON)
    old = NOON - timedelta(days=8)
    sell(acme, click=click_of(bob, at=old - DAY), amount_minor=20_000, at=old)
    declined = sell(acme, click=click_of(bob), amount_minor=70_000)
    with merchant_context(acme.id):
        decline_conversion(conversion=declined, reason="Fraud", by=SYSTEM, at=NOON)
    sell(acme, amount_minor=90_000)
    sell(acme, click=click_of(bob), at=LAST_SECOND + timedelta(seconds=1))
    store_clicks(acme, bob, at=NOON, count=4)
    store_clicks(acme, bob, at=NOON - DAY, count=2)
    store_clicks(acme, bob, at=NOON, count=9, kind=ClickClass.BOT, refusal="bot")
    store_clicks(acme, bob, at=old, count=5)


def test_each_day_has_exactly_its_own(acme: Company, bob: Promoter) -> None:
    trade(acme, bob)

    with merchant_context(acme.id):
        days = daily_figures(Slice(acme.id, "EUR"), WEEK)

    assert [day.day for day in days] == [
        MARCH_2 - timedelta(days=back) for back in range(6, -1, -1)
    ]
    assert [day.figures for day in days[:5]] == [Figures()] * 5
    assert days[5].figures == Figures(2, 1, 5_000, 400)  # 5.00 earned, 1.00 taken back.
    assert days[6].figures == Figures(4, 1, 10_000, 1_000)
    assert total(days) == Figures(6, 2, 15_000, 1_400)
    assert total(days).epc_minor == 233  # 14.00 by 6 clicks.


def test_a_day_ends_with_its_last_second_in_utc(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob), at=LAST_SECOND)
    sell(acme, click=click_of(bob), at=LAST_SECOND + timedelta(seconds=1))

    with merchant_context(acme.id):
        one = total(daily_figures(Slice(acme.id, "EUR"), Period(MARCH_2, MARCH_2)))
        two = total(daily_figures(Slice(acme.id, "EUR"), Period(MARCH_2, MARCH_2 + DAY)))

    assert (one.conversions, two.conversions) == (1, 2)


def test_the_sum_of_the_rows_is_the_figure(acme: Company, bob: Promoter) -> None:
    trade(acme, bob)

    with merchant_context(acme.id):
        figures = total(daily_figures(Slice(acme.id, "EUR"), WEEK))
        rows = commissions_of(acme.id).filter(
            earned_at__gte=WEEK.starts_at, earned_at__lt=WEEK.ends_at
        )
        sums = totals_of(counted_commissions(rows))

    assert [(row.currency, row.amount_minor) for row in sums] == [("EUR", figures.commission_minor)]


def test_currencies_programs_and_merchants_do_not_mix(
    acme: Company, bob: Promoter, globex: Company, carol: Promoter
) -> None:
    trade(acme, bob)
    sell(globex, click=click_of(carol))

    with merchant_context(acme.id):
        assert total(daily_figures(Slice(acme.id, "USD"), WEEK)) == Figures()
        assert total(daily_figures(Slice(globex.id, "EUR"), WEEK)) == Figures()
        by_program = program_figures(acme.id, WEEK)
        by_enrollment = enrollment_figures(acme.id, [bob.enrollment.id], WEEK)
        own = Slice(acme.id, "EUR", enrollment_id=bob.enrollment.id)
        of_bob = total(daily_figures(own, WEEK))

    assert by_program == {acme.program.id: Figures(6, 2, 15_000, 1_400)}
    assert by_enrollment == {bob.enrollment.id: Figures(6, 2, 15_000, 1_400)}
    assert of_bob == Figures(6, 2, 15_000, 1_400)


def test_the_best_are_named_with_their_own_numbers(acme: Company, bob: Promoter) -> None:
    trade(acme, bob)
    dora = make_promoter(acme, "Dora")
    sell(acme, click=click_of(dora), amount_minor=30_000)
    store_clicks(acme, dora, at=NOON, count=3)
    whose = Slice(acme.id, "EUR")

    with merchant_context(acme.id):
        affiliates = top_affiliates(whose, WEEK)
        links = top_links(whose, WEEK)

    assert [(row.name, row.clicks, row.commission_minor) for row in affiliates] == [
        ("Dora", 3, 3_000),
        ("Bob", 6, 1_400),
    ]
    assert [(row.link.id, row.clicks, row.conversions) for row in links] == [
        (bob.link.id, 6, 2),
        (dora.link.id, 3, 1),
    ]


def test_the_last_days_end_today() -> None:
    period = last_days(30, at=TODAY)

    assert (period.first, period.last) == (date(2026, 2, 1), date(2026, 3, 2))
    assert (period.before().first, period.before().last) == (date(2026, 1, 2), date(2026, 1, 31))


# The page ----------------------------------------------------------------------------------------


def test_home_shows_the_figures_and_their_trend(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    trade(acme, bob)

    page = words(alice.get(reverse("console:home"), {"days": "7"}).content)

    assert "Clicks 6 +20.0%" in page  # 5 in the week before.
    assert "Conversions 2 +100.0%" in page
    assert "Revenue €150.00 −25.0%" in page
    assert "Commission €14.00 −30.0%" in page
    assert "Earnings per click €2.33 −41.8%" in page  # 20.00 by 5 before.


def test_every_tile_leads_to_the_rows_that_it_sums(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    trade(acme, bob)
    home = alice.get(reverse("console:home"), {"days": "7"}).context
    rows = {tile["label"]: tile["href"] for tile in home["tiles"]}

    conversions = alice.get(rows["Conversions"])
    commissions = alice.get(rows["Commission"])
    clicks = alice.get(rows["Clicks"])

    shown = [row.record.external_id for row in conversions.context["table"].page.object_list]
    assert shown == ["IN-1", "IN-2"]
    assert "3 commissions · €14.00" in words(commissions.content)
    assert len(clicks.context["table"].page.object_list) == 6


def test_the_chart_has_a_table_behind_it(acme: Company, bob: Promoter, alice: Client) -> None:
    trade(acme, bob)

    chart = alice.get(reverse("console:home"), {"days": "7"}).context["chart"]

    assert [row["values"][0] for row in chart["rows"]] == [0, 0, 0, 0, 0, 5_000, 10_000]
    assert chart["rows"][-1]["texts"] == ["€100.00", "€0.00"]
    assert chart["unit"] == {"currency": "EUR", "exponent": 2}


def test_home_says_what_waits(acme: Company, bob: Promoter, alice: Client) -> None:
    assert "Nothing waits for you." in words(alice.get(reverse("console:home")).content)


def test_clicks_say_why_they_earn_nothing(acme: Company, bob: Promoter, alice: Client) -> None:
    store_clicks(acme, bob, at=NOON)
    store_clicks(acme, bob, at=NOON, kind=ClickClass.BOT, refusal="bot")

    every = words(alice.get(reverse("console:clicks")).content)
    people = words(alice.get(reverse("console:clicks"), {"kind": "HUMAN"}).content)
    other_days = words(alice.get(reverse("console:clicks"), {"until": "2026-02-20"}).content)

    assert "No Bot" in every
    assert "No Bot" not in people
    assert "blog.example" in people
    assert "No click matches." in other_days
