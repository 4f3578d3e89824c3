"""Home: the figures of a period, what waits for somebody, who and what does best."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from affiliates.care.notes import open_tasks_of
from interfaces.console.access import MERCHANT_KEY, acts, reads
from interfaces.console.figures import chosen_period, currency_links, figures_context
from interfaces.console.pages import ConsoleRequest, show_page
from merchants.rights import Right
from programs.selectors import currencies_of
from reports.overview import Setup, Waiting, open_proposals, setup_of, waiting_of
from reports.selectors import Slice, top_affiliates, top_links

LISTED = 5  # Of tasks and of proposals.


@reads
def home(request: ConsoleRequest) -> HttpResponse:
    """Show the dashboard; a merchant without a program starts with the set-up instead."""
    setup = setup_of(request.merchant.id)
    if setup.program is None:
        if request.member.may(Right.EDIT_PROGRAMS):
            return redirect("console:setup-program")
        return show_page(request, "console/home_empty.html", nav="home")
    currencies = currencies_of(request.merchant.id)
    currency = request.GET.get("currency", "")
    currency = currency if currency in currencies else _main_currency(request, currencies)
    period = chosen_period(request)
    whose = Slice(request.merchant.id, currency)
    context = {
        **figures_context(request, whose, period),
        "currencies": currency_links(request, currencies, currency),
        "needs": needs_list(waiting_of(request.merchant.id, at=request.at)),
        "tasks": open_tasks_of(request.member)[:LISTED],
        "proposals": open_proposals(request.merchant.id, at=request.at).select_related(
            "program", "affiliate"
        )[:LISTED],
        "today": request.at.date(),
        "checklist": [] if setup.is_done else checklist(setup),
        "top_affiliates": top_affiliates(whose, period),
        "top_links": top_links(whose, period),
        "currency": currency,
    }
    return show_page(request, "console/home.html", context, nav="home")


def _main_currency(request: ConsoleRequest, currencies: list[str]) -> str:
    own = request.merchant.currency
    return own if own in currencies else currencies[0]


def needs_list(waiting: Waiting) -> list[dict[str, Any]]:
    """Return what waits for a decision, each with the list to decide in."""
    rows = [
        (_("Applications to review"), waiting.applications, "applications", ""),
        (_("Codes asked for"), waiting.coupon_requests, "coupon-requests", ""),
        (_("Co-branded pages to look at"), waiting.cobrand_pieces, "cobrand-waiting", ""),
        (_("Claims to answer"), waiting.claims, "claims", "?show=OPEN"),
        (_("Commissions held"), waiting.commissions_held, "commissions", "?show=HELD"),
        (_("Commissions to review"), waiting.commissions_to_review, "commissions", "?show=review"),
        (_("Batches to approve"), waiting.batches_to_approve, "payouts", "?status=DRAFT"),
        (_("Calls to decide on"), waiting.calls_to_decide, "payout-calls", ""),
        (_("Payouts to mark paid"), waiting.payouts_to_mark, "payouts", "?status=SENT"),
    ]
    return [
        {"label": label, "count": count, "url": reverse(f"console:{page}") + query}
        for label, count, page, query in rows
        if count
    ]


def checklist(setup: Setup) -> list[dict[str, Any]]:
    """Return the steps of setting up; the first that is not done is the one to do now."""
    assert setup.program is not None
    here = {"program_id": setup.program.id}
    tabs = {
        name: reverse(f"console:{name}", kwargs=here)
        for name in ("program", "program-rates", "program-tracking", "program-page")
    }
    steps: list[dict[str, Any]] = [
        {"title": _("Create a program"), "done": True},
        {
            "title": _("Say what you pay"),
            "text": _("A share of each sale or a fixed amount."),
            "done": setup.has_rate,
            "url": tabs["program-rates"],
            "label": _("Set a rate"),
        },
        {
            "title": _("Open the program"),
            "text": _("Only an active program takes affiliates and credits clicks."),
            "done": setup.is_active,
            "url": tabs["program"],
            "label": _("Open it"),
        },
        {
            "title": _("Get your first affiliate"),
            "text": _("Share the program's page or invite somebody by e-mail."),
            "done": setup.has_affiliate,
            "url": reverse("console:affiliate-invite"),
            "label": _("Invite"),
        },
        {
            "title": _("See a first click"),
            "text": _("Put the snippet on your site, then follow an affiliate's link."),
            "done": setup.has_click,
            "url": tabs["program-tracking"],
            "label": _("Get the snippet"),
        },
        {
            "title": _("Report a first conversion"),
            "text": _("Your shop calls the API when somebody buys."),
            "done": setup.has_conversion,
            "url": tabs["program-tracking"],
            "label": _("See the call"),
        },
        {
            "title": _("Invite a second member"),
            "text": _("Payouts need two people: one prepares, another approves."),
            "done": setup.has_second_member,
            "url": reverse("console:member-invite"),
            "label": _("Invite"),
        },
    ]
    current = next((step for step in steps if not step["done"]), None)
    return [{**step, "current": step is current} for step in steps]


@acts(None)
def switch(request: ConsoleRequest) -> HttpResponse:
    """Go to another merchant of the user; to all others a merchant is not there."""
    wanted = request.POST.get("merchant", "")
    if wanted not in {str(member.merchant_id) for member in request.memberships}:
        raise Http404
    request.session[MERCHANT_KEY] = wanted
    return redirect("console:home")
