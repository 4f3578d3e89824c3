"""Budgets: what is left of them, what they cut off, and what becomes free again.

Hard ones are exact: what is used of a budget in a period is one row, locked until the end of the
transaction that adds to it. See docs/other-earnings.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from commissions.line import Line
from commissions.models import Budget, BudgetScope, BudgetUse, Commission, Kind
from commissions.periods import period_start
from common.money import WHOLE_BPS

EVERYTHING: Final = ""  # What a budget of the whole program counts.
NEVER_CUT = (Kind.MANUAL, Kind.WRITE_OFF)  # A person decided on the amount.
NOT_COUNTED = (Kind.WRITE_OFF,)  # It cost its merchant before, when it was earned.


class Counter(NamedTuple):
    """One row of `commissions_budgetuse`, by its name, in the order of its key."""

    budget_id: str
    counted: str
    period_start: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """What one budget says to one line: `used_minor` counts the lines before it."""

    budget: Budget
    counter: Counter
    used_minor: int
    wanted_minor: int

    @property
    def left_minor(self) -> int:
        """Return what is left, never below zero."""
        return max(self.budget.limit_minor - self.used_minor, 0)

    @property
    def is_exceeded(self) -> bool:
        """Whether the line wants more than is left."""
        return self.wanted_minor > self.left_minor

    @property
    def cuts_minor(self) -> int:
        """Return how much it cuts off; a soft budget cuts nothing."""
        if not self.budget.is_hard:
            return 0
        return max(self.wanted_minor - self.left_minor, 0)


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left of a line after its budgets, and what each of them said."""

    amount_minor: int
    findings: tuple[Finding, ...] = ()


def trace_of_budget(finding: Finding) -> dict[str, Any]:
    """Return what a budget said as the trace keeps it: `used_minor` counts the lines before."""
    budget = finding.budget
    return {
        "budget": str(budget.id),
        "scope": budget.scope,
        "counted": finding.counter.counted,
        "period": budget.period,
        "period_start": finding.counter.period_start.isoformat(),
        "limit_minor": budget.limit_minor,
        "used_minor": finding.used_minor,
        "wanted_minor": finding.wanted_minor,
        "cut_minor": finding.cuts_minor,
        "is_hard": budget.is_hard,
        "is_exceeded": finding.is_exceeded,
    }


def cut(merchant_id: UUID, lines: Sequence[Commission | Line], *, lock: bool) -> list[Cut]:
    """Return what the budgets leave of each line, in order; the lines stay as they are.

    With `lock` what is left of them is counted as used, exactly: the counts stay locked until the
    end of the transaction. A negative line frees what it takes back. Lines by hand are counted,
    but never cut. Call it once per transaction, after all other locks.
    """
    budgets = _budgets_of(merchant_id, {line.program_id for line in lines})
    counters = [_counters(line, budgets.get(line.program_id, [])) for line in lines]
    wanted = {counter for own in counters for _budget, counter in own}
    if not wanted:
        return [Cut(line.amount_minor) for line in lines]
    uses = _read(merchant_id, wanted, lock=lock)
    changed: dict[Counter, BudgetUse] = {}
    cuts = []
    for line, own in zip(lines, counters, strict=True):
        findings = tuple(
            Finding(budget, counter, uses[counter].used_minor, line.amount_minor)
            for budget, counter in own
        )
        left = _left_of(line, findings)
        for budget, counter in own if left else ():
            uses[counter].used_minor += left
            uses[counter].reached_bps = max(
                uses[counter].reached_bps, alert_reached(budget, uses[counter].used_minor)
            )
            changed[counter] = uses[counter]
        cuts.append(Cut(left, findings))
    if lock:
        _write(changed)
    return cuts


def give_back(merchant_id: UUID, taken: Iterable[tuple[Commission | Line, int]]) -> None:
    """Let so much of these lines be free again, in the periods in which they were earned.

    For what is declined or taken back: the amounts are positive. What was cut off before stays cut
    off. Call it once per transaction, after all other locks.
    """
    returned = [(line, minor) for line, minor in taken if minor and line.kind not in NOT_COUNTED]
    budgets = _budgets_of(merchant_id, {line.program_id for line, _minor in returned})
    freed: dict[Counter, int] = defaultdict(int)
    for line, minor in returned:
        for _budget, counter in _counters(line, budgets.get(line.program_id, [])):
            freed[counter] += minor
    if not freed:
        return
    uses = {_counter_of(row): row for row in _rows(merchant_id, set(freed)).select_for_update()}
    for counter, minor in freed.items():
        if counter in uses:
            uses[counter].used_minor -= minor
    _write({counter: row for counter, row in uses.items() if counter in freed})


def alert_reached(budget: Budget, used_minor: int) -> int:
    """Return the highest alert, in basis points of the limit, that so much use passes; or 0."""
    passed = [bps for bps in budget.alert_bps if used_minor * WHOLE_BPS >= bps * budget.limit_minor]
    return max(passed, default=0)


def _budgets_of(merchant_id: UUID, program_ids: set[UUID]) -> dict[UUID, list[Budget]]:
    budgets: dict[UUID, list[Budget]] = defaultdict(list)
    if program_ids:
        rows = Budget.objects.filter(
            merchant_id=merchant_id, program_id__in=program_ids, archived_at=None
        )
        for budget in rows.order_by("id"):
            budgets[budget.program_id].append(budget)
    return budgets


def counter_of_budget(budget: Budget, *, enrollment_id: UUID, at: datetime) -> Counter | None:
    """Return where an affiliate's line is counted, or None if the budget does not concern it."""
    if budget.scope == BudgetScope.PROGRAM:
        counted = EVERYTHING
    elif budget.enrollment_id in (None, enrollment_id):
        counted = str(enrollment_id)
    else:
        return None
    return Counter(str(budget.id), counted, period_start(budget.period, at))


def _counters(line: Commission | Line, budgets: Sequence[Budget]) -> list[tuple[Budget, Counter]]:
    if line.kind in NOT_COUNTED:
        return []
    found = []
    for budget in budgets:
        counter = counter_of_budget(budget, enrollment_id=line.enrollment_id, at=line.earned_at)
        if counter is not None:
            found.append((budget, counter))
    return found


def _left_of(line: Commission | Line, findings: Sequence[Finding]) -> int:
    if line.amount_minor <= 0 or line.kind in NEVER_CUT:
        return line.amount_minor
    return line.amount_minor - max((finding.cuts_minor for finding in findings), default=0)


def _read(merchant_id: UUID, wanted: set[Counter], *, lock: bool) -> dict[Counter, BudgetUse]:
    new = [_row(merchant_id, counter) for counter in sorted(wanted)]
    rows = _rows(merchant_id, wanted)
    if lock:  # Rows that are not there cannot be locked.
        BudgetUse.objects.bulk_create(new, ignore_conflicts=True)
        rows = rows.select_for_update()
    return {_counter_of(row): row for row in new} | {_counter_of(row): row for row in rows}


def _rows(merchant_id: UUID, wanted: set[Counter]) -> "QuerySet[BudgetUse]":
    rows = BudgetUse.objects.filter(
        merchant_id=merchant_id,
        budget_id__in={counter.budget_id for counter in wanted},
        counted__in={counter.counted for counter in wanted},
        period_start__in={counter.period_start for counter in wanted},
    )
    return rows.order_by("budget_id", "counted", "period_start")


def _counter_of(row: BudgetUse) -> Counter:
    return Counter(str(row.budget_id), row.counted, row.period_start)


def _write(uses: dict[Counter, BudgetUse]) -> None:
    BudgetUse.objects.bulk_create(
        [row for _counter, row in sorted(uses.items())],
        update_conflicts=True,
        update_fields=["used_minor", "reached_bps"],
        unique_fields=["merchant_id", "budget_id", "counted", "period_start"],
    )


def _row(merchant_id: UUID, counter: Counter) -> BudgetUse:
    return BudgetUse(
        merchant_id=merchant_id,
        budget_id=UUID(counter.budget_id),
        counted=counter.counted,
        period_start=counter.period_start,
        used_minor=0,
    )
