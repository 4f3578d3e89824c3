"""Every write to reviews: plan one, freeze its figures, write down what was said, hold it."""

from calendar import monthrange
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from common.ids import new_id
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.models import SYSTEM, Actor
from merchants.tenancy import merchant_context
from messaging.text import plain_text
from partnerships.goals import progress_of
from partnerships.models import Item, ItemStatus, Partnership, Review, ReviewStatus
from partnerships.selectors import goals_of
from partnerships.services import quarter_of, record_partnership, require_running
from reports.selectors import Figures, Period, Slice, daily_figures, total

AHEAD_DAYS_MAX = 400
FREEZE_BATCH = 50


def default_agenda() -> str:
    """Return what a review talks about unless the merchant says otherwise."""
    return "\n".join(
        (
            _("1. What the quarter brought, and against the goals"),
            _("2. What was promised, and what became of it"),
            _("3. Customers: who came, who stayed, who did not"),
            _("4. What stood in the way, on both sides"),
            _("5. What we do next, who does it, and until when"),
        )
    )


def quarter_before(day: date) -> tuple[date, date]:
    """Return the first and the last day of the quarter that was over on a day."""
    last = quarter_of(day) - timedelta(days=1)
    return quarter_of(last), last


def months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def plan_review(
    *,
    partnership: Partnership,
    planned_on: date,
    by: Actor,
    at: datetime,
    agenda: str | None = None,
) -> Review:
    """Plan the next review, of the quarter that is over by then; return it.

    One that is planned already is moved to the day instead.

    :raises BadValue: if the day is over or too far ahead, or the agenda too long.
    """
    require_running(partnership)
    today = at.astimezone(UTC).date()
    if not today <= planned_on <= today + timedelta(days=AHEAD_DAYS_MAX):
        raise BadValue("planned_on", "out_of_range", _("A day from today on, within a year."))
    if agenda is None:
        agenda = partnership.agenda or default_agenda()
    first, last = quarter_before(planned_on)
    facts: dict[str, Any] = {
        "planned_on": planned_on,
        "first_on": first,
        "last_on": last,
        "agenda": cleaned(Review, "agenda", plain_text(agenda)),
        "reminded_at": None,
        "status_changed_at": at,
    }
    own: dict[str, Any] = {"merchant_id": partnership.merchant_id, "partnership": partnership}
    with transaction.atomic():
        Partnership.objects.select_for_update(of=("self",)).get(id=partnership.id)
        planned = Review.objects.filter(**own, status=ReviewStatus.PLANNED).first()
        if planned is not None and planned.snapshot is not None:
            message = _("First hold or cancel the review whose figures are frozen already.")
            raise BadValue("planned_on", "frozen", message)
        review, _is_new = Review.objects.update_or_create(
            **own,
            id=planned.id if planned else new_id(),
            defaults={"affiliate_id": partnership.affiliate_id, **facts},
        )
        said = {"review": str(review.id), "planned_on": planned_on.isoformat()}
        record_partnership(partnership, "partnership.review_planned", by, at, **said)
    return review


def freeze_review(*, review: Review, at: datetime) -> Review:
    """Take the snapshot of a review's time, unless it was taken; return the review.

    Nothing changes a snapshot: refunds and corrections that come later are in the reports alone.
    """
    with transaction.atomic():
        locked = _lock(review)
        if locked.snapshot is None:
            locked.snapshot, locked.snapshot_at = _snapshot(locked, at), at
            locked.save(update_fields=["snapshot", "snapshot_at"])
    return locked


def freeze_due_reviews(*, merchant_id: UUID, at: datetime) -> int:
    """Take the snapshots of reviews whose day has come; return how many. Safe to run twice."""
    with merchant_context(merchant_id):
        due = Review.objects.filter(
            merchant_id=merchant_id,
            status=ReviewStatus.PLANNED,
            snapshot__isnull=True,
            planned_on__lte=at.astimezone(UTC).date(),
            partnership__ended_at=None,
        )
        found = list(due.order_by("id")[:FREEZE_BATCH])
        for review in found:
            freeze_review(review=review, at=at)
    return len(found)


def _snapshot(review: Review, at: datetime) -> dict[str, Any]:
    partnership = review.partnership
    program = partnership.enrollment.program
    whose = Slice(
        partnership.merchant_id, program.currency, enrollment_id=partnership.enrollment_id
    )
    period = Period(review.first_on, review.last_on)
    ended_at = min(at, period.ends_at)
    items = Item.objects.filter(
        merchant_id=partnership.merchant_id,
        partnership=partnership,
        created_at__lt=at,
        status_changed_at__gte=period.starts_at,
    )
    return {
        "currency": program.currency,
        "figures": _plain(total(daily_figures(whose, period))),
        "before": _plain(total(daily_figures(whose, period.before()))),
        "goals": [
            {
                "title": one.goal.title,
                "metric": one.goal.metric,
                "reached": one.reached,
                "amount": one.goal.amount,
            }
            for one in progress_of(partnership, goals_of(partnership), at=ended_at)
            if one.goal.starts_on <= review.last_on and one.goal.due_on >= review.first_on
        ],
        "done": items.filter(status=ItemStatus.DONE).count(),
        "not_done": items.filter(status=ItemStatus.NOT_DONE).count(),
    }


def _plain(figures: Figures) -> dict[str, int]:
    return asdict(figures)


def write_notes(*, review: Review, notes: str, agenda: str) -> Review:
    """Keep what was said, and the agenda; return the review. Either side writes, also afterwards.

    :raises BadValue: if a text is too long.
    :raises IllegalMove: if the review was cancelled.
    """
    require_running(review.partnership)
    if review.status == ReviewStatus.CANCELLED:
        raise IllegalMove("The review", to=ReviewStatus.HELD, status=review.status)
    review.notes = cleaned(Review, "notes", plain_text(notes))
    review.agenda = cleaned(Review, "agenda", plain_text(agenda))
    review.save(update_fields=["notes", "agenda"])
    return review


def hold_review(*, review: Review, by: Actor, at: datetime) -> Review:
    """Say that a review was held, freeze its figures if that was not done, plan the next one.

    :raises IllegalMove: if it was held or cancelled already.
    """
    partnership = review.partnership
    require_running(partnership)
    with transaction.atomic():
        frozen = freeze_review(review=review, at=at)
        _move(frozen, ReviewStatus.HELD, at)
        record_partnership(partnership, "partnership.review_held", by, at, review=str(review.id))
        held_on = at.astimezone(UTC).date()
        next_on = months_after(max(review.planned_on, held_on), partnership.review_months)
        plan_review(partnership=partnership, planned_on=next_on, by=SYSTEM, at=at)
        frozen.refresh_from_db()
    return frozen


def cancel_review(*, review: Review, by: Actor, at: datetime) -> Review:
    """Call a review off; return it.

    :raises IllegalMove: if it was held or cancelled already.
    """
    require_running(review.partnership)
    with transaction.atomic():
        locked = _lock(review)
        _move(locked, ReviewStatus.CANCELLED, at)
        facts = {"review": str(review.id)}
        record_partnership(review.partnership, "partnership.review_cancelled", by, at, **facts)
        locked.refresh_from_db()
    return locked


def _move(review: Review, to: ReviewStatus, at: datetime) -> None:
    if not Review.objects.filter(id=review.id).move(to=to, at=at):
        now = Review.objects.get(id=review.id).status
        raise IllegalMove("The review", to=to, status=now)


def _lock(review: Review) -> Review:
    rows = Review.objects.filter(merchant_id=review.merchant_id, id=review.id)
    named = rows.select_related("partnership__enrollment__program")
    return named.select_for_update(of=("self",)).get()
