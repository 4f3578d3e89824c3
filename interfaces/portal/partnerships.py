"""Partnerships: what the affiliate and a merchant want to reach together, and do for it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from affiliates.models import ACTING
from interfaces.partnerships.desk import Desk, shown, told
from interfaces.partnerships.forms import CommentForm, ItemForm, NotesForm, ReadingForm
from interfaces.partnerships.goals import get_goal, goal_context
from interfaces.partnerships.pages import (
    get_item,
    item_context,
    overview_context,
    plan_context,
)
from interfaces.partnerships.reviews import get_review, review_context, reviews_context
from interfaces.partnerships.sheets import sheet_context, sheet_form, sheet_kind
from interfaces.portal.door import Visit, affiliate_page
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from messaging.services import as_affiliate
from partnerships.goals import note_reading
from partnerships.models import Item, ItemStatus, Review, SheetKind
from partnerships.plan import add_item, move_item
from partnerships.reviews import write_notes
from partnerships.selectors import next_review, partnerships_of_affiliate, standings_of
from partnerships.services import fill_sheet, write_comment


@require_safe
@affiliate_page
def partnerships(visit: Visit) -> HttpResponse:
    """List the partnerships with what is due in each."""
    rows = list(partnerships_of_affiliate(visit.affiliate.id))
    standings = standings_of(rows, on=visit.at.date())
    context = {
        "rows": [
            {"partnership": row, "standing": standings.get(row.id), "review": next_review(row)}
            for row in rows
        ],
        "today": visit.at.date(),
    }
    return visit.show("portal/partnerships.html", context, nav="partnerships")


def _desk(visit: Visit, partnership_id: UUID) -> Desk:
    found = partnerships_of_affiliate(visit.affiliate.id).filter(id=partnership_id).first()
    if found is None:
        raise Http404
    by = as_affiliate(visit.affiliate, acting_user(visit.user), visit.user)
    return Desk("portal", found, by, visit.at, visit.role in ACTING)


def _show(
    visit: Visit, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    context = {"base": "portal/partnership.html", **context}
    return visit.show(f"partnerships/{template}.html", context, nav="partnerships", status=status)


@require_safe
@affiliate_page
def partnership(visit: Visit, partnership_id: UUID) -> HttpResponse:
    """Show where a partnership stands."""
    return _show(visit, "overview", overview_context(_desk(visit, partnership_id)))


@require_safe
@affiliate_page
def partner_plan(visit: Visit, partnership_id: UUID) -> HttpResponse:
    """Show everything that is to be done."""
    desk = _desk(visit, partnership_id)
    return _show(visit, "plan", plan_context(desk, ItemForm(desk=desk)))


@require_POST
@affiliate_page
def partner_item_add(visit: Visit, partnership_id: UUID) -> HttpResponse:
    """Write down something to be done."""
    desk = _desk(visit, partnership_id)
    form = ItemForm(visit.request.POST, desk=desk)
    if form.is_valid() and _added(desk, form):
        messages.success(visit.request, _("It is in the plan."))
        return redirect(desk.url("partner-plan"))
    return _show(visit, "plan", plan_context(desk, form), status=422)


def _added(desk: Desk, form: ItemForm) -> bool:
    """Store what a form says is to be done; return whether it was."""
    with shown(form), merchant_context(desk.partnership.merchant_id):
        add_item(partnership=desk.partnership, draft=form.draft, by=desk.by, at=desk.at)
    return not form.errors


@require_safe
@affiliate_page
def partner_item(visit: Visit, partnership_id: UUID, item_id: UUID) -> HttpResponse:
    """Show an item with its history."""
    desk = _desk(visit, partnership_id)
    return _show(visit, "item", item_context(desk, get_item(desk, item_id), CommentForm()))


@require_POST
@affiliate_page
def partner_item_move(visit: Visit, partnership_id: UUID, item_id: UUID) -> HttpResponse:
    """Say what became of an item."""
    desk = _desk(visit, partnership_id)
    item, to = get_item(desk, item_id), visit.request.POST.get("to", "")
    if to in ItemStatus.values:
        note = visit.request.POST.get("note", "")
        with told(visit.request), merchant_context(desk.partnership.merchant_id):
            move_item(item=item, to=ItemStatus(to), note=note, by=desk.by, at=visit.at)
            messages.success(visit.request, _("Saved."))
    return redirect(desk.url("partner-item", item.id))


@require_POST
@affiliate_page
def partner_item_comment(visit: Visit, partnership_id: UUID, item_id: UUID) -> HttpResponse:
    """Say something about an item."""
    desk = _desk(visit, partnership_id)
    item = get_item(desk, item_id)
    _comment(visit, desk, item)
    return redirect(desk.url("partner-item", item.id))


def _comment(visit: Visit, desk: Desk, about: Item | Review | SheetKind) -> None:
    body = visit.request.POST.get("body", "")
    with told(visit.request), merchant_context(desk.partnership.merchant_id):
        write_comment(partnership=desk.partnership, about=about, body=body, by=desk.by, at=visit.at)


@require_safe
@affiliate_page
def partner_goal(visit: Visit, partnership_id: UUID, shared_goal_id: UUID) -> HttpResponse:
    """Show how far a goal is."""
    desk = _desk(visit, partnership_id)
    form = ReadingForm(initial={"day": visit.at.date()})
    return _show(visit, "goal", goal_context(desk, get_goal(desk, shared_goal_id), form))


@require_POST
@affiliate_page
def partner_goal_note(visit: Visit, partnership_id: UUID, shared_goal_id: UUID) -> HttpResponse:
    """Note how far a goal is that no report counts."""
    desk = _desk(visit, partnership_id)
    goal, form = get_goal(desk, shared_goal_id), ReadingForm(visit.request.POST)
    if form.is_valid():
        with shown(form), merchant_context(desk.partnership.merchant_id):
            note_reading(goal=goal, **form.cleaned_data, by=desk.by, at=visit.at)
        if not form.errors:
            return redirect(desk.url("partner-goal", goal.id))
    return _show(visit, "goal", goal_context(desk, goal, form), status=422)


@require_safe
@affiliate_page
def partner_reviews(visit: Visit, partnership_id: UUID) -> HttpResponse:
    """List the reviews."""
    return _show(visit, "reviews", reviews_context(_desk(visit, partnership_id)))


@require_safe
@affiliate_page
def partner_review(visit: Visit, partnership_id: UUID, review_id: UUID) -> HttpResponse:
    """Show a review."""
    desk = _desk(visit, partnership_id)
    return _show(visit, "review", _review(desk, get_review(desk, review_id)))


def _review(
    desk: Desk, review: Review, *, notes: NotesForm | None = None, item: ItemForm | None = None
) -> dict[str, Any]:
    said = {"agenda": review.agenda, "notes": review.notes}
    return review_context(
        desk, review, notes or NotesForm(initial=said), item or ItemForm(desk=desk, review=review)
    )


@require_POST
@affiliate_page
def partner_review_notes(visit: Visit, partnership_id: UUID, review_id: UUID) -> HttpResponse:
    """Keep agenda and notes."""
    desk = _desk(visit, partnership_id)
    review, form = get_review(desk, review_id), NotesForm(visit.request.POST)
    if form.is_valid():
        with shown(form), merchant_context(desk.partnership.merchant_id):
            write_notes(review=review, **form.cleaned_data)
        if not form.errors:
            messages.success(visit.request, _("Saved."))
            return redirect(desk.url("partner-review", review.id))
    return _show(visit, "review", _review(desk, review, notes=form), status=422)


@require_POST
@affiliate_page
def partner_review_action(visit: Visit, partnership_id: UUID, review_id: UUID) -> HttpResponse:
    """Write down who does what after the review."""
    desk = _desk(visit, partnership_id)
    review = get_review(desk, review_id)
    form = ItemForm(visit.request.POST, desk=desk, review=review)
    if form.is_valid() and _added(desk, form):
        messages.success(visit.request, _("Agreed. They are reminded before it is due."))
        return redirect(desk.url("partner-review", review.id))
    return _show(visit, "review", _review(desk, review, item=form), status=422)


@require_POST
@affiliate_page
def partner_review_comment(visit: Visit, partnership_id: UUID, review_id: UUID) -> HttpResponse:
    """Say something about a review."""
    desk = _desk(visit, partnership_id)
    review = get_review(desk, review_id)
    _comment(visit, desk, review)
    return redirect(desk.url("partner-review", review.id))


@require_safe
@affiliate_page
def partner_sheet(visit: Visit, partnership_id: UUID, sheet: str) -> HttpResponse:
    """Show a sheet, beside an earlier quarter if one is asked for."""
    desk, kind = _desk(visit, partnership_id), sheet_kind(sheet)
    against = visit.request.GET.get("against", "")
    return _show(visit, "sheet", sheet_context(desk, kind, sheet_form(desk, kind), against))


@require_POST
@affiliate_page
def partner_sheet_fill(visit: Visit, partnership_id: UUID, sheet: str) -> HttpResponse:
    """Keep a new version of a sheet."""
    desk, kind = _desk(visit, partnership_id), sheet_kind(sheet)
    form = sheet_form(desk, kind, visit.request.POST)
    if form.is_valid():
        with shown(form), merchant_context(desk.partnership.merchant_id):
            fill_sheet(
                partnership=desk.partnership,
                kind=kind,
                answers=form.cleaned_data,
                by=desk.by,
                at=visit.at,
            )
        if not form.errors:
            messages.success(visit.request, _("Saved. Earlier versions are kept."))
            return redirect(desk.url("partner-sheet", sheet))
    return _show(visit, "sheet", sheet_context(desk, kind, form, ""), status=422)


@require_POST
@affiliate_page
def partner_sheet_comment(visit: Visit, partnership_id: UUID, sheet: str) -> HttpResponse:
    """Say something about a sheet."""
    desk, kind = _desk(visit, partnership_id), sheet_kind(sheet)
    _comment(visit, desk, kind)
    return redirect(desk.url("partner-sheet", sheet))
