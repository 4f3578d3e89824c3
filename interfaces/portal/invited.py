"""By what a visitor came to a join page: kept in the session until they have joined."""

from typing import TypedDict
from uuid import UUID

from django.http import HttpRequest

from programs.models import Program
from recruiting.joining import NO_LEAD, Lead

KEY = "lead"


class Stored(TypedDict):
    """The lead in the session."""

    program: str
    prospect: str
    recruiter: str


def keep_lead(request: HttpRequest, program: Program, lead: Lead) -> None:
    """Remember by what somebody came; a later one takes its place."""
    stored: Stored = {
        "program": str(program.id),
        "prospect": str(lead.prospect_id or ""),
        "recruiter": lead.recruiter_code,
    }
    request.session[KEY] = stored


def lead_of(request: HttpRequest, program: Program) -> Lead:
    """Return by what the visitor came to this program."""
    stored: Stored | None = request.session.get(KEY)
    if stored is None or stored["program"] != str(program.id):
        return NO_LEAD
    prospect_id = UUID(stored["prospect"]) if stored["prospect"] else None
    return Lead(prospect_id, stored["recruiter"])


def forget_lead(request: HttpRequest) -> None:
    """Forget it, once they have joined."""
    request.session.pop(KEY, None)
