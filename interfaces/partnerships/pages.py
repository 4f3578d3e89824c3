"""The overview, the plan and its items, and what is said about them."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from interfaces.partnerships.desk import Desk, frame
from interfaces.partnerships.forms import CommentForm, ItemForm
from interfaces.partnerships.goals import goal_told, progress
from partnerships.models import (
    Item,
    ItemStatus,
    Review,
    SheetKind,
)
from partnerships.selectors import (
    comments_about,
    goals_of,
    items_of,
    next_review,
    people_of,
    records_of,
)

SOON_SHOWN = 6
SETTLED_SHOWN = 20


def overview_context(desk: Desk) -> dict[str, Any]:
    """Return where a partnership stands."""
    open_ones = items_of(desk.partnership).filter(status=ItemStatus.OPEN)
    return frame(desk, "partnership") | {
        "goals": [goal_told(one) for one in progress(desk, goals_of(desk.partnership))],
        "items": [item_told(desk, row) for row in open_ones[:SOON_SHOWN]],
        "open_count": open_ones.count(),
        "review": next_review(desk.partnership),
        "people": [(row, desk.side_name(row.side)) for row in people_of(desk.partnership)],
        "records": [(row, desk.side_name(row.side)) for row in records_of(desk.partnership)],
    }


def plan_context(desk: Desk, form: ItemForm) -> dict[str, Any]:
    """Return everything that is to be done, and what became of the rest."""
    rows = items_of(desk.partnership)
    settled = rows.exclude(status=ItemStatus.OPEN).order_by("-status_changed_at")
    return frame(desk, "partner-plan") | {
        "items": [item_told(desk, row) for row in rows.filter(status=ItemStatus.OPEN)],
        "settled": [item_told(desk, row) for row in settled[:SETTLED_SHOWN]],
        "form": form,
    }


def item_told(desk: Desk, item: Item) -> dict[str, Any]:
    """Return an item as lists show it."""
    is_over = item.status == ItemStatus.OPEN and item.due_on and item.due_on < desk.at.date()
    tones = {ItemStatus.DONE: "good", ItemStatus.NOT_DONE: "bad", ItemStatus.OPEN: "wait"}
    return {
        "item": item,
        "url": desk.url("partner-item", item.id),
        "who": item.owner.name if item.owner else desk.side_name(item.side),
        "whose": desk.side_name(item.side) if item.owner else "",
        "word": _("Overdue") if is_over else item.get_status_display(),
        "tone": "bad" if is_over else tones[ItemStatus(item.status)],
        "is_open": item.status == ItemStatus.OPEN,
    }


def get_item(desk: Desk, item_id: UUID) -> Item:
    """Return an item of the partnership.

    :raises Http404: if it has no such item.
    """
    rows = items_of(desk.partnership).select_related(
        "review", "partnership__enrollment__program", "owner"
    )
    found = rows.filter(id=item_id).first()
    if found is None:
        raise Http404
    return found


def item_context(desk: Desk, item: Item, form: CommentForm) -> dict[str, Any]:
    """Return one item with its history and what was said about it."""
    moves = item.moves.order_by("-id")
    return frame(desk, "partner-plan") | {
        "told": item_told(desk, item),
        "item": item,
        "moves": [(row, desk.side_name(row.side)) for row in moves],
        "comments": comments_told(desk, item),
        "form": form,
    }


def comments_told(desk: Desk, about: Item | Review | SheetKind) -> list[tuple[Any, str, bool]]:
    """Return comments with the side's name, and whether it is the reader's own side."""
    rows = comments_about(desk.partnership, about)
    return [(row, desk.side_name(row.side), row.side == desk.side) for row in rows]
