"""Accounts that look like one person's, and the merge of two: what it does is shown first."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliates.models import Enrollment
from commissions.services.merges import (
    Fate,
    Plan,
    PlanChanged,
    SameAffiliate,
    merge_affiliates,
    plan_merge,
)
from interfaces.console.access import edits, reads
from interfaces.console.affiliates import get_enrollment
from interfaces.console.forms.merges import MergeForm
from interfaces.console.pages import ConsoleRequest, show_page
from merchants.rights import Right
from reports.duplicates import Pair, Sign, find_duplicates

SIGNS = {
    Sign.PAYOUT: gettext_lazy("Same payout account"),
    Sign.EMAIL: gettext_lazy("Same mailbox"),
    Sign.PHONE: gettext_lazy("Same phone number"),
    Sign.WEBSITE: gettext_lazy("Same website"),
    Sign.NAME: gettext_lazy("Similar name"),
}
FATES = {
    Fate.MERGES: gettext_lazy("Merges into their enrollment there"),
    Fate.JOINS: gettext_lazy("They join it, in the same tier"),
    Fate.KEPT_IS_NOT_IN: gettext_lazy("Stays: the account you keep is not approved there"),
    Fate.IS_NOT_IN: gettext_lazy("Stays: this account is not in the program"),
}


@reads
def duplicates(request: ConsoleRequest) -> HttpResponse:
    """List the accounts that look alike, with why."""
    pairs = [_told(pair) for pair in find_duplicates(request.merchant.id)]
    return show_page(
        request, "console/affiliates/duplicates.html", {"pairs": pairs}, nav="affiliates"
    )


def _told(pair: Pair) -> dict[str, Any]:
    return {"older": pair.older, "newer": pair.newer, "signs": [SIGNS[sign] for sign in pair.signs]}


@edits(Right.REVIEW_AFFILIATES)
@reauthentication_required
def affiliate_merge(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Choose another account, show what merging it into this one does, then do it."""
    kept = get_enrollment(request, enrollment_id)
    form = MergeForm(
        request.GET if "affiliate" in request.GET else None, merchant_id=request.merchant.id
    )
    if not form.is_bound or not form.is_valid():
        return _choose(request, kept, form)
    left: Enrollment = form.cleaned_data["affiliate"]
    both = {"kept": kept.affiliate, "left": left.affiliate}
    try:
        if request.method == "POST":
            agreed = request.POST.get("agreed", "")
            plan = merge_affiliates(member=request.member, agreed=agreed, at=request.at, **both)
            messages.success(request, _("Merged: %(name)s.") % {"name": plan.kept.name})
            return redirect("console:affiliate", kept.id)
        plan = plan_merge(merchant_id=request.merchant.id, **both)
    except SameAffiliate:
        form.add_error("affiliate", _("This is the account you keep. Name the other one."))
        return _choose(request, kept, form)
    except PlanChanged:
        messages.warning(request, _("It changed meanwhile, so nothing was done. Look once more."))
        return redirect(f"{request.path}?{request.GET.urlencode()}")
    return _show_plan(request, kept, left, plan)


def _choose(request: ConsoleRequest, kept: Enrollment, form: MergeForm) -> HttpResponse:
    found = find_duplicates(request.merchant.id, affiliate_id=kept.affiliate_id)
    context = {"enrollment": kept, "form": form, "pairs": [_told(pair) for pair in found]}
    status = 422 if form.errors else 200
    template = "console/affiliates/merge_choose.html"
    return show_page(request, template, context, nav="affiliates", status=status)


def _show_plan(
    request: ConsoleRequest, kept: Enrollment, left: Enrollment, plan: Plan
) -> HttpResponse:
    context = {
        "enrollment": kept,
        "left": left,
        "plan": plan,
        "parts": [{"part": part, "fate": FATES[part.fate]} for part in plan.parts],
        "swap_url": f"{reverse('console:affiliate-merge', args=[left.id])}?affiliate={kept.code}",
    }
    return show_page(request, "console/affiliates/merge.html", context, nav="affiliates")
