"""Statements as banks write them, made from a few words."""

from collections.abc import Sequence
from dataclasses import dataclass

IBAN = "DE89370400440532013000"


@dataclass(frozen=True)
class Booking:
    """One booking; `amount` as the bank writes it, without a sign."""

    amount: str
    reference: str = "NOTPROVIDED"
    bank_ref: str = ""
    sign: str = "DBIT"
    day: str = "2026-03-10"
    currency: str = "EUR"
    text: str = ""
    status: str = "BOOK"
    returned: str = ""
    block: str = ""
    reversal: str = ""


def camt(bookings: Sequence[Booking], *, version: str = "08") -> bytes:
    """Return a camt.053 in which each booking is an entry of its own."""
    return camt_of("".join(_entry(row, version) for row in bookings), version=version)


def camt_of(entries: str, *, version: str = "08") -> bytes:
    """Return a camt.053 with these entries."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">\n'
        "<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-03-11T06:00:00Z</CreDtTm></GrpHdr>\n"
        f"<Stmt><Id>S1</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id></Acct>\n"
        f"{entries}</Stmt></BkToCstmrStmt></Document>\n"
    ).encode()


def _entry(row: Booking, version: str) -> str:
    status = row.status if version == "02" else f"<Cd>{row.status}</Cd>"
    service = f"<AcctSvcrRef>{row.bank_ref}</AcctSvcrRef>" if row.bank_ref else ""
    reversal = f"<RvslInd>{row.reversal}</RvslInd>" if row.reversal else ""
    return (
        f'<Ntry><Amt Ccy="{row.currency}">{row.amount}</Amt><CdtDbtInd>{row.sign}</CdtDbtInd>'
        f"{reversal}<Sts>{status}</Sts><BookgDt><Dt>{row.day}</Dt></BookgDt>{service}"
        f"<NtryDtls>{detail(row, version)}</NtryDtls></Ntry>\n"
    )


def detail(row: Booking, version: str = "08", *, amount: bool = False) -> str:
    """Return the details of a transfer, with its own amount if it is one of several."""
    block = f"<PmtInfId>{row.block}</PmtInfId>" if row.block else ""
    own = f'<Amt Ccy="{row.currency}">{row.amount}</Amt>'
    if version == "02":
        own = f"<AmtDtls><TxAmt>{own}</TxAmt></AmtDtls>"
    words = f"<RmtInf><Ustrd>{row.text}</Ustrd></RmtInf>" if row.text else ""
    reason = f"<RtrInf><Rsn><Cd>{row.returned}</Cd></Rsn></RtrInf>" if row.returned else ""
    return (
        f"<TxDtls><Refs>{block}<EndToEndId>{row.reference}</EndToEndId></Refs>"
        f"{own if amount else ''}{words}{reason}</TxDtls>"
    )


def sum_entry(amount: str, block: str, count: int, *, bank_ref: str = "SUM-1") -> str:
    """Return the entry of a bank that books a whole file as one sum."""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-03-10</Dt></BookgDt><AcctSvcrRef>{bank_ref}</AcctSvcrRef>"
        f"<NtryDtls><Btch><PmtInfId>{block}</PmtInfId><NbOfTxs>{count}</NbOfTxs></Btch></NtryDtls>"
        "</Ntry>"
    )


def collective(amount: str, rows: Sequence[Booking], *, version: str = "08") -> bytes:
    """Return a camt.053 with one entry that details several transfers."""
    status = "BOOK" if version == "02" else "<Cd>BOOK</Cd>"
    details = "".join(detail(row, version, amount=True) for row in rows)
    return camt_of(
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>{status}</Sts>'
        "<BookgDt><DtTm>2026-03-10T00:00:00+01:00</DtTm></BookgDt>"
        f"<AcctSvcrRef>C-1</AcctSvcrRef><NtryDtls>{details}</NtryDtls></Ntry>",
        version=version,
    )
