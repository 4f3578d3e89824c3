"""What tax says of paying somebody: tables of cases, and the three queries they cost."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.secrets import encrypt
from merchants.tenancy import affiliate_context, merchant_context
from payouts.left_out import LeftOut
from payouts.models import (
    MerchantTax,
    PayoutPolicy,
    SelfBillingAgreement,
    TaxFault,
    TaxFormKind,
    TaxProfile,
    VatStatus,
)
from payouts.tax.standing import FormFacts, Payer, TaxStanding, standing_of, standings
from tests.cast import NOON, Company, Promoter, make_promoter

GERMAN_BUSINESS = FormFacts(
    "DE", VatStatus.VALID, False, TaxFormKind.BUSINESS, None, 0, is_faulty=False, has_agreed=True
)


def but(**facts: Any) -> FormFacts:
    """Return the German business, with other facts."""
    return FormFacts(**{name: getattr(GERMAN_BUSINESS, name) for name in FACTS} | facts)


FACTS = tuple(FormFacts.__dataclass_fields__)
PAYS = TaxStanding()
W9 = but(kind=TaxFormKind.W9, country="US", vat_status=VatStatus.NONE, has_agreed=False)
EXPIRED = but(kind=TaxFormKind.W8BEN, country="IN", expires_on=NOON.date() - timedelta(days=1))


@pytest.mark.parametrize(
    ("_case", "form", "expected"),
    [
        ("none given", None, TaxStanding(missing=LeftOut.NO_TAX_FORM)),
        ("valid", W9, PAYS),
        ("the office doubts it", but(is_faulty=True), TaxStanding(missing=LeftOut.NO_TAX_FORM)),
        ("expired yesterday", EXPIRED, TaxStanding(missing=LeftOut.TAX_FORM_EXPIRED)),
        ("expires today", but(expires_on=NOON.date()), PAYS),
    ],
)
def test_no_form_no_payout(_case: str, form: FormFacts | None, expected: TaxStanding) -> None:
    payer = Payer(PayoutPolicy(requires_tax_form=True, withholding_bps=2_400), "US")

    assert standing_of(payer, form, on=NOON.date()) == expected


@pytest.mark.parametrize(
    ("_case", "form", "withheld_bps"),
    [
        ("none given", None, 2_400),
        ("the office doubts it", but(is_faulty=True), 2_400),
        ("expired", EXPIRED, 2_400),
        ("valid", W9, 0),
    ],
)
def test_withholds_where_no_form_is_required(
    _case: str, form: FormFacts | None, withheld_bps: int
) -> None:
    payer = Payer(PayoutPolicy(withholding_bps=2_400), "US")

    assert standing_of(payer, form, on=NOON.date()) == TaxStanding(withholding_bps=withheld_bps)


@pytest.mark.parametrize(
    ("_case", "form", "expected"),
    [
        ("at home", GERMAN_BUSINESS, TaxStanding(vat_bps=1_900)),
        ("a small business charges none", but(is_small_business=True), PAYS),
        ("without a VAT id there is no VAT", but(vat_status=VatStatus.NONE), PAYS),
        ("the register does not know it", but(vat_status=VatStatus.INVALID), PAYS),
        (
            "the register has not answered",
            but(vat_status=VatStatus.UNCHECKED),
            TaxStanding(missing=LeftOut.VAT_ID_UNCHECKED),
        ),
        ("across the border", but(country="FR", vat_status=VatStatus.UNCHECKED), PAYS),
        ("not agreed", but(has_agreed=False), TaxStanding(missing=LeftOut.NO_AGREEMENT)),
        ("a private person gets no invoice", but(kind=TaxFormKind.PRIVATE), PAYS),
        ("no form is no VAT", None, PAYS),
    ],
)
def test_vat_is_for_businesses_at_home_who_agreed(
    _case: str, form: FormFacts | None, expected: TaxStanding
) -> None:
    payer = Payer(PayoutPolicy(issues_invoices=True), "DE", 1_900)

    assert standing_of(payer, form, on=NOON.date()) == expected


def test_a_british_id_counts_by_its_form_as_no_register_can_be_asked() -> None:
    payer = Payer(PayoutPolicy(issues_invoices=True), "GB", 2_000)
    form = but(country="GB", vat_status=VatStatus.UNCHECKED)

    assert standing_of(payer, form, on=NOON.date()) == TaxStanding(vat_bps=2_000)


def sign(promoter: Promoter, kind: TaxFormKind, **facts: Any) -> TaxProfile:
    """Store a signed form as it is stored."""
    with affiliate_context(promoter.affiliate.id):
        return TaxProfile.objects.create(
            affiliate=promoter.affiliate,
            kind=kind,
            details=encrypt({}),
            signed_name="x",
            signed_by=promoter.user,
            signed_at=NOON,
            **{"country": "DE"} | facts,
        )


def asks(company: Company, country: str, **policy: Any) -> None:
    """Store where the merchant is and what it asks for."""
    with merchant_context(company.id):
        PayoutPolicy.objects.create(merchant=company.merchant, **policy)
        MerchantTax.objects.create(
            merchant=company.merchant, legal_name="Acme", country=country, vat_bps=1_900
        )


def test_asks_nothing_of_anybody_until_the_merchant_does(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        assert standings(acme.id, [bob.affiliate.id], NOON) == {bob.affiliate.id: PAYS}


def test_three_queries_tell_everybody_apart(acme: Company, bob: Promoter) -> None:
    rita, tom = make_promoter(acme, "Rita"), make_promoter(acme, "Tom")
    asks(acme, "DE", requires_tax_form=True, issues_invoices=True)
    sign(bob, TaxFormKind.BUSINESS, vat_status=VatStatus.VALID)
    sign(rita, TaxFormKind.W8BEN, country="IN", expires_on=date(2026, 1, 1))
    with merchant_context(acme.id):
        SelfBillingAgreement.objects.create(
            merchant=acme.merchant,
            affiliate=bob.affiliate,
            version="1",
            accepted_by=bob.user,
            accepted_at=NOON,
        )

    with merchant_context(acme.id), CaptureQueriesContext(connection) as queries:
        found = standings(acme.id, [who.affiliate.id for who in (bob, rita, tom)], NOON)

    assert found == {
        bob.affiliate.id: TaxStanding(vat_bps=1_900),
        rita.affiliate.id: TaxStanding(missing=LeftOut.TAX_FORM_EXPIRED),
        tom.affiliate.id: TaxStanding(missing=LeftOut.NO_TAX_FORM),
    }
    assert len(queries) == 3


def test_an_american_payer_needs_an_american_form(acme: Company, bob: Promoter) -> None:
    asks(acme, "US", requires_tax_form=True)
    sign(bob, TaxFormKind.PRIVATE)
    with merchant_context(acme.id):
        missing = standings(acme.id, [bob.affiliate.id], NOON)[bob.affiliate.id].missing
        assert missing == LeftOut.NO_TAX_FORM

    sign(bob, TaxFormKind.W8BEN)
    with merchant_context(acme.id):
        assert standings(acme.id, [bob.affiliate.id], NOON)[bob.affiliate.id] == PAYS


def test_a_fault_is_one_merchants_own(acme: Company, globex: Company, bob: Promoter) -> None:
    profile = sign(bob, TaxFormKind.W9, country="US")
    for company in (acme, globex):
        asks(company, "US", requires_tax_form=True)
    with merchant_context(globex.id):
        TaxFault.objects.create(
            merchant=globex.merchant,
            affiliate=bob.affiliate,
            profile=profile,
            reason="CP2100",
            noted_by=globex.owner,
            noted_at=NOON,
        )

    with merchant_context(acme.id):
        assert standings(acme.id, [bob.affiliate.id], NOON)[bob.affiliate.id] == PAYS
