"""Customers: bound once, credited from then on, forgotten on request."""

from datetime import datetime, timedelta

import pytest

from affiliates.models import Status as EnrollmentStatus
from affiliates.services import move_enrollment
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from programs.models import Program
from tests.cast import NOON, Company, Promoter, click_of, make_promoter
from tests.facts import SALE_AT, credited, lines, sale, settled, work
from tracking.addresses import address_hash, normalised
from tracking.models import Conversion, Customer, StepReport, Touch
from tracking.services import BadEvidence, bind_customer, create_coupon, erase_customer

MONTHS_LATER = SALE_AT + timedelta(days=300)


def bind(
    company: Company, customer: str = "c-1", *, at: datetime = NOON, **evidence: object
) -> list[Touch]:
    """Bind a customer at sign-up, at noon; return what is new."""
    facts = {"first_seen_at": NOON + timedelta(minutes=5), **evidence}
    with merchant_context(company.id):
        _customer, touches = bind_customer(
            program=company.program, external_id=customer, by=SYSTEM, at=at, **facts
        )
    return touches


@pytest.mark.parametrize("by", ["click", "coupon", "a link's code", "an enrollment's code"])
def test_a_bound_customer_needs_no_evidence_for_life(acme: Company, bob: Promoter, by: str) -> None:
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="BOB10")
    evidence = {
        "click": {"click_token": click_of(bob)},
        "coupon": {"coupon_code": "bob10"},
        "a link's code": {"referral_code": bob.link.code},
        "an enrollment's code": {"referral_code": bob.enrollment.code},
    }[by]

    assert len(bind(acme, **evidence)) == 1
    conversion = settled(acme, sale(customer="c-1", at=MONTHS_LATER))

    assert (credited(acme), lines(acme)) == ([("o-1", "Bob")], [1_000])
    [touch] = conversion.trace["touches"]
    assert (touch["kind"], touch["reason"]) == ("customer", "accepted")


def test_any_conversion_with_evidence_binds(acme: Company, bob: Promoter) -> None:
    settled(acme, sale("first", customer="c-1", click_token=click_of(bob)))

    settled(acme, sale("second", customer="c-1", at=MONTHS_LATER))
    settled(acme, sale("another's", customer="c-2", at=MONTHS_LATER))

    assert credited(acme) == [("first", "Bob"), ("second", "Bob")]


def test_the_earliest_binding_wins_and_an_explicit_click_is_stronger(
    acme: Company, bob: Promoter
) -> None:
    dora = make_promoter(acme, "Dora")
    bind(acme, click_token=click_of(bob))
    bind(acme, click_token=click_of(dora), first_seen_at=SALE_AT + timedelta(days=1))

    settled(acme, sale("none", customer="c-1", at=MONTHS_LATER))
    fresh = click_of(dora, at=MONTHS_LATER - timedelta(days=1))
    settled(acme, sale("click", customer="c-1", click_token=fresh, at=MONTHS_LATER))
    settled(acme, sale("once more", customer="c-1", at=MONTHS_LATER + timedelta(days=1)))

    assert credited(acme) == [("click", "Dora"), ("none", "Bob"), ("once more", "Bob")]


def test_a_customer_is_stronger_than_a_coupon(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    with merchant_context(acme.id):
        create_coupon(enrollment=dora.enrollment, code="DORA10")
    bind(acme, click_token=click_of(bob))

    settled(acme, sale(customer="c-1", coupon_code="DORA10"))

    assert credited(acme) == [("o-1", "Bob")]


def test_what_happened_before_the_binding_is_nobodys(acme: Company, bob: Promoter) -> None:
    bind(acme, click_token=click_of(bob), first_seen_at=SALE_AT + timedelta(days=1))

    conversion = settled(acme, sale(customer="c-1"))

    assert credited(acme) == []
    assert [row["reason"] for row in conversion.trace["touches"]] == ["after_the_event"]


def test_an_affiliate_who_is_suspended_earns_nothing_by_old_bindings(
    acme: Company, bob: Promoter
) -> None:
    bind(acme, click_token=click_of(bob))
    with merchant_context(acme.id):
        suspended = EnrollmentStatus.SUSPENDED
        move_enrollment(enrollment=bob.enrollment, to=suspended, by=SYSTEM, at=NOON)

    conversion = settled(acme, sale(customer="c-1"))

    assert [row["reason"] for row in conversion.trace["touches"]] == ["not_enrolled"]


def test_a_click_older_than_the_window_binds_nobody(acme: Company, bob: Promoter) -> None:
    old = click_of(bob, at=NOON - timedelta(days=31))

    assert bind(acme, click_token=old) == []

    with merchant_context(acme.id):
        assert Customer.objects.get().external_id == "c-1"


@pytest.mark.parametrize(
    ("evidence", "field", "code"),
    [
        ({"click_token": "A" * 38}, "click_id", "unknown"),
        ({"coupon_code": "NOBODYS"}, "coupon", "unknown"),
        ({"coupon_code": "OLD"}, "coupon", "coupon_expired"),
        ({"coupon_code": "EARLY"}, "coupon", "coupon_not_yet_valid"),
        ({"referral_code": "nobody"}, "referral", "unknown"),
    ],
)
def test_what_is_no_evidence_is_refused_by_name(
    acme: Company, bob: Promoter, evidence: dict[str, str], field: str, code: str
) -> None:
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="OLD", valid_until=NOON)
        create_coupon(enrollment=bob.enrollment, code="EARLY", valid_from=MONTHS_LATER)

    with pytest.raises(BadEvidence) as refusal:
        bind(acme, **evidence)

    assert (refusal.value.field, refusal.value.code) == (field, code)
    with merchant_context(acme.id):
        assert not Customer.objects.exists()


@pytest.mark.parametrize("told_first", [True, False], ids=["told first", "told late"])
def test_a_sign_up_counts_whenever_it_is_told(
    acme: Company, bob: Promoter, told_first: bool
) -> None:
    token = click_of(bob)
    if told_first:
        bind(acme, click_token=token)
    settled(acme, sale(customer="c-1"))
    if not told_first:
        assert credited(acme) == []
        bind(acme, click_token=token, at=MONTHS_LATER)
        work(acme)

    assert (credited(acme), lines(acme)) == ([("o-1", "Bob")], [1_000])
    with merchant_context(acme.id):
        assert not Customer.objects.filter(news_from__isnull=False).exists()


def test_what_happened_before_the_sign_up_stays_as_it_was(acme: Company, bob: Promoter) -> None:
    settled(acme, sale(customer="c-1"))

    bind(acme, click_token=click_of(bob), first_seen_at=SALE_AT + timedelta(minutes=1))
    work(acme)

    assert credited(acme) == []


def test_a_customer_turns_out_to_be_an_old_one(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        Program.objects.filter(id=acme.program.id).update(new_customers_only=True)
    settled(acme, sale(customer="c-1", click_token=click_of(bob)))
    assert lines(acme) == [1_000]

    bind(acme, first_seen_at=NOON - timedelta(days=30), at=MONTHS_LATER)
    work(acme)

    assert (credited(acme), lines(acme)) == ([], [1_000, -1_000])


def test_a_coupon_that_is_used_up_binds_nobody(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="ONCE", uses_max=1)
    assert len(bind(acme, "c-1", coupon_code="once")) == 1
    settled(acme, sale(coupon_code="once"))

    with pytest.raises(BadEvidence) as refusal:
        bind(acme, "c-2", coupon_code="once")

    assert (refusal.value.field, refusal.value.code) == ("coupon", "coupon_used_up")
    with merchant_context(acme.id):
        assert not Customer.objects.filter(external_id="c-2").exists()


def test_another_merchants_click_is_none_of_ours(
    acme: Company, bob: Promoter, carol: Promoter
) -> None:
    with pytest.raises(BadEvidence):
        bind(acme, click_token=click_of(carol))


def test_binding_again_is_no_news(acme: Company, bob: Promoter) -> None:
    assert len(bind(acme, click_token=click_of(bob), email="a@example.com")) == 1
    token = click_of(bob)

    assert len(bind(acme, click_token=token)) == 1
    assert bind(acme, click_token=token, country="DE", at=SALE_AT) == []

    with merchant_context(acme.id):
        customer = Customer.objects.get()
        assert (customer.country, customer.email_hash) == ("DE", address_hash("A@example.com"))
        assert Event.objects.filter(type="customer.bound").count() == 2


def test_a_tests_binding_is_for_tests(acme: Company, bob: Promoter) -> None:
    bind(acme, click_token=click_of(bob), is_test=True)

    settled(acme, sale("real", customer="c-1"))
    settled(acme, sale("test", customer="c-1"), is_test=True)

    assert credited(acme) == [("test", "Bob")]


def test_an_erased_customer_is_a_tombstone_and_money_stays(acme: Company, bob: Promoter) -> None:
    settled(acme, sale(customer="jane", click_token=click_of(bob)))

    with merchant_context(acme.id):
        customer = Customer.objects.get()
        for _time in range(2):
            erased = erase_customer(customer=customer, by=SYSTEM, at=NOON)

        assert erased.external_id == f"erased:{customer.id}"
        assert (erased.email_hash, erased.country, erased.erased_at) == ("", "", NOON)
        assert Conversion.objects.get().customer_id == customer.id
        assert Event.objects.filter(type="customer.erased").count() == 1
        assert not StepReport.objects.filter(subject__contains="jane").exists()
    assert lines(acme) == [1_000]


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("Jane@Example.COM", "jane@example.com"),
        (" jane+news@example.com ", "jane@example.com"),
        ("j.a.n.e+x@googlemail.com", "jane@gmail.com"),
        ("j.ane@example.com", "j.ane@example.com"),
    ],
)
def test_a_mailbox_has_one_spelling(address: str, same: str) -> None:
    assert normalised(address) == same
    assert address_hash(address) == address_hash(same)
    assert same not in address_hash(address)
