"""Payout methods: checked like a bank would, masked, encrypted, and slow to change."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iban import calc_check_digits

from commissions.services import approve_due
from merchants.tenancy import affiliate_context, merchant_context
from payouts.left_out import LeftOut
from payouts.method_details import (
    DETAILS,
    BadMethod,
    clean_details,
    clean_iban,
    clean_routing,
    identity,
    mask,
)
from payouts.methods import set_payout_method
from payouts.models import MethodKind, PayoutMethod
from payouts.services import propose_batch
from tests.cast import IBAN, NOON, Company, Promoter, bank_account, click_of, sell

BANK = {"holder": "Bob", "iban": IBAN, "town": "Berlin", "country": "DE"}
US_BANK = {
    "holder": "Bob",
    "routing": "021000021",
    "account": "123456789",
    "account_type": "CHECKING",
    "owner": "PERSON",
}
STRIPE = {"holder": "Bob", "account": "acct_1AbCdEfGhIjK"}
MANUAL = {"holder": "Bob", "instructions": "Cash, at the fair"}
EMAIL = {"holder": "Bob", "email": "bob@example.com"}


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
    assert clean_iban(text) == text.replace(" ", "").upper()


@pytest.mark.parametrize(
    "text",
    [
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
        clean_details(kind=MethodKind.BANK, details=BANK | {"iban": text})

    assert refusal.value.field == "iban"


@given(st.text("0123456789", min_size=18, max_size=18), st.integers(4, 21), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(digits: str, at: int, more: int) -> None:
    iban = f"DE{calc_check_digits('DE00' + digits)}{digits}"
    wrong = iban[:at] + str((int(iban[at]) + more) % 10) + iban[at + 1 :]

    assert clean_iban(iban) == iban
    with pytest.raises(ValueError, match="IBAN"):
        clean_iban(wrong)


@pytest.mark.parametrize("number", ["021000021", "011401533", "111 000 025"])
def test_a_routing_number_has_a_check_digit(number: str) -> None:
    assert clean_routing(number) == number.replace(" ", "")
    with pytest.raises(ValueError, match="routing number"):
        clean_routing(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize("holder", ["", "  ", "Bob\nBcc: x", "\x00", "x" * 121])
def test_refuses_a_holder_that_is_no_name(holder: str) -> None:
    with pytest.raises(BadMethod, match="name"):
        clean_details(kind=MethodKind.BANK, details=BANK | {"holder": holder})


@pytest.mark.parametrize(
    ("kind", "details", "field"),
    [
        (MethodKind.BANK, BANK | {"bic": "COBADEF"}, "bic"),
        (MethodKind.BANK, BANK | {"town": ""}, "town"),
        (MethodKind.BANK, BANK | {"country": "XX"}, "country"),
        (MethodKind.BANK, BANK | {"email": "bob@example.com"}, "email"),
        (MethodKind.US_BANK, US_BANK | {"routing": "021000022"}, "routing"),
        (MethodKind.US_BANK, US_BANK | {"routing": ""}, "routing"),
        (MethodKind.US_BANK, US_BANK | {"account": "1" * 18}, "account"),
        (MethodKind.US_BANK, US_BANK | {"account_type": "GOLD"}, "account_type"),
        (MethodKind.US_BANK, US_BANK | {"owner": "DOG"}, "owner"),
        (MethodKind.PAYPAL, EMAIL | {"email": "bob"}, "email"),
        (MethodKind.WISE, EMAIL | {"email": "=1+1@example.com"}, "email"),
        (MethodKind.STRIPE, STRIPE | {"account": "ch_123456789"}, "account"),
        (MethodKind.MANUAL, MANUAL | {"instructions": " "}, "instructions"),
        (MethodKind.MANUAL, MANUAL | {"instructions": "x" * 501}, "instructions"),
    ],
)
def test_refuses_what_cannot_be_paid_to_and_says_which_field(
    kind: MethodKind, details: dict[str, str], field: str
) -> None:
    with pytest.raises(BadMethod) as refusal:
        clean_details(kind=kind, details=details)

    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("kind", "details", "shown", "named"),
    [
        (MethodKind.BANK, BANK, "DE89 … 3000", f"iban:{IBAN}"),
        (MethodKind.US_BANK, US_BANK, "0210 … 6789", "us:021000021:123456789"),
        (MethodKind.PAYPAL, EMAIL, "b…@example.com", "paypal:bob@example.com"),
        (MethodKind.WISE, EMAIL, "b…@example.com", "wise:bob@example.com"),
        (MethodKind.STRIPE, STRIPE, "acct_… hIjK", "stripe:acct_1AbCdEfGhIjK"),
        (MethodKind.MANUAL, MANUAL, "Bob", ""),
    ],
)
def test_every_kind_is_masked_and_named(
    kind: MethodKind, details: dict[str, str], shown: str, named: str
) -> None:
    cleaned = clean_details(kind=kind, details=details)

    assert cleaned == details
    assert (mask(kind, cleaned), identity(kind, cleaned)) == (shown, named)


def test_every_kind_says_what_it_needs() -> None:
    assert set(DETAILS) == set(MethodKind)


def test_what_is_not_needed_may_be_left_out() -> None:
    said = {**BANK, "bic": "", "iban": "DE89 3704 0044 0532 0130 00"}
    bare = {name: US_BANK[name] for name in ("holder", "routing", "account")}

    assert clean_details(kind=MethodKind.BANK, details=said) == BANK
    assert clean_details(kind=MethodKind.US_BANK, details=bare) == US_BANK


def test_details_are_ciphertext_at_rest(bob: Promoter) -> None:
    with affiliate_context(bob.affiliate.id):
        method = PayoutMethod.objects.get()

        assert IBAN.encode() not in bytes(method.details)
        assert method.reveal() == BANK
        assert len(method.fingerprint) == 64
        assert IBAN not in method.fingerprint


def test_a_changed_method_cools_off_before_money_goes_there(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob))
    changed_at = NOON + timedelta(days=40)
    details = clean_details(kind=MethodKind.PAYPAL, details=EMAIL)
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
    later = NOON + timedelta(days=1)

    method = set_payout_method(
        affiliate=bob.affiliate, kind=MethodKind.BANK, details=bank_account("Bob"), at=later
    )

    with affiliate_context(bob.affiliate.id):
        assert PayoutMethod.objects.get() == method
    assert method.usable_from == NOON


def test_a_corrected_name_of_the_same_account_does_not_cool_off(bob: Promoter) -> None:
    details = clean_details(kind=MethodKind.BANK, details=BANK | {"holder": "Robert Berg"})

    method = set_payout_method(
        affiliate=bob.affiliate,
        kind=MethodKind.BANK,
        details=details,
        at=NOON + timedelta(days=1),
    )

    with affiliate_context(bob.affiliate.id):
        old, new = PayoutMethod.objects.order_by("created_at")
    assert new == method
    assert new.usable_from == NOON
    assert new.fingerprint == old.fingerprint
