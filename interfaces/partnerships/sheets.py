"""Sheets as pages show them: as they stand, and beside an earlier quarter."""

from datetime import date
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from interfaces.partnerships.desk import Desk, frame
from interfaces.partnerships.forms import CommentForm, SheetForm
from interfaces.partnerships.pages import comments_told
from partnerships.models import (
    SheetKind,
)
from partnerships.questions import questions_of
from partnerships.selectors import (
    last_sheet,
    sheets_by_quarter,
)


def sheet_kind(name: str) -> SheetKind:
    """Return the kind that an address names.

    :raises Http404: if there is none.
    """
    if name.upper() not in SheetKind.values or name != name.lower():
        raise Http404
    return SheetKind(name.upper())


def sheet_form(desk: Desk, kind: SheetKind, data: Any = None) -> SheetForm:
    """Return the form of a sheet, filled with what it says now."""
    last = last_sheet(desk.partnership, kind)
    return SheetForm(data, kind=kind, initial=last.answers if last else {})


def sheet_context(desk: Desk, kind: SheetKind, form: SheetForm, against: str) -> dict[str, Any]:
    """Return a sheet as it stands, beside an earlier quarter if one is asked for."""
    last = last_sheet(desk.partnership, kind)
    quarters = sheets_by_quarter(desk.partnership, kind)
    earlier = {day.isoformat(): row for day, row in quarters.items() if last and day < last.quarter}
    other = earlier.get(against)
    rows = [
        {
            "question": question,
            "now": last.answers.get(question.name, "") if last else "",
            "was": other.answers.get(question.name, "") if other else "",
        }
        for question in questions_of(kind)
    ]
    return frame(desk, f"partner-sheet/{kind.value.lower()}") | {
        "kind": kind,
        "slug": kind.value.lower(),
        "sheet": last,
        "rows": rows,
        "earlier": [
            {"name": quarter_name(row.quarter), "key": key, "current": key == against}
            for key, row in earlier.items()
        ],
        "other": other,
        "other_name": quarter_name(other.quarter) if other else "",
        "comments": comments_told(desk, kind),
        "form": form,
        "comment_form": CommentForm(),
    }


def quarter_name(day: date) -> str:
    """Return a quarter in words: “Q3 2026”."""
    number = (day.month + 2) // 3
    return _("Q%(number)s %(year)s") % {"number": number, "year": day.year}
