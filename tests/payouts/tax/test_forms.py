"""Tax forms: what each asks, what is refused, and which one is whose."""

from datetime import date
from typing import Any

import pytest

from payouts.models import TaxFormKind
from payouts.tax.forms import BadAnswers, clean_answers, form_for

TODAY = date(2026, 3, 2)
ADDRESS = {"street": "Hafenstraße 1", "town": "Hamburg", "postcode": "20457"}
GOOD: dict[TaxFormKind, tuple[str, dict[str, str]]] = {
    TaxFormKind.W9: (
        "US",
        {
            "legal_name": "Rita Rigger",
            "classification": "INDIVIDUAL",
            "street": "1 Main Street",
            "town": "Boston",
            "region": "ma",
            "postcode": "02108",
            "tax_id": "536-90-4399",
        },
    ),
    TaxFormKind.W8BEN: (
        "IN",
        {
            **ADDRESS,
            "legal_name": "Asha Rao",
            "birth_date": "1990-12-31",
            "citizenship": "IN",
            "tax_id": "ABCPR1234K",
            "place_of_work": "OUTSIDE_US",
        },
    ),
    TaxFormKind.W8BENE: (
        "GB",
        {
            **ADDRESS,
            "legal_name": "Rao Ltd",
            "classification": "CORPORATION",
            "fatca_status": "ACTIVE_NFFE",
            "place_of_work": "INSIDE_US",
            "treaty_article": "7",
            "treaty_rate_bps": "15 %",
            "signer_title": "Director",
        },
    ),
    TaxFormKind.BUSINESS: (
        "DE",
        {**ADDRESS, "legal_name": "Bob GmbH", "vat_id": "de 136.695 976"},
    ),
    TaxFormKind.PRIVATE: (
        "DE",
        {**ADDRESS, "legal_name": "Bob Bowline", "birth_date": "1990-12-31"},
    ),
}


def clean(kind: TaxFormKind, **changed: str) -> dict[str, Any]:
    """Return what is stored of good answers, with some of them changed."""
    country, said = GOOD[kind]
    return clean_answers(kind, said | changed, country=country, on=TODAY)


@pytest.mark.parametrize("kind", TaxFormKind)
def test_takes_good_answers_and_puts_the_address_together(kind: TaxFormKind) -> None:
    details = clean(kind)

    assert details["address"]["country"] == GOOD[kind][0]
    assert "street" not in details


def test_stores_numbers_as_their_offices_write_them() -> None:
    assert clean(TaxFormKind.W9)["tax_id"] == "536904399"
    assert clean(TaxFormKind.W9, tax_id="91-1144442")["tax_id"] == "911144442"
    assert clean(TaxFormKind.BUSINESS)["vat_id"] == "DE136695976"
    assert clean(TaxFormKind.W8BENE)["treaty_rate_bps"] == "1500"


@pytest.mark.parametrize(
    ("kind", "changed", "field"),
    [
        (TaxFormKind.W9, {"tax_id": "000-12-3456"}, "tax_id"),  # No such area.
        (TaxFormKind.W9, {"tax_id": "12345678"}, "tax_id"),
        (TaxFormKind.W9, {"tax_id": ""}, "tax_id"),
        (TaxFormKind.W9, {"region": "Massachusetts"}, "region"),
        (TaxFormKind.W9, {"postcode": "2108"}, "postcode"),
        (TaxFormKind.W9, {"classification": "GUILD"}, "classification"),
        (TaxFormKind.W8BEN, {"birth_date": "2026-03-02"}, "birth_date"),
        (TaxFormKind.W8BEN, {"birth_date": "31.12.1990"}, "birth_date"),
        (TaxFormKind.W8BEN, {"citizenship": "XX"}, "citizenship"),
        (TaxFormKind.W8BEN, {"treaty_article": "7"}, "treaty_article"),  # Without its rate.
        (TaxFormKind.W8BENE, {"treaty_rate_bps": "31"}, "treaty_rate_bps"),
        (TaxFormKind.W8BENE, {"fatca_status": "FFI"}, "giin"),
        (TaxFormKind.BUSINESS, {"vat_id": "DE136695977"}, "vat_id"),  # The check digit.
        (TaxFormKind.BUSINESS, {"vat_id": "FR61954506077"}, "vat_id"),  # Of another country.
        (TaxFormKind.BUSINESS, {"vat_id": ""}, "vat_id"),  # Large, and in the EU.
        (TaxFormKind.BUSINESS, {"vat_id": "", "small_business": "yes"}, "tax_id"),
        (TaxFormKind.PRIVATE, {"legal_name": "Bob\nBcc: x"}, "legal_name"),
        (TaxFormKind.PRIVATE, {"street": "x" * 121}, "street"),
        (TaxFormKind.PRIVATE, {"vat_id": "DE136695976"}, "vat_id"),  # Nobody asked.
    ],
)
def test_refuses_and_says_which_answer(
    kind: TaxFormKind, changed: dict[str, str], field: str
) -> None:
    with pytest.raises(BadAnswers) as refusal:
        clean(kind, **changed)

    assert list(refusal.value.errors) == [field]


def test_a_small_business_gives_a_tax_number_instead() -> None:
    details = clean(TaxFormKind.BUSINESS, vat_id="", small_business="on", tax_id="22/456/78901")

    assert (details["small_business"], details["tax_id"]) == ("yes", "22/456/78901")


def test_greek_ids_begin_with_el_and_northern_irish_with_xi() -> None:
    said = {**ADDRESS, "legal_name": "Ωμέγα", "vat_id": "EL094259216"}
    greek = clean_answers(TaxFormKind.BUSINESS, said, country="GR", on=TODAY)
    irish = clean_answers(
        TaxFormKind.BUSINESS, {**said, "vat_id": "XI980780684"}, country="GB", on=TODAY
    )

    assert (greek["vat_id"], irish["vat_id"]) == ("EL094259216", "XI980780684")


@pytest.mark.parametrize(
    ("country", "is_business", "payer_in_us", "kind"),
    [
        ("US", False, True, TaxFormKind.W9),
        ("US", True, False, TaxFormKind.W9),
        ("DE", False, True, TaxFormKind.W8BEN),
        ("DE", True, True, TaxFormKind.W8BENE),
        ("DE", True, False, TaxFormKind.BUSINESS),
        ("IN", False, False, TaxFormKind.PRIVATE),
    ],
)
def test_the_form_follows_from_who_asks_and_who_is_asked(
    country: str, is_business: bool, payer_in_us: bool, kind: TaxFormKind
) -> None:
    found = form_for(country=country, is_business=is_business, payer_in_us=payer_in_us)

    assert found is kind
