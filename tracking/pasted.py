"""Links as people paste them: a line each, from a text or a spreadsheet. Pure."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

HEADERS = frozenset({"url", "address", "destination", "destination_url", "link"})
COLUMNS_MAX = 3


@dataclass(frozen=True, slots=True)
class PastedLink:
    """One line: where the link shall lead, and if they were said its name and code."""

    line: int  # As the person counts, from 1.
    url: str
    name: str = ""
    code: str = ""


class TooManyLines(ValueError):
    """There are more lines than are taken at once."""


def read_pasted_links(text: str, *, lines_max: int) -> list[PastedLink]:
    """Return the lines that say something: address, name, code, apart by comma, tab or semicolon.

    A heading and empty lines are passed over. An address with commas of its own stands in quotes;
    with so many that they cannot be columns it needs none.

    :raises TooManyLines: if more than `lines_max` say something.
    """
    found = [_read(number, line) for number, line in _lines(text)]
    links = [link for link in found if link.url.lower() not in HEADERS]
    if len(links) > lines_max:
        raise TooManyLines(len(links))
    return links


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if line.strip():
            yield number, line.strip()


def _read(number: int, line: str) -> PastedLink:
    delimiter = next((sign for sign in "\t;" if sign in line), ",")
    try:
        cells = next(csv.reader(StringIO(line), delimiter=delimiter, skipinitialspace=True))
    except (csv.Error, StopIteration):
        cells = [line]
    if len(cells) > COLUMNS_MAX:  # Signs of the address itself, as in ?sizes=1,2,3,4.
        cells = [line]
    url, name, code = [*(cell.strip() for cell in cells), "", ""][:COLUMNS_MAX]
    return PastedLink(number, url, name, code)
