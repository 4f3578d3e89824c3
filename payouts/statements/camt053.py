"""camt.053 (ISO 20022), as European banks give it: versions .02 and .08.

XML from outside: no entities, nothing fetched, no more than a file of limited size.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from common.money import BadAmount, UnknownCurrency, minor_of
from payouts.statements.lines import (
    LINES_MAX,
    TEXT_MAX,
    BadStatement,
    BankLine,
    Names,
    given,
    reference_in,
)

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
VERSIONS = frozenset({"02", "08"})
BOOKED = "BOOK"
Element = Any  # The library has no types.


def read_camt053(content: bytes) -> list[BankLine]:
    """Return the bookings of a file, in its order; what is only announced is left out.

    :raises BadStatement: if it is no such file, or a booking of it makes no sense.
    """
    root = _parse(content)
    names = Names()
    lines: list[BankLine] = []
    faults: list[tuple[int, str]] = []
    for statement in _all(root, "BkToCstmrStmt/Stmt"):
        account = _text(statement, "Acct/Id/IBAN") or _text(statement, "Acct/Id/Othr/Id")
        for entry in _all(statement, "Ntry"):
            if (_text(entry, "Sts/Cd") or _text(entry, "Sts")) != BOOKED:
                continue
            try:
                lines += _entry_lines(entry, account, names)
            except ValueError as error:
                faults.append((entry.sourceline or 0, str(error)))
            if len(lines) > LINES_MAX:
                raise BadStatement((0, _("At most %d bookings at a time.") % LINES_MAX))
    if faults:
        raise BadStatement(*faults)
    return lines


def _parse(content: bytes) -> Element:
    # A definition of a document's type is where entities are made; statements have none.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise BadStatement((0, _("The file must not define entities.")))
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 0
        raise BadStatement((line, _("This is not well-formed XML."))) from error
    if root.getroottree().docinfo.internalDTD is not None:  # Said in another encoding.
        raise BadStatement((0, _("The file must not define entities.")))
    namespace = etree.QName(root).namespace or ""
    if not namespace.startswith(NAMESPACE) or namespace[len(NAMESPACE) :] not in VERSIONS:
        raise BadStatement((root.sourceline or 0, _("This is not a camt.053.001.02 or .08 file.")))
    return root


def _entry_lines(entry: Element, account: str, names: Names) -> Iterator[BankLine]:
    """Return a line for each transfer that the entry details, or one for the whole.

    :raises ValueError: if amount, currency or day are missing or wrong.
    """
    details = _all(entry, "NtryDtls/TxDtls")
    if len(details) > 1 and all(_amount_of(each) is not None for each in details):
        for each in details:
            yield _line(entry, each, account, names)
    elif len(details) == 1:
        yield _line(entry, details[0], account, names)
    else:
        yield _line(entry, None, account, names)


def _line(entry: Element, detail: Element | None, account: str, names: Names) -> BankLine:
    amount_minor, currency = _money(entry, detail)
    booked_on = _day(entry)
    text = _words(entry, detail)
    end_to_end = given(_text(detail, "Refs/EndToEndId"))
    reference = reference_in(end_to_end) or reference_in(text)
    own_ref = given(_text(detail, "Refs/AcctSvcrRef"))
    entry_ref = given(_text(entry, "AcctSvcrRef"))
    # The entry's name is that of all its transfers; together with their own it is one's.
    shared_ref = f"{entry_ref} {end_to_end}".strip() if entry_ref else ""
    return BankLine(
        line=entry.sourceline or 0,
        bank_ref=names.name(
            account=account,
            booked_on=booked_on,
            bank_ref=own_ref or shared_ref,
            facts=f"{end_to_end or text[:60]}/{amount_minor}",
        ),
        reference=reference or end_to_end,
        amount_minor=amount_minor,
        currency=currency,
        booked_on=booked_on,
        text=text[:TEXT_MAX],
        block=_block(entry, detail),
        count=_count(entry) if detail is None else 0,
        undoes=_text(entry, "RvslInd") == "true" and _text(entry, "CdtDbtInd") == "DBIT",
    )


def _money(entry: Element, detail: Element | None) -> tuple[int, str]:
    found = _amount_of(detail)
    if found is None:
        found = _one(entry, "Amt")
    if found is None:
        raise ValueError(_("The amount is missing."))
    currency = found.get("Ccy", "")
    try:
        amount_minor = minor_of(Decimal((found.text or "").strip()), currency=currency)
    except (InvalidOperation, BadAmount, UnknownCurrency) as error:
        raise ValueError(_("This is no amount: %s") % f"{found.text} {currency}") from error
    if amount_minor < 0:
        raise ValueError(_("This is no amount: %s") % f"{found.text} {currency}")
    sign = _text(detail, "CdtDbtInd") or _text(entry, "CdtDbtInd")
    if sign not in ("CRDT", "DBIT"):
        raise ValueError(_("Credit or debit: the file does not say."))
    return (amount_minor if sign == "CRDT" else -amount_minor), currency


def _amount_of(detail: Element | None) -> Element | None:
    if detail is None:
        return None
    found = _one(detail, "Amt")
    return _one(detail, "AmtDtls/TxAmt/Amt") if found is None else found


def _day(entry: Element) -> date:
    text = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm")[:10]
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_("The day of the booking is missing or wrong.")) from error


def _words(entry: Element, detail: Element | None) -> str:
    parts = [_text(entry, "AddtlNtryInf")]
    if detail is not None:
        parts = [found.text or "" for found in _all(detail, "RmtInf/Ustrd")]
        reason = _text(detail, "RtrInf/Rsn/Cd") or _text(detail, "RtrInf/Rsn/Prtry")
        parts += [reason, _text(detail, "RtrInf/AddtlInf")]
    return " ".join(" ".join(parts).split())


def _block(entry: Element, detail: Element | None) -> str:
    named = _text(detail, "Refs/PmtInfId") or _text(entry, "NtryDtls/Btch/PmtInfId")
    return given(named or _text(detail, "Refs/MsgId") or _text(entry, "NtryDtls/Btch/MsgId"))


def _count(entry: Element) -> int:
    text = _text(entry, "NtryDtls/Btch/NbOfTxs")
    return int(text) if text.isdecimal() else 0


# Paths without namespaces: the root says which version it is, once for all.


@lru_cache(maxsize=128)
def _find(tag: str, path: str) -> Any:
    """Return what finds a path below elements of the tag's namespace."""
    namespace = etree.QName(tag).namespace
    qualified = "/".join(f"p:{name}" for name in path.split("/"))
    return etree.XPath(qualified, namespaces={"p": namespace}, smart_strings=False)


def _all(element: Element, path: str) -> list[Element]:
    found: list[Element] = _find(element.tag, path)(element)
    return found


def _one(element: Element, path: str) -> Element | None:
    return next(iter(_all(element, path)), None)


def _text(element: Element | None, path: str) -> str:
    found = None if element is None else _one(element, path)
    return (found.text or "").strip() if found is not None else ""
