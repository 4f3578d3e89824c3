"""Links of all affiliates: the list, one of them, new ones, and the branches of a smart one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from affiliates.selectors import enrollments_of
from common.qr import CONTENT_TYPES, Kind, draw_qr
from interfaces.console.access import acts, edits, reads
from interfaces.console.audience import audience_words
from interfaces.console.filters import COUNTED
from interfaces.console.forms.links import LinkForm, LinkWordsForm, link_initial
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.link_lists import LinkFilter, LinkTable, link_standing
from interfaces.console.lists import records, show_table
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.snippets import link_url
from interfaces.console.tables import page_of
from merchants.rights import Right
from programs.selectors import programs_of
from reports.merchant_traffic import link_results, merchant_links
from reports.selectors import last_days
from tracking.models import Branch, Link, SmartRule
from tracking.selectors import branches_of
from tracking.services import archive_link, create_link, update_link

LIST_DAYS = 30


def link_tabs(current: str) -> list[dict[str, Any]]:
    """Return the tabs of everything that affiliates hand out, and of what came of it."""
    names = {
        "links": _("Links"),
        "coupons": _("Coupons"),
        "coupon-requests": _("Codes asked for"),
        "clicks": _("Clicks"),
        "missed-codes": _("Unknown codes"),
    }
    return [
        {"label": label, "url": reverse(f"console:{name}"), "current": name == current}
        for name, label in names.items()
    ]


@reads
def links(request: ConsoleRequest) -> HttpResponse:
    """List the links with what came through them in the last 30 days."""
    programs = programs_of(request.merchant.id)
    rows = merchant_links(request.merchant.id)
    filters = LinkFilter(
        request.GET,
        rows,
        programs=programs,
        at=request.at,
        enrollments=enrollments_of(request.merchant.id),
    )
    table = LinkTable(filters.rows)
    context = show_table(request, table, filters=filters)
    shown = records(table)
    period = last_days(LIST_DAYS, at=request.at)
    table.results = link_results(request.merchant.id, [row.id for row in shown], period)
    table.standings = {row.id: link_standing(row, request.at) for row in shown}
    context |= {"tabs": link_tabs("links"), "programs": programs}
    return show_page(request, "console/links/list.html", context, nav="links")


def get_link(request: ConsoleRequest, link_id: UUID) -> Link:
    """Return the merchant's link.

    :raises Http404: if the merchant has no such link.
    """
    found = merchant_links(request.merchant.id).filter(id=link_id).first()
    if found is None:
        raise Http404
    return found


@reads
def link(request: ConsoleRequest, link_id: UUID) -> HttpResponse:
    """Show one link: its address, what it brought, where it leads and whom."""
    found = get_link(request, link_id)
    period = last_days(LIST_DAYS, at=request.at)
    result = link_results(request.merchant.id, [found.id], period)[found.id]
    branches = branches_of(found)
    context = {
        "link": found,
        "address": link_url(found.code),
        "standing": link_standing(found, request.at),
        "result": result,
        "clicks_url": f"{reverse('console:clicks')}?link={found.id}&kind=HUMAN",
        "conversions_url": _conversions_url(found),
        "branches": [_branch_row(branch, branches) for branch in branches],
        "rules": _rules(found),
    }
    return show_page(request, "console/links/link.html", context, nav="links")


def _conversions_url(found: Link) -> str:
    list_url = reverse("console:conversions")
    return f"{list_url}?enrollment={found.enrollment_id}&show={COUNTED}"


def _rules(found: Link) -> list[dict[str, Any]]:
    help_texts = {
        SmartRule.MATCH: _(
            "Of the branches that fit a visitor, those of the smallest priority"
            " share the visits by weight."
        ),
        SmartRule.BEST: _(
            "Of those, the one with the highest score gets nine visits in ten;"
            " one in ten tries the others."
        ),
    }
    return [
        {
            "value": rule.value,
            "label": rule.label,
            "help": help_texts[rule],
            "current": rule == found.smart_rule,
        }
        for rule in SmartRule
    ]


def _branch_row(branch: Branch, branches: list[Branch]) -> dict[str, Any]:
    best = max((row.score for row in branches if row.priority == branch.priority), default=0)
    return {
        "branch": branch,
        "audience": audience_words(branch),
        "is_best": branch.score == best > 0,
        "score_max": max((row.score for row in branches), default=0) or 1,
        "url": page_of("link", "target_id")(branch),
    }


# Making and changing -----------------------------------------------------------------------------


@edits(Right.REVIEW_AFFILIATES)
def link_create(request: ConsoleRequest) -> HttpResponse:
    """Create a link for an affiliate."""
    asked = {"code": request.GET.get("code", ""), "affiliate": asked_affiliate(request)}
    form = LinkForm(request.POST or None, merchant_id=request.merchant.id, initial=asked)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        enrollment = facts.pop("affiliate")
        with refusal_shown(form, program=enrollment.program):
            made = create_link(enrollment=enrollment, **facts)
            messages.success(request, _("The link is ready. The affiliate sees it, too."))
            return redirect("console:link", made.id)
    context = {"form": form}
    status = 422 if form.errors else 200
    return show_page(request, "console/links/create.html", context, nav="links", status=status)


def asked_affiliate(request: ConsoleRequest) -> str:
    """Return the referral code of the enrollment that the address names, if it is one of ours."""
    try:
        wanted = UUID(request.GET.get("enrollment", ""))
    except ValueError:
        return ""
    found = enrollments_of(request.merchant.id).filter(id=wanted).first()
    return found.code if found else ""


@edits(Right.REVIEW_AFFILIATES)
def link_edit(request: ConsoleRequest, link_id: UUID) -> HttpResponse:
    """Change where a link leads, when it is open and how it is called."""
    found = get_link(request, link_id)
    form = LinkWordsForm(request.POST or None, initial=link_initial(found))
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form, program=found.program):
            update_link(link=found, **form.cleaned_data)
            messages.success(request, _("Saved. The redirect knows it within seconds."))
            return redirect("console:link", found.id)
    context = {"link": found, "form": form}
    status = 422 if form.errors else 200
    return show_page(request, "console/links/edit.html", context, nav="links", status=status)


@acts(Right.REVIEW_AFFILIATES)
def link_archive(request: ConsoleRequest, link_id: UUID) -> HttpResponse:
    """Stop crediting a link's clicks."""
    found = get_link(request, link_id)
    archive_link(link=found, at=request.at)
    messages.success(request, _("Archived. Visitors are still led on, but nothing is credited."))
    return redirect("console:link", found.id)


# The picture of it -------------------------------------------------------------------------------


@reads
def link_qr(request: ConsoleRequest, link_id: UUID) -> HttpResponse:
    """Serve the link's QR code as a drawing of any size."""
    return _qr(request, link_id, "svg")


@reads
def link_qr_png(request: ConsoleRequest, link_id: UUID) -> HttpResponse:
    """Serve the link's QR code as a picture to download."""
    return _qr(request, link_id, "png")


def _qr(request: ConsoleRequest, link_id: UUID, kind: Kind) -> HttpResponse:
    found = get_link(request, link_id)
    picture = draw_qr(link_url(found.code), kind)
    response = HttpResponse(picture, content_type=CONTENT_TYPES[kind])
    response.headers["Cache-Control"] = "private, max-age=86400"
    if kind == "png" or request.GET.get("download"):
        response.headers["Content-Disposition"] = f'attachment; filename="{found.code}.{kind}"'
    return response
