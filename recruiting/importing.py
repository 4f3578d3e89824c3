"""Prospects from a CSV file: looked at line by line, then taken in. What is wrong stays out."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from common.refusals import BadValue
from merchants.events import record_event
from merchants.models import Actor, Member
from programs.models import Program
from recruiting.known import Known, Match, Named
from recruiting.models import Prospect, ProspectImport, ProspectSource
from recruiting.services import ProspectDraft, clean_prospect

FILE_BYTES_MAX: Final = 1_000_000
LINES_MAX: Final = 2_000
AT_ONCE: Final = 500
DELIMITERS: Final = (",", ";", "\t")
# What a line may say, and what files call it.
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "name": ("name", "full name", "company", "contact", "organisation", "organization"),
    "email": ("email", "e-mail", "mail", "e-mail address", "email address"),
    "website": ("website", "url", "site", "homepage", "domain", "web"),
    "channels": ("channels", "channel", "platform", "social"),
    "audience": ("audience", "reach", "followers", "niche", "topic"),
    "country": ("country", "country code", "land"),
    "introduced_by": ("introduced by", "introduced_by", "intro", "referred by"),
    "notes": ("notes", "note", "comment", "remarks"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file as it would be taken in."""

    number: int
    draft: ProspectDraft
    wrong: str = ""  # Why it cannot be.
    known: Sequence[Match] = ()  # Who looks the same.

    @property
    def is_new(self) -> bool:
        """Whether it would be taken in."""
        return not self.wrong and not self.known


@dataclass(slots=True)
class Looked:
    """What a file would do."""

    columns: list[str]
    mapping: dict[str, int]  # Field: column.
    lines: list[Line] = field(default_factory=list)

    @property
    def added(self) -> int:
        """How many lines are new."""
        return sum(line.is_new for line in self.lines)

    @property
    def known(self) -> int:
        """How many look like somebody known."""
        return sum(bool(line.known) and not line.wrong for line in self.lines)

    @property
    def wrong(self) -> int:
        """How many cannot be."""
        return sum(bool(line.wrong) for line in self.lines)


def begin_import(
    *, program: Program, file_name: str, content: bytes, source: str, member: Member
) -> ProspectImport:
    """Keep a file to be looked at; return it.

    :raises BadValue: naming `file`, if it is no CSV with a first line of names and others below.
    """
    text = _text(content)
    if len(_rows(text)) < 2:
        message = _("The file needs a first line with the names of the columns, and others below.")
        raise BadValue("file", "empty", message)
    return ProspectImport.objects.create(
        merchant_id=program.merchant_id,
        program=program,
        file_name=file_name[:120],
        content=text,
        source=source,
        member=member,
    )


def _text(content: bytes) -> str:
    if len(content) > FILE_BYTES_MAX:
        raise BadValue("file", "too_large", _("The file is too large: 1 MB at the most."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = _("This is not UTF-8: save it as CSV in UTF-8.")
        raise BadValue("file", "not_utf_8", message) from error
    if "\0" in text:
        raise BadValue("file", "not_text", _("This is no text file."))
    return text


def _rows(text: str) -> list[list[str]]:
    delimiter = max(DELIMITERS, key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        message = _("Line %(line)s is no CSV: %(error)s.")
        said = {"line": reader.line_num, "error": error}
        raise BadValue("file", "not_csv", message % said) from error
    if len(rows) > LINES_MAX + 1:
        raise BadValue("file", "too_many", _("%d lines at the most.") % LINES_MAX)
    return rows


def columns_of(file: ProspectImport) -> list[str]:
    """Return the names in the first line of a file that is still kept."""
    return [cell.strip()[:80] for cell in _rows(file.content)[0]]


def guess_mapping(columns: Sequence[str]) -> dict[str, int]:
    """Return which column is probably which field."""
    names = [column.strip().lower() for column in columns]
    guessed = {
        field: next((names.index(alias) for alias in aliases if alias in names), -1)
        for field, aliases in FIELDS.items()
    }
    return {field: at for field, at in guessed.items() if at >= 0}


def look_at(file: ProspectImport, mapping: Mapping[str, int]) -> Looked:
    """Return what a file would do, with these columns for these fields. Stores nothing."""
    columns, *rows = _rows(file.content)
    known = Known(file.merchant_id)
    looked = Looked([cell.strip()[:80] for cell in columns], dict(mapping))
    for number, row in enumerate(rows, start=2):
        said = {name: row[at] if 0 <= at < len(row) else "" for name, at in mapping.items()}
        looked.lines.append(_line(number, said, file.source, known))
    return looked


def _line(number: int, said: Mapping[str, str], source: str, known: Known) -> Line:
    facts: dict[str, Any] = {"name": "", **said, "source": source}
    draft = ProspectDraft(**facts)
    try:
        facts = clean_prospect(draft)
    except BadValue as error:
        return Line(number, draft, wrong=str(error))
    named = Named(facts["name"], facts["email"], facts["website"])
    matches = known.matches(named)
    known.note(named)
    return Line(number, draft, known=matches)


def run_import(
    *, file: ProspectImport, mapping: Mapping[str, int], by: Actor, at: datetime
) -> ProspectImport:
    """Take the new lines of a file in, and forget the file; return it. Safe to repeat: once."""
    rows = ProspectImport.objects.filter(merchant_id=file.merchant_id, id=file.id)
    with transaction.atomic():
        locked = rows.select_for_update(of=("self",)).select_related("program", "member").get()
        if locked.done_at is not None:
            return locked
        looked = look_at(locked, mapping)
        prospects = [
            Prospect(
                merchant_id=locked.merchant_id,
                program=locked.program,
                found_at=at,
                stage_changed_at=at,
                **(clean_prospect(line.draft) | {"owner": locked.member}),
            )
            for line in looked.lines
            if line.is_new
        ]
        Prospect.objects.bulk_create(prospects, batch_size=AT_ONCE)
        locked.content, locked.done_at = "", at
        locked.added_count, locked.known_count = looked.added, looked.known
        locked.wrong_count = looked.wrong
        locked.save(
            update_fields=["content", "done_at", "added_count", "known_count", "wrong_count"]
        )
        if prospects:
            record_event(
                merchant_id=locked.merchant_id,
                type="prospect.imported",
                subject_id=locked.id,
                by=by,
                at=at,
                data={"program": str(locked.program_id), "count": len(prospects)},
            )
    return locked


SOURCES_OF_FILES: Final = tuple(
    source for source in ProspectSource if source != ProspectSource.PARTNER
)
