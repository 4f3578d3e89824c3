"""Commissions: the list with its sums, and what is decided about many at once."""

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commissions.models import Commission, Status
from commissions.selectors import Total, commissions_of, totals_of
from commissions.services import ROUTES, move_commissions
from interfaces.console.access import acts, reads
from interfaces.console.filters import CommissionFilter
from interfaces.console.forms.conversions import DecisionForm
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.tables import CommissionTable
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


@dataclass(frozen=True, slots=True)
class Choice:
    """The commissions that were chosen, and those of them that the action can move."""

    chosen: int
    movable: QuerySet[Commission]
    totals: list[Total]

    @property
    def count(self) -> int:
        """How many would move."""
        return sum(total.count for total in self.totals)

    @property
    def seen(self) -> str:
        """What the person was shown, to compare with when they confirm."""
        return ";".join(f"{row.count} {row.amount_minor} {row.currency}" for row in self.totals)


@acts(Right.REVIEW_COMMISSIONS)
def commissions_decide(request: ConsoleRequest) -> HttpResponse:
    """Ask with numbers first, then move the chosen commissions.

    What the person confirms is what they saw: when the rows changed meanwhile, they are asked
    again.
    """
    action = request.POST.get("action", "")
    if action not in ACTIONS:
        raise Http404
    choice = _choice(request, ACTIONS[action])
    form = DecisionForm(request.POST if "confirmed" in request.POST else None)
    agreed = "confirmed" in request.POST and request.POST.get("seen") == choice.seen
    if not agreed or (action in NEED_REASON and not form.is_valid()):
        return _ask(request, action, choice, form)
    moved = move_commissions(
        merchant_id=request.merchant.id,
        ids=choice.movable.values_list("id", flat=True),
        to=ACTIONS[action],
        by=request.actor,
        at=request.at,
        reason=form.cleaned_data["reason"] if action in NEED_REASON else "",
    )
    messages.success(
        request,
        ngettext("%(count)s commission changed.", "%(count)s commissions changed.", moved)
        % {"count": moved},
    )
    return redirect(f"{reverse('console:commissions')}?{request.GET.urlencode()}")


def _choice(request: ConsoleRequest, to: Status) -> Choice:
    rows = commissions_of(request.merchant.id)
    if request.POST.get("all"):
        rows = _filters(request).rows
    else:
        rows = rows.filter(id__in=_ids(request.POST.getlist("selected")))
    movable = rows.filter(status__in=[origin for origin, goal in ROUTES if goal == to])
    return Choice(rows.count(), movable, totals_of(movable))


def _ids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError as error:
        raise Http404 from error


def _ask(request: ConsoleRequest, action: str, choice: Choice, form: forms.Form) -> HttpResponse:
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
        "skipped": choice.chosen - choice.count,
        "changed": changed,
        "form": form if action in NEED_REASON else None,
        "selected": [] if request.POST.get("all") else request.POST.getlist("selected"),
        "all": request.POST.get("all", ""),
        "back": f"{reverse('console:commissions')}?{request.GET.urlencode()}",
    }
    status = 409 if changed else 422 if form.errors else 200
    template = "console/commissions/decide.html"
    return show_page(request, template, context, nav="commissions", status=status)
