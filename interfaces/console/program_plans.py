"""Targets of a program with how far they are, whom it is for, its directory entry, its log."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.pages import CustomersForm, ListingForm, NewsForm, TargetForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest
from interfaces.console.program_blocks import show_part
from interfaces.console.programs import get_program, show_tab
from interfaces.console.target_rows import target_rows
from merchants.rights import Right
from programs.models import Program
from programs.selectors import customers_of
from programs.services.changes import announce, changes_of
from programs.services.plans import (
    PROFILE_TEXTS,
    add_target,
    list_program,
    listing_of,
    remove_target,
    set_customers,
    targets_of_program,
    unlist_program,
)


@reads
def program_targets(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List the targets with how far each is, and how far it would be by now."""
    program = get_program(request, program_id)
    return show_tab(
        request, program, "program-targets", {"rows": target_rows(program, at=request.at)}
    )


@edits(Right.EDIT_PROGRAMS)
def target_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Set a target."""
    program = get_program(request, program_id)
    first = request.at.date().replace(day=1)
    form = TargetForm(request.POST or None, program=program, initial={"first_on": first})
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            add_target(program=program, **form.cleaned_data, by=request.actor, at=request.at)
            messages.success(request, _("Saved."))
            return redirect("console:program-targets", program.id)
    return show_part(
        request,
        program,
        form=form,
        title=_("New target"),
        back="program-targets",
        back_label=_("Targets"),
    )


@acts(Right.EDIT_PROGRAMS)
def target_remove(request: ConsoleRequest, program_id: UUID, target_id: UUID) -> HttpResponse:
    """Pursue a target no more."""
    program = get_program(request, program_id)
    target = next((row for row in targets_of_program(program) if row.id == target_id), None)
    if target is None:
        raise Http404
    remove_target(target=target, by=request.actor, at=request.at)
    messages.success(request, _("The target is gone."))
    return redirect("console:program-targets", program.id)


@reads
def program_customers(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Show whom affiliates should bring: a form for those who may edit it."""
    return _show_customers(request, get_program(request, program_id), None)


@acts(Right.EDIT_PROGRAMS)
def customers_edit(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Say whom affiliates should bring."""
    program = get_program(request, program_id)
    form = CustomersForm(request.POST)
    if form.is_valid():
        with refusal_shown(form):
            set_customers(
                program=program, changes=form.cleaned_data, by=request.actor, at=request.at
            )
            messages.success(request, _("Saved. Affiliates read it in their portal."))
            return redirect("console:program-customers", program.id)
    return _show_customers(request, program, form)


def _show_customers(
    request: ConsoleRequest, program: Program, form: CustomersForm | None
) -> HttpResponse:
    profile = customers_of(program)
    names = (*PROFILE_TEXTS, "countries")
    initial = {name: getattr(profile, name) for name in names} if profile else {}
    context = {"form": form or CustomersForm(initial=initial), "profile": profile}
    return show_tab(request, program, "program-customers", context, status=422 if form else 200)


@edits(Right.EDIT_PROGRAMS)
def program_listing(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Put the program into the directory, or take it out."""
    program = get_program(request, program_id)
    listing = listing_of(program)
    initial: dict[str, Any] = {"is_listed": listing is not None}
    if listing is not None:
        initial |= {"category": listing.category, "countries": listing.countries}
    form = ListingForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            _store_listing(request, program, form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:program-listing", program.id)
    context = {"form": form, "listing": listing}
    status = 422 if form.errors else 200
    return show_tab(request, program, "program-listing", context, status=status)


def _store_listing(request: ConsoleRequest, program: Program, said: dict[str, Any]) -> None:
    facts: dict[str, Any] = {"program": program, "by": request.actor, "at": request.at}
    if said["is_listed"]:
        list_program(category=said["category"], countries=said["countries"], **facts)
    else:
        unlist_program(**facts)


@reads
def program_changes(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List what affiliates were told of, newest first."""
    program = get_program(request, program_id)
    return show_tab(request, program, "program-changes", {"rows": changes_of(program)})


@edits(Right.EDIT_PROGRAMS)
def news_tell(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Tell affiliates something."""
    program = get_program(request, program_id)
    form = NewsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            announce(program=program, **form.cleaned_data, by=request.actor, at=request.at)
            messages.success(request, _("It stands in the change log."))
            return redirect("console:program-changes", program.id)
    label = _("Change log")
    title = _("Tell affiliates something")
    return show_part(
        request, program, form=form, title=title, back="program-changes", back_label=label
    )
