"""Signed forms: encrypted, replaced by the next, doubted by one merchant alone."""

from datetime import date, timedelta
from typing import Any

import pytest

from common.refusals import BadValue
from merchants.models import Event
from merchants.rights import Role
from merchants.services import NotAllowed
from merchants.tenancy import affiliate_context, merchant_context
from payouts.left_out import LeftOut
from payouts.models import SelfBillingAgreement, TaxFormKind, TaxProfile
from payouts.tax.agreements import NotTheirs, accept_self_billing, end_self_billing
from payouts.tax.needs import needs_of
from payouts.tax.payers import PayerFacts, set_payer
from payouts.tax.profiles import AlreadyFaulty, clear_fault, forms_in_force, note_fault
from payouts.tax.standing import TaxStanding, standings
from tests.cast import NOON, Company, Promoter, add_member
from tests.payouts.tax.signing import BOSTON, HAMBURG, agree, asks, sign


def test_numbers_are_ciphertext_at_rest_and_only_four_digits_are_not(bob: Promoter) -> None:
    sign(bob, TaxFormKind.W9)

    with affiliate_context(bob.affiliate.id):
        profile = TaxProfile.objects.get()
        assert b"536904399" not in bytes(profile.details)
        assert profile.tax_id_last_four == "4399"
        assert profile.reveal()["tax_id"] == "536904399"
        assert "536904399" not in profile.fingerprint


@pytest.mark.parametrize(
    ("kind", "expires_on"),
    [
        (TaxFormKind.W8BEN, date(2029, 12, 31)),
        (TaxFormKind.W8BENE, date(2029, 12, 31)),
        (TaxFormKind.W9, None),
        (TaxFormKind.BUSINESS, None),
    ],
)
def test_forms_of_foreigners_expire_with_the_third_year_after(
    bob: Promoter, kind: TaxFormKind, expires_on: date | None
) -> None:
    assert sign(bob, kind).expires_on == expires_on


def test_a_form_replaces_its_like_and_leaves_the_other_group(bob: Promoter) -> None:
    for kind in (TaxFormKind.PRIVATE, TaxFormKind.W8BEN, TaxFormKind.BUSINESS):
        sign(bob, kind)

    with affiliate_context(bob.affiliate.id):
        in_force = {form.kind for form in forms_in_force(bob.affiliate.id)}
        assert in_force == {TaxFormKind.W8BEN, TaxFormKind.BUSINESS}
        assert TaxProfile.objects.count() == 3


def test_work_in_the_united_states_is_withheld_from_there_alone(
    acme: Company, globex: Company, bob: Promoter
) -> None:
    asks(acme, BOSTON, requires_tax_form=True)
    sign(bob, TaxFormKind.W8BENE)  # Claims 15 % by a treaty.

    with merchant_context(acme.id):
        found = standings(acme.id, [bob.affiliate.id], NOON)

    assert found[bob.affiliate.id] == TaxStanding(withholding_bps=1_500)


def test_a_doubted_form_counts_for_nothing_until_another_is_signed(
    acme: Company, bob: Promoter
) -> None:
    asks(acme, BOSTON, requires_tax_form=True)
    profile = sign(bob, TaxFormKind.W9)
    with merchant_context(acme.id):
        note_fault(member=acme.owner, profile=profile, reason="CP2100", at=NOON)
        with pytest.raises(AlreadyFaulty):
            note_fault(member=acme.owner, profile=profile, reason="CP2100", at=NOON)
        missing = standings(acme.id, [bob.affiliate.id], NOON)[bob.affiliate.id].missing
        assert missing == LeftOut.NO_TAX_FORM
    with affiliate_context(bob.affiliate.id):
        (need,) = needs_of(bob.affiliate.id, [acme.merchant], NOON)
        assert need.fault is not None

    sign(bob, TaxFormKind.W9, at=NOON + timedelta(days=1))

    with affiliate_context(bob.affiliate.id):
        (need,) = needs_of(bob.affiliate.id, [acme.merchant], NOON)
        assert (need.fault, need.standing) == (None, TaxStanding())


def test_a_fault_can_be_taken_back(acme: Company, bob: Promoter) -> None:
    asks(acme, BOSTON, requires_tax_form=True)
    profile = sign(bob, TaxFormKind.W9)
    with merchant_context(acme.id):
        fault = note_fault(member=acme.owner, profile=profile, reason="CP2100", at=NOON)
        for _twice in range(2):
            clear_fault(member=acme.owner, fault=fault, at=NOON)

        assert standings(acme.id, [bob.affiliate.id], NOON)[bob.affiliate.id] == TaxStanding()
        types = Event.objects.filter(type__startswith="tax_form.").order_by("id")
        assert list(types.values_list("type", flat=True)) == [
            "tax_form.doubted",
            "tax_form.cleared",
        ]


def test_only_who_pays_may_doubt(acme: Company, bob: Promoter) -> None:
    ann = add_member(acme, "Ann", Role.VIEWER)
    profile = sign(bob, TaxFormKind.W9)

    with merchant_context(acme.id), pytest.raises(NotAllowed):
        note_fault(member=ann, profile=profile, reason="x", at=NOON)


def test_agreed_twice_is_agreed_once_and_can_be_ended(acme: Company, bob: Promoter) -> None:
    agree(bob, acme)
    agree(bob, acme)
    with merchant_context(acme.id):
        assert SelfBillingAgreement.objects.count() == 1

    ending: dict[str, Any] = {
        "affiliate": bob.affiliate,
        "merchant_id": acme.id,
        "user": bob.user,
        "at": NOON,
    }
    ended = [end_self_billing(**ending), end_self_billing(**ending)]

    assert ended == [True, False]
    agree(bob, acme)
    with merchant_context(acme.id):
        assert SelfBillingAgreement.objects.filter(ended_at=None).count() == 1


def test_nobody_agrees_with_a_merchant_they_do_not_promote(globex: Company, bob: Promoter) -> None:
    with pytest.raises(NotTheirs):
        accept_self_billing(
            affiliate=bob.affiliate, merchant_id=globex.id, user=bob.user, ip=None, at=NOON
        )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"country": "XX"}, "country"),
        ({"vat_id": "DE1"}, "vat_id"),
        ({"legal_name": ""}, "legal_name"),
        ({"legal_name": "x" * 121}, "legal_name"),
        ({"vat_bps": 10_001}, "vat_bps"),
        ({"invoice_prefix": "A B"}, "invoice_prefix"),
    ],
)
def test_a_payer_is_checked(acme: Company, changed: dict[str, Any], field: str) -> None:
    usual = {name: getattr(HAMBURG, name) for name in PayerFacts.__dataclass_fields__}

    with merchant_context(acme.id), pytest.raises(BadValue) as refusal:
        set_payer(member=acme.owner, facts=PayerFacts(**usual | changed), at=NOON)

    assert refusal.value.field == field
