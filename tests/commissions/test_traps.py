"""The traps of the first day, each by its name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from affiliates.models import Status as EnrollmentStatus
from affiliates.services import move_enrollment
from commissions.models import Commission, Kind, Reward, Status
from commissions.services import (
    Rate,
    RuleDraft,
    approve_due,
    create_rule,
    process_refunds,
    set_rate,
)
from ledger.selectors import balances
from merchants.models import SYSTEM
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Payout
from payouts.selectors import check_money
from payouts.services import approve_batch, mark_paid, prepare_batch, send_batch
from programs.models import Goal, Program
from tests.cast import (
    NOON,
    Company,
    Promoter,
    add_member,
    click_of,
    make_company,
    make_promoter,
    sell,
    settle,
)
from tests.facts import credited, lines, sale, settled, tell, work
from tracking.models import Conversion
from tracking.services import bind_customer, record_refund

LATER = NOON + timedelta(days=60)
SECOND = timedelta(seconds=1)


def give_back(company: Company, conversion: Conversion, amount_minor: int, ref: str = "r") -> None:
    """Report a refund and let the worker look at it."""
    with merchant_context(company.id):
        record_refund(
            conversion=conversion,
            external_id=ref,
            amount_minor=amount_minor,
            reason="",
            occurred_at=LATER,
            by=SYSTEM,
            at=LATER,
        )
    process_refunds(merchant_id=company.id, at=LATER)


def change(company: Company, **facts: Any) -> None:
    """Change the program's policy."""
    with merchant_context(company.id):
        Program.objects.filter(id=company.program.id).update(**facts)
        company.program.refresh_from_db()


def rule(company: Company, draft: RuleDraft, *, since: datetime = NOON) -> None:
    """Create a rule of the program's sales."""
    with merchant_context(company.id):
        create_rule(program=company.program, draft=draft, by=SYSTEM, at=NOON, valid_from=since)


def sales(company: Company) -> Goal:
    """Return the goal `sale`."""
    with merchant_context(company.id):
        return Goal.objects.get(program=company.program, code="sale")


def earned(company: Company) -> dict[str, int]:
    """Return what each order earned net, after checking the books."""
    found: dict[str, int] = {}
    with merchant_context(company.id):
        assert check_money(company.id) == []
        kept = Commission.objects.exclude(status=Status.DECLINED)
        for order, amount in kept.values_list("conversion__external_id", "amount_minor"):
            found[order] = found.get(order, 0) + amount
    return found


def test_a_partial_refund_takes_its_part(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob), amount_minor=9_999)  # Earns 10.00.

    give_back(acme, conversion, 3_333)

    assert lines(acme) == [1_000, -333]


def test_a_refund_after_the_payout_goes_below_zero_and_nets(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob))
    pay(acme)

    give_back(acme, conversion, 10_000)

    with merchant_context(acme.id):
        assert [row["payable_minor"] for row in balances(merchant_id=acme.id)] == [-1_000]
        line = Commission.objects.get(kind=Kind.REVERSAL)
        assert (line.amount_minor, line.status) == (-1_000, Status.APPROVED)
        assert Commission.objects.get(kind=Kind.EARNING).status == Status.PAID


def pay(company: Company) -> None:
    """Pay all that is approved."""
    finn = add_member(company, "Finn", Role.FINANCE)
    approve_due(merchant_id=company.id, at=LATER)
    with merchant_context(company.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        batch = approve_batch(member=company.owner, batch=batch, at=LATER)
        send_batch(member=finn, batch=batch, at=LATER)
        payout = Payout.objects.get()
        mark_paid(member=finn, payout=payout, provider_ref="B1", paid_at=LATER, at=LATER)


def test_an_event_one_second_before_the_click_is_nobodys(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob, at=NOON), at=NOON - SECOND)

    assert credited(acme) == []


def test_whole_seconds_do_not_lose_the_click_of_the_same_second(
    acme: Company, bob: Promoter
) -> None:
    clicked_at = NOON + timedelta(microseconds=700_000)

    sell(acme, click=click_of(bob, at=clicked_at), external_id="o-1", at=NOON)

    assert credited(acme) == [("o-1", "Bob")]


@pytest.mark.parametrize(
    ("currency", "amount_minor", "refunded_minor", "expected"),
    [("JPY", 1_995, 665, [200, -67]), ("KWD", 12_345, 4_115, [1_234, -411])],
)
def test_yen_have_no_cents_and_dinars_have_mills(
    currency: str, amount_minor: int, refunded_minor: int, expected: list[int]
) -> None:
    umbrella = make_company("Umbrella", "Uma", currency=currency)
    eve = make_promoter(umbrella, "Eve")
    conversion = sell(umbrella, click=click_of(eve), amount_minor=amount_minor)

    give_back(umbrella, conversion, refunded_minor)

    assert lines(umbrella) == expected


def test_a_suspended_affiliate_earns_nothing_more_and_keeps_what_was_earned(
    acme: Company, bob: Promoter
) -> None:
    click = click_of(bob)
    settled(acme, sale("before", click_token=click, customer="c-1", at=NOON))
    with merchant_context(acme.id):
        move_enrollment(
            enrollment=bob.enrollment, to=EnrollmentStatus.SUSPENDED, by=SYSTEM, at=NOON
        )

    settled(acme, sale("after", click_token=click, customer="c-1", at=NOON + timedelta(hours=2)))
    early = NOON - timedelta(hours=1)  # Arrives late, so that what followed is decided anew.
    settled(acme, sale("earlier", customer="c-1", at=early))

    assert credited(acme) == [("before", "Bob")]
    assert earned(acme) == {"before": 1_000}


def test_a_late_click_of_an_existing_customer_is_refused_where_only_new_ones_count(
    acme: Company, bob: Promoter
) -> None:
    change(acme, new_customers_only=True)
    settled(acme, sale("first", customer="c-1", at=NOON - timedelta(days=9)))

    late = settled(acme, sale("second", customer="c-1", click_token=click_of(bob), at=NOON))

    assert credited(acme) == []
    assert [row["reason"] for row in late.trace["touches"]] == ["known_customer"]


def test_whom_an_affiliate_brought_as_new_stays_theirs(acme: Company, bob: Promoter) -> None:
    change(acme, new_customers_only=True)
    settled(acme, sale("first", customer="c-1", click_token=click_of(bob), at=NOON))
    settled(acme, sale("second", customer="c-1", at=NOON + timedelta(days=50)))

    assert credited(acme) == [("first", "Bob"), ("second", "Bob")]


def test_a_second_lead_with_another_click_is_another_fact_and_binds_nobody_anew(
    acme: Company, bob: Promoter
) -> None:
    dora = make_promoter(acme, "Dora")
    first = sale("lead-1", goal="lead", customer="c-1", amount_minor=0, click_token=click_of(bob))
    settled(acme, first)
    later = NOON + timedelta(days=1)
    again = sale("lead-1", goal="lead", customer="c-1", amount_minor=0, click_token=click_of(dora))
    _row, is_new = tell(acme, again)
    click = click_of(dora, at=later)
    settled(
        acme,
        sale(
            "lead-2",
            goal="lead",
            customer="c-1",
            amount_minor=0,
            click_token=click,
            at=later,
        ),
    )
    settled(acme, sale("sale", customer="c-1", at=NOON + timedelta(days=2)))

    assert not is_new
    assert credited(acme) == [("lead-1", "Bob"), ("lead-2", "Dora"), ("sale", "Bob")]


def test_a_rate_that_changes_in_mid_month_pays_each_side_its_own(
    acme: Company, bob: Promoter
) -> None:
    changed_at = datetime(2026, 3, 15, tzinfo=UTC)
    with merchant_context(acme.id):
        rate = Rate(Reward.PERCENT, rate_bps=2_000)
        set_rate(goal=sales(acme), rate=rate, by=SYSTEM, at=NOON, valid_from=changed_at)
    click = click_of(bob)

    sell(acme, click=click, external_id="after", at=changed_at)
    sell(acme, click=click, external_id="before", at=changed_at - timedelta(microseconds=1))

    assert earned(acme) == {"after": 2_000, "before": 1_000}


STEPS = [{"from": 1, "rate_bps": 1_000}, {"from": 3, "rate_bps": 2_000}]


def by_volume(company: Company, mode: str, period: str = "MONTH") -> RuleDraft:
    """Return a rule that pays 20 % from the third sale of a period."""
    details = {"period": period, "counts": "CONVERSIONS", "mode": mode, "steps": STEPS}
    return RuleDraft(reward=Reward.VOLUME, details=details, goal=sales(company))


def test_summer_time_does_not_move_the_edge_of_a_period(acme: Company, bob: Promoter) -> None:
    rule(acme, by_volume(acme, "ONWARDS", period="DAY"))
    click = click_of(bob, at=datetime(2026, 3, 20, tzinfo=UTC))
    midnight = datetime(2026, 3, 29, tzinfo=UTC)  # Berlin's clocks go forward at one that night.
    moments = {
        "eve": midnight - SECOND,
        "first": midnight,
        "second": midnight + timedelta(hours=1),
        "third": midnight + timedelta(hours=23, minutes=59),
        "next": midnight + timedelta(hours=24),
    }
    for name, moment in moments.items():
        sell(acme, click=click, external_id=name, at=moment)

    assert earned(acme) == {
        "eve": 1_000,
        "first": 1_000,
        "second": 1_000,
        "third": 2_000,
        "next": 1_000,
    }


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("ONWARDS", {"a": 1_000, "b": 1_000, "c": 2_000, "d": 2_000}),
        ("RETROACTIVE", {"a": 2_000, "b": 2_000, "c": 2_000, "d": 2_000}),
    ],
)
@pytest.mark.parametrize("arrival", ["abcd", "dcba", "cadb"])
def test_a_sale_in_the_middle_of_a_period_that_comes_late(
    acme: Company, bob: Promoter, mode: str, expected: dict[str, int], arrival: str
) -> None:
    rule(acme, by_volume(acme, mode))
    click = click_of(bob)
    for name in arrival:
        at = NOON + timedelta(days="abcd".index(name) + 1)
        settled(acme, sale(name, click_token=click, at=at))

    assert earned(acme) == expected


def test_only_the_first_payments_earn_even_if_the_second_comes_first(
    acme: Company, bob: Promoter
) -> None:
    asked = [{"field": "payment_number", "op": "lte", "value": 1}]
    rule(
        acme,
        RuleDraft(reward=Reward.FIXED, fixed_minor=5_000, conditions=asked, goal=sales(acme)),
    )
    with merchant_context(acme.id):
        bind_customer(
            program=acme.program,
            external_id="c-1",
            click_token=click_of(bob),
            first_seen_at=NOON,
            by=SYSTEM,
            at=NOON,
        )
    settled(acme, sale("second", customer="c-1", at=NOON + timedelta(days=31)))
    assert earned(acme) == {"second": 5_000}

    settled(acme, sale("first", customer="c-1", at=NOON + timedelta(days=1)))

    assert earned(acme) == {"first": 5_000, "second": 1_000}
    with merchant_context(acme.id):
        fixed = Commission.objects.get(kind=Kind.ADJUSTMENT)
        assert (fixed.event_ref, fixed.amount_minor) == ("decision:1", -4_000)


def test_shares_of_one_rule_sum_to_the_whole(acme: Company, bob: Promoter) -> None:
    change(acme, attribution_model="LINEAR")
    dora, eve = make_promoter(acme, "Dora"), make_promoter(acme, "Eve")
    clicks = [
        click_of(who, at=NOON - timedelta(days=day)) for day, who in enumerate((bob, dora, eve))
    ]

    conversion = settled(
        acme, sale(click_token=clicks[0], earlier_tokens=tuple(clicks[1:]), amount_minor=10_000)
    )

    assert sorted(lines(acme)) == [333, 333, 334]
    with merchant_context(acme.id):
        shares = conversion.credits.values_list("share_ppm", "amount_minor")
        assert sorted(shares) == [(333_333, 3_333), (333_333, 3_333), (333_334, 3_334)]
    assert sum(row["share_ppm"] for row in conversion.trace["touches"]) == 1_000_000


def test_settling_twice_changes_nothing(acme: Company, bob: Promoter) -> None:
    settled(acme, sale(click_token=click_of(bob)))

    work(acme)
    settle(acme, at=LATER)

    assert lines(acme) == [1_000]
