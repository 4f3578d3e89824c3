"""Reviews as pages show them."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from interfaces.partnerships.desk import Desk, frame
from interfaces.partnerships.forms import CommentForm, ItemForm, NotesForm
from interfaces.partnerships.goals import amount_text
from interfaces.partnerships.pages import comments_told, item_told
from partnerships.models import (
    Review,
    ReviewStatus,
)
from partnerships.selectors import (
    items_of,
    reviews_of,
)

REVIEW_TONES = {
    ReviewStatus.PLANNED: "info",
    ReviewStatus.HELD: "good",
    ReviewStatus.CANCELLED: "",
}


def reviews_context(desk: Desk) -> dict[str, Any]:
    """Return all reviews: the calendar of the partnership."""
    found = reviews_of(desk.partnership)
    return frame(desk, "partner-reviews") | {"reviews": [review_told(desk, row) for row in found]}


def review_told(desk: Desk, review: Review) -> dict[str, Any]:
    """Return a review as lists show it."""
    is_over = review.status == ReviewStatus.PLANNED and review.planned_on < desk.at.date()
    return {
        "review": review,
        "url": desk.url("partner-review", review.id),
        "word": _("Overdue") if is_over else review.get_status_display(),
        "tone": "bad" if is_over else REVIEW_TONES[ReviewStatus(review.status)],
    }


def get_review(desk: Desk, review_id: UUID) -> Review:
    """Return a review of the partnership.

    :raises Http404: if it has no such review.
    """
    rows = reviews_of(desk.partnership).select_related("partnership__enrollment__program")
    found = rows.filter(id=review_id).first()
    if found is None:
        raise Http404
    return found


def review_context(desk: Desk, review: Review, notes: NotesForm, item: ItemForm) -> dict[str, Any]:
    """Return one review: its figures, what was said, and who does what now."""
    actions = items_of(desk.partnership).filter(review=review)
    is_cancelled = review.status == ReviewStatus.CANCELLED
    base = frame(desk, "partner-reviews")
    return base | {
        "told": review_told(desk, review),
        "review": review,
        "snapshot": snapshot_told(review),
        "items": [item_told(desk, row) for row in actions],
        "comments": comments_told(desk, review),
        "is_planned": review.status == ReviewStatus.PLANNED,
        "may_add": base["may_add"] and not is_cancelled,
        "notes_form": notes,
        "item_form": item,
        "comment_form": CommentForm(),
    }


def snapshot_told(review: Review) -> dict[str, Any] | None:
    """Return the frozen figures in words; None as long as there are none."""
    kept = review.snapshot
    if kept is None:
        return None
    currency, now, before = kept["currency"], kept["figures"], kept["before"]
    names = (
        ("clicks", _("Clicks"), False),
        ("conversions", _("Conversions"), False),
        ("revenue_minor", _("Revenue"), True),
        ("commission_minor", _("Commission"), True),
    )

    def text(amount: int, is_money: bool) -> str:
        return amount_text(amount, currency=currency, is_money=is_money)

    return {
        "figures": [
            {
                "label": label,
                "value": text(now[name], is_money),
                "was": text(before[name], is_money),
            }
            for name, label, is_money in names
        ],
        "goals": [
            {
                "title": goal["title"],
                "reached": text(goal["reached"], goal["metric"] in ("REVENUE", "COMMISSION")),
                "amount": text(goal["amount"], goal["metric"] in ("REVENUE", "COMMISSION")),
                "is_reached": goal["reached"] >= goal["amount"],
            }
            for goal in kept["goals"]
        ],
        "done": kept["done"],
        "not_done": kept["not_done"],
    }
