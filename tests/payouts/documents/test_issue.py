"""Papers: what each says, its number, and that it is issued once."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connections

from merchants.tenancy import affiliate_context, merchant_context
from payouts.documents.issue import issue_papers
from payouts.models import Document, DocumentKind, DocumentSeries, TaxFormKind
from payouts.selectors import check_money
from tests.cast import Company, Promoter, click_of, make_promoter, sell
from tests.payouts.documents.paying import LATER, finance, papers, pay, send_back, text_of
from tests.payouts.tax.signing import HAMBURG, agree, asks, sign

MONTH = timedelta(days=31)


def test_who_gave_no_form_gets_a_statement(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob))
    (payout,) = pay(acme, finance(acme))

    (paper,) = papers(acme)

    assert (paper.kind, paper.number) == (DocumentKind.STATEMENT, payout.reference)
    assert (paper.net_minor, paper.vat_minor, paper.currency) == (1_000, 0, "EUR")
    text = text_of(paper)
    assert "Commission statement" in text
    assert "1 commission, Acme Partners, March 2026 €10.00" in text
    assert f"Reference {payout.reference}" in text
    assert "Proof B-1" in text
    assert "Self-billing" not in text


def test_bytes_are_encrypted_hashed_and_stay_the_same(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob))
    pay(acme, finance(acme))

    (paper,) = papers(acme)

    assert hashlib.sha256(paper.reveal()).hexdigest() == paper.sha256
    assert b"%PDF" not in bytes(paper.content)
    assert papers(acme) == [paper]


def test_an_invoice_at_home_names_net_rate_and_vat(acme: Company, bob: Promoter) -> None:
    asks(acme, issues_invoices=True)
    profile = sign(bob, TaxFormKind.BUSINESS, legal_name="Łukasz Żółć, Ωμέγα & 李小龙 <GmbH>")
    with affiliate_context(bob.affiliate.id):
        type(profile).objects.filter(id=profile.id).update(vat_status="VALID")
    agree(bob, acme)
    sell(acme, click=click_of(bob))
    pay(acme, finance(acme))

    (paper,) = papers(acme)

    assert paper.kind == DocumentKind.INVOICE
    assert (paper.net_minor, paper.vat_minor) == (1_000, 190)
    text = text_of(paper)
    for words in (
        "Invoice (self-billing)",
        "Łukasz Żółć, Ωμέγα & 李小龙 <GmbH>",
        "VAT id: DE136695976",
        "Acme Chandlery GmbH",
        "VAT id: DE129273398",
        "€10.00 19 % €1.90 €11.90",
        "Self-billing. Issued by the recipient",
        f"Number {paper.number}",
    ):
        assert words in text
    assert "Reverse charge" not in text
    with merchant_context(acme.id):
        assert check_money(acme.id) == []


def test_across_a_border_the_recipient_owes_the_vat(acme: Company, bob: Promoter) -> None:
    asks(acme, issues_invoices=True)
    sign(bob, TaxFormKind.BUSINESS, country="FR", vat_id="FR61954506077")
    agree(bob, acme)
    sell(acme, click=click_of(bob))
    pay(acme, finance(acme))

    (paper,) = papers(acme)

    assert (paper.kind, paper.vat_minor) == (DocumentKind.INVOICE, 0)
    text = text_of(paper)
    assert "Reverse charge" in text
    assert "VAT id: FR61954506077" in text
    assert "0 %" in text


def test_a_small_business_charges_none_and_says_so(acme: Company, bob: Promoter) -> None:
    asks(acme, issues_invoices=True)
    sign(bob, TaxFormKind.BUSINESS, vat_id="", small_business="yes", tax_id="22/456/78901")
    agree(bob, acme)
    sell(acme, click=click_of(bob))
    pay(acme, finance(acme))

    (paper,) = papers(acme)

    text = text_of(paper)
    assert paper.vat_minor == 0
    assert "small business" in text
    assert "Tax number: 22/456/78901" in text


def test_numbers_of_persons_stay_off_paper(acme: Company, bob: Promoter) -> None:
    asks(acme)
    sign(bob, TaxFormKind.PRIVATE, tax_id="47036892816")
    sell(acme, click=click_of(bob))
    pay(acme, finance(acme))

    (paper,) = papers(acme)

    text = text_of(paper)
    assert paper.kind == DocumentKind.STATEMENT
    assert "Hamburg" in text
    assert "47036892816" not in text
    assert "1990" not in text


def test_each_supplier_has_a_series_without_gaps(acme: Company, bob: Promoter) -> None:
    asks(acme, issues_invoices=True)
    eve = make_promoter(acme, "Eve")
    for who in (bob, eve):
        sign(who, TaxFormKind.BUSINESS, country="FR", vat_id="FR61954506077")
        agree(who, acme)
    finn = finance(acme)
    for round in range(3):
        at = LATER + round * MONTH
        for who in (bob, eve):
            sell(acme, click=click_of(who, at=at - MONTH), at=at - MONTH)
        pay(acme, finn, at=at, ref=f"B{round}")
        papers(acme, at=at)

    found = papers(acme)

    for who in (bob, eve):
        numbers = [paper.number for paper in found if paper.affiliate_id == who.affiliate.id]
        assert [number.rpartition("-")[2] for number in numbers] == ["0001", "0002", "0003"]
    assert len({paper.number for paper in found}) == 6
    assert all(paper.number.startswith(f"{HAMBURG.invoice_prefix}-") for paper in found)


def test_money_that_comes_back_is_answered_by_a_credit_note(acme: Company, bob: Promoter) -> None:
    asks(acme, issues_invoices=True)
    sign(bob, TaxFormKind.BUSINESS, country="FR", vat_id="FR61954506077")
    agree(bob, acme)
    sell(acme, click=click_of(bob))
    (payout,) = pay(acme, finance(acme))
    papers(acme)
    send_back(acme, payout, at=LATER + MONTH)

    invoice, note = papers(acme, at=LATER + MONTH)

    assert (note.kind, note.net_minor) == (DocumentKind.CREDIT_NOTE, -1_000)
    assert (invoice.number[-5:], note.number[-5:]) == ("-0001", "-0002")
    text = text_of(note)
    assert "Credit note (self-billing)" in text
    assert f"It corrects {invoice.number} of {invoice.issued_on} in full" in text
    assert "−€10.00" in text


def test_a_statement_is_reversed_and_what_never_had_a_paper_gets_none(
    acme: Company, bob: Promoter
) -> None:
    sell(acme, click=click_of(bob))
    finn = finance(acme)
    (first,) = pay(acme, finn)
    papers(acme)
    send_back(acme, first)
    (second,) = pay(acme, finn, ref="C")  # The same commission again.
    send_back(acme, second)

    statement, reversal = papers(acme)

    assert (statement.kind, reversal.kind) == (DocumentKind.STATEMENT, DocumentKind.REVERSAL)
    assert reversal.number == f"{statement.number}-X"


def test_many_workers_issue_each_paper_once(acme: Company, bob: Promoter) -> None:
    asks(acme, issues_invoices=True)
    sign(bob, TaxFormKind.BUSINESS, country="FR", vat_id="FR61954506077")
    agree(bob, acme)
    finn = finance(acme)
    for round in range(3):
        at = LATER + round * MONTH
        sell(acme, click=click_of(bob, at=at - MONTH), at=at - MONTH)
        pay(acme, finn, at=at, ref=f"B{round}")

    def work(_number: int) -> int:
        try:
            return issue_papers(acme.id, at=LATER)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        issued = sum(pool.map(work, range(4)))

    with merchant_context(acme.id):
        numbers = sorted(Document.objects.values_list("number", flat=True))
        series = DocumentSeries.objects.get()
    assert issued == 3
    assert [number[-4:] for number in numbers] == ["0001", "0002", "0003"]
    assert series.next_number == 4


def test_a_paper_that_cannot_be_made_delays_no_other(acme: Company, bob: Promoter) -> None:
    eve = make_promoter(acme, "Eve")
    for who in (bob, eve):
        sell(acme, click=click_of(who))
    pay(acme, finance(acme))
    sign(bob, TaxFormKind.PRIVATE)
    with affiliate_context(bob.affiliate.id):  # As if its key were lost.
        bob.affiliate.tax_profiles.update(details=b"lost")

    found = papers(acme)

    assert [paper.affiliate_id for paper in found] == [eve.affiliate.id]


def test_the_other_merchant_and_the_other_affiliate_see_nothing(
    acme: Company, globex: Company, bob: Promoter
) -> None:
    sell(acme, click=click_of(bob))
    pay(acme, finance(acme))
    papers(acme)
    carol = make_promoter(globex, "Carol")

    with merchant_context(globex.id):
        assert Document.objects.count() == 0
    with affiliate_context(carol.affiliate.id):
        assert Document.objects.count() == 0
    with affiliate_context(bob.affiliate.id):
        assert Document.objects.count() == 1
