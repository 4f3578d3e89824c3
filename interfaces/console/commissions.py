"""Commissions: the list with its sums, and what is decided about many at once."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from affiliates.models import SavedList
from commissions.models import Commission, Status
from commissions.models.decisions import Decision, DecisionStatus
from commissions.selectors import commissions_of, totals_of
from commissions.services.decisions_by_filter import (
    AT_ONCE_MAX,
    DryRun,
    decide_lines,
    decision_of,
    preview_decision,
)
from interfaces.console.access import acts, reads
from interfaces.console.filters import CommissionFilter
from interfaces.console.forms.conversions import DecisionForm
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.saved_views import saved_views
from interfaces.console.tables import CommissionTable
from interfaces.console.wording import number
from merchants.rights import Right
from programs.selectors import programs_of

ACTIONS = {
    "approve": Status.APPROVED,
    "decline": Status.DECLINED,
    "hold": Status.HELD,
    "release": Status.PENDING,
}
NEED_REASON = ("decline", "hold")


def _filters(request: ConsoleRequest) -> CommissionFilter:
    rows = commissions_of(request.merchant.id)
    return CommissionFilter(request.GET, rows, programs=programs_of(request.merchant.id))


@reads
def commissions(request: ConsoleRequest) -> HttpResponse:
    """List what was earned and taken back, with the sums of everything that matches."""
    filters = _filters(request)
    table = CommissionTable(filters.rows)
    if not request.member.may(Right.REVIEW_COMMISSIONS):
        table.exclude = ("select",)
    context = show_table(request, table, filters=filters)
    totals = totals_of(filters.rows)
    context |= {
        **saved_views(request, SavedList.COMMISSIONS),
        "totals": totals,
        "count": sum(total.count for total in totals),
        "decide_url": f"{reverse('console:commissions-decide')}?{request.GET.urlencode()}",
        "actions": [
            {"label": _("Approve"), "value": "approve", "kind": "primary"},
            {"label": _("Hold"), "value": "hold"},
            {"label": _("Release"), "value": "release"},
            {"label": _("Decline"), "value": "decline", "kind": "danger"},
        ],
    }
    return show_page(request, "console/commissions/list.html", context, nav="commissions")


@acts(Right.REVIEW_COMMISSIONS)
def commissions_decide(request: ConsoleRequest) -> HttpResponse:
    """Ask with numbers first, then move the chosen commissions.

    What the person confirms is what they saw: when the rows changed meanwhile, they are asked
    again.
    """
    action = request.POST.get("action", "")
    if action not in ACTIONS:
        raise Http404
    dry_run = preview_decision(_chosen(request), to=ACTIONS[action])
    form = DecisionForm(request.POST if "confirmed" in request.POST else None)
    agreed = "confirmed" in request.POST and request.POST.get("seen") == dry_run.seen
    if not agreed or (action in NEED_REASON and not form.is_valid()):
        return _ask(request, action, dry_run, form)
    done = decide_lines(
        merchant_id=request.merchant.id,
        lines=dry_run.movable,
        to=ACTIONS[action],
        by=request.actor,
        at=request.at,
        reason=form.cleaned_data["reason"] if action in NEED_REASON else "",
    )
    if not isinstance(done, int):
        return redirect("console:decision", done.id)
    messages.success(
        request,
        ngettext("%(count)s commission changed.", "%(count)s commissions changed.", done)
        % {"count": done},
    )
    return redirect(f"{reverse('console:commissions')}?{request.GET.urlencode()}")


def _chosen(request: ConsoleRequest) -> QuerySet[Commission]:
    if request.POST.get("all"):
        return _filters(request).rows
    ids = _ids(request.POST.getlist("selected"))
    return commissions_of(request.merchant.id).filter(id__in=ids)


def _ids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError as error:
        raise Http404 from error


def _ask(request: ConsoleRequest, action: str, choice: DryRun, form: forms.Form) -> HttpResponse:
    changed = "confirmed" in request.POST and request.POST.get("seen") != choice.seen
    words = {
        "approve": (
            _("Approve"),
            _("They become payable at once, without waiting for the end of their hold."),
        ),
        "decline": (_("Decline"), _("They are not paid. This cannot be undone.")),
        "hold": (_("Hold"), _("They are not paid until somebody releases them.")),
        "release": (_("Release"), _("They wait for the end of their hold again.")),
    }
    label, consequence = words[action]
    context = {
        "action": action,
        "label": label,
        "consequence": consequence,
        "choice": choice,
        "skipped": choice.skipped,
        "is_long": choice.count > AT_ONCE_MAX,
        "changed": changed,
        "form": form if action in NEED_REASON else None,
        "selected": [] if request.POST.get("all") else request.POST.getlist("selected"),
        "all": request.POST.get("all", ""),
        "back": f"{reverse('console:commissions')}?{request.GET.urlencode()}",
    }
    status = 409 if changed else 422 if form.errors else 200
    template = "console/commissions/decide.html"
    return show_page(request, template, context, nav="commissions", status=status)


def _get_decision(request: ConsoleRequest, decision_id: UUID) -> Decision:
    found = decision_of(merchant_id=request.merchant.id, decision_id=decision_id)
    if found is None:
        raise Http404
    return found


@reads
def decision(request: ConsoleRequest, decision_id: UUID) -> HttpResponse:
    """Show how far a decision about many lines is."""
    context = _progress(_get_decision(request, decision_id))
    return show_page(request, "console/commissions/decision.html", context, nav="commissions")


@reads
def decision_progress(request: ConsoleRequest, decision_id: UUID) -> HttpResponse:
    """Say how far it is: what the page asks again until it is done."""
    context = _progress(_get_decision(request, decision_id))
    answer = render(request, "console/commissions/progress.html", context)
    if not context["is_moving"]:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _progress(found: Decision) -> dict[str, Any]:
    titles = {
        Status.APPROVED: _("Approving %(count)s commissions"),
        Status.DECLINED: _("Declining %(count)s commissions"),
        Status.HELD: _("Holding %(count)s commissions"),
        Status.PENDING: _("Releasing %(count)s commissions"),
    }
    return {
        "decision": found,
        "title": titles[Status(found.to)] % {"count": number(found.line_count)},
        "is_moving": found.status != DecisionStatus.DONE,
        "left": found.line_count - found.moved_count,
    }
