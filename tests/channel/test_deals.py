"""Deals: whose a company is, for how long, and what winning one does."""

from datetime import timedelta
from typing import Any

import pytest

from channel.deals import (
    DealExists,
    DealsClosed,
    NoExtension,
    Protected,
    approve_deal,
    ask_extension,
    expire_deals,
    extend_deal,
    lose_deal,
    reject_deal,
    set_terms,
    win_deal,
    withdraw_deal,
)
from channel.models import Conflict, Deal, DealStatus
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import SYSTEM, Event
from merchants.tenancy import OPS, affiliate_context, merchant_context
from tests.cast import NOON, Company, Promoter, make_promoter
from tests.channel.dealing import DAYS, store_deal
from tests.facts import credited, sale, settled

DAY = timedelta(days=1)
BY: dict[str, Any] = {"by": SYSTEM, "at": NOON}


@pytest.fixture
def dora(acme: Company) -> Promoter:
    return make_promoter(acme, "Dora")


def test_the_second_learns_of_a_conflict_and_not_with_whom(
    acme: Company, bob: Promoter, dora: Promoter
) -> None:
    first = store_deal(acme, bob)
    second = store_deal(acme, dora, domain="https://www.HarbourMasters.example/en")

    assert (first.conflict, second.conflict) == ("", Conflict.OTHER_AFFILIATE)
    with affiliate_context(dora.affiliate.id):
        assert list(Deal.objects.values_list("id", flat=True)) == [second.id]
    with merchant_context(acme.id):
        approve_deal(deal=first, **BY)
        with pytest.raises(Protected):
            approve_deal(deal=second, **BY)
        second.refresh_from_db()
        assert (second.status, second.protected_until) == (DealStatus.SUBMITTED, None)

        lose_deal(deal=first, reason="They bought elsewhere.", **BY)

        assert approve_deal(deal=second, **BY).protected_until == NOON + 90 * DAY


@pytest.mark.parametrize(
    ("ends", "is_free"),
    [("withdraw", True), ("reject", True), ("expire", True), ("win", False)],
)
def test_a_company_is_free_again_unless_it_became_a_customer(
    ends: str, is_free: bool, acme: Company, bob: Promoter, dora: Promoter
) -> None:
    deal = store_deal(acme, bob)
    with merchant_context(acme.id):
        if ends == "reject":
            reject_deal(deal=deal, reason="R", **BY)
        else:
            approve_deal(deal=deal, **BY)
        if ends == "withdraw":
            withdraw_deal(deal=deal, **BY)
        if ends == "win":
            win_deal(deal=deal, customer_id="C-1", **BY)
    over = [expire_deals(merchant_id=acme.id, at=NOON + 90 * DAY) for _twice in range(2)]

    found = store_deal(acme, dora)

    assert over == [1 if ends == "expire" else 0, 0]
    assert found.conflict == ("" if is_free else Conflict.CUSTOMER)


def test_a_known_customer_is_a_conflict(acme: Company, bob: Promoter) -> None:
    settled(acme, sale("o-1", customer="C-1"))
    with merchant_context(acme.id):
        from tracking.services import bind_customer

        bind_customer(
            program=acme.program,
            external_id="C-1",
            email="buyer@harbourmasters.example",
            first_seen_at=NOON,
            **BY,
        )

    deal = store_deal(acme, bob, contact_email="Buyer@harbourmasters.example")

    assert deal.conflict == Conflict.CUSTOMER


def test_a_won_deal_gives_the_customers_sales_to_the_affiliate(
    acme: Company, bob: Promoter
) -> None:
    settled(acme, sale("o-1", customer="C-1"))  # Before anybody said whose it is.
    deal = store_deal(acme, bob)
    with merchant_context(acme.id):
        approve_deal(deal=deal, **BY)
        win_deal(deal=deal, customer_id=" C-1 ", **BY)
        with pytest.raises(IllegalMove):
            win_deal(deal=deal, customer_id="C-1", **BY)

    settled(acme, sale("o-2", customer="C-1", at=NOON + 2 * DAY))
    settled(acme, sale("o-3", customer="C-2", at=NOON + 2 * DAY))

    assert credited(acme) == [("o-1", "Bob"), ("o-2", "Bob")]


def test_more_time_is_asked_for_and_given_as_often_as_the_terms_say(
    acme: Company, bob: Promoter
) -> None:
    deal = store_deal(acme, bob)
    with merchant_context(acme.id):
        with pytest.raises(IllegalMove):
            ask_extension(deal=deal, **BY)
        approve_deal(deal=deal, **BY)
        for _twice in range(2):
            ask_extension(deal=deal, **BY)
        extended = extend_deal(deal=deal, **BY)

        assert extended.protected_until == NOON + 120 * DAY
        assert extended.extension_asked_at is None
        for again in (ask_extension, extend_deal):
            with pytest.raises(NoExtension):
                again(deal=deal, **BY)
        asked = Event.objects.filter(type="deal.extension_asked")
        assert asked.count() == 1
    assert expire_deals(merchant_id=acme.id, at=NOON + 119 * DAY) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("domain", "no host"),
        ("domain", "localhost"),
        ("domain", "company.example:8000"),
        ("contact_email", "x"),
        ("expected_on", (NOON - DAY).date()),
    ],
)
def test_what_cannot_be_is_refused(field: str, value: object, acme: Company, bob: Promoter) -> None:
    with pytest.raises(BadValue) as refusal:
        store_deal(acme, bob, **{field: value})

    assert refusal.value.field == field
    assert not Deal.objects.using(OPS).exists()


def test_nobody_registers_twice_or_where_deals_are_closed(acme: Company, bob: Promoter) -> None:
    deal = store_deal(acme, bob)
    with pytest.raises(DealExists):
        store_deal(acme, bob)
    with merchant_context(acme.id):
        with pytest.raises(BadValue):
            reject_deal(deal=deal, reason=" ", **BY)
        with pytest.raises(BadValue):
            set_terms(program=acme.program, is_open=True, days={**DAYS, "protect_days": 0}, **BY)
        bob.enrollment.status = "SUSPENDED"
        bob.enrollment.save(update_fields=["status"])

    with pytest.raises(DealsClosed):
        store_deal(acme, bob, domain="other.example")
