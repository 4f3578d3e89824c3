"""Goals and reviews of a partnership, as the merchant sets and holds them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.partnerships import GoalForm, ReviewForm
from interfaces.console.pages import ConsoleRequest
from interfaces.console.partnerships import desk_of, show
from interfaces.partnerships.desk import Desk, frame, shown, told
from interfaces.partnerships.forms import ItemForm, NotesForm, ReadingForm
from interfaces.partnerships.goals import get_goal, goal_context
from interfaces.partnerships.reviews import get_review, review_context, reviews_context
from merchants.rights import Right
from partnerships.goals import archive_goal, note_reading, set_goal
from partnerships.models import Review
from partnerships.plan import add_item
from partnerships.reviews import (
    cancel_review,
    default_agenda,
    freeze_review,
    hold_review,
    plan_review,
    write_notes,
)
from partnerships.services import write_comment


@edits(Right.WRITE_MESSAGES)
def partner_goal_create(request: ConsoleRequest, partnership_id: UUID) -> HttpResponse:
    """Set a goal."""
    desk = desk_of(request, partnership_id)
    currency = desk.partnership.enrollment.program.currency
    initial = {"starts_on": request.at.date()}
    form = GoalForm(request.POST or None, currency=currency, initial=initial)
    if form.is_valid():
        with shown(form):
            made = set_goal(
                partnership=desk.partnership, draft=form.draft, by=desk.by, at=request.at
            )
            messages.success(request, _("Both sides see it from now on."))
            return redirect(desk.url("partner-goal", made.id))
    context = frame(desk, "partnership") | {"form": form, "title": _("New goal")}
    return show(request, "form", context, status=422 if form.errors else 200)


@reads
def partner_goal(
    request: ConsoleRequest, partnership_id: UUID, shared_goal_id: UUID
) -> HttpResponse:
    """Show how far a goal is."""
    desk = desk_of(request, partnership_id)
    form = ReadingForm(initial={"day": request.at.date()})
    return show(request, "goal", goal_context(desk, get_goal(desk, shared_goal_id), form))


@acts(Right.WRITE_MESSAGES)
def partner_goal_note(
    request: ConsoleRequest, partnership_id: UUID, shared_goal_id: UUID
) -> HttpResponse:
    """Note how far a goal is that no report counts."""
    desk = desk_of(request, partnership_id)
    goal, form = get_goal(desk, shared_goal_id), ReadingForm(request.POST)
    if form.is_valid():
        with shown(form):
            note_reading(goal=goal, **form.cleaned_data, by=desk.by, at=request.at)
            return redirect(desk.url("partner-goal", goal.id))
    return show(request, "goal", goal_context(desk, goal, form), status=422)


@acts(Right.WRITE_MESSAGES)
def partner_goal_archive(
    request: ConsoleRequest, partnership_id: UUID, shared_goal_id: UUID
) -> HttpResponse:
    """Put a goal away."""
    desk = desk_of(request, partnership_id)
    with told(request):
        archive_goal(goal=get_goal(desk, shared_goal_id), by=desk.by, at=request.at)
        messages.success(request, _("Archived."))
    return redirect(desk.url("partnership"))


# Reviews -----------------------------------------------------------------------------------------


@reads
def partner_reviews(request: ConsoleRequest, partnership_id: UUID) -> HttpResponse:
    """List the reviews."""
    return show(request, "reviews", reviews_context(desk_of(request, partnership_id)))


@edits(Right.WRITE_MESSAGES)
def partner_review_plan(request: ConsoleRequest, partnership_id: UUID) -> HttpResponse:
    """Plan the next review, or move it to another day."""
    desk = desk_of(request, partnership_id)
    agenda = desk.partnership.agenda or default_agenda()
    initial = {"planned_on": request.at.date(), "agenda": agenda}
    form = ReviewForm(request.POST or None, initial=initial)
    if form.is_valid():
        with shown(form):
            review = plan_review(
                partnership=desk.partnership, **form.cleaned_data, by=request.actor, at=request.at
            )
            messages.success(request, _("Planned. Both sides are reminded a week before."))
            return redirect(desk.url("partner-review", review.id))
    context = frame(desk, "partner-reviews") | {"form": form, "title": _("Plan a review")}
    return show(request, "form", context, status=422 if form.errors else 200)


@reads
def partner_review(request: ConsoleRequest, partnership_id: UUID, review_id: UUID) -> HttpResponse:
    """Show a review."""
    desk = desk_of(request, partnership_id)
    review = get_review(desk, review_id)
    return show(request, "review", _context(desk, review))


def _context(
    desk: Desk, review: Review, *, notes: NotesForm | None = None, item: ItemForm | None = None
) -> dict[str, Any]:
    said = {"agenda": review.agenda, "notes": review.notes}
    return review_context(
        desk, review, notes or NotesForm(initial=said), item or ItemForm(desk=desk, review=review)
    )


@acts(Right.WRITE_MESSAGES)
def partner_review_notes(
    request: ConsoleRequest, partnership_id: UUID, review_id: UUID
) -> HttpResponse:
    """Keep agenda and notes."""
    desk = desk_of(request, partnership_id)
    review, form = get_review(desk, review_id), NotesForm(request.POST)
    if form.is_valid():
        with shown(form):
            write_notes(review=review, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect(desk.url("partner-review", review.id))
    return show(request, "review", _context(desk, review, notes=form), status=422)


@acts(Right.WRITE_MESSAGES)
def partner_review_action(
    request: ConsoleRequest, partnership_id: UUID, review_id: UUID
) -> HttpResponse:
    """Write down who does what after the review."""
    desk = desk_of(request, partnership_id)
    review = get_review(desk, review_id)
    form = ItemForm(request.POST, desk=desk, review=review)
    if form.is_valid():
        with shown(form):
            add_item(partnership=desk.partnership, draft=form.draft, by=desk.by, at=request.at)
            messages.success(request, _("Agreed. They are reminded before it is due."))
            return redirect(desk.url("partner-review", review.id))
    return show(request, "review", _context(desk, review, item=form), status=422)


@acts(Right.WRITE_MESSAGES)
def partner_review_comment(
    request: ConsoleRequest, partnership_id: UUID, review_id: UUID
) -> HttpResponse:
    """Say something about a review."""
    desk = desk_of(request, partnership_id)
    review, body = get_review(desk, review_id), request.POST.get("body", "")
    with told(request):
        write_comment(
            partnership=desk.partnership, about=review, body=body, by=desk.by, at=request.at
        )
    return redirect(desk.url("partner-review", review.id))


@acts(Right.WRITE_MESSAGES)
def partner_review_freeze(
    request: ConsoleRequest, partnership_id: UUID, review_id: UUID
) -> HttpResponse:
    """Take the snapshot now rather than on the day."""
    desk = desk_of(request, partnership_id)
    review = get_review(desk, review_id)
    with told(request):
        freeze_review(review=review, at=request.at)
        messages.success(request, _("The figures are frozen: both sides talk about the same ones."))
    return redirect(desk.url("partner-review", review.id))


@acts(Right.WRITE_MESSAGES)
def partner_review_hold(
    request: ConsoleRequest, partnership_id: UUID, review_id: UUID
) -> HttpResponse:
    """Say that a review was held; the next one is planned."""
    return _end(request, partnership_id, review_id, is_held=True)


@acts(Right.WRITE_MESSAGES)
def partner_review_cancel(
    request: ConsoleRequest, partnership_id: UUID, review_id: UUID
) -> HttpResponse:
    """Call a review off."""
    return _end(request, partnership_id, review_id, is_held=False)


def _end(
    request: ConsoleRequest, partnership_id: UUID, review_id: UUID, *, is_held: bool
) -> HttpResponse:
    desk = desk_of(request, partnership_id)
    review: Review = get_review(desk, review_id)
    with told(request):
        if is_held:
            hold_review(review=review, by=request.actor, at=request.at)
            messages.success(request, _("Held. The next review is planned."))
        else:
            cancel_review(review=review, by=request.actor, at=request.at)
            messages.success(request, _("Cancelled."))
    return redirect(desk.url("partner-review", review.id))
