"""Bonuses: a fixed amount at milestones of approved conversions. See docs/other-earnings.md."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from affiliates.models import Enrollment
from commissions.accrual.rates import rules_of
from commissions.catalogue import Milestone
from commissions.models import BudgetPeriod, Commission, Kind, Reward, Rule
from commissions.periods import ALL_TIME, period_end, period_start
from commissions.rules import RuleInForce
from commissions.services.lines import CUT_SUFFIX, LineDraft, write_lines
from commissions.services.sweeps import (
    earning_enrollments,
    lock_rules,
    note_sweep,
    programs_paying,
)
from commissions.whom import paying_rules
from merchants.tenancy import merchant_context
from programs.models import Program

OVERLAP = timedelta(minutes=10)  # A commit may come later than the moment that it wrote.
LOOK_BACK = timedelta(days=40)  # Once a day: for who was suspended when it was due.
BATCH = 500  # Lines of one transaction.
AT_ONCE_MAX = 100  # Bonuses of one affiliate, rule and period in one sweep.

TRUNCATED: Final = {
    BudgetPeriod.DAY: "date_trunc('day', conversion.occurred_at, 'UTC')",
    BudgetPeriod.WEEK: "date_trunc('week', conversion.occurred_at, 'UTC')",
    BudgetPeriod.MONTH: "date_trunc('month', conversion.occurred_at, 'UTC')",
    BudgetPeriod.QUARTER: "date_trunc('quarter', conversion.occurred_at, 'UTC')",
    BudgetPeriod.YEAR: "date_trunc('year', conversion.occurred_at, 'UTC')",
    BudgetPeriod.ALL: "'1970-01-01 00:00:00+00'::timestamptz",
}
COUNTS: Final = {
    Milestone.CONVERSIONS: "count(DISTINCT conversion.id)",
    Milestone.AMOUNT: """coalesce(sum(
        div(
            credit.amount_minor::numeric
                * greatest(conversion.amount_minor - refunded.amount_minor, 0),
            greatest(conversion.amount_minor, 1)
        )
    ), 0)""",
    Milestone.NEW_CUSTOMERS: """count(DISTINCT conversion.customer_id) FILTER (
        WHERE NOT EXISTS (
            SELECT 1 FROM tracking_conversion AS earlier
            WHERE earlier.merchant_id = conversion.merchant_id
                AND earlier.program_id = conversion.program_id
                AND earlier.customer_id = conversion.customer_id
                AND earlier.status <> 'DECLINED' AND NOT earlier.is_test
                AND (earlier.occurred_at, earlier.external_id)
                    < (conversion.occurred_at, conversion.external_id)
        )
    )""",
}
# What was refunded in full is as if it had not been.
COUNTED: Final = """
FROM tracking_conversion AS conversion
JOIN tracking_credit AS credit
    ON (credit.merchant_id, credit.conversion_id) = (conversion.merchant_id, conversion.id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(refund.amount_minor), 0) AS amount_minor
    FROM tracking_refund AS refund
    WHERE (refund.merchant_id, refund.conversion_id) = (conversion.merchant_id, conversion.id)
) AS refunded
WHERE conversion.merchant_id = %(merchant)s AND conversion.program_id = %(program)s
    AND conversion.status = 'APPROVED' AND NOT conversion.is_test
    AND (%(goal)s::uuid IS NULL OR conversion.goal_id = %(goal)s::uuid)
    AND (conversion.amount_minor = 0 OR refunded.amount_minor < conversion.amount_minor)
    AND conversion.occurred_at >= %(since)s
    AND credit.enrollment_id IN (
        SELECT touched.enrollment_id
        FROM tracking_credit AS touched
        JOIN tracking_conversion AS changed
            ON (changed.merchant_id, changed.id) = (touched.merchant_id, touched.conversion_id)
        WHERE changed.merchant_id = %(merchant)s AND changed.program_id = %(program)s
            AND changed.status = 'APPROVED' AND changed.status_changed_at >= %(changed)s
    )
"""


class Progress(NamedTuple):
    """How far an affiliate has come in one period."""

    enrollment_id: UUID
    period_start: datetime
    reached: int


def give_bonuses(*, merchant_id: UUID, at: datetime) -> int:
    """Write the bonuses that a merchant's affiliates have reached; return how many lines.

    Safe to repeat, and to run twice at once.
    """
    return sum(_give(program, at) for program in programs_paying(merchant_id, Reward.BONUS))


def _give(program: Program, at: datetime) -> int:
    with merchant_context(program.merchant_id):
        rules = lock_rules(program, Reward.BONUS)
        if not rules:
            return 0
        book = rules_of(program.merchant_id, [program.id])
        in_force = book.paying(program.id, Reward.BONUS, at)
        by_id = {rule.id: rule for rule in rules}
        reached = [
            (rule, count)
            for rule in in_force
            if rule.rule_id in by_id
            for count in _counts(program, rule, by_id[rule.rule_id], at)
        ]
        drafts = _drafts(program, in_force, reached, at)
        written = write_lines(program.merchant_id, drafts[:BATCH], at=at, waits=False)
        if len(drafts) <= BATCH:
            note_sweep(rules, until=at)
    return len(written)


def _counts(program: Program, rule: RuleInForce, row: Rule, at: datetime) -> list[Progress]:
    """Return how far those have come of whom something was approved since the last sweep."""
    period = rule.details["period"]
    counts, truncated = COUNTS[Milestone(rule.details["counts"])], TRUNCATED[BudgetPeriod(period)]
    values = {
        "merchant": program.merchant_id,
        "program": program.id,
        "goal": _goal_of(program, rule),
        "since": _since(rule, row, at),
        "changed": _changed_since(rule, row, at),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT credit.enrollment_id, {truncated}, ({counts})::bigint {COUNTED} GROUP BY 1, 2",
            values,
        )
        found = [Progress(*row) for row in cursor.fetchall()]
    return [count for count in found if count.reached >= _first_at(rule)]


def _goal_of(program: Program, rule: RuleInForce) -> UUID | None:
    """Return the goal that is counted; None for all. A goal that is gone counts nothing."""
    code = rule.details.get("goal")
    if not code:
        return rule.goal_id
    known = program.goals.filter(code=code).values_list("id", flat=True).first()
    return known or UUID(int=0)


def _since(rule: RuleInForce, row: Rule, at: datetime) -> datetime:
    """Return from when on conversions are looked at: the period in which the rule began."""
    if rule.details["period"] == BudgetPeriod.ALL:
        return ALL_TIME
    began = row.versions.order_by("valid_from").values_list("valid_from", flat=True).first()
    return period_start(rule.details["period"], began or at)


def _changed_since(rule: RuleInForce, row: Rule, at: datetime) -> datetime:
    """Return since when something must have been approved; a new wording looks at everything."""
    swept = row.swept_until
    if swept is None or (rule.valid_from is not None and rule.valid_from > swept):
        return ALL_TIME
    if swept.astimezone(UTC).date() != at.astimezone(UTC).date():
        return at - LOOK_BACK
    return swept - OVERLAP


def _first_at(rule: RuleInForce) -> int:
    first: int = rule.details.get("every") or rule.details["at"]
    return first


def milestones(details: Mapping[str, Any], count: int) -> int:
    """Return how many bonuses a count has reached."""
    if details.get("every"):
        return int(count // details["every"])
    return int(count >= details["at"])


def _drafts(
    program: Program,
    in_force: Sequence[RuleInForce],
    reached: Sequence[tuple[RuleInForce, Progress]],
    at: datetime,
) -> list[LineDraft]:
    """Return the lines of milestones that were reached and not given yet."""
    ids = {count.enrollment_id for _rule, count in reached}
    enrollments = earning_enrollments(program).in_bulk(list(ids))
    given = _given(program, [rule for rule, _count in reached], ids)
    drafts: list[LineDraft] = []
    for rule, count in reached:
        enrollment = enrollments.get(count.enrollment_id)
        if enrollment is None or rule not in paying_rules(in_force, enrollment, at=at):
            continue
        drafts += _new(rule, count, enrollment, given, at)
    return drafts


def _new(
    rule: RuleInForce,
    count: Progress,
    enrollment: Enrollment,
    given: dict[tuple[UUID, str], int],
    at: datetime,
) -> Iterable[LineDraft]:
    end = period_end(rule.details["period"], count.period_start)
    if end is not None and rule.valid_from is not None and end <= rule.valid_from:
        return  # The period was over before this wording.
    prefix = f"bonus:{rule.rule_id}:{count.period_start.astimezone(UTC):%Y-%m-%d}"
    before = given.get((enrollment.id, prefix), 0)
    last = min(milestones(rule.details, count.reached), before + AT_ONCE_MAX)
    for number in range(before + 1, last + 1):
        yield LineDraft(
            enrollment=enrollment,
            kind=Kind.BONUS,
            event_ref=f"{prefix}:{number}",
            amount_minor=rule.fixed_minor,
            earned_at=at,
            rule_version_id=rule.version_id,
            facts={
                "counts": rule.details["counts"],
                "count": count.reached,
                "milestone": number * rule.details["every"]
                if rule.details.get("every")
                else rule.details["at"],
                "period": rule.details["period"],
                "period_start": count.period_start.astimezone(UTC).isoformat(),
            },
        )


def _given(
    program: Program, rules: Sequence[RuleInForce], enrollment_ids: set[UUID]
) -> dict[tuple[UUID, str], int]:
    """Return the number of the last bonus by enrollment and period, whatever became of it."""
    lines = Commission.objects.filter(
        merchant_id=program.merchant_id,
        conversion=None,
        enrollment_id__in=enrollment_ids,
        kind=Kind.BONUS,
        rule_version__rule_id__in={rule.rule_id for rule in rules},
    )
    given: dict[tuple[UUID, str], int] = {}
    for enrollment_id, ref in lines.values_list("enrollment_id", "event_ref"):
        prefix, _colon, number = ref.removesuffix(CUT_SUFFIX).rpartition(":")
        key = (enrollment_id, prefix)
        given[key] = max(given.get(key, 0), int(number))
    return given
