"""Conversions: goals reached, stored once however often and by whomever they are reported.

One at a time or many at once, it is the same handful of statements.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from merchants.events import draft_event, record_events
from merchants.models import Actor, Event
from programs.models import Goal, Program
from tracking.models import Conversion, Customer, Source
from tracking.services.confirmations import (
    amount_event,
    confirm_reported,
    is_confirmable,
    lock_confirmable,
)
from tracking.services.customers import find_customers
from tracking.services.foreign import in_programs_currency
from tracking.services.reports import (
    ConversionReport,
    CurrencyMismatch,
    GoalHasSteps,
    UnknownGoal,
    conversion_facts,
)

ReportRefusal = UnknownGoal | GoalHasSteps | CurrencyMismatch


class ConversionKey(NamedTuple):
    """What a conversion is unique by, within its merchant."""

    program_id: UUID
    goal_id: UUID
    external_id: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """A stored conversion, and what this report of it did."""

    conversion: Conversion
    is_new: bool
    is_confirmed: bool = False  # Until now only a browser had reported it.
    amount_differs: bool = False  # From what was stored first, which stands.


class Reported(NamedTuple):
    """A report of a program."""

    program: Program
    report: ConversionReport


def record_conversion(
    *,
    program: Program,
    report: ConversionReport,
    by: Actor,
    at: datetime,
    is_test: bool = False,
    source: Source = Source.API,
) -> tuple[Conversion, bool]:
    """Store a reported conversion; return it and whether it is new.

    A repeat (same goal and external id) stores nothing and returns what was stored first, even if
    the amount differs: that is an event, `conversion.amount_differs`, and never a second
    commission. Only what a browser reported is replaced by what a trusted source says.

    :raises UnknownGoal: if the program has no such goal.
    :raises GoalHasSteps: if the goal is reached by its steps.
    :raises CurrencyMismatch: if the report is in another currency than the program, and the
        program does not convert; NoFxRate if it does and no rate is known.
    """
    (outcome,) = record_conversions(
        merchant_id=program.merchant_id,
        reports=[(program, report)],
        by=by,
        at=at,
        is_test=is_test,
        source=source,
    )
    if isinstance(outcome, Exception):
        raise outcome
    return outcome.conversion, outcome.is_new


def record_conversions(
    *,
    merchant_id: UUID,
    reports: Sequence[tuple[Program, ConversionReport]],
    by: Actor,
    at: datetime,
    is_test: bool = False,
    source: Source = Source.API,
) -> list[Recorded | ReportRefusal]:
    """Store reported conversions; return each as stored, or what refused it, in order.

    As `record_conversion` does with one: a repeat, in this batch too, stores nothing. Safe to
    retry.
    """
    goals = _goals(merchant_id, {program.id for program, _report in reports})
    converted = in_programs_currency(reports)
    keys = [
        _key_of(goals, program, report, found, is_test, source)
        for (program, report), found in zip(reports, converted, strict=True)
    ]
    reports = [
        (program, report if isinstance(found, Exception) else found)
        for (program, report), found in zip(reports, converted, strict=True)
    ]
    wanted: dict[ConversionKey, Reported] = {}
    for key, (program, report) in zip(keys, reports, strict=True):
        if isinstance(key, ConversionKey):
            wanted.setdefault(key, Reported(program, report))
    with transaction.atomic():
        stored = _stored(merchant_id, wanted)
        new = {key: row for key, row in wanted.items() if key not in stored}
        doubtful = _doubtful(stored, wanted, source)
        confirmed = lock_confirmable(merchant_id, doubtful.keys(), source)
        named = [row.report for row in new.values()] + [doubtful[id] for id in confirmed]
        customers = _customers(merchant_id, named, at)
        new_ids = _insert(merchant_id, new, customers, source, by, at)
        if new:
            # A browser may have been quicker than the insert: what it said is confirmed, too.
            now_stored = _stored(merchant_id, new)
            stored |= now_stored
            overtaken = _doubtful(now_stored, wanted, source)
            doubtful |= overtaken
            confirmed |= lock_confirmable(merchant_id, overtaken.keys(), source)
        confirm_reported(confirmed, doubtful, customers=customers, source=source, by=by, at=at)
        outcomes = _outcomes(keys, reports, stored, new_ids, confirmed, source)
        _note_differences(outcomes, reports, by, at)
    return outcomes


def _goals(merchant_id: UUID, program_ids: Iterable[UUID]) -> dict[tuple[UUID, str], Goal]:
    """Return goals by program and code, with the prefetched fact whether they have steps."""
    goals = Goal.objects.filter(merchant_id=merchant_id, program_id__in=list(program_ids))
    return {(goal.program_id, goal.code): goal for goal in goals.prefetch_related("steps")}


def _key_of(
    goals: dict[tuple[UUID, str], Goal],
    program: Program,
    report: ConversionReport,
    converted: ConversionReport | CurrencyMismatch,
    is_test: bool,
    source: Source,
) -> ConversionKey | ReportRefusal:
    goal = goals.get((program.id, report.goal))
    if goal is None:
        return UnknownGoal(report.goal)
    if goal.steps.all() and source != Source.STEPS:
        return GoalHasSteps(report.goal)
    if isinstance(converted, CurrencyMismatch):
        return converted
    return ConversionKey(program.id, goal.id, report.external_id, is_test or program.is_test)


def _stored(merchant_id: UUID, keys: Iterable[ConversionKey]) -> dict[ConversionKey, Conversion]:
    by_key = set(keys)
    rows = Conversion.objects.filter(
        merchant_id=merchant_id,
        program_id__in={key.program_id for key in by_key},
        goal_id__in={key.goal_id for key in by_key},
        external_id__in={key.external_id for key in by_key},
    )
    found = {
        ConversionKey(row.program_id, row.goal_id, row.external_id, row.is_test): row
        for row in rows
    }
    return {key: row for key, row in found.items() if key in by_key}


def _doubtful(
    stored: dict[ConversionKey, Conversion], wanted: dict[ConversionKey, Reported], source: Source
) -> dict[UUID, ConversionReport]:
    """Return what is now said of stored conversions that only a browser had reported, by id."""
    return {
        row.id: wanted[key].report for key, row in stored.items() if is_confirmable(row, source)
    }


def _customers(
    merchant_id: UUID, reports: Iterable[ConversionReport], at: datetime
) -> dict[str, Customer]:
    """Return the buyers by external id; of repeats nobody is asked, so that nobody comes back."""
    named = [report.customer for report in reports if report.customer]
    return find_customers(merchant_id, named, at=at, made_at=at)


def _insert(
    merchant_id: UUID,
    new: dict[ConversionKey, Reported],
    customers: dict[str, Customer],
    source: Source,
    by: Actor,
    at: datetime,
) -> set[UUID]:
    """Insert what is not there; return the ids of the new rows. Sorted: no two batches deadlock."""
    if not new:
        return set()
    rows = [
        Conversion(
            merchant_id=merchant_id,
            program_id=key.program_id,
            goal_id=key.goal_id,
            external_id=key.external_id,
            is_test=key.is_test,
            source=source,
            confirmed_at=None if source == Source.PIXEL else at,
            status_changed_at=at,
            **conversion_facts(row.report, customers),
        )
        for key, row in sorted(new.items(), key=lambda pair: pair[0])
    ]
    Conversion.objects.bulk_create(rows, ignore_conflicts=True)
    made = Conversion.objects.filter(merchant_id=merchant_id, id__in=[row.id for row in rows])
    stored = list(made.select_related("goal").order_by("id"))
    record_events([_received(row, by, at) for row in stored])
    return {row.id for row in stored}


def _received(row: Conversion, by: Actor, at: datetime) -> Event:
    return draft_event(
        merchant_id=row.merchant_id,
        type="conversion.received",
        subject_id=row.id,
        by=by,
        at=at,
        data={
            "goal": row.goal.code,
            "external_id": row.external_id,
            "source": row.source,
            "is_test": row.is_test,
        },
    )


def _outcomes(
    keys: Sequence[ConversionKey | ReportRefusal],
    reports: Sequence[tuple[Program, ConversionReport]],
    stored: dict[ConversionKey, Conversion],
    new_ids: set[UUID],
    confirmed: dict[UUID, Conversion],
    source: Source,
) -> list[Recorded | ReportRefusal]:
    outcomes: list[Recorded | ReportRefusal] = []
    first = new_ids | confirmed.keys()
    for key, (_program, report) in zip(keys, reports, strict=True):
        if not isinstance(key, ConversionKey):
            outcomes.append(key)
            continue
        row = confirmed.get(stored[key].id, stored[key])
        is_first = row.id in first
        first = first - {row.id}  # What follows with this key is a repeat.
        outcomes.append(
            Recorded(
                row,
                is_new=is_first and row.id in new_ids,
                is_confirmed=is_first and row.id in confirmed,
                amount_differs=not is_first and source != Source.PIXEL and _differs(row, report),
            )
        )
    return outcomes


def _differs(row: Conversion, report: ConversionReport) -> bool:
    """Whether a repeat names another amount: as reported, if both are in one foreign currency."""
    if row.original_currency and row.original_currency == report.original_currency:
        return row.original_minor != report.original_minor
    return row.amount_minor != report.amount_minor


def _note_differences(
    outcomes: Sequence[Recorded | ReportRefusal],
    reports: Sequence[tuple[Program, ConversionReport]],
    by: Actor,
    at: datetime,
) -> None:
    """Record, once for each other amount that is claimed, that it is not what was stored."""
    claims = {
        (row.conversion.id, report.amount_minor): row.conversion
        for row, (_program, report) in zip(outcomes, reports, strict=True)
        if isinstance(row, Recorded) and row.amount_differs
    }
    if not claims:
        return
    drafts = [
        amount_event(conversion, amount_minor, by=by, at=at)
        for (_id, amount_minor), conversion in claims.items()
    ]
    known = Event.objects.filter(
        merchant_id=drafts[0].merchant_id,
        type=drafts[0].type,
        subject_id__in={draft.subject_id for draft in drafts},
    )
    said = {(row.subject_id, row.data["reported_amount_minor"]) for row in known}
    record_events(
        [row for row in drafts if (row.subject_id, row.data["reported_amount_minor"]) not in said]
    )
