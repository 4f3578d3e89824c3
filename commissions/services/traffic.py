"""Clicks and impressions: one line per affiliate, rule and day, to the last fraction.

A day is decided once, after it has closed; what changes of it later is in the next line. See
docs/other-earnings.md.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

from django.db import connection

from affiliates.models import Enrollment
from commissions.accrual.rates import RuleBook, rules_of
from commissions.carry import PER_CLICK_UNITS, PER_MILLE_UNITS, line_minor
from commissions.models import Kind, Reward, Rule, TrafficDay
from commissions.rules import RuleInForce
from commissions.services.lines import LineDraft, write_lines
from commissions.services.sweeps import lock_rules, note_sweep, programs_paying
from commissions.whom import paying_rules
from merchants.tenancy import merchant_context
from programs.models import Program

CLOSED_AFTER = timedelta(minutes=15)
LATE_DAYS = 7  # For so long links may turn up that had nothing on a day when it closed.
PORTION = 2_000  # Links at once.


class Source(NamedTuple):
    """Where units come from: by name, because the figures belong to reports, which stand above."""

    table: LiteralString
    column: LiteralString
    per_units: int


SOURCES: Final = {
    Reward.PER_CLICK: Source("reports_dailyclicks", "credited", PER_CLICK_UNITS),
    Reward.PER_MILLE: Source("reports_dailyimpressions", "impressions", PER_MILLE_UNITS),
}


def pay_traffic(*, merchant_id: UUID, at: datetime) -> int:
    """Write what clicks and impressions of closed days earned; return how many days were done.

    Safe to repeat, and to run twice at once.
    """
    return sum(
        _pay_next_day(program, reward, at)
        for reward in SOURCES
        for program in programs_paying(merchant_id, reward)
    )


def _pay_next_day(program: Program, reward: Reward, at: datetime) -> int:
    """Do the earliest day that is closed and not done; return 1 if there was one."""
    with merchant_context(program.merchant_id):
        rules = lock_rules(program, reward)
        day = _next_day(rules, at)
        if day is None:
            return 0
        book = rules_of(program.merchant_id, [program.id])
        for known_days_ago in range(LATE_DAYS, -1, -1):
            _decide(program, reward, book, day - timedelta(days=known_days_ago))
        _follow_figures(program, reward, day)
        drafts = [
            *_drafts(program, reward, book, day, _last_month(day)),
            *_drafts(program, reward, book, day, _month(day)),
        ]
        write_lines(program.merchant_id, drafts, at=at)
        note_sweep(rules, until=midnight(day + timedelta(days=1)))
    return 1


def midnight(day: date) -> datetime:
    """Return when a day begins, in UTC."""
    return datetime.combine(day, time(), UTC)


def _next_day(rules: Sequence[Rule], at: datetime) -> date | None:
    if not rules:
        return None
    swept = [rule.swept_until for rule in rules if rule.swept_until is not None]
    if swept:
        day = max(swept).astimezone(UTC).date()
    else:
        first = [
            rule.versions.order_by("valid_from").values_list("valid_from", flat=True)[0]
            for rule in rules
        ]
        began = min(first).astimezone(UTC)
        day = began.date() if began.time() == time() else began.date() + timedelta(days=1)
        # What is further back is decided already, by whoever paid it.
        day = max(day, _last_month((at - CLOSED_AFTER).astimezone(UTC).date())[0])
    return day if day < (at - CLOSED_AFTER).astimezone(UTC).date() else None


# Which rule pays for the day ----------------------------------------------------------------------


UNDECIDED: Final[LiteralString] = """
SELECT figure.link_id, figure.enrollment_id, figure.{column}
FROM {table} AS figure
WHERE figure.merchant_id = %s AND figure.day = %s AND figure.program_id = %s
    AND figure.link_id > %s AND figure.{column} > 0
    AND NOT EXISTS (
        SELECT 1 FROM commissions_trafficday AS decided
        WHERE decided.merchant_id = figure.merchant_id AND decided.reward = %s
            AND decided.day = figure.day AND decided.link_id = figure.link_id
    )
ORDER BY figure.link_id LIMIT %s
"""


def _decide(program: Program, reward: Reward, book: RuleBook, day: date) -> None:
    """Store, for each link with units on the day, which rule pays for them."""
    source, last = SOURCES[reward], UUID(int=0)
    in_force = book.paying(program.id, reward, midnight(day))
    while in_force:
        with connection.cursor() as cursor:
            cursor.execute(
                UNDECIDED.format(table=source.table, column=source.column),
                [program.merchant_id, day, program.id, last, reward.value, PORTION],
            )
            portion = cursor.fetchall()
        TrafficDay.objects.bulk_create(_rows(program, reward, in_force, day, portion))
        if len(portion) < PORTION:
            return
        last = portion[-1][0]


def _rows(
    program: Program,
    reward: Reward,
    in_force: Sequence[RuleInForce],
    day: date,
    portion: Sequence[tuple[UUID, UUID, int]],
) -> Iterable[TrafficDay]:
    enrollments = _enrollments(program, {enrollment_id for _link, enrollment_id, _units in portion})
    for link_id, enrollment_id, units in portion:
        theirs = paying_rules(
            in_force, enrollments[enrollment_id], at=midnight(day), link_id=link_id
        )
        for rule in theirs[:1]:
            assert rule.rule_id is not None  # Both are stored.
            assert rule.version_id is not None
            yield TrafficDay(
                merchant_id=program.merchant_id,
                reward=reward,
                day=day,
                link_id=link_id,
                program_id=program.id,
                enrollment_id=enrollment_id,
                rule_id=rule.rule_id,
                rule_version_id=rule.version_id,
                rate_e5=rule.details["rate_e5"],
                units=units,
            )


def _enrollments(program: Program, ids: set[UUID]) -> dict[UUID, Enrollment]:
    rows = Enrollment.objects.filter(merchant_id=program.merchant_id, program=program)
    return rows.select_related("affiliate", "program", "tier").in_bulk(list(ids))


FOLLOW: Final[LiteralString] = """
UPDATE commissions_trafficday AS decided SET units = figure.{column}
FROM {table} AS figure
WHERE decided.merchant_id = %(merchant)s AND decided.reward = %(reward)s
    AND decided.program_id = %(program)s AND decided.day BETWEEN %(since)s AND %(day)s
    AND (figure.merchant_id, figure.day, figure.link_id)
        = (decided.merchant_id, decided.day, decided.link_id)
    AND figure.{column} <> decided.units
"""


def _follow_figures(program: Program, reward: Reward, day: date) -> None:
    """Take over what changed of earlier days, from the beginning of the last month on."""
    source, since = SOURCES[reward], _last_month(day)[0]
    values: dict[str, Any] = {
        "merchant": program.merchant_id,
        "program": program.id,
        "reward": reward.value,
        "since": since,
        "day": day,
    }
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW.format(table=source.table, column=source.column), values)


# What is due --------------------------------------------------------------------------------------

Month = tuple[date, date]  # Its first and its last day.


def _month(day: date) -> Month:
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _last_month(day: date) -> Month:
    return _month(day.replace(day=1) - timedelta(days=1))


DUE: Final[LiteralString] = """
WITH due AS (
    SELECT
        rule_id, enrollment_id, (array_agg(rule_version_id ORDER BY day DESC))[1] AS version_id,
        sum(rate_e5::numeric * units) AS units_e5, sum(units) AS units
    FROM commissions_trafficday
    WHERE merchant_id = %(merchant)s AND reward = %(reward)s AND program_id = %(program)s
        AND day BETWEEN %(first)s AND %(until)s
    GROUP BY rule_id, enrollment_id
), earned AS (
    SELECT
        version.rule_id, line.enrollment_id, sum(line.amount_minor) AS minor,
        count(*) FILTER (WHERE line.event_ref LIKE '%%:' || %(until)s || '%%') AS on_day
    FROM commissions_commission AS line
    JOIN commissions_ruleversion AS version
        ON (version.merchant_id, version.id) = (line.merchant_id, line.rule_version_id)
    WHERE line.merchant_id = %(merchant)s AND line.program_id = %(program)s
        AND line.kind = 'TRAFFIC'
        AND line.earned_at >= %(first)s AND line.earned_at < %(until)s::date + 1
    GROUP BY 1, 2
)
SELECT
    due.rule_id, due.enrollment_id, due.version_id, due.units_e5::text, due.units::bigint,
    coalesce(earned.minor, 0)::bigint, coalesce(earned.on_day, 0)
FROM due LEFT JOIN earned USING (rule_id, enrollment_id)
ORDER BY due.rule_id, due.enrollment_id
"""


class Due(NamedTuple):
    """What one affiliate has in one month by one rule."""

    rule_id: UUID
    enrollment_id: UUID
    version_id: UUID
    units_e5: str
    units: int
    earned_minor: int
    on_day: int  # Lines of the day that is named there are.


def _drafts(
    program: Program, reward: Reward, book: RuleBook, day: date, month: Month
) -> list[LineDraft]:
    """Return the lines of a day; of a month that is over, of its last day: corrections."""
    until = min(day, month[1])
    values: dict[str, Any] = {
        "merchant": program.merchant_id,
        "program": program.id,
        "reward": reward.value,
        "first": month[0].isoformat(),
        "until": until.isoformat(),
    }
    with connection.cursor() as cursor:
        cursor.execute(DUE, values)
        rows = [Due(*row) for row in cursor.fetchall()]
    enrollments = _enrollments(program, {row.enrollment_id for row in rows})
    return [
        LineDraft(
            enrollment=enrollments[row.enrollment_id],
            kind=Kind.TRAFFIC,
            event_ref=_event_ref(row, until),
            amount_minor=minor,
            earned_at=midnight(until) + timedelta(hours=12),
            rule_version_id=row.version_id,
            facts={
                "reward": reward.value,
                "day": until.isoformat(),
                "units": row.units,
                "earned_minor": row.earned_minor,
            },
        )
        for row in rows
        if (minor := _line_minor(program, reward, row))
    ]


def _line_minor(program: Program, reward: Reward, row: Due) -> int:
    return line_minor(
        int(row.units_e5),
        earned_minor=row.earned_minor,
        per_units=SOURCES[reward].per_units,
        currency=program.currency,
    )


def _event_ref(row: Due, day: date) -> str:
    ref = f"traffic:{row.rule_id}:{day.isoformat()}"
    return f"{ref}:{row.on_day + 1}" if row.on_day else ref
