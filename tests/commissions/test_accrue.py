"""From a stored conversion to credit, commission, journal, trace and status."""

from datetime import timedelta

import pytest

from affiliates.models import Status as EnrollmentStatus
from affiliates.services import move_enrollment
from commissions.models import Commission, Reward, Status
from commissions.services import Rate, approve_due, set_rate
from ledger.selectors import balances
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from programs.models import Goal
from tests.cast import NOON, Company, Promoter, click_of, make_company, make_promoter, sell
from tracking.models import Conversion, ConversionStatus, Credit, Reason
from tracking.services import ConversionReport, create_coupon, record_conversion


def test_a_sale_earns_what_the_rate_says(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob), amount_minor=9_999)

    with merchant_context(acme.id):
        line = Commission.objects.get()
        credit = Credit.objects.get()

        assert (line.amount_minor, line.currency, line.status) == (1_000, "EUR", Status.PENDING)
        assert line.hold_until == conversion.occurred_at + timedelta(days=30)
        assert (credit.enrollment_id, credit.share_ppm, credit.amount_minor) == (
            bob.enrollment.id,
            1_000_000,
            9_999,
        )
        assert (conversion.status, conversion.reason) == (ConversionStatus.PENDING, Reason.ON_HOLD)
        assert [row["pending_minor"] for row in balances(merchant_id=acme.id)] == [1_000]
        assert check_money(acme.id) == []


def test_the_trace_tells_the_story(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob), coupon="nobodys", amount_minor=10_000)

    trace = conversion.trace
    assert [(row["kind"], row["reason"]) for row in trace["touches"]] == [
        ("click", "accepted"),
        ("coupon", "unknown"),
    ]
    assert trace["policy"] == {"model": "last_touch", "window_days": 30}
    assert trace["arithmetic"] == ["10000 paid − 0 tax − 0 shipping = 10000 net; × 1000 bps = 1000"]


def test_tax_and_shipping_earn_nothing(acme: Company, bob: Promoter) -> None:
    report = ConversionReport(
        goal="sale",
        external_id="order-1",
        amount_minor=12_900,
        currency="EUR",
        occurred_at=NOON,
        click_token=click_of(bob),
        tax_minor=1_900,
        shipping_minor=1_000,
    )
    with merchant_context(acme.id):
        record_conversion(program=acme.program, report=report, by=SYSTEM, at=NOON)
    sell(acme)  # Lets the worker's service run.

    with merchant_context(acme.id):
        assert Commission.objects.get().amount_minor == 1_000


@pytest.mark.parametrize("case", ["no touch", "a forged click", "suspended", "another merchant's"])
def test_what_nobody_led_to_is_kept_and_pays_nobody(
    acme: Company, bob: Promoter, carol: Promoter, case: str
) -> None:
    click = {"a forged click": "A" * 38, "another merchant's": click_of(carol)}.get(case, "")
    if case == "suspended":
        click = click_of(bob)
        with merchant_context(acme.id):
            move_enrollment(
                enrollment=bob.enrollment, to=EnrollmentStatus.SUSPENDED, by=SYSTEM, at=NOON
            )

    conversion = sell(acme, click=click)

    with merchant_context(acme.id):
        assert (conversion.status, conversion.reason) == (
            ConversionStatus.APPROVED,
            Reason.UNATTRIBUTED,
        )
        assert (Credit.objects.count(), Commission.objects.count()) == (0, 0)


def test_a_goal_without_a_rate_credits_and_pays_nothing(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob), goal="signup", amount_minor=0)

    with merchant_context(acme.id):
        assert conversion.reason == Reason.NO_RULE
        assert (Credit.objects.count(), Commission.objects.count()) == (1, 0)


def test_a_coupon_credits_its_owner(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="bob10")

    sell(acme, coupon="Bob10")

    with merchant_context(acme.id):
        assert Credit.objects.get().enrollment_id == bob.enrollment.id


def test_a_repeat_changes_nothing(acme: Company, bob: Promoter) -> None:
    first = sell(acme, click=click_of(bob), external_id="order-1", amount_minor=10_000)
    again = sell(acme, click=click_of(bob), external_id="order-1", amount_minor=99_000)

    with merchant_context(acme.id):
        assert (first.id, first.amount_minor) == (again.id, again.amount_minor)
        assert (Conversion.objects.count(), Commission.objects.count()) == (1, 1)


def test_the_same_order_at_two_merchants_is_two_orders(
    acme: Company, globex: Company, bob: Promoter, carol: Promoter
) -> None:
    sell(acme, click=click_of(bob), external_id="1")
    sell(globex, click=click_of(carol), external_id="1")

    for company in (acme, globex):
        with merchant_context(company.id):
            assert Commission.objects.count() == 1


def test_an_event_keeps_the_rate_of_its_moment(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        goal = Goal.objects.get(code="sale")
        rate = Rate(Reward.FIXED, fixed_minor=700)
        set_rate(goal=goal, rate=rate, by=SYSTEM, at=NOON + timedelta(days=1))

    sell(acme, click=click_of(bob), external_id="before", at=NOON + timedelta(hours=23))
    sell(acme, click=click_of(bob), external_id="after", at=NOON + timedelta(days=2))

    with merchant_context(acme.id):
        amounts = Commission.objects.values_list("conversion__external_id", "amount_minor")
        assert dict(amounts) == {"before": 1_000, "after": 700}


@pytest.mark.parametrize(
    ("currency", "amount_minor", "earned"), [("JPY", 1_995, 200), ("KWD", 12_345, 1_234)]
)
def test_currencies_without_cents_and_with_mills(
    currency: str, amount_minor: int, earned: int
) -> None:
    umbrella = make_company("Umbrella", "Uma", currency=currency)
    eve = make_promoter(umbrella, "Eve")

    sell(umbrella, click=click_of(eve), amount_minor=amount_minor)

    with merchant_context(umbrella.id):
        assert Commission.objects.get().amount_minor == earned


def test_the_hold_ends_by_itself(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob))
    end = conversion.occurred_at + timedelta(days=30)

    early = approve_due(merchant_id=acme.id, at=end - timedelta(microseconds=1))
    due = approve_due(merchant_id=acme.id, at=end)
    again = approve_due(merchant_id=acme.id, at=end)

    assert (early, due, again) == (0, 1, 0)
    with merchant_context(acme.id):
        conversion.refresh_from_db()
        assert (conversion.status, conversion.reason) == (ConversionStatus.APPROVED, "")
        assert [row["payable_minor"] for row in balances(merchant_id=acme.id)] == [1_000]
        assert check_money(acme.id) == []
        types = Event.objects.order_by("id").values_list("type", flat=True)
        assert [name for name in types if name.startswith(("conversion", "commission"))] == [
            "conversion.received",
            "conversion.attributed",
            "commission.created",
            "commission.approved",
            "conversion.approved",
        ]
