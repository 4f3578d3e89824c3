"""The program's form as plain HTML for the merchant's own site: no script, no frame, no cookie."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from interfaces.console.access import reads
from interfaces.console.pages import ConsoleRequest
from interfaces.console.programs import get_program, show_tab
from programs.models import FieldKind, JoinMode, Program
from programs.questions import questions_of

INPUT_TYPES = {
    FieldKind.EMAIL: "email",
    FieldKind.PHONE: "tel",
    FieldKind.URL: "url",
    FieldKind.NUMBER: "text",
    FieldKind.DATE: "date",
    FieldKind.COUNTRY: "text",
    FieldKind.TEXT: "text",
}


@reads
def program_embed(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Show the form to copy."""
    program = get_program(request, program_id)
    return show_tab(request, program, "program-embed", {"snippet": form_snippet(program)})


def form_snippet(program: Program) -> str:
    """Return the form's HTML; every text of the merchant's in it is escaped."""
    questions = questions_of(program) if program.join_mode == JoinMode.APPLICATION else []
    path = reverse("public:join-outside", args=[program.merchant.slug, program.slug])
    facts = {
        "program": program,
        "action": settings.APP_URL + path,
        "questions": [
            {"question": row, "type": INPUT_TYPES.get(FieldKind(row.kind), "")} for row in questions
        ],
    }
    return render_to_string("console/programs/embed_snippet.html", facts).strip() + "\n"
