"""Conversions: found, explained, decided on, refunded, exported."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from commissions.models import Commission
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell, settle
from tests.console.conftest import words
from tracking.models import Conversion, ConversionStatus, Refund, ReportedStatus, Source
from tracking.services import (
    ConversionReport,
    CustomerReport,
    create_coupon,
    record_conversion,
    record_refund_of_order,
    record_status,
)

LIST = reverse("console:conversions")


def url(name: str, conversion: Conversion) -> str:
    return reverse(f"console:{name}", args=[conversion.id])


def found(client: Client, **query: str) -> list[str]:
    table = client.get(LIST, query).context["table"]
    return [row.record.external_id for row in table.page.object_list]


@pytest.fixture
def sale(acme: Company, bob: Promoter) -> Conversion:
    """Return a sale of 100.00 that Bob is credited with: 10.00, on hold."""
    return sell(acme, click=click_of(bob), external_id="S-1")


def report(
    company: Company,
    *,
    external_id: str,
    click: str = "",
    source: Source = Source.API,
    is_test: bool = False,
    customer: str = "",
) -> Conversion:
    """Report a sale of 100.00 and let the worker look at it."""
    said = ConversionReport(
        goal="sale",
        external_id=external_id,
        amount_minor=10_000,
        currency="EUR",
        occurred_at=NOON + timedelta(hours=1),
        click_token=click,
        customer=CustomerReport(customer) if customer else None,
    )
    with merchant_context(company.id):
        conversion, _is_new = record_conversion(
            program=company.program,
            report=said,
            by=acting_user(company.owner.user),
            at=NOON + timedelta(hours=1),
            is_test=is_test,
            source=source,
        )
    settle(company, at=NOON + timedelta(hours=1))
    return conversion


def fresh(company: Company, conversion: Conversion) -> Conversion:
    with merchant_context(company.id):
        return Conversion.objects.get(id=conversion.id)


# Finding -----------------------------------------------------------------------------------------


def test_the_list_is_filtered_and_the_address_carries_it(
    acme: Company, bob: Promoter, sale: Conversion, alice: Client
) -> None:
    sell(acme, external_id="S-2", at=NOON - timedelta(days=3))
    sell(acme, click=click_of(bob), external_id="L-1", goal="lead")

    assert found(alice, q="S-1") == ["S-1"]
    assert found(alice, q="S-") == []  # The whole id, or nothing.
    assert set(found(alice, goal="lead")) == {"L-1"}
    assert found(alice, show="uncredited") == ["S-2"]
    assert set(found(alice, show="counted")) == {"S-1", "L-1"}
    assert found(alice, show="PENDING") == ["S-1"]
    assert found(alice, until="2026-02-28") == ["S-2"]
    assert set(found(alice, since="2026-03-02")) == {"S-1", "L-1"}
    assert set(found(alice, enrollment=str(bob.enrollment.id))) == {"S-1", "L-1"}


def test_a_filter_that_cannot_be_read_finds_nothing(sale: Conversion, alice: Client) -> None:
    assert found(alice, since="yesterday") == []
    assert found(alice, program="x") == []


def test_the_list_shows_amount_status_and_who_is_credited(sale: Conversion, alice: Client) -> None:
    page = words(alice.get(LIST).content)

    assert "S-1 API Acme Partners Sale Bob" in page
    assert "Pending Waiting for the hold to end €100.00" in page


def test_the_export_is_the_filtered_list_and_no_spreadsheet_executes_it(
    acme: Company, sale: Conversion, alice: Client
) -> None:
    sell(acme, external_id="=HYPERLINK(1)", at=NOON - timedelta(days=9))
    sell(acme, external_id="S-9", at=NOON - timedelta(days=90))

    answer = alice.get(reverse("console:conversions-export"), {"since": "2026-02-01"})

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["external_id"], row["amount"], row["affiliates"]) for row in rows] == [
        ("S-1", "100.00", "Bob"),
        ("'=HYPERLINK(1)", "100.00", ""),
    ]
    assert 'filename="conversions.csv"' in answer.headers["Content-Disposition"]


def test_tests_are_hidden_until_they_are_asked_for(
    acme: Company, bob: Promoter, sale: Conversion, alice: Client
) -> None:
    report(acme, external_id="T-1", is_test=True, click=click_of(bob))

    assert found(alice) == ["S-1"]
    assert found(alice, tests="only") == ["T-1"]
    assert set(found(alice, tests="all")) == {"S-1", "T-1"}
    assert "T-1 Test API" in words(alice.get(LIST, {"tests": "only"}).content)
    exported = alice.get(reverse("console:conversions-export")).content.decode()
    assert "T-1" not in exported


def test_a_list_of_nothing_but_tests_is_no_empty_list(acme: Company, alice: Client) -> None:
    report(acme, external_id="T-1", is_test=True)

    page = words(alice.get(LIST).content)

    assert "No conversion yet" not in page
    assert "No conversion matches." in page


def test_source_reason_and_confirmation_are_filters(
    acme: Company, bob: Promoter, sale: Conversion, alice: Client
) -> None:
    report(acme, external_id="PX-1", source=Source.PIXEL, click=click_of(bob))

    assert found(alice, source="PIXEL") == ["PX-1"]
    assert found(alice, source="API") == ["S-1"]
    assert found(alice, reason="unverified") == ["PX-1"]
    assert found(alice, show="unconfirmed") == ["PX-1"]


def test_refunds_without_an_order_wait_in_sight(acme: Company, alice: Client) -> None:
    with merchant_context(acme.id):
        record_refund_of_order(
            program=acme.program,
            goal="sale",
            order_id="S-77",
            external_id="R-1",
            amount_minor=1_500,
            reason="",
            occurred_at=NOON,
            by=acting_user(acme.owner.user),
            at=NOON,
        )

    page = words(alice.get(LIST).content)

    assert "Refunds that wait for their order" in page
    assert "S-77 R-1 Acme Partners Sale" in page
    assert "€15.00" in page


# What only a browser said ------------------------------------------------------------------------


def test_what_a_browser_reported_is_confirmed_by_a_person(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    pixel = report(acme, external_id="PX-1", source=Source.PIXEL, click=click_of(bob))
    page = words(alice.get(url("conversion", pixel)).content)
    assert "Only a browser has reported this." in page
    assert "You say that this order of €100.00 is real." in page

    alice.post(url("conversion-confirm", pixel))
    settle(acme, at=NOON + timedelta(hours=2))

    assert fresh(acme, pixel).confirmed_at is not None
    page = words(alice.get(url("conversion", pixel)).content)
    assert "Only a browser" not in page
    assert "Pending Waiting for the hold to end" in page


def test_what_needs_no_confirmation_is_left_alone(sale: Conversion, alice: Client) -> None:
    answer = alice.post(url("conversion-confirm", sale), follow=True)

    assert "Nothing was changed" in words(answer.content)


# Why? --------------------------------------------------------------------------------------------


def test_why_tells_touches_policy_rate_arithmetic_and_ledger(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    dora = make_promoter(acme, "Dora")
    with merchant_context(acme.id):
        create_coupon(enrollment=dora.enrollment, code="DORA10")
    old = click_of(bob, at=NOON - timedelta(days=31))
    sale = sell(acme, click=old, coupon="DORA10", external_id="S-1")

    page = words(alice.get(url("conversion", sale)).content)

    assert "Dora is credited with 100%" in page
    assert "Click of Bob" in page
    assert "Older than the attribution window" in page
    assert "Coupon of Dora" in page
    assert "Coupon of Dora · 100%" in page
    assert "The last touch gets all." in page
    assert "A click counts for 30 days." in page
    assert "10% of each sale The program" in page
    assert "It asks for nothing more, so it pays · version 1" in page
    assert "10% of €100.00 = €10.00" in page
    assert "earned Commission expense −€10.00" in page
    assert "earned Pending €10.00" in page


def test_why_nobody_is_credited_is_said_too(acme: Company, alice: Client) -> None:
    sale = sell(acme, click="made-up", external_id="S-1")

    page = words(alice.get(url("conversion", sale)).content)

    assert "Nobody is credited: no touch counts." in page
    assert "Not one of ours: nobody owns this click or code" in page
    assert "Nothing was posted." in page


def test_the_report_is_shown_as_it_came(sale: Conversion, alice: Client) -> None:
    page = words(alice.get(url("conversion", sale)).content)

    assert '"external_id": "S-1"' in page
    assert '"amount_minor": 10000' in page


def test_a_commission_says_from_when_it_is_payable(sale: Conversion, alice: Client) -> None:
    assert "payable from 1 Apr 2026" in words(alice.get(url("conversion", sale)).content)


# Decisions ---------------------------------------------------------------------------------------


def test_approving_makes_its_commission_payable_at_once(
    acme: Company, sale: Conversion, alice: Client
) -> None:
    page = words(alice.get(url("conversion", sale)).content)
    assert "€10.00 of commission becomes payable at once, before its hold ends." in page

    alice.post(url("conversion-approve", sale))

    assert fresh(acme, sale).status == ConversionStatus.APPROVED
    with merchant_context(acme.id):
        assert Commission.objects.get().status == "APPROVED"
        assert check_money(acme.id) == []


def test_declining_needs_a_reason_and_is_final(
    acme: Company, sale: Conversion, alice: Client
) -> None:
    assert alice.post(url("conversion-decline", sale), {"reason": ""}).status_code == 422
    assert fresh(acme, sale).status == ConversionStatus.PENDING

    alice.post(url("conversion-decline", sale), {"reason": "Own order"})
    late = alice.post(url("conversion-approve", sale), follow=True)

    assert fresh(acme, sale).status == ConversionStatus.DECLINED
    assert "Nothing was changed: meanwhile it became “declined”." in words(late.content)
    assert "Own order" in words(late.content)


def test_a_held_conversion_is_released(acme: Company, sale: Conversion, alice: Client) -> None:
    alice.post(url("conversion-hold", sale), {"reason": "Looks odd"})
    assert fresh(acme, sale).status == ConversionStatus.HELD

    alice.post(url("conversion-release", sale))

    assert fresh(acme, sale).status == ConversionStatus.PENDING
    with merchant_context(acme.id):
        assert check_money(acme.id) == []


def test_the_history_names_who_did_what(acme: Company, sale: Conversion, alice: Client) -> None:
    alice.post(url("conversion-hold", sale), {"reason": "Looks odd"})

    history = alice.get(url("conversion", sale)).context["history"]

    assert [event["title"] for event in history] == [
        "Conversion: received",
        "Conversion: attributed",
        "Conversion: held",
    ]
    assert history[-1]["text"].startswith("Alice")
    assert history[1]["text"].startswith("Fairlead")


# Refunds -----------------------------------------------------------------------------------------


def test_a_refund_takes_its_part_of_the_commission_back(
    acme: Company, sale: Conversion, alice: Client
) -> None:
    facts = {"external_id": "R-1", "amount": "25,00 €", "reason": "Damaged"}

    alice.post(url("refund-create", sale), facts)
    settle(acme, at=NOON + timedelta(hours=7))

    page = words(alice.get(url("conversion", sale)).content)
    assert "R-1" in page
    assert "€25.00 Damaged" in page
    assert "−€2.50" in page
    with merchant_context(acme.id):
        assert check_money(acme.id) == []


def test_the_same_refund_counts_once(acme: Company, sale: Conversion, alice: Client) -> None:
    facts = {"external_id": "R-1", "amount": "25.00"}

    alice.post(url("refund-create", sale), facts)
    again = alice.post(url("refund-create", sale), facts, follow=True)

    assert "This refund was recorded before; nothing was changed." in words(again.content)
    with merchant_context(acme.id):
        assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("100.01", "All refunds together would exceed what was paid."),
        ("0", "The least is 0.01 EUR."),
        ("-5", "The least is 0.01 EUR."),
        ("5.005", "Write an amount in EUR"),
        ("all of it", "Write an amount in EUR"),
    ],
)
def test_a_refund_that_cannot_be_is_refused(
    acme: Company, sale: Conversion, alice: Client, amount: str, said: str
) -> None:
    answer = alice.post(url("refund-create", sale), {"external_id": "R-1", "amount": amount})

    assert answer.status_code == 422
    assert said in words(answer.content)
    with merchant_context(acme.id):
        assert not Refund.objects.exists()


def test_an_empty_list_says_where_conversions_come_from(acme: Company, alice: Client) -> None:
    assert "No conversion yet" in words(alice.get(LIST).content)


# The new kinds of evidence -----------------------------------------------------------------------


def test_a_customer_who_came_before_stays_with_whoever_brought_them(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    report(acme, external_id="S-1", click=click_of(bob), customer="C-1")
    again = report(acme, external_id="S-2", customer="C-1")

    page = words(alice.get(url("conversion", again)).content)

    assert "Customer of Bob" in page
    assert "theirs since March 2, 2026" in page
    assert "the customer is bound to whoever brought them first" in page
    assert "Bob is credited with 100%" in page
    assert "S-1 Sale" in page  # What else they bought.


def test_a_test_says_what_it_would_have_paid(acme: Company, bob: Promoter, alice: Client) -> None:
    test = report(acme, external_id="T-1", is_test=True, click=click_of(bob))

    page = words(alice.get(url("conversion", test)).content)

    assert "This is a test." in page
    assert "Bob is credited with 100%, but nothing is paid: this is a test" in page
    assert "10% of €100.00 = €10.00" in page
    assert "Commission €0.00" in page


def test_what_was_reported_later_is_shown(acme: Company, sale: Conversion, alice: Client) -> None:
    with merchant_context(acme.id):
        record_status(
            program=acme.program,
            goal="sale",
            order_id="S-1",
            status=ReportedStatus.DISPUTED,
            external_id="",
            reason="Card holder asks",
            occurred_at=NOON,
            by=acting_user(acme.owner.user),
            at=NOON,
        )

    page = words(alice.get(url("conversion", sale)).content)

    assert "What was reported later" in page
    assert "Dispute opened" in page
    assert "Card holder asks" in page
