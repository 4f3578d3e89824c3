"""camt.053 of both versions: what is read, what is left out, and what is refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.statements.camt053 import read_camt053
from payouts.statements.lines import BadStatement, BankLine
from tests.payouts.statements.samples import (
    IBAN,
    Booking,
    camt,
    camt_of,
    collective,
    sum_entry,
)

TENTH = date(2026, 3, 10)


@pytest.mark.parametrize("version", ["02", "08"])
def test_a_transfer_is_read(version: str) -> None:
    paid = Booking("10.50", "FL-7-1", "2026031000123", block="FL-7-aa-1", text="FL-7-1 Acme")

    assert read_camt053(camt([paid], version=version)) == [
        BankLine(
            line=5,
            bank_ref=f"{IBAN}/20260310/2026031000123 FL-7-1",
            reference="FL-7-1",
            amount_minor=-1_050,
            currency="EUR",
            booked_on=TENTH,
            text="FL-7-1 Acme",
            block="FL-7-aa-1",
        )
    ]


def test_money_that_came_back_is_positive_and_says_why() -> None:
    back = Booking("10.50", "FL-7-1", sign="CRDT", returned="AC04")

    (line,) = read_camt053(camt([back]))

    assert (line.amount_minor, line.reference, line.text) == (1_050, "FL-7-1", "AC04")


@pytest.mark.parametrize("version", ["02", "08"])
def test_an_entry_that_details_several_transfers_is_several_lines(version: str) -> None:
    rows = [Booking("10.50", "FL-7-1"), Booking("4.00", "FL-7-2")]

    lines = read_camt053(collective("14.50", rows, version=version))

    assert [(line.reference, line.amount_minor) for line in lines] == [
        ("FL-7-1", -1_050),
        ("FL-7-2", -400),
    ]
    assert len({line.bank_ref for line in lines}) == 2
    assert {line.booked_on for line in lines} == {TENTH}


def test_a_block_that_was_booked_as_a_sum_is_one_line() -> None:
    (line,) = read_camt053(camt_of(sum_entry("14.50", "FL-7-aa-1", 2)))

    assert (line.amount_minor, line.block, line.count) == (-1_450, "FL-7-aa-1", 2)
    assert line.reference == ""


@pytest.mark.parametrize("status", ["PDNG", "INFO"])
def test_what_is_only_announced_is_left_out(status: str) -> None:
    assert read_camt053(camt([Booking("1.00", status=status)])) == []


@pytest.mark.parametrize(
    ("said", "text", "reference"),
    [
        ("NOTPROVIDED", "FL-7-1 Acme GmbH", "FL-7-1"),
        ("", "Rückgabe FL-7-2R1, Konto geschlossen", "FL-7-2R1"),
        ("NOTPROVIDED", "FL-7-1 FL-7-2", ""),  # Which one?
        ("RENT MARCH", "", "RENT MARCH"),
    ],
)
def test_our_reference_is_found_where_the_bank_repeats_it(
    said: str, text: str, reference: str
) -> None:
    (line,) = read_camt053(camt([Booking("1.00", said, text=text)]))

    assert line.reference == reference


def test_bookings_that_look_alike_are_two_and_have_the_same_names_in_the_next_file() -> None:
    alike = [Booking("5.00", text="Coffee"), Booking("5.00", text="Coffee")]

    first, again = read_camt053(camt(alike)), read_camt053(camt([Booking("1.00"), *alike]))

    assert len({line.bank_ref for line in first}) == 2
    assert [line.bank_ref for line in again[1:]] == [line.bank_ref for line in first]


@pytest.mark.parametrize(
    ("booking", "message"),
    [
        (Booking("ten"), "Line 5: This is no amount: ten EUR"),
        (Booking("1.005"), "Line 5: This is no amount: 1.005 EUR"),
        (Booking("-1.00"), "Line 5: This is no amount: -1.00 EUR"),
        (Booking("1.00", currency="XXX"), "Line 5: This is no amount: 1.00 XXX"),
        (Booking("1.00", day="soon"), "Line 5: The day of the booking is missing or wrong."),
        (Booking("1.00", sign="BOTH"), "Line 5: Credit or debit: the file does not say."),
    ],
)
def test_a_booking_that_makes_no_sense_is_named(booking: Booking, message: str) -> None:
    with pytest.raises(BadStatement) as refusal:
        read_camt053(camt([booking]))

    assert refusal.value.messages == [message]


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">&b;</Document>"""
FETCHES = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">&a;</Document>"""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (LAUGHS, "The file must not define entities."),
        (FETCHES, "The file must not define entities."),
        (LAUGHS.decode().encode("utf-16"), "The file must not define entities."),
        (b"<Document>", "Line 1: This is not well-formed XML."),
        (b"", "Line 1: This is not well-formed XML."),
        (b"<a/>", "Line 1: This is not a camt.053.001.02 or .08 file."),
        (camt([], version="99"), "Line 2: This is not a camt.053.001.02 or .08 file."),
        (b"<a>" * 3_000 + b"</a>" * 3_000, "Line 1: This is not well-formed XML."),
    ],
)
def test_what_is_no_statement_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(BadStatement) as refusal:
        read_camt053(content)

    assert refusal.value.messages == [message]


@given(st.binary(max_size=300), st.integers(0, 700))
def test_a_broken_file_is_refused_or_read_but_never_worse(noise: bytes, at: int) -> None:
    whole = camt([Booking("10.50", "FL-7-1", "B-1")])

    try:
        lines = read_camt053(whole[:at] + noise + whole[at:])
    except BadStatement:
        return

    assert all(line.currency == "EUR" for line in lines)
