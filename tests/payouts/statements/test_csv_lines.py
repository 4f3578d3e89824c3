"""Statements as CSV: headings in many words, amounts and days as banks write them."""

from datetime import date

import pytest

from payouts.statements.csv_lines import read_csv
from payouts.statements.lines import BadStatement, BankLine

TENTH = date(2026, 3, 10)


def test_a_transfer_is_read() -> None:
    content = (
        b"Date,Amount,Currency,End-to-end ID,Transaction ID,Description\r\n"
        b"2026-03-10,-10.50,EUR,FL-7-1,B-1,FL-7-1 Acme\r\n"
    )

    assert read_csv(content) == [
        BankLine(2, "/20260310/B-1", "FL-7-1", -1_050, "EUR", TENTH, "FL-7-1 Acme")
    ]


@pytest.mark.parametrize(
    "content",
    [
        "Buchungstag;Betrag;Währung;Kundenreferenz (End-to-End);Verwendungszweck\n"
        "10.03.26;-1.010,50;EUR;FL-7-1;Provision\n",
        "\ufeffBuchungsdatum;Betrag;Währung;Verwendungszweck\n10.03.2026;-1010,50;EUR;FL-7-1 x\n",
        "Posting date\tDebit\tCredit\tCurrency\tDetails\n20260310\t1,010.50\t\tEUR\tpaid FL-7-1\n",
        "date,debit,credit,ccy,reference\n2026-03-10,-1010.50,,EUR,FL-7-1\n",
        "date,amount,ccy,reference\n2026-03-10,1010.50-,eur,FL-7-1\n\n",
        "date,amount,ccy,reference,date\n2026-03-10,(1010.50),EUR,FL-7-1,1999-01-01\n",
    ],
)
def test_headings_amounts_and_days_are_read_as_banks_write_them(content: str) -> None:
    (line,) = read_csv(content.encode())

    assert (line.reference, line.amount_minor, line.booked_on) == ("FL-7-1", -101_050, TENTH)


def test_windows_letters_are_read() -> None:
    content = "Datum;x\n".replace("Datum", "Buchungstag;Betrag;Währung;Verwendungszweck")
    body = content + "10.03.2026;1,00;EUR;Rückgabe\n"

    (line,) = read_csv(body.encode("cp1252"))

    assert (line.text, line.amount_minor) == ("Rückgabe", 100)


def test_the_whole_file_says_which_comes_first_day_or_month() -> None:
    head = "date,amount,currency,reference\n"

    american = read_csv(f"{head}03/10/2026,1.00,USD,a\n03/31/2026,1.00,USD,b\n".encode())
    european = read_csv(f"{head}10/03/2026,1.00,EUR,a\n31/03/2026,1.00,EUR,b\n".encode())

    assert american[0].booked_on == european[0].booked_on == TENTH


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        ("", ["Line 1: These columns are missing: date, currency, amount, reference."]),
        ("date,amount,reference\n", ["Line 1: These columns are missing: currency."]),
        (
            "date,amount,currency,reference\nsoon,1.00,EUR,a\n2026-03-10,x,EUR,b\n"
            "2026-03-10,1.00,XXX,c\n2026-03-10,,EUR,d\n03/04/2026,1.00,EUR,e\n",
            [
                "Line 2: Write the date as 2026-03-31: soon",
                "Line 3: This is no amount: x",
                "Line 4: This is not a currency: XXX",
                "Line 5: The amount is missing.",
                "Line 6: Write the date as 2026-03-31: 03/04/2026",
            ],
        ),
        ("date,amount,currency,reference\n2026-03-10,1,EUR,\0\n", ["This is not a CSV file."]),
        (
            'date,amount,currency,reference\n2026-03-10,1,EUR,"a\n',
            ["Line 2: This line is not well-formed CSV."],
        ),
    ],
)
def test_every_wrong_line_is_named(content: str, messages: list[str]) -> None:
    with pytest.raises(BadStatement) as refusal:
        read_csv(content.encode())

    assert refusal.value.messages == messages


def test_no_more_faults_are_said_than_somebody_reads() -> None:
    content = "date,amount,currency,reference\n" + "x,1.00,EUR,a\n" * 100

    with pytest.raises(BadStatement) as refusal:
        read_csv(content.encode())

    assert len(refusal.value.messages) == 20
