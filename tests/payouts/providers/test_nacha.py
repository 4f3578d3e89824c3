"""The NACHA file, read back by a reader that knows only the rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.us.rtn import calc_check_digit

from common.refusals import BadValue
from payouts.models import MethodKind, Payout
from payouts.providers.base import NotWritable
from payouts.providers.nacha import AMOUNT_MAX, NachaFile
from tests.payouts.providers.made import (
    FRIDAY,
    PAYEE,
    US_BANK,
    US_PAYEE,
    make_batch,
    make_payout,
    make_rail,
)
from tests.payouts.providers.nacha_reader import ReadEntry, read_nacha

NACHA = NachaFile()
COMPANY = US_PAYEE | {
    "holder": "Grünberg & Söhne Incorporated",
    "routing": "111000025",
    "account": "A-77",
    "account_type": "SAVINGS",
    "owner": "COMPANY",
}


def pay(position: int, amount_minor: int, details: dict[str, str] = US_PAYEE) -> Payout:
    """Return a payout in dollars."""
    return make_payout(position, amount_minor, details, kind=MethodKind.US_BANK, currency="USD")


def file_of(*payouts: Any, **changes: Any) -> bytes:
    """Return the file's bytes."""
    batch = make_batch(currency="USD")
    facts = {"batch": batch, "rail": make_rail(US_BANK), "at": FRIDAY, "of_day": 1}
    return NACHA.make_file(payouts=payouts, **(facts | changes)).content


def test_people_and_companies_are_paid_in_sections_of_their_own() -> None:
    read = read_nacha(file_of(pay(1, 1_050), pay(2, AMOUNT_MAX, COMPANY), pay(3, 5)))

    assert (read.destination, read.origin) == (" 011401533", "1234567890")
    assert (read.made, read.modifier) == ("2603061530", "A")
    assert read.pays_on == ["260309", "260309"]  # Made on a Friday evening.
    assert read.entries == [
        ReadEntry(
            "PPD", "22", "021000021", "123456789", 1_050, "FL-7-1", "ZOE O'BRIEN", "011401530000001"
        ),
        ReadEntry(
            "PPD", "22", "021000021", "123456789", 5, "FL-7-3", "ZOE O'BRIEN", "011401530000002"
        ),
        ReadEntry(
            "CCD",
            "32",
            "111000025",
            "A-77",
            9_999_999_999,
            "FL-7-2",
            "GRUNBERG & SOHNE INCOR",
            "011401530000003",
        ),
    ]


def test_the_sums_of_the_whole_file() -> None:
    content = file_of(pay(1, 1_050), pay(2, AMOUNT_MAX, COMPANY), pay(3, 5))

    control = next(line for line in content.decode().split("\r\n") if line[:2] == "90")
    assert control[:55] == "9000002000001000000030015300006000000000000010000001054"


def test_a_file_of_one_section_has_one() -> None:
    assert {row.section for row in read_nacha(file_of(pay(1, 1, COMPANY))).entries} == {"CCD"}


def test_the_same_batch_gives_the_same_bytes() -> None:
    assert file_of(pay(1, 1_050)) == file_of(pay(1, 1_050))


@pytest.mark.parametrize(("of_day", "modifier"), [(1, "A"), (26, "Z"), (27, "0"), (36, "9")])
def test_the_files_of_a_day_are_told_apart(of_day: int, modifier: str) -> None:
    assert read_nacha(file_of(pay(1, 1), of_day=of_day)).modifier == modifier


def test_a_day_has_36_files() -> None:
    with pytest.raises(NotWritable, match="36"):
        file_of(pay(1, 1), of_day=37)


def test_what_exceeds_a_file_is_refused() -> None:
    with pytest.raises(NotWritable, match=r"9,999,999,999\.99"):
        file_of(*(pay(position, AMOUNT_MAX) for position in range(1, 102)))


BANKS = (
    st.integers(1, 99_999_999)
    .map(lambda number: f"{number:08}")
    .map(lambda eight: eight + calc_check_digit(eight))
)


@given(
    st.lists(
        st.tuples(
            BANKS,
            st.integers(1, AMOUNT_MAX),
            st.text(min_size=1, max_size=120),
            st.sampled_from(["PERSON", "COMPANY"]),
        ),
        min_size=1,
        max_size=25,
    )
)
def test_sums_agree_whatever_is_paid(rows: list[tuple[str, int, str, str]]) -> None:
    payouts = [
        pay(at, amount, US_PAYEE | {"routing": bank, "holder": name, "owner": owner})
        for at, (bank, amount, name, owner) in enumerate(rows, start=1)
    ]
    payable = [payout for payout in payouts if not NACHA.refuses(payout)]
    if not payable:
        return

    read = read_nacha(file_of(*payable))

    assert sorted((row.reference, row.amount_minor) for row in read.entries) == sorted(
        (payout.reference, payout.amount_minor) for payout in payable
    )


@pytest.mark.parametrize(
    ("details", "kind", "amount_minor", "reason"),
    [
        (PAYEE, MethodKind.BANK, 1, "ACH pays dollars to accounts in the United States."),
        (US_PAYEE, MethodKind.US_BANK, 10**10, "One ACH entry pays 99,999,999.99 at the most."),
        (
            US_PAYEE | {"holder": "😀"},
            MethodKind.US_BANK,
            1,
            "The name of the account holder cannot be written in Latin letters.",
        ),
        (US_PAYEE, MethodKind.US_BANK, AMOUNT_MAX, ""),
    ],
)
def test_what_ach_cannot_pay_is_refused_with_a_reason(
    details: dict[str, str], kind: MethodKind, amount_minor: int, reason: str
) -> None:
    payout = make_payout(1, amount_minor, details, kind=kind, currency="USD")

    assert NACHA.refuses(payout) == reason


def test_a_long_reference_goes_without_its_beginning() -> None:
    payout = pay(1, 1)
    payout.reference = "FL-99999-1000000"

    assert read_nacha(file_of(payout)).entries[0].reference == "99999-1000000"


def test_the_bank_that_sends_is_checked() -> None:
    NACHA.require_whole(US_BANK)

    with pytest.raises(BadValue) as refusal:
        NACHA.require_whole(US_BANK | {"routing": "011401534"})

    assert refusal.value.field == "routing"
