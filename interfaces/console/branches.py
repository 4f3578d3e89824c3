"""The branches of a smart link: through which of the affiliate's links it sends whom."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from interfaces.console.access import acts, edits
from interfaces.console.forms.links import BranchForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.forms.targeting import initial_of
from interfaces.console.links import get_link
from interfaces.console.pages import ConsoleRequest, show_page
from merchants.rights import Right
from programs.selectors import targeting_of
from reports.merchant_traffic import merchant_links
from tracking.models import Branch, Link, SmartRule
from tracking.selectors import branches_of
from tracking.services import BranchDraft, set_branches

TARGETS_MAX = 500


@edits(Right.REVIEW_AFFILIATES)
def branch_create(request: ConsoleRequest, link_id: UUID) -> HttpResponse:
    """Add a branch; the first one makes the link smart."""
    found = get_link(request, link_id)
    form = BranchForm(request.POST or None, targets=_targets(request, found))
    if request.method == "POST" and form.is_valid():
        drafts = [_draft(branch) for branch in branches_of(found)]
        saved = _save(request, found, form, [*drafts, BranchDraft(form.chosen, form.targeting)])
        if saved:
            return redirect("console:link", found.id)
    return _show(request, found, form, _("New branch"))


@edits(Right.REVIEW_AFFILIATES)
def branch_edit(request: ConsoleRequest, link_id: UUID, branch_id: UUID) -> HttpResponse:
    """Change whom a branch is for and through which link it leads."""
    found = get_link(request, link_id)
    branches = branches_of(found)
    index = _index(branches, branch_id)
    branch = branches[index]
    initial = {"target": str(branch.target_id), **initial_of(branch)}
    targets = [row for row in _targets(request, found) if row.id != branch.target_id]
    form = BranchForm(request.POST or None, targets=[branch.target, *targets], initial=initial)
    if request.method == "POST" and form.is_valid():
        drafts = [_draft(row) for row in branches]
        drafts[index] = BranchDraft(form.chosen, form.targeting)
        if _save(request, found, form, drafts):
            return redirect("console:link", found.id)
    return _show(request, found, form, str(branch.target), branch=branch)


@acts(Right.REVIEW_AFFILIATES)
def branch_remove(request: ConsoleRequest, link_id: UUID, branch_id: UUID) -> HttpResponse:
    """Take a branch away; without any the link is an ordinary one again."""
    found = get_link(request, link_id)
    branches = branches_of(found)
    del branches[_index(branches, branch_id)]
    set_branches(
        link=found,
        rule=found.smart_rule if branches else "",
        branches=[_draft(branch) for branch in branches],
        by=request.actor,
        at=request.at,
    )
    messages.success(request, _("Saved."))
    return redirect("console:link", found.id)


@acts(Right.REVIEW_AFFILIATES)
def link_rule(request: ConsoleRequest, link_id: UUID) -> HttpResponse:
    """Choose how the link picks among its branches."""
    found = get_link(request, link_id)
    rule = request.POST.get("rule", "")
    branches = branches_of(found)
    if rule not in SmartRule or not branches:
        raise Http404
    drafts = [_draft(branch) for branch in branches]
    set_branches(link=found, rule=rule, branches=drafts, by=request.actor, at=request.at)
    messages.success(request, _("Saved."))
    return redirect("console:link", found.id)


def _targets(request: ConsoleRequest, found: Link) -> list[Link]:
    """Return the affiliate's other links that a branch may lead through."""
    own = merchant_links(request.merchant.id).filter(
        affiliate_id=found.affiliate_id, archived_at=None, smart_rule=""
    )
    return list(own.exclude(id=found.id)[:TARGETS_MAX])


def _index(branches: list[Branch], branch_id: UUID) -> int:
    ids = [branch.id for branch in branches]
    if branch_id not in ids:
        raise Http404
    return ids.index(branch_id)


def _draft(branch: Branch) -> BranchDraft:
    return BranchDraft(branch.target, targeting_of(branch))


def _save(
    request: ConsoleRequest, found: Link, form: BranchForm, drafts: list[BranchDraft]
) -> bool:
    rule = found.smart_rule or SmartRule.MATCH
    with refusal_shown(form, program=found.program):
        set_branches(link=found, rule=rule, branches=drafts, by=request.actor, at=request.at)
        messages.success(request, _("Saved. The redirect knows it within seconds."))
        return True
    return False


def _show(
    request: ConsoleRequest,
    found: Link,
    form: BranchForm,
    title: str,
    *,
    branch: Branch | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"link": found, "form": form, "title": title, "branch": branch}
    status = 422 if form.errors else 200
    return show_page(request, "console/links/branch.html", context, nav="links", status=status)
