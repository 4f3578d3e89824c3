"""What is read of partnerships, by either side in its own context."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from messaging.models import Side
from partnerships.models import (
    Comment,
    Item,
    ItemKind,
    ItemStatus,
    Partnership,
    Person,
    Review,
    ReviewStatus,
    SharedGoal,
    Sheet,
    SheetKind,
)


def _named(rows: QuerySet[Partnership]) -> QuerySet[Partnership]:
    named = rows.select_related("affiliate", "enrollment__program__merchant")
    return named.order_by(F("ended_at").asc(nulls_first=True), "-id")


def partnerships_of(merchant_id: UUID) -> QuerySet[Partnership]:
    """Return the merchant's partnerships, the running ones first."""
    return _named(Partnership.objects.filter(merchant_id=merchant_id))


def partnerships_of_affiliate(affiliate_id: UUID) -> QuerySet[Partnership]:
    """Return the affiliate's partnerships with all merchants; in its context."""
    return _named(Partnership.objects.filter(affiliate_id=affiliate_id))


def partnership_of(enrollment_id: UUID) -> Partnership | None:
    """Return the partnership of an enrollment, if there is one."""
    return Partnership.objects.filter(enrollment_id=enrollment_id).first()


def people_of(partnership: Partnership) -> QuerySet[Person]:
    """Return who works in it now, the merchant's first."""
    rows = Person.objects.filter(partnership=partnership, left_at=None)
    return rows.order_by("-side", "created_at")


def goals_of(partnership: Partnership) -> list[SharedGoal]:
    """Return the goals in use, those that end first first."""
    rows = SharedGoal.objects.filter(partnership=partnership, archived_at=None)
    return list(rows.prefetch_related("checkpoints", "readings").order_by("due_on", "id"))


def items_of(partnership: Partnership) -> QuerySet[Item]:
    """Return everything that is or was to be done, the most urgent first."""
    rows = Item.objects.filter(partnership=partnership).select_related("owner")
    return rows.order_by(F("due_on").asc(nulls_last=True), "id")


def reviews_of(partnership: Partnership) -> QuerySet[Review]:
    """Return the reviews, the latest first."""
    return Review.objects.filter(partnership=partnership).order_by("-planned_on", "-id")


def next_review(partnership: Partnership) -> Review | None:
    """Return the review that is planned."""
    return reviews_of(partnership).filter(status=ReviewStatus.PLANNED).first()


def comments_about(partnership: Partnership, about: Item | Review | SheetKind) -> QuerySet[Comment]:
    """Return what was said about one thing, the oldest first."""
    rows = Comment.objects.filter(partnership=partnership).order_by("id")
    if isinstance(about, SheetKind):
        return rows.filter(sheet=about)
    return rows.filter(item=about) if isinstance(about, Item) else rows.filter(review=about)


def last_sheet(partnership: Partnership, kind: SheetKind) -> Sheet | None:
    """Return a sheet as it stands."""
    return Sheet.objects.filter(partnership=partnership, kind=kind).order_by("-id").first()


def sheets_by_quarter(partnership: Partnership, kind: SheetKind) -> dict[date, Sheet]:
    """Return the last version of each quarter, the newest quarter first."""
    rows = Sheet.objects.filter(partnership=partnership, kind=kind)
    last = rows.order_by("-quarter", "-id").distinct("quarter")
    return {row.quarter: row for row in last}


@dataclass(frozen=True, slots=True)
class Standing:
    """How the items of a partnership stand."""

    open: int = 0
    overdue: int = 0


def standings_of(partnerships: Sequence[Partnership], *, on: date) -> dict[UUID, Standing]:
    """Return how many items of each partnership are open and overdue; in one query."""
    rows = Item.objects.filter(
        partnership_id__in=[row.id for row in partnerships], status=ItemStatus.OPEN
    )
    counted = rows.order_by().values_list("partnership_id")
    found = counted.annotate(open=Count("id"), overdue=Count("id", filter=Q(due_on__lt=on)))
    return {id: Standing(open_ones, overdue) for id, open_ones, overdue in found}


@dataclass(frozen=True, slots=True)
class Record:
    """What a side promised: how often it was done, and how often not."""

    side: Side
    done: int
    not_done: int
    open: int


def records_of(partnership: Partnership) -> list[Record]:
    """Return the record of each side: of commitments and of actions of reviews."""
    promised = Item.objects.filter(
        partnership=partnership, kind__in=[ItemKind.COMMITMENT, ItemKind.ACTION]
    )
    counts = dict.fromkeys(((side, status) for side in Side for status in ItemStatus), 0)
    grouped = promised.order_by().values_list("side", "status").annotate(count=Count("id"))
    counts |= {(Side(side), ItemStatus(status)): count for side, status, count in grouped}
    return [
        Record(
            side,
            done=counts[side, ItemStatus.DONE],
            not_done=counts[side, ItemStatus.NOT_DONE],
            open=counts[side, ItemStatus.OPEN],
        )
        for side in (Side.MERCHANT, Side.AFFILIATE)
    ]
