"""Rewards that are no money, and the picture that counts who sees a page."""

from datetime import timedelta

from commissions.models import GrantKind, GrantStatus, Reward
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell
from tests.commissions.standing import rule
from tests.grants import granted
from tests.portal.people import browser_of, text_of
from tracking.models import Customer


def test_an_affiliate_reads_its_rewards_and_its_customers(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob), at=NOON + timedelta(hours=1))
    with merchant_context(acme.id):
        friend = Customer.objects.create(
            merchant_id=acme.id, external_id="dora-77", first_seen_at=NOON
        )
        granted(conversion)
        granted(
            conversion,
            customer=friend,
            kind=GrantKind.DISCOUNT,
            quantity=1_250,
            status=GrantStatus.FAILED,
            status_reason="No such account",
        )

    said = text_of(browser_of(bob.user).get("/portal/earnings/"))

    assert "2 free months for you · Acme Partners" in said
    assert "On hold until 1 Apr" in said
    assert "12.5% off for your customer" in said
    assert "On its way the merchant is looking at it" in said
    assert "No such account" not in said
    assert "dora-77" not in said


def test_others_rewards_are_not_theirs(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob), at=NOON + timedelta(hours=1))
    with merchant_context(acme.id):
        granted(conversion)

    other = make_promoter(acme, "Carla")

    assert "free months" not in text_of(browser_of(other.user).get("/portal/earnings/"))


def test_the_picture_is_offered_where_impressions_are_paid(acme: Company, bob: Promoter) -> None:
    url, picture = f"/portal/links/{bob.link.id}/", f"/i/{bob.link.code}.gif"
    browser = browser_of(bob.user)

    before = browser.get(url).content.decode()
    rule(acme, Reward.PER_MILLE, details={"rate_e5": 100_000})
    after = browser.get(url).content.decode()

    assert picture not in before
    assert picture in after
