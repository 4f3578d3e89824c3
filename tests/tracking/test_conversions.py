"""What is reported again, by others, or as a test."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from commissions.models import Commission
from commissions.services import (
    approve_conversion,
    decline_conversion,
    hold_conversion,
    release_conversion,
)
from common.states import IllegalMove
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from programs.models import Program
from tests.cast import Company, Promoter, click_of, make_promoter
from tests.facts import SALE_AT, again, credited, lines, sale, settled, tell, work
from tracking.models import (
    Conversion,
    ConversionStatus,
    Credit,
    Customer,
    Reason,
    Source,
    Touch,
)
from tracking.services import (
    CustomerReport,
    Recorded,
    confirm_conversion,
    conversions,
    create_coupon,
    erase_customer,
    record_conversions,
)


def test_a_repeat_with_another_amount_is_noted_once_and_earns_nothing(
    acme: Company, bob: Promoter
) -> None:
    settled(acme, sale(click_token=click_of(bob)))

    for _time in range(20):
        conversion, is_new = tell(acme, sale(amount_minor=20_000), source=Source.POSTBACK)
    tell(acme, sale(amount_minor=30_000), source=Source.FILE)
    tell(acme, sale(amount_minor=40_000), source=Source.PIXEL)
    work(acme)

    assert (conversion.amount_minor, is_new) == (10_000, False)
    assert lines(acme) == [1_000]
    with merchant_context(acme.id):
        noted = Event.objects.filter(type="conversion.amount_differs").order_by("id")
        assert [
            (row.subject_id, row.data["amount_minor"], row.data["reported_amount_minor"])
            for row in noted
        ] == [(conversion.id, 10_000, 20_000), (conversion.id, 10_000, 30_000)]


def test_of_many_each_says_what_it_did(acme: Company) -> None:
    tell(acme, sale("seen"), source=Source.PIXEL)

    with merchant_context(acme.id):
        reports = [sale("new"), sale("new", amount_minor=1), sale("seen"), sale("seen")]
        outcomes = record_conversions(
            merchant_id=acme.id,
            reports=[(acme.program, report) for report in reports],
            by=SYSTEM,
            at=SALE_AT,
        )

    told = [row for row in outcomes if isinstance(row, Recorded)]
    assert [(row.is_new, row.is_confirmed, row.amount_differs) for row in told] == [
        (True, False, False),
        (False, False, True),
        (False, True, False),
        (False, False, False),
    ]


def test_a_browsers_word_is_credited_and_pays_nobody(acme: Company, bob: Promoter) -> None:
    conversion = settled(acme, sale(click_token=click_of(bob)), source=Source.PIXEL)

    assert (conversion.status, conversion.reason) == (
        ConversionStatus.PENDING,
        Reason.UNVERIFIED,
    )
    assert conversion.confirmed_at is None
    assert (credited(acme), lines(acme)) == ([("o-1", "Bob")], [])
    with merchant_context(acme.id), pytest.raises(IllegalMove):
        approve_conversion(conversion=conversion, by=SYSTEM, at=SALE_AT)


@pytest.mark.parametrize("source", [Source.API, Source.POSTBACK, Source.FILE])
@pytest.mark.parametrize("attributed", [True, False], ids=["attributed", "not yet"])
def test_a_trusted_report_replaces_it_and_attribution_looks_again(
    acme: Company, bob: Promoter, source: Source, attributed: bool
) -> None:
    dora = make_promoter(acme, "Dora")
    tell(acme, sale(amount_minor=90_000, click_token=click_of(dora)), source=Source.PIXEL)
    if attributed:
        work(acme)

    conversion, is_new = tell(acme, sale(click_token=click_of(bob)), source=source)
    work(acme)

    conversion = again(acme, conversion)
    assert not is_new
    assert (conversion.amount_minor, conversion.source) == (10_000, source)
    assert conversion.confirmed_at == SALE_AT
    assert (credited(acme), lines(acme)) == ([("o-1", "Bob")], [1_000])
    assert (conversion.status, conversion.reason) == (ConversionStatus.PENDING, Reason.ON_HOLD)


def test_a_trusted_report_without_evidence_leaves_the_browsers_click(
    acme: Company, bob: Promoter
) -> None:
    settled(acme, sale(amount_minor=90_000, click_token=click_of(bob)), source=Source.PIXEL)

    settled(acme, sale())

    assert (credited(acme), lines(acme)) == ([("o-1", "Bob")], [1_000])


@pytest.mark.parametrize("by", ["coupon", "referral code", "bound customer"])
def test_what_a_browser_cannot_prove_is_dropped_once_it_is_confirmed(
    acme: Company, bob: Promoter, by: str
) -> None:
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="BOB10")
    settled(acme, sale("before", customer="c-1", click_token=click_of(bob)))
    said: dict[str, Any] = {
        "coupon": {"coupon_code": "BOB10"},
        "referral code": {"referral_code": bob.link.code},
        "bound customer": {},
    }[by]
    settled(acme, sale(customer="c-1", **said), source=Source.PIXEL)

    conversion = settled(acme, sale())

    assert conversion.customer_id is None
    assert (conversion.coupon_code, conversion.referral_code) == ("", "")
    assert (credited(acme), lines(acme)) == ([("before", "Bob")], [1_000])


@pytest.mark.parametrize("confirmed_by", ["a report", "a person"])
def test_whom_only_a_browser_named_is_bound_to_nobody(
    acme: Company, bob: Promoter, confirmed_by: str
) -> None:
    said = sale(customer="c-77", click_token=click_of(bob))
    conversion = settled(acme, said, source=Source.PIXEL)

    if confirmed_by == "a report":
        tell(acme, sale())
    else:
        with merchant_context(acme.id):
            confirm_conversion(conversion=conversion, by=SYSTEM, at=SALE_AT)
    work(acme)
    settled(acme, sale("later", customer="c-77"))

    assert (credited(acme), lines(acme)) == ([("o-1", "Bob")], [1_000])
    with merchant_context(acme.id):
        assert not Touch.objects.exists()


def test_a_browser_that_is_quicker_by_a_moment_is_confirmed_too(
    acme: Company, bob: Promoter, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = conversions._insert

    def overtaken(*facts: Any) -> set[UUID]:
        monkeypatch.setattr(conversions, "_insert", insert)
        tell(acme, sale(amount_minor=90_000), source=Source.PIXEL)
        return insert(*facts)

    monkeypatch.setattr(conversions, "_insert", overtaken)
    conversion, is_new = tell(acme, sale(customer="c-1", click_token=click_of(bob)))
    work(acme)

    assert not is_new
    conversion = again(acme, conversion)
    assert (conversion.amount_minor, conversion.source) == (10_000, Source.API)
    assert conversion.confirmed_at == SALE_AT
    assert (credited(acme), lines(acme)) == ([("o-1", "Bob")], [1_000])


def test_a_browser_changes_nothing_that_was_reported_before(acme: Company, bob: Promoter) -> None:
    settled(acme, sale())

    settled(acme, sale(amount_minor=90_000, click_token=click_of(bob)), source=Source.PIXEL)

    assert (credited(acme), lines(acme)) == ([], [])


def test_a_person_confirms_it(acme: Company, bob: Promoter) -> None:
    conversion = settled(acme, sale(click_token=click_of(bob)), source=Source.PIXEL)

    with merchant_context(acme.id):
        confirm_conversion(conversion=conversion, by=SYSTEM, at=SALE_AT)
    work(acme)

    assert again(acme, conversion).source == Source.PIXEL
    assert lines(acme) == [1_000]
    with merchant_context(acme.id), pytest.raises(IllegalMove):
        confirm_conversion(conversion=conversion, by=SYSTEM, at=SALE_AT)


def test_a_trusted_report_replaces_a_browsers_word_that_was_declined(
    acme: Company, bob: Promoter
) -> None:
    conversion = settled(acme, sale(amount_minor=90_000), source=Source.PIXEL)
    with merchant_context(acme.id):
        decline_conversion(conversion=conversion, reason="Made up", by=SYSTEM, at=SALE_AT)

    conversion, is_new = tell(acme, sale(click_token=click_of(bob)))

    assert (is_new, conversion.status) == (False, ConversionStatus.RECEIVED)
    assert (conversion.reason, conversion.reason_detail) == (Reason.NONE, "")
    work(acme)
    assert again(acme, conversion).status == ConversionStatus.PENDING
    assert (credited(acme), lines(acme)) == ([("o-1", "Bob")], [1_000])
    with merchant_context(acme.id):
        event = Event.objects.get(type="conversion.confirmed", subject_id=conversion.id)
        assert event.data["was"] == ConversionStatus.DECLINED


def test_what_a_trusted_source_reported_stays_declined(acme: Company, bob: Promoter) -> None:
    conversion = settled(acme, sale(click_token=click_of(bob)))
    with merchant_context(acme.id):
        decline_conversion(conversion=conversion, reason="Returned", by=SYSTEM, at=SALE_AT)

    settled(acme, sale(click_token=click_of(bob)), source=Source.POSTBACK)

    assert again(acme, conversion).status == ConversionStatus.DECLINED
    assert lines(acme) == []


def test_a_person_confirms_nothing_that_was_declined(acme: Company) -> None:
    conversion = settled(acme, sale(), source=Source.PIXEL)
    with merchant_context(acme.id):
        decline_conversion(conversion=conversion, reason="Made up", by=SYSTEM, at=SALE_AT)

        with pytest.raises(IllegalMove):
            confirm_conversion(conversion=conversion, by=SYSTEM, at=SALE_AT)


def test_what_was_held_is_held_once_it_is_confirmed(acme: Company, bob: Promoter) -> None:
    conversion = settled(acme, sale(click_token=click_of(bob)), source=Source.PIXEL)
    with merchant_context(acme.id):
        hold_conversion(conversion=conversion, reason="Odd", by=SYSTEM, at=SALE_AT)

    settled(acme, sale(click_token=click_of(bob)))

    conversion = again(acme, conversion)
    assert (conversion.status, conversion.reason) == (
        ConversionStatus.HELD,
        Reason.HELD_BY_MERCHANT,
    )
    assert lines(acme) == [1_000]
    with merchant_context(acme.id):
        assert Commission.objects.get().status == "HELD"
        release_conversion(conversion=conversion, by=SYSTEM, at=SALE_AT)
        assert Commission.objects.get().status == "PENDING"


def test_a_released_word_of_a_browser_still_waits(acme: Company) -> None:
    conversion = settled(acme, sale(), source=Source.PIXEL)

    with merchant_context(acme.id):
        hold_conversion(conversion=conversion, reason="", by=SYSTEM, at=SALE_AT)
        release_conversion(conversion=conversion, by=SYSTEM, at=SALE_AT)

    assert again(acme, conversion).reason == Reason.UNVERIFIED


def test_a_test_shows_what_it_would_pay_and_pays_nothing(acme: Company, bob: Promoter) -> None:
    conversion = settled(acme, sale(click_token=click_of(bob)), is_test=True)

    assert (conversion.status, conversion.reason) == (ConversionStatus.APPROVED, Reason.TEST)
    assert conversion.trace["arithmetic"] == [
        "10000 paid − 0 tax − 0 shipping = 10000 net; × 1000 bps = 1000"
    ]
    assert (credited(acme), lines(acme)) == ([("o-1", "Bob")], [])


def test_the_same_order_may_later_come_for_real(acme: Company, bob: Promoter) -> None:
    test = settled(acme, sale(click_token=click_of(bob)), is_test=True)

    real = settled(acme, sale(click_token=click_of(bob)))

    assert (test.is_test, real.is_test, test.id == real.id) == (True, False, False)
    assert lines(acme) == [1_000]


def test_whatever_a_test_program_hears_is_a_test(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        Program.objects.filter(id=acme.program.id).update(is_test=True)
        acme.program.refresh_from_db()

    conversion = settled(acme, sale(click_token=click_of(bob)))

    assert (conversion.is_test, lines(acme)) == (True, [])


def test_a_test_uses_no_coupon_up_and_binds_for_tests_alone(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="ONCE", uses_max=1)
    settled(acme, sale("t-1", customer="c-1", coupon_code="once"), is_test=True)

    settled(acme, sale("t-2", customer="c-1"), is_test=True)
    settled(acme, sale("r-1", customer="c-1"))
    settled(acme, sale("r-2", coupon_code="once"))

    assert credited(acme) == [("r-2", "Bob"), ("t-1", "Bob"), ("t-2", "Bob")]
    assert lines(acme) == [1_000]


def test_a_repeat_brings_no_erased_customer_back(acme: Company) -> None:
    conversion, _new = tell(acme, sale(customer="jane@example.com"))
    with merchant_context(acme.id):
        erase_customer(customer=Customer.objects.get(), by=SYSTEM, at=SALE_AT)

        tell(acme, sale(customer="jane@example.com"))

        assert Customer.objects.get().external_id.startswith("erased:")
        assert Conversion.objects.get().customer_id == conversion.customer_id


def test_of_an_address_nothing_but_a_hash_is_kept(acme: Company) -> None:
    addresses = ["Jane.Doe+shop@GoogleMail.com", "janedoe@gmail.com", "jane@doe.example"]
    for number, address in enumerate(addresses, start=1):
        customer = CustomerReport(f"c-{number}", email=address)
        tell(acme, replace(sale(f"o-{number}"), customer=customer))

    with merchant_context(acme.id):
        hashes = dict(Customer.objects.values_list("external_id", "email_hash"))

    assert hashes["c-1"] == hashes["c-2"] != hashes["c-3"]
    assert all(len(value) == 64 for value in hashes.values())


def test_the_first_order_of_a_batch_binds_the_customer_for_the_second(
    acme: Company, bob: Promoter
) -> None:
    tell(acme, sale("second", customer="c-1", at=SALE_AT + timedelta(days=300)))
    tell(acme, sale("first", customer="c-1", click_token=click_of(bob)))

    work(acme)

    assert credited(acme) == [("first", "Bob"), ("second", "Bob")]
    with merchant_context(acme.id):
        assert Credit.objects.count() == 2
