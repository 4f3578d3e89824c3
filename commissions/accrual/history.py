"""What customers have bought, and how much affiliates have had credited: as far as rules ask."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from commissions.accrual.conversions import ConversionRow
from commissions.accrual.rates import RuleBook
from commissions.catalogue.rewards import Counts, Mode
from commissions.facts import Volume
from commissions.models import Reward
from commissions.paying import step_at
from commissions.periods import period_end, period_start
from tracking.attribution import months_after
from tracking.models import Conversion, ConversionStatus

FOREVER: Final = "infinity"
CUSTOMER_FACTS = frozenset({"customer", "customer_months", "payment_number"})

# What its source declined counts for nothing, even if it was approved before.
NOT_LOST = """NOT EXISTS (
    SELECT FROM tracking_statusreport AS said
    WHERE said.merchant_id = %(merchant)s AND said.conversion_id = conversion.id
      AND said.status IN ('DECLINED', 'DISPUTE_LOST') AND said.applied_at IS NOT NULL
)"""
PURCHASES = f"""
SELECT customer_id, program_id, goal_id, occurred_at, external_id, amount_minor, id
FROM tracking_conversion AS conversion
WHERE merchant_id = %(merchant)s AND customer_id = ANY(%(customers)s) AND NOT is_test
  AND status <> 'DECLINED' AND NOT (source = 'PIXEL' AND confirmed_at IS NULL)
  AND id <> ALL(%(left_out)s) AND {NOT_LOST}
"""  # noqa: S608
CREDIT_THAT_COUNTS = f"""
FROM tracking_credit AS credit
JOIN tracking_conversion AS conversion
  ON (conversion.merchant_id, conversion.id) = (credit.merchant_id, credit.conversion_id)
WHERE credit.merchant_id = %(merchant)s AND credit.enrollment_id = ANY(%(enrollments)s)
  AND conversion.merchant_id = %(merchant)s AND conversion.goal_id = %(goal)s
  AND conversion.occurred_at >= %(since)s AND conversion.occurred_at < %(until)s
  AND NOT conversion.is_test AND conversion.status <> 'DECLINED'
  AND NOT (conversion.source = 'PIXEL' AND conversion.confirmed_at IS NULL) AND {NOT_LOST}
"""
CREDITED = f"""
SELECT credit.enrollment_id, conversion.occurred_at, conversion.external_id, credit.amount_minor,
       conversion.id
{CREDIT_THAT_COUNTS}
"""
CREDITED_OUTSIDE = f"""
SELECT credit.enrollment_id,
       count(*) FILTER (WHERE conversion.occurred_at < %(first)s),
       COALESCE(sum(credit.amount_minor) FILTER (WHERE conversion.occurred_at < %(first)s), 0),
       count(*), COALESCE(sum(credit.amount_minor), 0)
{CREDIT_THAT_COUNTS}
  AND (conversion.occurred_at < %(first)s OR conversion.occurred_at > %(last)s)
GROUP BY credit.enrollment_id
"""


def is_counted(conversion: ConversionRow) -> bool:
    """Return whether a conversion uses anything up: a test does not, nor a browser's word."""
    return not conversion.is_test and not conversion.is_unverified


def counts(conversion: ConversionRow) -> bool:
    """Return whether a conversion makes volume, and is one of its customer's: as it stands."""
    return is_counted(conversion) and conversion.status != ConversionStatus.DECLINED


class Purchase(NamedTuple):
    """A conversion of a customer that counts, in the order in which they happened."""

    occurred_at: datetime
    external_id: str
    program_id: UUID
    goal_id: UUID
    amount_minor: int
    conversion_id: UUID


@dataclass(slots=True)
class History:
    """What customers have done at the merchant; empty as long as no rule and no policy asks."""

    is_read: bool = False
    purchases: dict[UUID, list[Purchase]] = field(default_factory=dict)  # By customer, in order.

    def _of(self, conversion: ConversionRow) -> list[Purchase]:
        if conversion.customer_id is None:
            return []
        return self.purchases.get(conversion.customer_id, [])

    def bought_at(self, conversion: ConversionRow) -> tuple[datetime, ...]:
        """Return when the customer's other conversions happened, at any program."""
        own = self._of(conversion)
        return tuple(row.occurred_at for row in own if row.conversion_id != conversion.id)

    def payment_number(self, conversion: ConversionRow) -> int | None:
        """Return which of the customer's conversions of its goal it is, from 1."""
        if conversion.customer_id is None or not self.is_read:
            return None
        here = (conversion.occurred_at, conversion.external_id)
        same = (conversion.program_id, conversion.goal_id)
        before = [
            row
            for row in self._of(conversion)
            if (row.program_id, row.goal_id) == same and row[:2] < here
        ]
        return len(before) + 1

    def is_new(self, conversion: ConversionRow) -> bool | None:
        """Return whether the customer is new: as reported, or has paid for nothing before."""
        if conversion.customer_is_new is not None:
            return conversion.customer_is_new
        if conversion.customer_id is None or not self.is_read:
            return None
        here = (conversion.occurred_at, conversion.external_id)
        return not any(row.amount_minor and row[:2] < here for row in self._of(conversion))

    def months(self, conversion: ConversionRow) -> int | None:
        """Return how many full months the customer's first conversion lies back."""
        if conversion.customer_id is None or not self.is_read:
            return None
        first = min(
            (row.occurred_at for row in self._of(conversion)), default=conversion.occurred_at
        )
        first, last = min(first, conversion.occurred_at), conversion.occurred_at
        months = (last.year - first.year) * 12 + last.month - first.month
        return months if months_after(first, months) <= last else months - 1


def read_history(
    merchant_id: UUID,
    conversions: Sequence[ConversionRow],
    book: RuleBook,
    lost: Collection[UUID],
) -> History:
    """Return what the customers of a batch have done, the batch included, if anybody asks.

    What is `lost` of the batch, because its source declined it, does not count.
    """
    customers = {row.customer_id for row in conversions if row.customer_id}
    new_only = any(row.program.new_customers_only for row in conversions)
    if not new_only and not asks_for(book, CUSTOMER_FACTS):
        return History()
    found: dict[UUID, list[Purchase]] = defaultdict(list)
    if customers:
        left_out = [row.id for row in conversions]
        params: dict[str, Any] = {
            "merchant": merchant_id,
            "customers": list(customers),
            "left_out": left_out,
        }
        with connection.cursor() as cursor:
            cursor.execute(PURCHASES, params)
            for customer, program, goal, at, external_id, amount, id in cursor:
                found[customer].append(Purchase(at, external_id, program, goal, amount, id))
    for row in conversions:
        if row.customer_id and counts(row) and row.id not in lost:
            found[row.customer_id].append(
                Purchase(
                    row.occurred_at,
                    row.external_id,
                    row.program_id,
                    row.goal_id,
                    row.amount_minor,
                    row.id,
                )
            )
    return History(True, {id: sorted(rows) for id, rows in found.items()})


def asks_for(book: RuleBook, names: Collection[str]) -> bool:
    """Return whether a condition of any rule is about one of these facts."""
    return any(
        row["field"] in names
        for spans in book.spans.values()
        for span in spans
        for row in span.rule.conditions
    )


class Entry(NamedTuple):
    """A credited conversion that makes volume, in the order in which they happened."""

    occurred_at: datetime
    external_id: str
    amount_minor: int
    conversion_id: UUID


class Period(NamedTuple):
    """What volume is counted of: an enrollment and a goal, in a calendar period."""

    enrollment_id: UUID
    goal_id: UUID
    kind: str
    starts_at: datetime


class Outside(NamedTuple):
    """What a period holds before and after the time of a batch, summed."""

    count_before: int = 0
    amount_before_minor: int = 0
    count_total: int = 0
    amount_total_minor: int = 0


@dataclass(slots=True)
class Volumes:
    """The volume of the periods that rules look at: as it was stored, and as it is now."""

    stored: dict[Period, list[Entry]] = field(default_factory=dict)
    present: dict[Period, list[Entry]] = field(default_factory=dict)
    outside: dict[Period, Outside] = field(default_factory=dict)  # Where it was read as sums.
    _sums: dict[Period, list[int]] = field(default_factory=dict)  # Of amounts, from the first on.

    def add(self, period: Period, entry: Entry) -> None:
        """Count a conversion of the batch."""
        insort(self.present.setdefault(period, []), entry)
        self._sums.pop(period, None)

    def at(self, period: Period, entry: Entry, *, is_in: bool) -> Volume:
        """Return the volume that a conversion finds; one that is not in it, as if it were."""
        found = self._found(period, entry)
        if is_in:
            return found
        return replace(
            found,
            count_total=found.count_total + 1,
            amount_total_minor=found.amount_total_minor + entry.amount_minor,
        )

    def _found(self, period: Period, entry: Entry) -> Volume:
        entries = self.present.get(period, [])
        sums = self._sums.get(period)
        if sums is None:
            sums = self._sums[period] = list(
                accumulate((row.amount_minor for row in entries), initial=0)
            )
        place = bisect_left(entries, entry[:2], key=lambda row: row[:2])
        outside = self.outside.get(period, Outside())
        return Volume(
            count_before=outside.count_before + place,
            amount_before_minor=outside.amount_before_minor + sums[place],
            count_total=outside.count_total + len(entries),
            amount_total_minor=outside.amount_total_minor + sums[-1],
            own_minor=entry.amount_minor,
        )

    def shifted(self, details: Sequence[tuple[Period, Mapping[str, Any]]]) -> set[UUID]:
        """Return the stored conversions that reach another step than they did."""
        found: set[UUID] = set()
        for period, wording in details:
            before, now = self.stored.get(period, []), self.present.get(period, [])
            if before != now:
                was, become = _steps(before, wording), _steps(now, wording)
                found |= {id for id, step in was.items() if become.get(id, step) != step}
        return found


def _steps(entries: Sequence[Entry], details: Mapping[str, Any]) -> dict[UUID, int]:
    """Return which step each conversion reaches, by the step's lower end."""
    counts_amounts = details["counts"] == Counts.AMOUNT
    steps, reached, found = details["steps"], 0, {}
    if details["mode"] == Mode.RETROACTIVE:
        total = sum(row.amount_minor for row in entries) if counts_amounts else len(entries)
        step = step_at(steps, total)["from"]
        return {row.conversion_id: step for row in entries}
    for row in entries:
        reached += row.amount_minor if counts_amounts else 1
        found[row.conversion_id] = step_at(steps, reached)["from"]
    return found


def volume_rules(book: RuleBook) -> list[Mapping[str, Any]]:
    """Return the details of all rules that pay by volume, with their program and goal."""
    return [
        {"program_id": program_id, "goal_id": span.rule.goal_id, **span.rule.details}
        for program_id, spans in book.spans.items()
        for span in spans
        if span.rule.reward == Reward.VOLUME
    ]


def periods_of(
    rules: Iterable[Mapping[str, Any]],
    conversion: Conversion | ConversionRow,
    enrollment_id: UUID,
) -> list[tuple[Period, Mapping[str, Any]]]:
    """Return the periods in which a conversion makes volume for an enrollment, by rule."""
    return [
        (
            Period(
                enrollment_id,
                conversion.goal_id,
                rule["period"],
                period_start(rule["period"], conversion.occurred_at),
            ),
            rule,
        )
        for rule in rules
        if rule["program_id"] == conversion.program_id
        and rule["goal_id"] in (None, conversion.goal_id)
    ]


class Span(NamedTuple):
    """The time of a batch: of its first and of its last conversion, both within."""

    first: datetime
    last: datetime


def read_volumes(
    merchant_id: UUID,
    periods: Collection[Period],
    *,
    left_out: Collection[UUID],
    single_in: Span | None = None,
) -> Volumes:
    """Return the stored volume of the periods; what is left out counts as stored only.

    With `single_in` only what happened then is read one by one, and the rest as sums: a batch of
    a large past asks for the same months again and again. Nothing is known to have shifted then.
    """
    volumes = Volumes()
    if not periods:
        return volumes
    asked: dict[tuple[UUID, str, datetime], list[UUID]] = defaultdict(list)
    for enrollment_id, goal_id, kind, starts_at in periods:
        asked[goal_id, kind, starts_at].append(enrollment_id)
    for (goal_id, kind, starts_at), enrollment_ids in asked.items():  # Few: a batch is of one time.
        params: dict[str, Any] = {
            "merchant": merchant_id,
            "enrollments": enrollment_ids,
            "goal": goal_id,
            "since": starts_at,
            "until": period_end(kind, starts_at) or FOREVER,
        }
        if single_in is not None:
            for enrollment_id, outside in _credited_outside(params, single_in).items():
                volumes.outside[Period(enrollment_id, goal_id, kind, starts_at)] = outside
        found = _credited(params, single_in)
        for enrollment_id in enrollment_ids:
            period, rows = Period(enrollment_id, goal_id, kind, starts_at), found[enrollment_id]
            rows.sort()
            volumes.stored[period] = rows
            volumes.present[period] = [row for row in rows if row.conversion_id not in left_out]
    return volumes


def _credited(params: Mapping[str, Any], span: Span | None) -> dict[UUID, list[Entry]]:
    """Return what enrollments were credited of a goal in one calendar period, in no order."""
    statement = CREDITED
    if span is not None:
        statement += "AND conversion.occurred_at BETWEEN %(first)s AND %(last)s"
        params = {**params, **span._asdict()}
    found: dict[UUID, list[Entry]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for enrollment_id, *columns in cursor:
            found[enrollment_id].append(Entry(*columns))
    return found


def _credited_outside(params: Mapping[str, Any], span: Span) -> dict[UUID, Outside]:
    """Return the sums of what they were credited before and after a time, where there are any."""
    with connection.cursor() as cursor:
        cursor.execute(CREDITED_OUTSIDE, {**params, **span._asdict()})
        return {
            enrollment_id: Outside(*(int(number) for number in numbers))
            for enrollment_id, *numbers in cursor
        }
