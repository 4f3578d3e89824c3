"""An affiliate's balances are the ledger's, though it does not read the ledger."""

from datetime import timedelta

from affiliates.services import ApplicationDraft, Consent
from commissions.balances import balances_of_affiliate
from commissions.services import approve_due
from ledger.models import Posting
from ledger.selectors import balances, enrollments_with_balance
from merchants.tenancy import affiliate_context, merchant_context
from tests.cast import NOON, Company, Promoter, click_of, make_company, make_promoter, sell
from tracking.services import join_program


def test_both_ways_to_a_balance_agree(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob))
    approve_due(merchant_id=acme.id, at=NOON + timedelta(days=40))
    sell(acme, click=click_of(bob), amount_minor=5_000)

    with merchant_context(acme.id):
        by_ledger = balances(merchant_id=acme.id)
    with affiliate_context(bob.affiliate.id):
        by_lines = balances_of_affiliate(bob.affiliate.id, limit=10)
        assert Posting.objects.count() == 0

    assert by_lines == by_ledger
    assert by_lines == [
        {
            "enrollment": bob.enrollment.id,
            "currency": "EUR",
            "pending_minor": 500,
            "payable_minor": 1_000,
            "in_payout_minor": 0,
            "paid_minor": 0,
        }
    ]


def test_balances_of_several_merchants_come_page_by_page(acme: Company, bob: Promoter) -> None:
    kiosk = make_company("Kiosk", "Kay", currency="JPY")
    there = join_program(
        program=kiosk.program,
        affiliate=bob.affiliate,
        consent=Consent(user=bob.user, terms_version=None),
        application=ApplicationDraft(),
        at=NOON,
    )
    with merchant_context(kiosk.id):
        link = there.links.get()
    sell(acme, click=click_of(bob))
    sell(kiosk, click=click_of(Promoter(bob.user, bob.affiliate, there, link)))

    with affiliate_context(bob.affiliate.id):
        [first] = balances_of_affiliate(bob.affiliate.id, limit=1)
        [second] = balances_of_affiliate(bob.affiliate.id, limit=1, before=first["enrollment"])
        rest = balances_of_affiliate(bob.affiliate.id, limit=1, before=second["enrollment"])

    assert (first["enrollment"], first["currency"]) == (there.id, "JPY")
    assert (second["enrollment"], second["currency"]) == (bob.enrollment.id, "EUR")
    assert rest == []


def test_only_enrollments_with_a_posting_have_a_balance(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    make_promoter(acme, "Emil")
    for promoter in (bob, dora):
        sell(acme, click=click_of(promoter))

    with merchant_context(acme.id):
        both = enrollments_with_balance(merchant_id=acme.id, limit=10)
        first = enrollments_with_balance(merchant_id=acme.id, limit=1)
        second = enrollments_with_balance(merchant_id=acme.id, limit=1, before=first[0])

    assert both == [dora.enrollment.id, bob.enrollment.id]
    assert (first, second) == ([dora.enrollment.id], [bob.enrollment.id])
