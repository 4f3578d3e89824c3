"""What pages and the API show of statements."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from payouts.models import LineOutcome, Statement, StatementLine
from payouts.statements.importing import lines_from, report_of


def statements_of(merchant_id: UUID) -> QuerySet[Statement]:
    """Return the merchant's statements, the newest first."""
    statements = Statement.objects.filter(merchant_id=merchant_id)
    return statements.select_related("imported_by__user").order_by("-imported_at", "-id")


def lines_of(statement: Statement) -> QuerySet[StatementLine]:
    """Return the lines of a statement that was applied, by their day."""
    lines = StatementLine.objects.filter(merchant_id=statement.merchant_id, statement=statement)
    return lines.select_related("payout__affiliate").order_by("booked_on", "id")


@dataclass(frozen=True, slots=True)
class Outline:
    """What a statement did, or would do now: how many lines became what, and those lines."""

    counts: dict[LineOutcome, int]
    repeated: int
    lines: Iterable[StatementLine]


def outline_of(statement: Statement) -> Outline:
    """Return what a statement did, or as long as it is not applied, what it would do."""
    if statement.applied_at is None:
        report = report_of(statement)
        found = Counter(row.outcome for row in report.judged)
        return Outline(
            {outcome: found[outcome] for outcome in LineOutcome},
            report.repeated,
            lines_from(statement, report.judged),
        )
    lines = lines_of(statement)
    rows = lines.order_by().values("outcome").annotate(count=Count("id"))
    counted = {row["outcome"]: row["count"] for row in rows}
    return Outline(
        {outcome: counted.get(outcome, 0) for outcome in LineOutcome}, statement.repeated, lines
    )
