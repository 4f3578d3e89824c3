"""A CSV file as lines with names, checked against its profile's columns. Pure."""

import csv
import io
from functools import lru_cache
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from tracking.imports.columns import COLUMNS, NOTE_PREFIX
from tracking.models import ImportProfile

FILE_BYTES_MAX: Final = 5_000_000
LINES_MAX: Final = 50_000
CELL_MAX: Final = 2_000
DELIMITERS: Final = (",", ";", "\t")


class Unreadable(Exception):
    """The file cannot be taken in at all; the text says why."""


class Line(NamedTuple):
    """One line of a file: where it stands, and its cells by heading. Of a misshapen one, none."""

    number: int
    cells: dict[str, str]
    is_misshapen: bool = False


@lru_cache(maxsize=1)  # The batches of one file follow each other.
def read_file(content: bytes, profile: ImportProfile) -> tuple[Line, ...]:
    """Return the lines of a file, those without any text left out.

    :raises Unreadable: if it is no UTF-8, no CSV, too long, or its headings are not the profile's.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(_("This is not UTF-8: save it as CSV in UTF-8.")) from error
    if "\0" in text:
        raise Unreadable(_("This is no text file."))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        names = _headings(next(reader, []), profile)
        lines: list[Line] = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(lines) == LINES_MAX:
                raise Unreadable(_("More than %s lines: divide the file.") % f"{LINES_MAX:,}")
            lines.append(_line(reader.line_num, names, cells))
    except csv.Error as error:
        message = _("Line %(line)s is no CSV: %(error)s.")
        raise Unreadable(message % {"line": reader.line_num, "error": error}) from error
    return tuple(lines)


def _delimiter(text: str) -> str:
    """Return what separates the headings: no name of a column holds any of the three."""
    first = text.split("\n", 1)[0]
    return max(DELIMITERS, key=first.count)


def _headings(cells: list[str], profile: ImportProfile) -> list[str]:
    names = [cell.strip().lower().replace(" ", "_") for cell in cells]
    while names and not names[-1]:
        names.pop()  # Spreadsheets leave empty columns at the end.
    columns = COLUMNS[profile]
    known = {column.name for column in columns}
    missing = [row.name for row in columns if row.is_required and row.name not in names]
    if missing:
        raise Unreadable(_("Columns are missing: %s.") % ", ".join(missing))
    unknown = [name for name in names if name not in known and not name.startswith(NOTE_PREFIX)]
    if unknown:
        raise Unreadable(_("Columns are unknown: %s.") % ", ".join(unknown)[:200])
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Unreadable(_("Columns stand there twice: %s.") % ", ".join(twice))
    return names


def _line(number: int, names: list[str], cells: list[str]) -> Line:
    while len(cells) > len(names) and not cells[-1].strip():
        cells.pop()
    if len(cells) > len(names) or any(len(cell) > CELL_MAX for cell in cells):
        return Line(number, {}, is_misshapen=True)
    return Line(number, {name: cell.strip() for name, cell in zip(names, cells, strict=False)})
