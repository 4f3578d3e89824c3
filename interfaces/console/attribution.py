"""Who is credited by a program: its settings, and what each model makes of a sample journey."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from interfaces.console.access import edits, reads
from interfaces.console.forms.attribution import AttributionForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest
from interfaces.console.programs import get_program, show_tab
from interfaces.console.wording import VERDICTS, share
from merchants.rights import Right
from programs.models import AttributionModel, CodePriority, Program
from programs.services import update_program
from tracking.attribution import Model, Owner, Policy, Touch, TouchKind, attribute

SETTINGS: Final = ("attribution_model", "half_life_days", "window_days", "code_priority")


@dataclass(frozen=True, slots=True)
class Sample:
    """A touch of the sample journey: whose, of what kind, how many days before the sale."""

    name: Promise | str
    text: Promise | str
    kind: TouchKind
    days_before: int


JOURNEY: Final = (
    Sample(lazy("Ada"), lazy("a click on her review"), TouchKind.CLICK, 20),
    Sample(lazy("Ben"), lazy("a click in his newsletter"), TouchKind.CLICK, 6),
    Sample(lazy("Cleo"), lazy("a click on her short film"), TouchKind.CLICK, 1),
)


@edits(Right.EDIT_PROGRAMS)
def program_attribution(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Edit who is credited, and what a percentage is of."""
    program = get_program(request, program_id)
    form = AttributionForm(request.POST or None, instance=copy(program))
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form, program=program):
            changes = form.cleaned_data
            update_program(program=program, changes=changes, by=request.actor, at=request.at)
            messages.success(
                request, _("Saved. It holds for conversions from now on; the others stay.")
            )
            return redirect("console:program-attribution", program.id)
    typed = program if form.errors else form.instance
    context = {"form": form, **_illustrated(program, typed, request.at)}
    status = 422 if form.errors else 200
    return show_tab(request, program, "program-attribution", context, status=status)


@reads
def attribution_example(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Show what the models make of the sample journey with the settings that are being typed."""
    program = get_program(request, program_id)
    form = AttributionForm(request.GET, instance=copy(program))
    for name in SETTINGS:
        form.fields[name].required = False
    form.full_clean()
    typed = copy(program)
    for name in SETTINGS:
        if form.cleaned_data.get(name):
            setattr(typed, name, form.cleaned_data[name])
    context = _illustrated(program, typed, request.at)
    return render(request, "console/programs/journey.html", context)


def _illustrated(program: Program, typed: Program, at: datetime) -> dict[str, Any]:
    """Return the journey and its shares under each model, by the function that decides."""
    touches = [
        Touch(
            kind=sample.kind,
            at=at - timedelta(days=sample.days_before),
            evidence=str(sample.name),
            owner=Owner(program.id, uuid4(), uuid4(), earning=True),
        )
        for sample in JOURNEY
    ]
    rows = [_row(program, typed, model, touches, at) for model in AttributionModel]
    return {
        "journey": [
            {"sample": sample, "refused": why}
            for sample, why in zip(JOURNEY, rows[0]["refused"], strict=True)
        ],
        "models": rows,
    }


def _row(
    program: Program, typed: Program, model: AttributionModel, touches: list[Touch], at: datetime
) -> dict[str, Any]:
    policy = Policy(
        program_id=program.id,
        window_days=typed.window_days,
        model=Model[model.name],
        half_life_days=typed.half_life_days,
        coupon_first=typed.code_priority == CodePriority.COUPON_FIRST,
    )
    outcome = attribute(touches, policy=policy, occurred_at=at)
    parts, begins = [], 0
    for item in outcome.touches:
        parts.append(
            {
                "name": item.touch.evidence,
                "share": share(item.share_ppm) if item.share_ppm else "–",
                "begins": begins / 10_000,
                "width": item.share_ppm / 10_000,
            }
        )
        begins += item.share_ppm
    return {
        "label": model.label,
        "current": model == typed.attribution_model,
        "parts": parts,
        "refused": [
            "" if item.verdict == "accepted" else str(VERDICTS[item.verdict])
            for item in outcome.touches
        ],
    }
