"""CSV as banks export it: columns are known by their headings, in any order."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from common.money import CURRENCIES, BadAmount, parse_major
from payouts.statements.lines import (
    LINES_MAX,
    TEXT_MAX,
    BadStatement,
    BankLine,
    Names,
    given,
    reference_in,
)

# How banks head what we need; read without case, space and punctuation.
HEADINGS = {
    "booked_on": "date bookingdate bookedon postingdate transactiondate buchungstag buchungsdatum",
    "amount": "amount betrag amountsigned transactionamount",
    "debit": "debit debitamount moneyout paidout withdrawals soll",
    "credit": "credit creditamount moneyin paidin deposits haben",
    "currency": "currency ccy waehrung währung",
    "reference": "endtoendid endtoendreference endtoend reference customerreference"
    " kundenreferenzendtoend kundenreferenz",
    "bank_ref": "bankreference bankref transactionid accountservicerreference id fitid",
    "text": "text description details remittanceinformation remittance purpose verwendungszweck"
    " memo",
}
KNOWN = {heading: column for column, line in HEADINGS.items() for heading in line.split()}
DELIMITERS = ",;\t"


def read_csv(content: bytes) -> list[BankLine]:
    """Return the bookings of a file, in its order.

    :raises BadStatement: if it cannot be read; every wrong line is named.
    """
    rows = _rows(content)
    headings = next(rows, (0, []))[1]
    columns = _columns(headings)
    body = [(line, dict(zip(columns, row, strict=False))) for line, row in rows if any(row)]
    if len(body) > LINES_MAX:
        raise BadStatement((0, _("At most %d bookings at a time.") % LINES_MAX))
    read_day = _day_reader([row.get("booked_on", "") for _line, row in body])
    names = Names()
    lines: list[BankLine] = []
    faults: list[tuple[int, str]] = []
    for line, row in body:
        try:
            lines.append(_bank_line(line, row, read_day, names))
        except ValueError as error:
            faults.append((line, str(error)))
    if faults:
        raise BadStatement(*faults)
    return lines


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise BadStatement((0, _("This is not a CSV file.")))
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise BadStatement((reader.line_num, _("This line is not well-formed CSV."))) from error


def _columns(headings: Sequence[str]) -> list[str]:
    """Return what each column is; of two for the same thing the first counts.

    :raises BadStatement: if one that is needed is missing.
    """
    columns: list[str] = []
    for heading in headings:
        name = KNOWN.get(re.sub(r"[^a-zäöü]", "", heading.lower()), "")
        columns.append(name if name not in columns else "")
    missing = [name for name in ("booked_on", "currency") if name not in columns]
    if "amount" not in columns and "debit" not in columns:
        missing.append("amount")
    if "reference" not in columns and "text" not in columns:
        missing.append("reference")
    if missing:
        said = ", ".join(name.replace("booked_on", "date") for name in missing)
        raise BadStatement((1, _("These columns are missing: %s.") % said))
    return columns


DayReader = Callable[[str], date]


def _day_reader(texts: Sequence[str]) -> DayReader:
    """Return what reads days as the whole file writes them: 3/4/2026 alone says nothing."""
    slashed = [re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text) for text in texts]
    found = [match for match in slashed if match]
    if any(int(match[1]) > 12 for match in found):
        return lambda text: _read_day(text, "%d/%m/%Y")
    if any(int(match[2]) > 12 for match in found):
        return lambda text: _read_day(text, "%m/%d/%Y")
    return lambda text: _read_day(text, "")


def _read_day(text: str, slashed: str) -> date:
    for shape in ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d.%m.%y", slashed):
        try:
            return datetime.strptime(f"{text[:10]} +0000", f"{shape} %z").date()
        except ValueError:
            continue
    raise ValueError(_("Write the date as 2026-03-31: %s") % text[:40])


def _bank_line(line: int, row: Mapping[str, str], read_day: DayReader, names: Names) -> BankLine:
    currency = row.get("currency", "").upper()
    if currency not in CURRENCIES:
        raise ValueError(_("This is not a currency: %s") % currency[:40])
    amount_minor = _amount(row, currency)
    booked_on = read_day(row.get("booked_on", ""))
    text = row.get("text", "")
    said = given(row.get("reference"))
    return BankLine(
        line=line,
        bank_ref=names.name(
            account="",
            booked_on=booked_on,
            bank_ref=given(row.get("bank_ref")),
            facts=f"{said or text[:60]}/{amount_minor}",
        ),
        reference=reference_in(said) or reference_in(text) or said[:140],
        amount_minor=amount_minor,
        currency=currency,
        booked_on=booked_on,
        text=text[:TEXT_MAX],
    )


def _amount(row: Mapping[str, str], currency: str) -> int:
    """Return the signed amount: of one column, or of two for what came and what left."""
    try:
        if row.get("amount"):
            return _signed(row["amount"], currency)
        came = _signed(row["credit"], currency) if row.get("credit") else 0
        left = _signed(row["debit"], currency) if row.get("debit") else 0
    except BadAmount as error:
        said = row.get("amount") or row.get("credit") or row.get("debit") or ""
        raise ValueError(_("This is no amount: %s") % said[:40]) from error
    if bool(came) == bool(left):
        raise ValueError(_("The amount is missing."))
    return abs(came) - abs(left)


def _signed(text: str, currency: str) -> int:
    text = text.replace("−", "-").replace("+", "").strip()
    if text.endswith("-"):
        text = f"-{text[:-1]}"
    if text.startswith("(") and text.endswith(")"):  # As accountants write it.
        text = f"-{text[1:-1]}"
    return parse_major(text, currency=currency)
