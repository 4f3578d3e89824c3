"""Neither tests nor a browser's word are in any figure, and affiliates see no test."""

from ledger.selectors import balances
from merchants.tenancy import affiliate_context, merchant_context
from reports.affiliate_money import conversions_of
from reports.selectors import Slice, daily_figures, enrollment_figures, last_days, total
from tests.cast import Company, Promoter, click_of
from tests.facts import SALE_AT, sale, settled
from tracking.models import Source


def test_only_what_is_real_counts(acme: Company, bob: Promoter) -> None:
    settled(acme, sale("test", click_token=click_of(bob)), is_test=True)
    settled(acme, sale("pixel", click_token=click_of(bob)), source=Source.PIXEL)
    period = last_days(7, at=SALE_AT)

    def figures() -> list[tuple[int, int, int]]:
        with merchant_context(acme.id):
            days = daily_figures(Slice(acme.id, "EUR"), period)
            own = enrollment_figures(acme.id, [bob.enrollment.id], period)
        found = [total(days), own[bob.enrollment.id]]
        return [(row.conversions, row.revenue_minor, row.commission_minor) for row in found]

    assert figures() == [(0, 0, 0)] * 2
    with merchant_context(acme.id):
        assert list(balances(merchant_id=acme.id)) == []

    settled(acme, sale("pixel", click_token=click_of(bob)))  # The shop's own report of it.

    assert figures() == [(1, 10_000, 1_000)] * 2


def test_an_affiliate_sees_no_tests(acme: Company, bob: Promoter) -> None:
    settled(acme, sale("test", click_token=click_of(bob)), is_test=True)
    settled(acme, sale("real", click_token=click_of(bob)))

    with affiliate_context(bob.affiliate.id):
        credits = list(conversions_of(bob.affiliate.id))

    assert [(row.conversion.is_test, row.amount_minor) for row in credits] == [(False, 10_000)]
