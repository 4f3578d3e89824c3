"""The SEPA file: valid against the schema, sums that agree, names that banks can write."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from sepaxml.validation import try_valid_xml

from common.refusals import BadValue
from payouts.models import MethodKind
from payouts.providers.banking import latin, weekday_from
from payouts.providers.base import NotWritable
from payouts.providers.sepa import SCHEMA, SepaFile
from tests.payouts.providers.made import (
    DEBTOR,
    FRIDAY,
    PAYEE,
    US_PAYEE,
    make_batch,
    make_payout,
    make_rail,
)

SEPA = SepaFile()
NS = {"p": f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"}


def file_of(*payouts: Any, **changes: Any) -> bytes:
    """Return the file's bytes."""
    facts = {"batch": make_batch(), "rail": make_rail(DEBTOR), "at": FRIDAY, "of_day": 1}
    return SEPA.make_file(payouts=payouts, **(facts | changes)).content


def texts(content: bytes, path: str) -> list[str]:
    """Return what stands at a path, written without prefixes."""
    wanted = "/".join(f"p:{name}" for name in path.split("/"))
    return [str(found.text) for found in etree.fromstring(content).findall(f".//{wanted}", NS)]


def test_it_satisfies_the_schema_and_says_what_is_paid() -> None:
    content = file_of(make_payout(1, 1_050), make_payout(2, 99_999_999))

    try_valid_xml(content, SCHEMA)
    assert texts(content, "GrpHdr/MsgId") == ["FL-7-000000000001"]
    assert texts(content, "GrpHdr/CreDtTm") == ["2026-03-06T15:30:00Z"]
    assert texts(content, "PmtInf/PmtInfId") == ["FL-7-000000000001-1"]
    assert texts(content, "ReqdExctnDt/Dt") == ["2026-03-06"]
    assert texts(content, "PmtId/EndToEndId") == ["FL-7-1", "FL-7-2"]
    assert texts(content, "InstdAmt") == ["10.50", "999999.99"]
    assert texts(content, "CtrlSum") == ["1000010.49"] * 2
    assert texts(content, "NbOfTxs") == ["2"] * 2
    assert texts(content, "Cdtr/Nm") == ["Lukasz Zolc"] * 2
    assert texts(content, "Cdtr/PstlAdr/TwnNm") == ["Krakow"] * 2
    assert texts(content, "Dbtr/Nm") == ["Acme GmbH + Co. KG"]
    assert texts(content, "Dbtr/PstlAdr/Ctry") == ["DE"]
    assert texts(content, "DbtrAgt/FinInstnId/BICFI") == ["COBADEFFXXX"]
    assert texts(content, "RmtInf/Ustrd")[0] == "FL-7-1 Acme GmbH + Co. KG"


def test_the_same_batch_gives_the_same_bytes() -> None:
    assert file_of(make_payout(1, 1_050)) == file_of(make_payout(1, 1_050))


def test_two_batches_have_other_names_even_with_the_same_number() -> None:
    other = file_of(make_payout(1, 1_050), batch=make_batch(last=2))

    assert texts(other, "GrpHdr/MsgId") == ["FL-7-000000000002"]


def test_every_transfer_is_booked_by_itself() -> None:
    assert texts(file_of(make_payout(1, 1)), "BtchBookg") == ["false"]


def test_an_account_said_before_towns_were_asked_for_is_paid_without_one() -> None:
    content = file_of(make_payout(1, 5, {"holder": "Bob", "iban": PAYEE["iban"]}))

    try_valid_xml(content, SCHEMA)
    assert texts(content, "Cdtr/PstlAdr") == []
    assert texts(content, "InstdAmt") == ["0.05"]


@given(
    st.text(min_size=1, max_size=120),
    st.text(min_size=1, max_size=120),
    st.lists(st.integers(1, 10**13), min_size=1, max_size=4),
)
def test_whatever_people_are_called_the_file_is_valid_or_refused(
    holder: str, town: str, amounts: list[int]
) -> None:
    payee = PAYEE | {"holder": holder, "town": town}
    payouts = [make_payout(at, amount, payee) for at, amount in enumerate(amounts, start=1)]
    if any(SEPA.refuses(payout) for payout in payouts):
        return

    content = file_of(*payouts)

    root = etree.fromstring(content)
    sums = [Decimal(found.text) for found in root.findall(".//p:CtrlSum", NS)]
    assert sums == [Decimal(sum(amounts)) / 100] * 2


@pytest.mark.parametrize(
    ("details", "kind", "currency", "reason"),
    [
        (US_PAYEE, MethodKind.US_BANK, "EUR", "SEPA pays euros to bank accounts."),
        (PAYEE, MethodKind.BANK, "USD", "SEPA pays euros to bank accounts."),
        (
            PAYEE | {"iban": "BR1500000000000010932840814P2"},
            MethodKind.BANK,
            "EUR",
            "An account in BR takes no SEPA transfers.",
        ),
        (
            {"holder": "Bob", "iban": "CH9300762011623852957"},
            MethodKind.BANK,
            "EUR",
            "A transfer to CH needs the town of the payee.",
        ),
        (
            PAYEE | {"holder": "😀"},
            MethodKind.BANK,
            "EUR",
            "The name of the account holder cannot be written in Latin letters.",
        ),
        (PAYEE, MethodKind.BANK, "EUR", ""),
    ],
)
def test_what_sepa_cannot_pay_is_refused_with_a_reason(
    details: dict[str, str], kind: MethodKind, currency: str, reason: str
) -> None:
    assert SEPA.refuses(make_payout(1, 1, details, kind=kind, currency=currency)) == reason


def test_without_an_account_there_is_no_file() -> None:
    with pytest.raises(NotWritable):
        file_of(make_payout(1, 1), rail=None)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"iban": "DE89370400440532013001"}, "iban"),
        ({"bic": "COBAXXFF"}, "bic"),
        ({"country": "XX"}, "country"),
        ({"name": "😀"}, "name"),
    ],
)
def test_the_account_that_pays_is_checked(wrong: dict[str, str], field: str) -> None:
    SEPA.require_whole(DEBTOR)

    with pytest.raises(BadValue) as refusal:
        SEPA.require_whole(DEBTOR | wrong)

    assert refusal.value.field == field


def test_the_account_that_pays_is_shown_masked() -> None:
    assert SEPA.masked(DEBTOR) == "Acme GmbH & Co. KG DE89 … 3000"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Łukasz Żółć", "Lukasz Zolc"),
        ("Ærøskøbing ß", "AEroskobing ss"),
        ("Γιώργος", "Giorgos"),
        ("王芳", "Wang Fang"),
        ("A & B @ C_d", "A + B (at) C-d"),
        ("//x//y/", "x/y"),
        ("a\nb<script>", "a b script"),
        ("x" * 100, "x" * 70),
    ],
)
def test_names_are_written_in_the_letters_of_banks(text: str, written: str) -> None:
    assert latin(text, longest=70) == written


def test_banks_rest_at_the_weekend() -> None:
    days = [weekday_from(FRIDAY.date().replace(day=day)).day for day in (5, 6, 7, 8, 9)]

    assert days == [5, 6, 9, 9, 9]
