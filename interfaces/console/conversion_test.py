"""“Send a test conversion”: what would happen step by step, and then really, as a test."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from commissions.preview_conversion import preview_conversion
from common.ids import id_at, new_code
from interfaces.console.access import edits, reads
from interfaces.console.conversion import get_conversion
from interfaces.console.forms.conversion_test import ConversionTestForm, PostbackTestForm
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.preview_words import Step, steps_of_call, steps_of_preview
from interfaces.console.programs import get_program
from interfaces.console.story import story_of
from merchants.rights import Right
from programs.models import PostbackProfile, Program
from programs.selectors import goals_of
from tracking.intake import Tried, Unreadable, send_tried, try_postback
from tracking.intake.facts import conversion_report
from tracking.intake.log import MASK
from tracking.models import Link, Source
from tracking.postbacks import BY_PROFILE, Refused
from tracking.selectors import credits_of, links_of_program
from tracking.services import (
    ConversionReport,
    CurrencyMismatch,
    CustomerReport,
    GoalHasSteps,
    UnknownGoal,
    record_conversion,
)
from tracking.token import make_token

LINKS_SHOWN = 200
USUAL_MINOR = 10_000


@edits(Right.REVIEW_CONVERSIONS)
def conversion_test(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Say what would become of a conversion; send it as a test if that is asked."""
    program = get_program(request, program_id)
    if request.GET.get("by") == "address":
        return _by_address(request, program)
    return _by_hand(request, program)


def _by_hand(request: ConsoleRequest, program: Program) -> HttpResponse:
    links = list(links_of_program(program)[:LINKS_SHOWN])
    form = ConversionTestForm(
        request.POST or None,
        program=program,
        goals=goals_of(program),
        links=links,
        initial={
            "goal": "sale",
            "external_id": f"test-{new_code()}",
            "amount": USUAL_MINOR,
            "link": request.GET.get("link") or (links[0].id if links else ""),
        },
    )
    if not (request.method == "POST" and form.is_valid()):
        return _show(request, program, form, [])
    report = _report(form, program, request)
    if "send" in request.POST:
        return _send(request, program, report)
    return _show(request, program, form, _previewed(program, report, request))


def _report(
    form: ConversionTestForm, program: Program, request: ConsoleRequest
) -> ConversionReport:
    facts = form.cleaned_data
    link, click_token = facts["link"], facts["click_id"]
    if link is not None and not click_token:
        click_token = _click(link, request)
    return ConversionReport(
        goal=facts["goal"],
        external_id=facts["external_id"],
        amount_minor=facts["amount"],
        currency=program.currency,
        occurred_at=request.at,
        click_token=click_token,
        coupon_code=facts["coupon"],
        referral_code=facts["referral"],
        customer=CustomerReport(facts["customer"]) if facts["customer"] else None,
    )


def _click(link: Link, request: ConsoleRequest) -> str:
    """Return the token of a click that is genuine, though nobody made it: nothing counts it."""
    return make_token(id_at(request.at), link.number, settings.CLICK_KEYS)


def _previewed(
    program: Program,
    report: ConversionReport,
    request: ConsoleRequest,
    source: Source = Source.API,
) -> list[Step]:
    found = preview_conversion(program=program, report=report, at=request.at, source=source)
    return steps_of_preview(found, program=program, report=report)


def _send(request: ConsoleRequest, program: Program, report: ConversionReport) -> HttpResponse:
    try:
        conversion, is_new = record_conversion(
            program=program,
            report=report,
            by=request.actor,
            at=request.at,
            is_test=True,
            source=Source.API,
        )
    except (UnknownGoal, GoalHasSteps, CurrencyMismatch):
        messages.error(request, _("Nothing was sent: the first step that fails says why."))
        return _go(request, request.get_full_path())
    if not is_new:
        messages.warning(request, _("A test with this order id was sent before; here it is."))
    return _go(request, reverse("console:conversion-arriving", args=[program.id, conversion.id]))


# As an address ------------------------------------------------------------------------------------


def _by_address(request: ConsoleRequest, program: Program) -> HttpResponse:
    initial = {"address": "" if request.POST else _example(request, program)}
    form = PostbackTestForm(request.POST or None, initial=initial)
    if not (request.method == "POST" and form.is_valid()):
        return _show(request, program, form, [])
    try:
        tried = try_postback(program=program, address=form.cleaned_data["address"], at=request.at)
    except Unreadable:
        form.add_error(
            "address", _("Paste an address with parameters, as in …/postback?click_id=…&amount=…")
        )
        return _show(request, program, form, [])
    if "send" in request.POST and tried.report is not None:
        return _send_tried(request, program, tried)
    steps = steps_of_call(tried)
    if tried.report is not None and tried.is_of_an_order:
        steps += _previewed(program, conversion_report(tried.report), request, Source.POSTBACK)
    return _show(request, program, form, steps, tried=tried)


def _send_tried(request: ConsoleRequest, program: Program, tried: Tried) -> HttpResponse:
    try:
        taken = send_tried(program=program, tried=tried, at=request.at)
    except Refused as refusal:
        messages.error(request, _("Nothing was stored: %(why)s") % {"why": refusal.message})
        return _go(request, request.get_full_path())
    if taken.conversion_id:
        arriving = reverse("console:conversion-arriving", args=[program.id, taken.conversion_id])
        return _go(request, arriving)
    messages.success(request, _("Stored as a test. Here is its row in the log."))
    return _go(request, reverse("console:intake-calls"))


# Showing ------------------------------------------------------------------------------------------


def _show(
    request: ConsoleRequest,
    program: Program,
    form: ConversionTestForm | PostbackTestForm,
    steps: Sequence[Step],
    *,
    tried: Tried | None = None,
) -> HttpResponse:
    here = reverse("console:conversion-test", args=[program.id])
    by_address = isinstance(form, PostbackTestForm)
    context: dict[str, Any] = {
        "program": program,
        "form": form,
        "by_address": by_address,
        "steps": steps,
        "tried": tried,
        "may_send": bool(steps) and (tried is None or tried.report is not None),
        "ways": [
            {"label": _("Fill in a form"), "url": here, "current": not by_address},
            {"label": _("Paste a postback"), "url": f"{here}?by=address", "current": by_address},
        ],
    }
    status = 422 if form.errors else 200
    template = "console/tests/conversion.html"
    return show_page(request, template, context, nav="conversions", status=status)


def _example(request: ConsoleRequest, program: Program) -> str:
    """Return a postback as the program's own format has it, with values that work."""
    vocabulary = BY_PROFILE[PostbackProfile(program.postback_profile)]
    link = links_of_program(program).first()
    values = {
        "click_id": _click(link, request) if link else "",
        "order_id": f"test-{new_code()}",
        "goal": "sale",
        "amount": "100.00",
        "currency": program.currency,
        "token": MASK,
    }
    query = vocabulary.example
    for name, value in values.items():
        query = query.replace(f"{{{name}}}", value)
    return f"{settings.EDGE_URL}{vocabulary.path}?{query}"


def _go(request: ConsoleRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


@reads
def conversion_arriving(
    request: ConsoleRequest, program_id: UUID, conversion_id: UUID
) -> HttpResponse:
    """Show a test on its way: received, looked at by attribution, done."""
    program = get_program(request, program_id)
    conversion = get_conversion(request, conversion_id)
    if conversion.program_id != program.id:
        raise Http404
    credits = credits_of(conversion)
    context = {
        "program": program,
        "conversion": conversion,
        "story": story_of(conversion, credits, []),
    }
    if request.htmx:
        return render(request, "console/tests/arrival.html", context)
    return show_page(request, "console/tests/arriving.html", context, nav="conversions")
