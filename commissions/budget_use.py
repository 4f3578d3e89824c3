"""How much of budgets is used: what lists, bars and charts show."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import (
    BigIntegerField,
    Case,
    DateTimeField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate

from affiliates.models import Enrollment
from commissions.models import Budget, BudgetPeriod, BudgetUse
from commissions.periods import period_end, period_start
from commissions.services.budgets import lines_of_budget
from programs.models import Program

DAYS_MAX = 400  # Of a chart; all time shows the last ones.
NEAREST = 5


def budgets_of(program: Program, *, at: datetime) -> QuerySet[Budget]:
    """Return the program's budgets in force, oldest first, each with its `used_minor`."""
    budgets = Budget.objects.filter(
        merchant_id=program.merchant_id, program=program, archived_at=None
    )
    return with_use(budgets, at=at).order_by("created_at", "id")


def with_use(budgets: QuerySet[Budget], *, at: datetime) -> QuerySet[Budget]:
    """Return the budgets with what is used of each in its present period, `used_minor`.

    Where affiliates are counted by themselves: the most of any.
    """
    starts = Case(
        *(
            When(period=period, then=Value(period_start(period, at)))
            for period in BudgetPeriod.values
        ),
        output_field=DateTimeField(),
    )
    uses = BudgetUse.objects.filter(
        merchant_id=OuterRef("merchant_id"),
        budget_id=OuterRef("id"),
        period_start=OuterRef("present"),
    )
    most = Subquery(uses.order_by("-used_minor").values("used_minor")[:1])
    named = budgets.select_related("enrollment__affiliate").alias(present=starts)
    return named.annotate(used_minor=Coalesce(most, 0, output_field=BigIntegerField()))


def nearest_of(budget: Budget, *, at: datetime, limit: int = NEAREST) -> list[tuple[str, int]]:
    """Return who used most of a budget that counts each affiliate by itself: name and how much."""
    rows = BudgetUse.objects.filter(
        merchant_id=budget.merchant_id,
        budget_id=budget.id,
        period_start=period_start(budget.period, at),
        used_minor__gt=0,
    )
    most = list(
        rows.order_by("-used_minor", "counted").values_list("counted", "used_minor")[:limit]
    )
    enrollments = Enrollment.objects.filter(
        merchant_id=budget.merchant_id, id__in=[counted for counted, _used in most]
    )
    names = {str(id): name for id, name in enrollments.values_list("id", "affiliate__name")}
    return [(names.get(counted, counted), used) for counted, used in most]


@dataclass(frozen=True, slots=True)
class BurnDown:
    """What a period has cost, day by day up to now, added up."""

    days: tuple[date, ...]
    used_minor: tuple[int, ...]
    ends_at: datetime | None


def burn_down_of(budget: Budget, *, at: datetime) -> BurnDown:
    """Return how the budget is used up in the present period; days without cost are there too.

    Where affiliates are counted by themselves: of all of them together.
    """
    lines = lines_of_budget(budget, at)
    sums = lines.order_by().values_list(TruncDate(Coalesce("conversion__occurred_at", "earned_at")))
    by_day: dict[date, int] = dict(sums.annotate(minor=Sum("amount_minor")))
    today = at.date()
    first = max(period_start(budget.period, at).date(), today - timedelta(days=DAYS_MAX))
    if budget.period == BudgetPeriod.ALL:  # It began on the day before its first cost.
        first = max(first, min(by_day, default=today) - timedelta(days=1))
    so_far = sum(minor for day, minor in by_day.items() if day < first)
    days, used = [], []
    for number in range((today - first).days + 1):
        day = first + timedelta(days=number)
        so_far += by_day.get(day, 0)
        days.append(day)
        used.append(so_far)
    return BurnDown(tuple(days), tuple(used), period_end(budget.period, at))
