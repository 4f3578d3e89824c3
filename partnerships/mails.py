"""Mails before a review, before something is due, and once when it is overdue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from mailing.delivery import Mail, deliver, in_each_language
from mailing.kinds import Kind
from merchants.tenancy import merchant_context
from messaging.models import Side
from partnerships.directory import ITEM_AHEAD, REVIEW_AHEAD
from partnerships.models import Item, ItemStatus, Partnership, Review, ReviewStatus

log = structlog.get_logger()
MAILS_BATCH = 20
Told = TypeVar("Told", Review, Item)
TO = "partnership__enrollment__program__merchant"


@dataclass(frozen=True, slots=True)
class Due:
    """What is told now: reviews that come, items that are soon due, items that are over."""

    reviews: Sequence[Review]
    soon: Sequence[Item]
    overdue: Sequence[Item]

    def mark(self, at: datetime | None) -> None:
        """Note that each was told, or take that back."""
        reviews = [row.id for row in self.reviews]
        Review.objects.filter(id__in=reviews).update(reminded_at=at)
        items = Item.objects.all()
        items.filter(id__in=[row.id for row in self.soon]).update(reminded_at=at)
        items.filter(id__in=[row.id for row in self.overdue]).update(overdue_told_at=at)


def remind(*, merchant_id: UUID, at: datetime) -> int:
    """Mail what is due in a merchant's partnerships, once; return how many things.

    They are marked first and mailed after the commit, so that nobody is told twice; a mail server
    that is away takes the marks back.
    """
    with merchant_context(merchant_id):
        due = _due(merchant_id, at)
        due.mark(at)
        mails = [
            *[_of_review(row, side) for row in due.reviews for side in Side],
            *[_of_item(row, Side(row.side), is_over=False) for row in due.soon],
            # Who waits for it hears of it as well.
            *[_of_item(row, side, is_over=True) for row in due.overdue for side in Side],
        ]
    try:
        deliver(mails, merchant_id=merchant_id, at=at)
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("partnerships.mail_failed", merchant=str(merchant_id), error=str(error))
        with merchant_context(merchant_id):
            due.mark(None)
        return 0
    return len(due.reviews) + len(due.soon) + len(due.overdue)


def _due(merchant_id: UUID, at: datetime) -> Due:
    today = at.astimezone(UTC).date()
    running = {"merchant_id": merchant_id, "partnership__ended_at": None}
    reviews = Review.objects.filter(
        **running,
        status=ReviewStatus.PLANNED,
        reminded_at=None,
        planned_on__range=(today, today + REVIEW_AHEAD),
    )
    items = Item.objects.filter(**running, status=ItemStatus.OPEN)
    soon = items.filter(reminded_at=None, due_on__range=(today, today + ITEM_AHEAD))
    overdue = items.filter(overdue_told_at=None, due_on__lt=today)
    return Due(_locked(reviews), _locked(soon), _locked(overdue))


def _locked(rows: QuerySet[Told]) -> list[Told]:
    free = rows.select_for_update(of=("self",), skip_locked=True)
    return list(free.select_related(TO, "affiliate").order_by("id")[:MAILS_BATCH])


def _of_review(review: Review, side: Side) -> Mail:
    return _mail(review.partnership, side, "review", review)


def _of_item(item: Item, side: Side, *, is_over: bool) -> Mail:
    return _mail(item.partnership, side, "overdue" if is_over else "due", item)


@in_each_language
def _mail(partnership: Partnership, side: Side, what: str, row: Review | Item) -> Mail:
    program = partnership.enrollment.program
    other = partnership.affiliate.name if side == Side.MERCHANT else program.merchant.name
    space = "console" if side == Side.MERCHANT else "portal"
    page = "partner-review" if isinstance(row, Review) else "partner-item"
    facts = {
        "row": row,
        "what": what,
        "other": other,
        "program": program,
        "url": settings.APP_URL + reverse(f"{space}:{page}", args=[partnership.id, row.id]),
        "is_own": isinstance(row, Item) and row.side == side,
    }
    subject = {
        "review": _("Review with %(other)s soon"),
        "due": _("Due soon, with %(other)s: %(title)s"),
        "overdue": _("Overdue, with %(other)s: %(title)s"),
    }[what] % {"other": other, "title": getattr(row, "title", "")}
    text = render_to_string("partnerships/mail/due.txt", facts)
    if side == Side.MERCHANT:
        return Mail(Kind.PARTNERS, subject, text)
    return Mail(Kind.PARTNERSHIP, subject, text, affiliate=partnership.affiliate)
