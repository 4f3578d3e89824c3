"""Ladders: how affiliates move between tiers by themselves, and who would move now."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from commissions.ladders import Judged, LadderPreview, preview_ladder
from common.refusals import BadValue
from interfaces.console.access import acts, edits
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.forms.tiers import LadderForm
from interfaces.console.ladder_words import figures_said
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program
from merchants.rights import Right
from programs.models import Ladder, Program, Tier
from programs.selectors import ladder_of, tiers_of
from programs.services import Preset, TierNameTaken, ladder_draft, set_ladder, use_preset


@edits(Right.EDIT_PROGRAMS)
def program_ladder(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Say how affiliates climb and fall, look who would move, and switch it on."""
    program = get_program(request, program_id)
    form = LadderForm(request.POST or None, instance=ladder_draft(program, {}))
    shown = ladder_of(program) or Ladder(merchant=request.merchant, program=program)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            if request.POST.get("do") != "preview":
                changes, by = form.cleaned_data, request.actor
                set_ladder(program=program, changes=changes, by=by, at=request.at)
                messages.success(request, _("Saved."))
                return redirect("console:program-ladder", program.id)
            shown = ladder_draft(program, form.cleaned_data)
    found = preview_ladder(program, shown, at=request.at)
    context = {
        "program": program,
        "form": form,
        "ladder": shown,
        "tiers": tiers_of(program),
        **_told(program, found),
    }
    status = 422 if form.errors else 200
    template = "console/programs/ladder.html"
    return show_page(request, template, context, nav="programs", status=status)


def _told(program: Program, found: LadderPreview) -> dict[str, Any]:
    tiers = {tier.id: tier for tier in Tier.objects.filter(merchant_id=program.merchant_id)}

    def row(judged: Judged) -> dict[str, Any]:
        tier_id = judged.verdict.tier_id
        return {
            "enrollment": judged.enrollment,
            "before": judged.enrollment.tier,
            "after": tiers[tier_id] if tier_id else None,
            "cause": judged.verdict.cause,
            "figures": figures_said(judged.figures, program.currency),
        }

    return {
        "found": found,
        "moves": [row(judged) for judged in found.moves],
        "warned": [row(judged) for judged in found.warned],
    }


@acts(Right.EDIT_PROGRAMS)
def ladder_preset(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Make the tiers of a ready-made ladder; nobody moves until that is switched on."""
    program = get_program(request, program_id)
    chosen = request.POST.get("preset", "")
    if chosen not in Preset.values:
        raise Http404
    try:
        use_preset(program=program, preset=Preset(chosen), by=request.actor, at=request.at)
    except TierNameTaken as error:
        said = {"name": str(error)}
        messages.error(request, _("The program has a tier %(name)s already.") % said)
    except BadValue as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The tiers are made. Look who would move, then switch it on."))
        return redirect("console:program-ladder", program.id)
    return redirect("console:program-tiers", program.id)
