"""Tax by the API: details, policy, forms with numbers masked, papers and totals."""

from datetime import timedelta

from payouts.models import TaxFormKind
from tests.api.conftest import Caller
from tests.cast import NOON, Company, Promoter, click_of, sell
from tests.payouts.documents.paying import LATER, finance, papers, pay
from tests.payouts.tax.signing import asks, sign

DETAILS = {
    "legal_name": "Acme Chandlery GmbH",
    "street": "Hafenstraße 1",
    "postcode": "20457",
    "town": "Hamburg",
    "country": "DE",
    "vat_id": "DE129273398",
    "vat_bps": 1900,
}


def test_details_are_empty_until_they_are_set(api: Caller) -> None:
    before = api.get("tax-details")
    set_once = api("PUT", "tax-details", DETAILS)

    assert before.json["legal_name"] == ""
    assert set_once.status == 200
    assert api.get("tax-details").json == {**DETAILS, "tax_id": "", "invoice_prefix": ""}


def test_a_wrong_vat_id_is_named(api: Caller) -> None:
    answer = api("PUT", "tax-details", DETAILS | {"vat_id": "DE129273399"})

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "vat_id")


def test_the_policy_wants_somebody_in_whose_name(api: Caller) -> None:
    policy = {
        "requires_tax_form": True,
        "withholding_bps": 2400,
        "issues_invoices": True,
        "adds_vat": True,
    }

    refused = api("PUT", "tax-policy", policy)
    api("PUT", "tax-details", DETAILS)

    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "issues_invoices")
    assert api("PUT", "tax-policy", policy).json == policy
    assert api.get("tax-policy").json == policy


def test_forms_are_listed_masked_and_doubted_once(api: Caller, bob: Promoter) -> None:
    form = sign(bob, TaxFormKind.W9)

    (row,) = api.get("tax-forms").json["data"]
    doubted = api.post(f"tax-forms/{form.id}/doubt", {"reason": "CP2100"})
    again = api.post(f"tax-forms/{form.id}/doubt", {"reason": "CP2100"})
    cleared = api.post(f"tax-forms/{form.id}/clear")

    assert (row["kind"], row["tax_id_last_four"], row["doubt"]) == ("w9", "4399", "")
    assert "536904399" not in str(row)
    assert doubted.json["doubt"] == "CP2100"
    assert (again.status, again.json["code"]) == (409, "already_doubted")
    assert cleared.json["doubt"] == ""


def test_papers_are_listed_and_downloaded(
    api: Caller, partner: Caller, acme: Company, bob: Promoter
) -> None:
    asks(acme)
    sell(acme, click=click_of(bob))
    pay(acme, finance(acme))
    (paper,) = papers(acme)

    (row,) = api.get("documents?kind=statement").json["data"]
    (own,) = partner.get("partner/documents").json["data"]

    assert (row["number"], row["net_minor"], row["vat_minor"]) == (paper.number, 1_000, 0)
    assert row["sha256"] == own["sha256"] == paper.sha256
    assert api.get(f"documents/{paper.id}/file").response.content == paper.reveal()
    assert partner.get(f"partner/documents/{paper.id}/file").response.content == paper.reveal()


def test_totals_of_a_year_are_a_file(api: Caller, acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob), at=NOON + timedelta(hours=1))
    pay(acme, finance(acme), at=LATER)

    found = api.get("annual-totals?year=2026")
    empty = api.get("annual-totals?year=2025")

    assert b"Bob,EUR,1,10.00" in found.response.content
    assert len(empty.response.content.splitlines()) == 1
    assert api.get("annual-totals").status == 400
