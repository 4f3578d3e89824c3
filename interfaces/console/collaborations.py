"""What the merchant and its affiliates publish together."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from collaborations.models import Collaboration
from collaborations.selectors import collaborations_of
from collaborations.services import pitch_collaboration
from commissions.models import Side
from commissions.services.proposals import NotYourTurn
from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.affiliates import AffiliateField
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.program_blocks import show_part
from interfaces.console.programs import get_program, show_tab
from interfaces.console.snippets import link_url
from interfaces.console.wording import money, number
from interfaces.working import PitchForm, act, standing, told
from merchants.rights import Right
from reports.affiliate_traffic import report_links
from tracking.services import NotEnrolled

SHOWN_MAX = 200


class ConsolePitchForm(PitchForm):
    """A pitch to one of the program's affiliates."""

    affiliate = AffiliateField(label=_("Affiliate"))
    field_order = ("affiliate", "kind", "title", "pitch")


@reads
def program_collaborations(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List what is made together, the newest first."""
    program = get_program(request, program_id)
    rows = [standing(row) for row in collaborations_of(program)[:SHOWN_MAX]]
    return show_tab(request, program, "program-collaborations", {"rows": rows})


@edits(Right.REVIEW_AFFILIATES)
def collaboration_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Pitch something to an affiliate."""
    program = get_program(request, program_id)
    form = ConsolePitchForm(request.POST or None)
    field = form.fields["affiliate"]
    assert isinstance(field, AffiliateField)
    field.choose_from(request.merchant.id)
    if request.method == "POST" and form.is_valid():
        enrollment = form.cleaned_data["affiliate"]
        with refusal_shown(form):
            row = pitch_collaboration(
                enrollment=enrollment,
                side=Side.MERCHANT,
                draft=form.draft,
                by=request.actor,
                at=request.at,
            )
            messages.success(request, _("They find it in their portal."))
            return redirect("console:collaboration", row.program_id, row.id)
    return show_part(
        request,
        program,
        form=form,
        title=_("New pitch"),
        back="program-collaborations",
        back_label=_("Together"),
        template="console/programs/collaboration_create.html",
    )


def _get_row(request: ConsoleRequest, program_id: UUID, row_id: UUID) -> Collaboration:
    program = get_program(request, program_id)
    found = collaborations_of(program).filter(id=row_id).first()
    if found is None:
        raise Http404
    return found


@reads
def collaboration(request: ConsoleRequest, program_id: UUID, row_id: UUID) -> HttpResponse:
    """Show how far it is, and what it brought."""
    return _show(request, _get_row(request, program_id, row_id), {})


def _show(request: ConsoleRequest, row: Collaboration, bad: dict[str, Any]) -> HttpResponse:
    context = {**told(row, Side.MERCHANT), "program": row.program, **_results(row), **bad}
    status = 422 if bad else 200
    template = "console/programs/collaboration.html"
    return show_page(request, template, context, nav="programs", status=status)


def _results(row: Collaboration) -> dict[str, Any]:
    if row.link is None:
        return {}
    (report,) = report_links(row.affiliate_id, [row.link])
    figures = [
        {"label": _("Clicks"), "value": number(report.traffic.human)},
        {"label": _("Conversions"), "value": number(report.conversions)},
        {"label": _("Earned"), "value": money(report.earned_minor, row.program.currency)},
    ]
    return {"figures": figures, "address": link_url(row.link)}


@acts(Right.REVIEW_AFFILIATES)
def collaboration_act(request: ConsoleRequest, program_id: UUID, row_id: UUID) -> HttpResponse:
    """Answer, draft, publish or give up."""
    row = _get_row(request, program_id, row_id)
    try:
        with refusal_told(request):
            bad = act(row, Side.MERCHANT, request.POST.dict(), by=request.actor, at=request.at)
            if bad:
                return _show(request, row, bad)
            messages.success(request, _("Done. The affiliate sees it in their portal."))
    except NotEnrolled:
        messages.error(request, _("The affiliate is not approved in the program any more."))
    except (KeyError, NotYourTurn) as error:
        raise Http404 from error
    return redirect("console:collaboration", program_id, row_id)
