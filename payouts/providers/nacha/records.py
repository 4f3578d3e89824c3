"""The records of a NACHA file: lines of 94 characters in blocks of ten, with sums that agree.

The libraries for it are no longer kept, and the format is small: what each position holds stands
in the order of the rules (NACHA Operating Rules, appendix three).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from text_unidecode import unidecode

from payouts.models import AccountType

WIDTH, BLOCK = 94, 10
CREDITS_ONLY = "220"
TRANSACTION = {AccountType.CHECKING: "22", AccountType.SAVINGS: "32"}
DESCRIPTION = "COMMISSION"
UNKNOWN_CHARACTER = re.compile(r"[^A-Z0-9 .,/()&'\-]")


@dataclass(frozen=True, slots=True)
class Header:
    """Whose file it is, for which bank, and which one of its day."""

    routing: str
    bank: str
    company: str
    company_id: str
    origin: str
    modifier: str
    made_at: datetime
    pays_on: date

    @property
    def odfi(self) -> str:
        """The bank that sends, as entries name it: its number without the check digit."""
        return self.routing[:8]


@dataclass(frozen=True, slots=True)
class Entry:
    """Money for one account."""

    routing: str
    account: str
    account_type: str
    amount_minor: int
    reference: str
    name: str


@dataclass(frozen=True, slots=True)
class Section:
    """Entries of one class, PPD or CCD: what the rules call a batch."""

    code: str
    entries: Sequence[Entry]

    @property
    def hash(self) -> int:
        """The sum of the receiving banks, of which records keep the last ten digits."""
        return sum(int(entry.routing[:8]) for entry in self.entries)

    @property
    def total_minor(self) -> int:
        """What it pays."""
        return sum(entry.amount_minor for entry in self.entries)


def write_file(header: Header, sections: Sequence[Section]) -> bytes:
    """Return the file's bytes."""
    lines = [_file_header(header)]
    first_trace = 1
    for number, section in enumerate(sections, start=1):
        lines.append(_batch_header(header, section, number))
        lines += [
            _entry(header, entry, trace)
            for trace, entry in enumerate(section.entries, start=first_trace)
        ]
        lines.append(_batch_control(header, section, number))
        first_trace += len(section.entries)
    blocks = -(-(len(lines) + 1) // BLOCK)
    lines.append(_file_control(sections, blocks))
    lines += ["9" * WIDTH] * (blocks * BLOCK - len(lines))
    wrong = [line for line in lines if len(line) != WIDTH]
    assert not wrong, "a record of another length would shift all that follows"
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def ascii_upper(text: str) -> str:
    """Return text in the characters that the rules allow; empty if nothing of it is left."""
    return " ".join(UNKNOWN_CHARACTER.sub(" ", unidecode(text).upper()).split())


def _text(text: str, width: int) -> str:
    return ascii_upper(text)[:width].ljust(width)


def _number(number: int, width: int) -> str:
    return str(number % 10**width).rjust(width, "0")


def _file_header(header: Header) -> str:
    return "".join(
        (
            "1",
            "01",
            header.routing.rjust(10),
            header.origin.upper().rjust(10),
            header.made_at.strftime("%y%m%d%H%M"),
            header.modifier,
            "094",
            "10",
            "1",
            _text(header.bank, 23),
            _text(header.company, 23),
            " " * 8,
        )
    )


def _batch_header(header: Header, section: Section, number: int) -> str:
    return "".join(
        (
            "5",
            CREDITS_ONLY,
            _text(header.company, 16),
            " " * 20,
            header.company_id.upper().rjust(10),
            section.code,
            _text(DESCRIPTION, 10),
            header.made_at.strftime("%y%m%d"),
            header.pays_on.strftime("%y%m%d"),
            " " * 3,  # The settlement date: the operator's to fill.
            "1",
            header.odfi,
            _number(number, 7),
        )
    )


def _entry(header: Header, entry: Entry, trace: int) -> str:
    return "".join(
        (
            "6",
            TRANSACTION[AccountType(entry.account_type)],
            entry.routing,  # Eight digits of the bank, and its check digit.
            entry.account.ljust(17),
            _number(entry.amount_minor, 10),
            _text(entry.reference, 15),
            _text(entry.name, 22),
            " " * 2,
            "0",  # No addenda.
            header.odfi,
            _number(trace, 7),
        )
    )


def _batch_control(header: Header, section: Section, number: int) -> str:
    return "".join(
        (
            "8",
            CREDITS_ONLY,
            _number(len(section.entries), 6),
            _number(section.hash, 10),
            _number(0, 12),
            _number(section.total_minor, 12),
            header.company_id.upper().rjust(10),
            " " * 25,
            header.odfi,
            _number(number, 7),
        )
    )


def _file_control(sections: Sequence[Section], blocks: int) -> str:
    return "".join(
        (
            "9",
            _number(len(sections), 6),
            _number(blocks, 6),
            _number(sum(len(section.entries) for section in sections), 8),
            _number(sum(section.hash for section in sections), 10),
            _number(0, 12),
            _number(sum(section.total_minor for section in sections), 12),
            " " * 39,
        )
    )
