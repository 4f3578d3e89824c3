"""One booking of a bank, as every format is read into it."""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

FILE_BYTES_MAX = 10_000_000
LINES_MAX = 50_000
FAULTS_MAX = 20  # That are said; somebody who wrote them all alike learns no more from the rest.
REFERENCE = re.compile(r"\bFL-[0-9]+-[0-9]+(?:R[0-9]+)?\b")
NOT_GIVEN = frozenset({"", "NOTPROVIDED", "NONREF", "NOREF", "NONE"})  # What banks write then.
REF_MAX, TEXT_MAX = 140, 300


class BadStatement(ValueError):
    """The file cannot be read; `faults` are (line in the file, what is wrong), 0 for all of it."""

    def __init__(self, *faults: tuple[int, str]) -> None:
        self.faults = faults[:FAULTS_MAX]
        super().__init__("\n".join(self.messages))

    @property
    def messages(self) -> list[str]:
        """Say each fault with its line."""
        return [
            _("Line %(line)d: %(message)s") % {"line": line, "message": message}
            if line
            else message
            for line, message in self.faults
        ]


@dataclass(frozen=True, slots=True)
class BankLine:
    """A booking: `line` is where it stands in the file, `bank_ref` the same in every file of it."""

    line: int
    bank_ref: str
    reference: str  # Ours, as the bank repeats it, or "" .
    amount_minor: int  # < 0: money left.
    currency: str
    booked_on: date
    text: str
    block: str = ""  # The block of payments that it belongs to, or is the sum of.
    count: int = 0  # Of the transfers that it sums up; 0: it is one.
    undoes: bool = False  # The bank takes back a booking of its own.


def given(text: str | None) -> str:
    """Return a reference without space around it; nothing if the bank wrote that there is none."""
    text = " ".join((text or "").split())
    return "" if text.upper() in NOT_GIVEN else text


def reference_in(*texts: str) -> str:
    """Return the one reference of ours in the texts; nothing if there is none, or several."""
    found = {match for text in texts for match in REFERENCE.findall(text)}
    return found.pop() if len(found) == 1 else ""


class Names:
    """Names bookings, so that the same one is known in another file of the same account."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def name(self, *, account: str, booked_on: date, bank_ref: str, facts: str) -> str:
        """Return account, day and the bank's name, or without one the facts of the booking.

        Those that are alike in one file are counted, as the next file has as many.
        """
        name = f"{account}/{booked_on:%Y%m%d}/{bank_ref or facts}"[: REF_MAX - 8]
        self._seen[name] = self._seen.get(name, 0) + 1
        return name if self._seen[name] == 1 else f"{name}#{self._seen[name]}"
