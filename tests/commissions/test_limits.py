"""Coupons' validity and uses, caps on conversions: exactly, whoever works at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from commissions.services import process_conversions
from common.ids import partition_bound
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, click_of, make_promoter
from tests.facts import SALE_AT, credited, lines, sale, settled, tell, work
from tracking.models import (
    Cap,
    CapUse,
    Click,
    Conversion,
    Coupon,
    CouponUse,
    Credit,
    Reason,
    Source,
    Touch,
)
from tracking.services import create_coupon, record_conversions
from tracking.token import read_token


def coupon(promoter: Promoter, **limits: object) -> Coupon:
    """Store Bob's coupon with limits."""
    with merchant_context(promoter.enrollment.merchant_id):
        return create_coupon(enrollment=promoter.enrollment, code="BOB10", **limits)


def cap(company: Company, limit: int, **facts: object) -> Cap:
    """Store a cap on the program's conversions."""
    said = {"unit": "CONVERSIONS", "period": "ALL", "scope": "PROGRAM", "is_hard": True, **facts}
    with merchant_context(company.id):
        return Cap.objects.create(
            merchant_id=company.id, program=company.program, limit=limit, **said
        )


@pytest.mark.parametrize(
    ("limits", "verdict"),
    [
        ({"valid_from": SALE_AT}, "accepted"),
        ({"valid_from": SALE_AT + timedelta(seconds=1)}, "coupon_not_yet_valid"),
        ({"valid_until": SALE_AT + timedelta(seconds=1)}, "accepted"),
        ({"valid_until": SALE_AT}, "coupon_expired"),
    ],
)
def test_a_coupon_counts_while_it_is_valid(
    acme: Company, bob: Promoter, limits: dict[str, object], verdict: str
) -> None:
    coupon(bob, **limits)

    conversion = settled(acme, sale(coupon_code="BOB10"))

    assert [row["reason"] for row in conversion.trace["touches"]] == [verdict]
    assert lines(acme) == ([1_000] if verdict == "accepted" else [])


def test_an_archived_coupon_has_expired(acme: Company, bob: Promoter) -> None:
    row = coupon(bob)
    with merchant_context(acme.id):
        Coupon.objects.filter(id=row.id).update(archived_at=SALE_AT)

    conversion = settled(acme, sale(coupon_code="BOB10"))
    settled(acme, sale("earlier", coupon_code="BOB10", at=SALE_AT - timedelta(minutes=1)))

    assert [touch["reason"] for touch in conversion.trace["touches"]] == ["coupon_expired"]
    assert credited(acme) == [("earlier", "Bob")]


def test_the_earlier_use_has_the_last_one(acme: Company, bob: Promoter) -> None:
    coupon(bob, uses_max=2)
    for number in (3, 1, 2):
        tell(acme, sale(f"o-{number}", coupon_code="BOB10", at=SALE_AT + timedelta(hours=number)))

    work(acme)
    later = settled(acme, sale("o-4", coupon_code="BOB10", at=SALE_AT + timedelta(hours=4)))

    assert credited(acme) == [("o-1", "Bob"), ("o-2", "Bob")]
    assert [row["reason"] for row in later.trace["touches"]] == ["coupon_used_up"]
    with merchant_context(acme.id):
        assert CouponUse.objects.count() == 2


def test_a_customer_uses_a_code_only_so_often(acme: Company, bob: Promoter) -> None:
    coupon(bob, customer_uses_max=1)
    hours = [SALE_AT + timedelta(hours=number) for number in range(4)]
    tell(acme, sale("o-1", coupon_code="BOB10", customer="c-1", at=hours[0]))
    tell(acme, sale("o-2", coupon_code="BOB10", customer="c-2", at=hours[1]))
    work(acme)
    with merchant_context(acme.id):
        Touch.objects.all().delete()  # What bound the customer would credit Bob by itself.

    again = settled(acme, sale("o-3", coupon_code="BOB10", customer="c-1", at=hours[2]))
    settled(acme, sale("o-4", coupon_code="BOB10", at=hours[3]))  # Nobody says by whom.

    assert [row["reason"] for row in again.trace["touches"]] == ["coupon_used_by_customer"]
    assert [order for order, _name in credited(acme)] == ["o-1", "o-2", "o-4"]
    with merchant_context(acme.id):
        assert CouponUse.objects.count() == 3


def test_a_use_counts_whoever_is_credited(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    coupon(bob, uses_max=1)

    settled(acme, sale("o-1", coupon_code="BOB10", click_token=click_of(dora)))
    settled(acme, sale("o-2", coupon_code="BOB10"))

    assert credited(acme) == [("o-1", "Dora")]


def at_once(company: Company, *, batches: int, limit: int) -> None:
    """Let several workers process at the same moment."""
    barrier = Barrier(batches)

    def run(_number: int) -> None:
        try:
            barrier.wait()
            while process_conversions(merchant_id=company.id, at=SALE_AT, limit=limit):
                pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(batches) as pool:
        list(pool.map(run, range(batches)))


def test_two_workers_use_a_coupon_exactly_as_often_as_it_may_be(
    acme: Company, bob: Promoter
) -> None:
    coupon(bob, uses_max=5)
    report_many(acme, [sale(f"o-{number}", coupon_code="BOB10") for number in range(40)])

    at_once(acme, batches=2, limit=4)

    assert lines(acme) == [1_000] * 5
    with merchant_context(acme.id):
        assert CouponUse.objects.count() == 5


def report_many(company: Company, reports: list[object]) -> None:
    """Report many sales."""
    with merchant_context(company.id):
        record_conversions(
            merchant_id=company.id,
            reports=[(company.program, report) for report in reports],
            by=SYSTEM,
            at=SALE_AT,
        )


def test_two_workers_credit_exactly_what_a_hard_cap_lets_through(
    acme: Company, bob: Promoter
) -> None:
    made = cap(acme, 7)
    report_many(acme, [sale(f"o-{number}", click_token=click_of(bob)) for number in range(40)])

    at_once(acme, batches=2, limit=4)

    assert lines(acme) == [1_000] * 7
    with merchant_context(acme.id):
        assert CapUse.objects.get(cap_id=made.id).used == 7
        capped = Conversion.objects.filter(reason=Reason.CAP_REACHED, status="APPROVED")
        assert capped.count() == 33
        assert Credit.objects.count() == 7
        [told] = capped.first().trace["caps"]
        assert (told["cap"], told["limit"], told["used"]) == (str(made.id), 7, 7)
        assert (told["is_hard"], told["is_reached"]) == (True, True)


def test_a_soft_cap_counts_and_credits(acme: Company, bob: Promoter) -> None:
    made = cap(acme, 1, is_hard=False)

    for number in range(3):
        settled(acme, sale(f"o-{number}", click_token=click_of(bob)))

    assert lines(acme) == [1_000] * 3
    with merchant_context(acme.id):
        assert CapUse.objects.get(cap_id=made.id).used == 3


def test_each_affiliate_and_day_is_counted_by_itself(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    cap(acme, 1, period="DAY", scope="ENROLLMENT")
    days = [SALE_AT, SALE_AT + timedelta(days=1)]
    for who in (bob, dora):
        for day in days:
            for time in range(2):
                order = f"{who.affiliate.name} {day.day} {time}"
                tell(acme, sale(order, click_token=click_of(who), at=day))

    work(acme)

    assert [order for order, _name in credited(acme)] == [
        "Bob 2 0",
        "Bob 3 0",
        "Dora 2 0",
        "Dora 3 0",
    ]


def test_neither_tests_nor_browsers_words_are_counted(acme: Company, bob: Promoter) -> None:
    cap(acme, 1)
    settled(acme, sale("test", click_token=click_of(bob)), is_test=True)
    settled(acme, sale("pixel", click_token=click_of(bob)), source=Source.PIXEL)

    settled(acme, sale("real", click_token=click_of(bob)))
    settled(acme, sale("pixel", click_token=click_of(bob)))

    assert lines(acme) == [1_000]
    with merchant_context(acme.id):
        assert Conversion.objects.get(external_id="pixel").reason == Reason.CAP_REACHED
        assert not Credit.objects.filter(conversion__external_id="pixel").exists()


def test_destination_and_country_are_the_clicks_if_its_row_is_there(
    acme: Company, bob: Promoter
) -> None:
    token = click_of(bob)
    destination = store_click(acme, bob, token, country="DE")
    cap(acme, 1, scope="COUNTRY", country="DE")

    settled(acme, sale("german", click_token=token))
    settled(acme, sale("german too", click_token=token))
    settled(acme, sale("unknown", click_token=click_of(bob)))

    assert [order for order, _name in credited(acme)] == ["german", "unknown"]
    with merchant_context(acme.id):
        rows = Credit.objects.values_list("conversion__external_id", "destination_id")
        assert dict(rows) == {"german": destination, "unknown": None}


def store_click(company: Company, promoter: Promoter, token: str, *, country: str) -> object:
    """Store the row of a click; return the destination that it led to."""
    read = read_token(token, settings.CLICK_KEYS)
    assert read is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_click_partitions(%s, 2)", [read.at.date()])
    destination = partition_bound(NOON)
    with merchant_context(company.id):
        Click.objects.create(
            merchant_id=company.id,
            id=read.click_id,
            program_id=company.program.id,
            enrollment_id=promoter.enrollment.id,
            affiliate_id=promoter.affiliate.id,
            link_id=promoter.link.id,
            kind="HUMAN",
            refusal="",
            destination_host="",
            referrer_host="",
            device="",
            os="",
            browser="",
            ip_net="",
            source="",
            ext_click_id="",
            subs={},
            country=country,
            language="",
            destination_id=destination,
            visitor="",
            is_unique=True,
        )
    return destination


def test_five_hundred_are_a_handful_of_statements(acme: Company, bob: Promoter) -> None:
    coupon(bob, uses_max=100)
    cap(acme, 400)
    reports = [
        sale(
            f"o-{number}",
            customer=f"c-{number % 50}",
            click_token=click_of(bob),
            coupon_code="BOB10",
        )
        for number in range(500)
    ]
    report_many(acme, reports)

    with CaptureQueriesContext(connection) as queries:
        assert process_conversions(merchant_id=acme.id, at=SALE_AT) == 500

    assert len(queries) <= 40, [row["sql"][:90] for row in queries]
    assert lines(acme) == [1_000] * 400
