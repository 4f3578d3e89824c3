"""How a program hears of visitors and orders: snippet, call, postback, pixel, and what is kept."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from common.addresses import read_address
from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.forms.tracking import TrackingForm, tracking_initial
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.postback_words import (
    MASKED,
    fillings,
    pixel_tag,
    postback_addresses,
)
from interfaces.console.programs import get_program, show_tab
from interfaces.console.snippets import conversion_call, tracking_snippet
from merchants.rights import Right
from programs.models import PostbackProfile, Program
from programs.selectors import goals_of
from programs.services import HasConversions, rotate_postback_token, update_program
from tracking.destinations import address_of, fill_template, read_template
from tracking.selectors import signals_of

EXAMPLE_MACROS = {
    "via": "bob",
    "link": "bobs-blog",
    "source": "blog",
    "sub1": "spring",
    **dict.fromkeys(("affiliate_id", "enrollment_id", "program_id", "ext_click_id"), ""),
}
EXAMPLE_OWN = (("fl_click", "CLICK_ID"), ("via", "bob"))


@reads
def program_tracking(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Show what to paste where, and whether anything has arrived."""
    return _show(request, get_program(request, program_id))


@never_cache
@acts(Right.EDIT_PROGRAMS)
def postback_token_show(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Show the same with the postback token in its place, this once."""
    program = get_program(request, program_id)
    return _show(request, program, token=program.postback_token)


@acts(Right.EDIT_PROGRAMS)
def postback_token_rotate(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Replace the token: the old one is refused from now on."""
    program = get_program(request, program_id)
    rotate_postback_token(program=program, by=request.actor, at=request.at)
    messages.success(request, _("There is a new token. Postbacks with the old one are refused."))
    return redirect(f"{reverse('console:program-tracking', args=[program.id])}#postbacks")


def _show(request: ConsoleRequest, program: Program, *, token: str = "") -> HttpResponse:
    goal = _usual_goal(program)
    profile = _chosen_profile(request, program)
    here = reverse("console:program-tracking", args=[program.id])
    context = {
        "snippet": tracking_snippet(program),
        "call": conversion_call(program, goal=goal),
        "pixel": pixel_tag(program, goal=goal),
        "signals": signals_of(program, at=request.at),
        "profile": profile,
        "systems": [
            {
                "label": choice.label,
                "url": f"{here}?system={choice.value}#postbacks",
                "current": choice == profile,
            }
            for choice in PostbackProfile
        ],
        "addresses": postback_addresses(program, profile, goal=goal, token=token or MASKED),
        "fillings": fillings(profile),
        "token": token,
        "utm_example": _utm_example(program, program.utm_template),
    }
    return show_tab(request, program, "program-tracking", context)


def _usual_goal(program: Program) -> str:
    codes = [goal.code for goal in goals_of(program)]
    return "sale" if "sale" in codes or not codes else codes[0]


def _chosen_profile(request: ConsoleRequest, program: Program) -> PostbackProfile:
    asked = request.GET.get("system") or request.POST.get("system") or program.postback_profile
    return PostbackProfile(asked) if asked in PostbackProfile else PostbackProfile.NATIVE


def _utm_example(program: Program, template: str) -> str:
    """Return where a click would lead with this template, as the redirect puts it together."""
    landing = read_address(program.landing_url)
    if landing is None:
        return ""
    macros = {**EXAMPLE_MACROS, "program": program.slug, "click_id": "CLICK_ID"}
    added = fill_template(read_template(template.strip().lstrip("?&")), macros)
    own = [(name, quote(value)) for name, value in EXAMPLE_OWN]
    return address_of(landing, added=added, own=own)


@reads
def program_signals(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Say when a click and a conversion last arrived: what the tracking page asks again."""
    program = get_program(request, program_id)
    context = {"program": program, "signals": signals_of(program, at=request.at)}
    return render(request, "console/programs/signals.html", context)


# Changing it -------------------------------------------------------------------------------------


@edits(Right.EDIT_PROGRAMS)
def tracking_edit(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Change what is kept, what is added, and who may report."""
    program = get_program(request, program_id)
    initial = tracking_initial(program)
    example_url = reverse("console:tracking-example", args=[program.id])
    form = TrackingForm(request.POST or None, initial=initial, example_url=example_url)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form, program=program):
            try:
                update_program(
                    program=program, changes=form.cleaned_data, by=request.actor, at=request.at
                )
            except HasConversions:
                form.add_error("is_test", _("The program has conversions: it stays what it is."))
            else:
                messages.success(request, _("Saved. The redirect knows it within seconds."))
                return redirect("console:program-tracking", program.id)
    template = form["utm_template"].value() or ""
    context: dict[str, Any] = {
        "program": program,
        "form": form,
        "utm_example": _utm_example(program, template),
    }
    status = 422 if form.errors else 200
    return show_page(
        request, "console/programs/tracking_edit.html", context, nav="programs", status=status
    )


@reads
def tracking_example(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Show where a click would lead with the campaign parameters that are being typed."""
    program = get_program(request, program_id)
    example = _utm_example(program, request.GET.get("utm_template", ""))
    return render(request, "console/programs/utm_example.html", {"utm_example": example})
