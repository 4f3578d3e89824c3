"""Shared goals: set, noted by hand, and how far they are against their checkpoints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.money import MINOR_MAX
from common.refusals import BadValue, cleaned
from merchants.tenancy import merchant_context
from messaging.services import Writer
from messaging.text import plain_line
from partnerships.models import Checkpoint, GoalMetric, Partnership, Reading, SharedGoal
from partnerships.services import record_partnership, require_running
from reports.selectors import Day, Figures, Period, Slice, daily_figures

GOALS_MAX = 20
CHECKPOINTS_MAX = 12
DAYS_MAX = 366
COUNTED = {
    GoalMetric.CLICKS: "clicks",
    GoalMetric.CONVERSIONS: "conversions",
    GoalMetric.REVENUE: "revenue_minor",
    GoalMetric.COMMISSION: "commission_minor",
}
IN_MONEY = (GoalMetric.REVENUE, GoalMetric.COMMISSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalDraft:
    """What both want to reach; checkpoints are days and how much by then."""

    title: str
    metric: str
    amount: int
    starts_on: date
    due_on: date
    checkpoints: Sequence[tuple[date, int]] = ()


def set_goal(*, partnership: Partnership, draft: GoalDraft, by: Writer, at: datetime) -> SharedGoal:
    """Set a goal with its checkpoints; return it.

    :raises BadValue: if a value cannot be, or there are GOALS_MAX.
    """
    require_running(partnership)
    title = plain_line(draft.title)
    if not title:
        raise BadValue("title", "required", _("Write what is to be reached."))
    if not 0 < draft.amount <= MINOR_MAX:
        raise BadValue("amount", "min_value", _("A goal is at least 1."))
    if not draft.starts_on <= draft.due_on:
        raise BadValue("due_on", "ends_before_it_starts", _("The end must be after the start."))
    if (draft.due_on - draft.starts_on).days >= DAYS_MAX:
        raise BadValue("due_on", "too_long", _("%d days at the most.") % DAYS_MAX)
    _require_steps(draft)
    own = {"merchant_id": partnership.merchant_id, "partnership": partnership}
    if SharedGoal.objects.filter(**own, archived_at=None).count() >= GOALS_MAX:
        raise BadValue("", "too_many", _("%d goals at the most.") % GOALS_MAX)
    whose = {**own, "affiliate_id": partnership.affiliate_id}
    with transaction.atomic():
        goal = SharedGoal.objects.create(
            **whose,
            title=cleaned(SharedGoal, "title", title),
            metric=cleaned(SharedGoal, "metric", draft.metric),
            amount=draft.amount,
            starts_on=draft.starts_on,
            due_on=draft.due_on,
        )
        Checkpoint.objects.bulk_create(
            Checkpoint(**whose, goal=goal, due_on=day, amount=amount)
            for day, amount in draft.checkpoints
        )
        record_partnership(
            partnership, "partnership.goal_set", by.actor, at, goal=str(goal.id), title=goal.title
        )
    return goal


def _require_steps(draft: GoalDraft) -> None:
    """Check that checkpoints lie within the goal, each once, and go up."""
    steps = sorted(draft.checkpoints)
    if len(steps) > CHECKPOINTS_MAX:
        message = _("%d checkpoints at the most.") % CHECKPOINTS_MAX
        raise BadValue("checkpoints", "too_many", message)
    days, amounts = [day for day, _amount in steps], [amount for _day, amount in steps]
    inside = all(draft.starts_on <= day < draft.due_on for day in days)
    if (
        not inside
        or len(set(days)) < len(days)
        or amounts != sorted(amounts)
        or (amounts and not 0 < amounts[0] <= amounts[-1] <= draft.amount)
    ):
        message = _("Checkpoints lie before the end, on different days, and go up.")
        raise BadValue("checkpoints", "not_in_order", message)


def archive_goal(*, goal: SharedGoal, by: Writer, at: datetime) -> None:
    """Put a goal away. Safe to repeat."""
    require_running(goal.partnership)
    with transaction.atomic():
        if SharedGoal.objects.filter(id=goal.id, archived_at=None).update(archived_at=at):
            record_partnership(
                goal.partnership, "partnership.goal_archived", by.actor, at, goal=str(goal.id)
            )


def note_reading(*, goal: SharedGoal, day: date, amount: int, by: Writer, at: datetime) -> Reading:
    """Note how far a goal is that no report counts; return it. The same day again corrects it.

    :raises BadValue: if reports count it, or the day is none of the goal's or still to come.
    """
    require_running(goal.partnership)
    if goal.metric != GoalMetric.BY_HAND:
        raise BadValue("", "counted", _("Reports count this goal."))
    if not goal.starts_on <= day <= min(goal.due_on, at.astimezone(UTC).date()):
        raise BadValue("day", "out_of_range", _("A day of the goal that is not to come."))
    if not 0 <= amount <= MINOR_MAX:
        raise BadValue("amount", "out_of_range", _("A number from 0 on."))
    reading, _is_new = Reading.objects.update_or_create(
        merchant_id=goal.merchant_id,
        goal=goal,
        day=day,
        defaults={
            "partnership_id": goal.partnership_id,
            "affiliate_id": goal.affiliate_id,
            "amount": amount,
            "writer": plain_line(by.name)[:150],
        },
    )
    return reading


def note_reached_goals(*, merchant_id: UUID, at: datetime) -> int:
    """Note when goals were first seen reached; return how many. Safe to run twice."""
    with merchant_context(merchant_id):
        rows = running_goals(SharedGoal.objects.filter(merchant_id=merchant_id), at=at)
        named = rows.select_related("partnership__enrollment__program")
        goals = list(named.prefetch_related("checkpoints", "readings"))
        reached = [
            goal.id for goal in goals if progress_of(goal.partnership, [goal], at=at)[0].is_reached
        ]
        return SharedGoal.objects.filter(id__in=reached, reached_at=None).update(reached_at=at)


def running_goals(rows: QuerySet[SharedGoal], *, at: datetime) -> QuerySet[SharedGoal]:
    """Return the goals that may be reached now, and were not seen reached yet."""
    today = at.astimezone(UTC).date()
    yet = rows.filter(reached_at=None, archived_at=None, partnership__ended_at=None)
    return yet.filter(starts_on__lte=today, due_on__gte=today - timedelta(days=1))


# How far they are --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A checkpoint, or the goal's own end, with what was reached by then; None: it is to come."""

    due_on: date
    amount: int
    reached: int | None

    @property
    def is_met(self) -> bool | None:
        """Whether it was reached in time; None as long as nobody knows."""
        return None if self.reached is None else self.reached >= self.amount


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a goal is, in all after each day, and at each of its checkpoints."""

    goal: SharedGoal
    currency: str
    days: list[tuple[date, int]]
    steps: list[Step]

    @property
    def reached(self) -> int:
        """How much there is by now."""
        return self.days[-1][1] if self.days else 0

    @property
    def is_reached(self) -> bool:
        """Whether it is done."""
        return self.reached >= self.goal.amount

    @property
    def is_money(self) -> bool:
        """Whether it counts minor units."""
        return self.goal.metric in IN_MONEY

    @property
    def is_behind(self) -> bool:
        """Whether the last checkpoint that is over was missed, and is still."""
        over = [step for step in self.steps if step.reached is not None]
        return bool(over) and self.reached < over[-1].amount


def progress_of(
    partnership: Partnership, goals: Sequence[SharedGoal], *, at: datetime
) -> list[Progress]:
    """Return how far goals are by a time; one look at the figures for all of them.

    Callers stand in the merchant's context: reports are read.
    """
    if not goals:
        return []
    today = at.astimezone(UTC).date()
    counted = [goal for goal in goals if goal.metric != GoalMetric.BY_HAND]
    days: list[Day] = []
    program = partnership.enrollment.program
    if counted:
        first = min(goal.starts_on for goal in counted)
        last = min(max(goal.due_on for goal in counted), today)
        whose = Slice(
            partnership.merchant_id, program.currency, enrollment_id=partnership.enrollment_id
        )
        days = daily_figures(whose, Period(first, last)) if first <= last else []
    return [_progress(goal, program.currency, days, today) for goal in goals]


def _progress(goal: SharedGoal, currency: str, days: list[Day], today: date) -> Progress:
    last = min(goal.due_on, today)
    if goal.metric == GoalMetric.BY_HAND:
        readings = sorted((row.day, row.amount) for row in goal.readings.all())
        reached = [(day, amount) for day, amount in readings if day <= last]
    else:
        own = [day for day in days if goal.starts_on <= day.day <= last]
        sums = accumulate(_counted(goal, day.figures) for day in own)
        reached = [(day.day, amount) for day, amount in zip(own, sums, strict=True)]
    ends = sorted((row.due_on, row.amount) for row in goal.checkpoints.all())
    ends.append((goal.due_on, goal.amount))
    steps = [Step(day, amount, _by(reached, day, today)) for day, amount in ends]
    return Progress(goal, currency, reached, steps)


def _counted(goal: SharedGoal, figures: Figures) -> int:
    return int(getattr(figures, COUNTED[GoalMetric(goal.metric)]))


def _by(reached: list[tuple[date, int]], day: date, today: date) -> int | None:
    """Return how much there was at the end of a day; None if that is to come."""
    if day >= today:
        return None
    return next((amount for on, amount in reversed(reached) if on <= day), 0)
