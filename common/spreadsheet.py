"""CSV that is read by people in spreadsheets (RFC 4180, UTF-8)."""

import csv
import io
from collections.abc import Iterable, Sequence

RISKY = tuple("=+-@\t\r\0")  # A spreadsheet would take such a cell for a formula.


def plain(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(RISKY) else text


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return the lines as bytes; texts are made harmless, numbers stay numbers."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([plain(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode()
