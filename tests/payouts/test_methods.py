"""Payout methods: checked like a bank would, masked, encrypted, and slow to change."""

from datetime import timedelta

import pytest

from commissions.services import approve_due
from merchants.tenancy import affiliate_context, merchant_context
from payouts.left_out import LeftOut
from payouts.methods import BadMethod, clean_details, mask, normalise_iban, set_payout_method
from payouts.models import MethodKind, PayoutMethod
from payouts.services import propose_batch
from tests.cast import IBAN, NOON, Company, Promoter, click_of, sell


@pytest.mark.parametrize(
    "text",
    [
        "DE89 3704 0044 0532 0130 00",
        "de89370400440532013000",
        "GB29 NWBK 6016 1331 9268 19",
        "FR14 2004 1010 0505 0001 3M02 606",
        "NO93 8601 1117 947",
    ],
)
def test_reads_an_iban_as_people_write_it(text: str) -> None:
    assert normalise_iban(text) == text.replace(" ", "").upper()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "DE89370400440532013001",  # A digit is wrong.
        "DE8937040044053201300",  # One too short.
        "XX89370400440532013000",  # No such country.
        "DE89370400440532O13000",  # A letter O.
        "<script>",
        "DE89" + "0" * 500,
    ],
)
def test_refuses_what_is_no_iban(text: str) -> None:
    with pytest.raises(BadMethod) as refusal:
        normalise_iban(text)

    assert refusal.value.field == "iban"


@pytest.mark.parametrize("holder", ["", "  ", "Bob\nBcc: x", "\x00"])
def test_refuses_a_holder_that_is_no_name(holder: str) -> None:
    with pytest.raises(BadMethod, match="name"):
        clean_details(kind=MethodKind.BANK, holder=holder, iban=IBAN)


def test_shows_only_what_one_recognises() -> None:
    assert mask(MethodKind.BANK, {"iban": IBAN}) == "DE89 … 3000"
    assert mask(MethodKind.PAYPAL, {"email": "bob@example.com"}) == "b…@example.com"


def test_details_are_ciphertext_at_rest(bob: Promoter) -> None:
    with affiliate_context(bob.affiliate.id):
        method = PayoutMethod.objects.get()

        assert IBAN.encode() not in bytes(method.details)
        assert method.reveal() == {"holder": "Bob", "iban": IBAN}


def test_a_changed_method_cools_off_before_money_goes_there(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob))
    changed_at = NOON + timedelta(days=40)
    details = clean_details(kind=MethodKind.PAYPAL, holder="Bob", email="bob@example.com")
    set_payout_method(
        affiliate=bob.affiliate, kind=MethodKind.PAYPAL, details=details, at=changed_at
    )
    approve_due(merchant_id=acme.id, at=changed_at)

    with merchant_context(acme.id):
        soon = propose_batch(
            merchant_id=acme.id, currency="EUR", at=changed_at + timedelta(hours=71)
        )
        later = propose_batch(
            merchant_id=acme.id, currency="EUR", at=changed_at + timedelta(hours=72)
        )

        assert [row.reason for row in soon.left_out] == [LeftOut.METHOD_COOLING_OFF]
        assert [item.method.kind for item in later.items] == [MethodKind.PAYPAL]


def test_saying_the_same_again_does_not_cool_off(acme: Company, bob: Promoter) -> None:
    same = clean_details(kind=MethodKind.BANK, holder="Bob", iban=IBAN)
    later = NOON + timedelta(days=1)

    method = set_payout_method(
        affiliate=bob.affiliate, kind=MethodKind.BANK, details=same, at=later
    )

    with affiliate_context(bob.affiliate.id):
        assert PayoutMethod.objects.get() == method
    assert method.usable_from == NOON
