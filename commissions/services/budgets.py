"""Budgets: set, changed, ended; and the alerts of those that are used up. See docs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from commissions.budgets import Counter, alert_reached, counter_of_budget
from commissions.models import (
    Budget,
    BudgetPeriod,
    BudgetScope,
    BudgetUse,
    Commission,
    Kind,
    Status,
)
from commissions.periods import period_end, period_start
from common.money import MINOR_MAX
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import draft_event, record_event, record_events
from merchants.models import SYSTEM, Actor, Event
from programs.models import Program

BUDGETS_MAX = 20  # Of one program: every line asks them all.
ALERTS_MAX = 5
ALERT_BPS_MAX = 10_000
ALERTS_DEFAULT = (8_000, 10_000)


@dataclass(frozen=True, slots=True)
class BudgetDraft:
    """A budget to be set. With the scope ENROLLMENT and none named, each counts by itself."""

    scope: BudgetScope
    period: BudgetPeriod
    limit_minor: int
    is_hard: bool = False
    alert_bps: Sequence[int] = ALERTS_DEFAULT
    enrollment: Enrollment | None = None


def create_budget(*, program: Program, draft: BudgetDraft, by: Actor, at: datetime) -> Budget:
    """Set a budget; return it. What the present period has cost already, counts.

    :raises BadValue: if a value cannot be, or the program has BUDGETS_MAX budgets.
    """
    budget = Budget(
        merchant_id=program.merchant_id,
        program=program,
        scope=cleaned(Budget, "scope", draft.scope),
        period=cleaned(Budget, "period", draft.period),
        limit_minor=_limit(draft.limit_minor),
        is_hard=draft.is_hard,
        alert_bps=_alerts(draft.alert_bps),
        enrollment=_named(program, draft),
    )
    in_force = Budget.objects.filter(
        merchant_id=program.merchant_id, program=program, archived_at=None
    )
    if in_force.count() >= BUDGETS_MAX:
        raise BadValue("", "too_many", _("%d budgets at the most.") % BUDGETS_MAX)
    with transaction.atomic():
        budget.save(force_insert=True)
        BudgetUse.objects.bulk_create(_uses_so_far(budget, at))
        _record(budget, "program.budget_added", by, at)
    return budget


def update_budget(
    *,
    budget: Budget,
    limit_minor: int,
    is_hard: bool,
    alert_bps: Sequence[int],
    by: Actor,
    at: datetime,
) -> Budget:
    """Change how much it is, whether it is hard, and when it warns; return it.

    Of the present period, alerts that the new limit does not reach any more are given again when
    it does. What was cut off stays cut off.

    :raises BadValue: if a value cannot be.
    :raises IllegalMove: if it has ended.
    """
    with transaction.atomic():
        rows = Budget.objects.filter(merchant_id=budget.merchant_id)
        budget = rows.select_for_update(of=("self",), no_key=True).get(id=budget.id)
        if budget.archived_at is not None:
            raise IllegalMove("The budget", to="CHANGED", status="ARCHIVED")
        budget.limit_minor = _limit(limit_minor)
        budget.is_hard = is_hard
        budget.alert_bps = _alerts(alert_bps)
        budget.save(update_fields=["limit_minor", "is_hard", "alert_bps"])
        _look_at_alerts_anew(budget, at)
        _record(budget, "program.budget_changed", by, at)
    return budget


def archive_budget(*, budget: Budget, by: Actor, at: datetime) -> None:
    """Limit no more; safe to repeat."""
    if Budget.objects.filter(id=budget.id, archived_at=None).update(archived_at=at):
        budget.archived_at = at
        _record(budget, "program.budget_archived", by, at)


def _limit(limit_minor: int) -> int:
    if not 1 <= limit_minor <= MINOR_MAX:
        raise BadValue("limit_minor", "out_of_range", _("1 to %d.") % MINOR_MAX)
    return limit_minor


def _alerts(alert_bps: Sequence[int]) -> list[int]:
    alerts = sorted(set(alert_bps))
    if len(alerts) > ALERTS_MAX:
        raise BadValue("alert_bps", "too_many", _("%d alerts at the most.") % ALERTS_MAX)
    if alerts and not (alerts[0] >= 1 and alerts[-1] <= ALERT_BPS_MAX):
        raise BadValue("alert_bps", "out_of_range", _("More than 0 % and 100 % at the most."))
    return alerts


def _named(program: Program, draft: BudgetDraft) -> Enrollment | None:
    enrollment = draft.enrollment
    if enrollment is None:
        return None
    if draft.scope != BudgetScope.ENROLLMENT:
        message = _("This names an affiliate, and the budget is of the whole program.")
        raise BadValue("enrollment", "not_the_scope", message)
    if enrollment.program_id != program.id:
        raise BadValue("enrollment", "other_program", _("Choose one of this program."))
    return enrollment


def _record(budget: Budget, type: str, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=budget.merchant_id,
        type=type,
        subject_id=budget.program_id,
        by=by,
        at=at,
        data={
            "budget": str(budget.id),
            "scope": budget.scope,
            "enrollment": str(budget.enrollment_id) if budget.enrollment_id else None,
            "period": budget.period,
            "limit_minor": budget.limit_minor,
            "is_hard": budget.is_hard,
            "alert_bps": list(budget.alert_bps),
        },
    )


# What there is already ---------------------------------------------------------------------------


def lines_of_budget(budget: Budget, at: datetime) -> QuerySet[Commission]:
    """Return the lines that use the budget in the period of a moment, each with `counted_at`.

    What takes back belongs to the period of what it takes back.
    """
    lines = Commission.objects.filter(merchant_id=budget.merchant_id, program_id=budget.program_id)
    counted = lines.exclude(status=Status.DECLINED).exclude(kind=Kind.WRITE_OFF)
    if budget.enrollment_id is not None:
        counted = counted.filter(enrollment_id=budget.enrollment_id)
    moments = counted.alias(counted_at=Coalesce("conversion__occurred_at", "earned_at"))
    within = Q(counted_at__gte=period_start(budget.period, at))
    end = period_end(budget.period, at)
    return moments.filter(within & Q(counted_at__lt=end) if end else within)


def _uses_so_far(budget: Budget, at: datetime) -> list[BudgetUse]:
    used: dict[Counter, int] = {}
    sums = lines_of_budget(budget, at).order_by().values_list("enrollment_id")
    for enrollment_id, minor in sums.annotate(minor=Sum("amount_minor")):
        counter = counter_of_budget(budget, enrollment_id=enrollment_id, at=at)
        if counter is not None:
            used[counter] = used.get(counter, 0) + minor
    return [
        BudgetUse(
            merchant_id=budget.merchant_id,
            budget_id=budget.id,
            counted=counter.counted,
            period_start=counter.period_start,
            used_minor=minor,
            reached_bps=alert_reached(budget, minor),
        )
        for counter, minor in used.items()
    ]


def _look_at_alerts_anew(budget: Budget, at: datetime) -> None:
    rows = BudgetUse.objects.filter(
        merchant_id=budget.merchant_id,
        budget_id=budget.id,
        period_start=period_start(budget.period, at),
    )
    uses = list(rows.select_for_update().order_by("counted"))
    for use in uses:
        use.reached_bps = alert_reached(budget, use.used_minor)
        use.alerted_bps = min(use.alerted_bps, use.reached_bps)
        use.mailed_bps = min(use.mailed_bps, use.reached_bps)
    BudgetUse.objects.bulk_create(
        uses,
        update_conflicts=True,
        update_fields=["reached_bps", "alerted_bps", "mailed_bps"],
        unique_fields=["merchant_id", "budget_id", "counted", "period_start"],
    )


# Alerts ------------------------------------------------------------------------------------------


def uses_to_tell_of(uses: QuerySet[BudgetUse]) -> QuerySet[BudgetUse]:
    """Return those that passed an alert of which nobody was told."""
    return uses.filter(mailed_bps__lt=F("reached_bps"))


def give_alerts(merchant_id: UUID, uses: Sequence[BudgetUse], *, at: datetime) -> None:
    """Record, once per alert and period, that budgets are used so far; the rows are locked."""
    new = [use for use in uses if use.alerted_bps < use.reached_bps]
    budgets = Budget.objects.in_bulk([use.budget_id for use in new])
    record_events([_alert(use, budgets[use.budget_id], at) for use in new])
    for use in new:
        BudgetUse.objects.filter(pk=use.pk).update(alerted_bps=use.reached_bps)


def _alert(use: BudgetUse, budget: Budget, at: datetime) -> Event:
    return draft_event(
        merchant_id=use.merchant_id,
        type="budget.reached",
        subject_id=budget.id,
        by=SYSTEM,
        at=at,
        data={
            "program": str(budget.program_id),
            "enrollment": use.counted or None,
            "period": budget.period,
            "period_start": use.period_start.isoformat(),
            "alert_bps": use.reached_bps,
            "used_minor": use.used_minor,
            "limit_minor": budget.limit_minor,
            "is_hard": budget.is_hard,
        },
    )
