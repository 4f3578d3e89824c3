"""The change log of a program: what its affiliates are told, and when they are mailed."""

from datetime import datetime

from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from merchants.models import Actor
from programs.models import ChangeKind, Program, ProgramChange, Status
from programs.services.history import record


def log_change(
    program: Program,
    kind: ChangeKind,
    *,
    at: datetime,
    title: str = "",
    body: str = "",
    version: int | None = None,
    tells: bool = True,
) -> ProgramChange:
    """Enter a change into the log, in the change's own transaction; return it.

    With `tells`, whoever is in the program is mailed soon; in a draft nobody is.
    """
    return ProgramChange.objects.create(
        merchant_id=program.merchant_id,
        program=program,
        kind=kind,
        title=title,
        body=body,
        version=version,
        at=at,
        mail_due_at=at if tells and program.status != Status.DRAFT else None,
    )


def announce(
    *, program: Program, title: str, body: str, tells: bool, by: Actor, at: datetime
) -> ProgramChange:
    """Tell the program's affiliates something; return the entry.

    :raises BadValue: if it has no title, or a text is too long.
    """
    title = cleaned(ProgramChange, "title", title.strip())
    if not title:
        raise BadValue("title", "required", _("Say it in one line."))
    body = cleaned(ProgramChange, "body", body.strip())
    change = log_change(program, ChangeKind.NEWS, at=at, title=title, body=body, tells=tells)
    record(program, "program.news_told", by, at, {"title": title})
    return change


def changes_of(program: Program) -> list[ProgramChange]:
    """Return the program's log, newest first."""
    rows = ProgramChange.objects.filter(merchant_id=program.merchant_id, program=program)
    return list(rows.order_by("-at", "-id"))
