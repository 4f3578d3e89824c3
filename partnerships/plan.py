"""Every write to the plan: what is to be done and by whom, and what became of it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from messaging.models import Side
from messaging.services import Writer
from messaging.text import plain_line, plain_text
from partnerships.models import (
    Item,
    ItemKind,
    ItemMove,
    ItemStatus,
    Partnership,
    Person,
    Review,
    ReviewStatus,
)
from partnerships.services import record_partnership, require_running

OPEN_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDraft:
    """What is to be done: by a person, or by anybody of a side."""

    kind: str = ItemKind.PLAN.value
    title: str
    details: str = ""
    side: str = Side.MERCHANT.value
    owner: Person | None = None
    due_on: date | None = None
    review: Review | None = None


def add_item(*, partnership: Partnership, draft: ItemDraft, by: Writer, at: datetime) -> Item:
    """Write down something to be done; return it. Either side writes for both.

    :raises BadValue: if the title is empty, a value cannot be, or OPEN_MAX are open.
    :raises IllegalMove: if the review was cancelled.
    """
    require_running(partnership)
    title, owner, review = plain_line(draft.title), draft.owner, draft.review
    if not title:
        raise BadValue("title", "required", _("Write what is to be done."))
    if owner is not None and owner.partnership_id != partnership.id:
        raise BadValue("owner", "unknown", _("Nobody of this partnership."))
    if review is not None and review.status == ReviewStatus.CANCELLED:
        raise IllegalMove("The review", to=ReviewStatus.HELD, status=review.status)
    own = {"merchant_id": partnership.merchant_id, "partnership": partnership}
    if Item.objects.filter(**own, status=ItemStatus.OPEN).count() >= OPEN_MAX:
        raise BadValue("", "too_many", _("%d open items at the most.") % OPEN_MAX)
    with transaction.atomic():
        item = Item.objects.create(
            **own,
            affiliate_id=partnership.affiliate_id,
            kind=ItemKind.ACTION if review else cleaned(Item, "kind", draft.kind),
            review=review,
            title=cleaned(Item, "title", title),
            details=cleaned(Item, "details", plain_text(draft.details)),
            side=owner.side if owner else cleaned(Item, "side", draft.side),
            owner=owner,
            due_on=draft.due_on,
            status_changed_at=at,
        )
        _note(item, ItemStatus.OPEN, "", by, at)
        record_partnership(
            partnership, "partnership.item_added", by.actor, at, item=str(item.id), title=item.title
        )
    return item


def move_item(*, item: Item, to: ItemStatus, note: str, by: Writer, at: datetime) -> Item:
    """Say that an item was done, was not, or is open again; return it. The history keeps each.

    :raises BadValue: if the note is too long.
    :raises IllegalMove: if it is there already, or cannot go there.
    """
    require_running(item.partnership)
    note = cleaned(ItemMove, "note", plain_line(note))
    with transaction.atomic():
        if not Item.objects.filter(id=item.id).move(to=to, at=at):
            now = Item.objects.get(id=item.id).status
            raise IllegalMove("The item", to=to, status=now)
        _note(item, to, note, by, at)
        facts = {"item": str(item.id), "title": item.title, "status": to.lower()}
        record_partnership(item.partnership, "partnership.item_moved", by.actor, at, **facts)
    item.refresh_from_db()
    return item


def _note(item: Item, status: ItemStatus, note: str, by: Writer, at: datetime) -> None:
    ItemMove.objects.create(
        merchant_id=item.merchant_id,
        partnership_id=item.partnership_id,
        affiliate_id=item.affiliate_id,
        item=item,
        status=status,
        note=note,
        side=by.side,
        writer=plain_line(by.name)[:150],
        at=at,
    )
