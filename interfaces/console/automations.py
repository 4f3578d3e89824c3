"""Automations of a program: written, tried without doing anything, switched on, and their log."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from affiliates.care.selectors import tags_of
from automations.catalogue import words_of
from automations.models import ActionKind, Automation, AutomationStatus, Trigger
from automations.selectors import automations_of, runs_of
from automations.services import (
    edit_automation,
    move_automation,
    would_take,
    write_automation,
)
from common.refusals import BadValue
from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.automations import AutomationForm
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.program_blocks import show_part
from interfaces.console.programs import get_program, show_tab
from merchants.rights import Right
from programs.models import Program
from programs.selectors import tiers_of

SHOWN = 20  # Of those it would take, by name.
RUNS_SHOWN = 50


@reads
def program_automations(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List what is done by itself."""
    program = get_program(request, program_id)
    names = _tier_names(program)
    context = {
        "rows": [_told(row, names) for row in automations_of(program)],
        "triggers": Trigger,
        "actions": ActionKind,
    }
    return show_tab(request, program, "program-automations", context)


def _tier_names(program: Program) -> dict[str, str]:
    return {str(row.id): row.name for row in tiers_of(program)}


def _told(automation: Automation, names: dict[str, str]) -> dict[str, Any]:
    when, then = words_of(automation, names)
    tones = {"ACTIVE": "good", "PAUSED": "wait"}
    tone = tones.get(automation.status, "")
    return {"automation": automation, "when": when, "then": then, "tone": tone}


def _get(request: ConsoleRequest, program: Program, automation_id: UUID) -> Automation:
    rows = Automation.objects.filter(merchant_id=request.merchant.id, program=program)
    named = rows.select_related("program", "tier", "tag", "member__user")
    found = named.filter(id=automation_id).first()
    if found is None:
        raise Http404
    return found


@reads
def automation(request: ConsoleRequest, program_id: UUID, automation_id: UUID) -> HttpResponse:
    """Show one with whom it would take now, and what it did."""
    program = get_program(request, program_id)
    found = _get(request, program, automation_id)
    taken = would_take(found, at=request.at)
    context = {
        "program": program,
        **_told(found, _tier_names(program)),
        "count": taken.count(),
        "taken": taken.select_related("affiliate")[:SHOWN],
        "runs": runs_of(found)[:RUNS_SHOWN],
        "is_over": found.status == AutomationStatus.ARCHIVED,
    }
    return show_page(request, "console/automations/detail.html", context, nav="programs")


@edits(Right.EDIT_PROGRAMS)
def automation_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Write an automation of the trigger and the action that the address names."""
    program = get_program(request, program_id)
    trigger = request.GET.get("trigger", Trigger.NO_CLICK.value)
    action = request.GET.get("action", ActionKind.MESSAGE.value)
    if trigger not in Trigger.values or action not in ActionKind.values:
        raise Http404
    return _edit(request, program, Trigger(trigger), ActionKind(action), None)


@edits(Right.EDIT_PROGRAMS)
def automation_edit(request: ConsoleRequest, program_id: UUID, automation_id: UUID) -> HttpResponse:
    """Change an automation."""
    program = get_program(request, program_id)
    found = _get(request, program, automation_id)
    return _edit(request, program, Trigger(found.trigger), ActionKind(found.action), found)


def _edit(
    request: ConsoleRequest,
    program: Program,
    trigger: Trigger,
    action: ActionKind,
    found: Automation | None,
) -> HttpResponse:
    form = AutomationForm(
        request.POST or None,
        trigger=trigger,
        action=action,
        tiers=tiers_of(program),
        tags=tags_of(request.merchant.id),
        automation=found,
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = _save(request, program, form, found)
        except BadValue as error:
            form.refuse(error.field, str(error))
        else:
            return redirect("console:automation", program.id, made.id)
    said = {"trigger": trigger.label, "action": action.label}
    return show_part(
        request,
        program,
        form=form,
        title=_("%(trigger)s: %(action)s") % said,
        back="program-automations",
        back_label=_("Automations"),
    )


def _save(
    request: ConsoleRequest, program: Program, form: AutomationForm, found: Automation | None
) -> Automation:
    facts: dict[str, Any] = {"draft": form.draft, "by": request.actor, "at": request.at}
    if found is not None:
        messages.success(request, _("Saved."))
        return edit_automation(automation=found, **facts)
    made = write_automation(program=program, member=request.member, **facts)
    messages.success(request, _("Written, and paused. Look at whom it would take."))
    return made


@acts(Right.EDIT_PROGRAMS)
def automation_move(request: ConsoleRequest, program_id: UUID, automation_id: UUID) -> HttpResponse:
    """Switch it on, pause it, or put it away."""
    program = get_program(request, program_id)
    found, to = _get(request, program, automation_id), request.POST.get("to", "")
    if to not in AutomationStatus.values:
        raise Http404
    with refusal_told(request):
        move_automation(automation=found, to=AutomationStatus(to), by=request.actor, at=request.at)
        messages.success(request, _("Saved."))
    return redirect("console:automation", program.id, found.id)
