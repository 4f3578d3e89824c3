"""Many links or conversions in a handful of statements; a refused one stops no other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from affiliates.models import Enrollment
from common.refusals import BadValue
from merchants.events import draft_event, record_events
from merchants.models import Actor
from programs.models import Goal, Program
from programs.services import HostNotAllowed
from tracking.models import Conversion, Customer, Link
from tracking.services import (
    CodeTaken,
    ConversionReport,
    CurrencyMismatch,
    NotEnrolled,
    UnknownGoal,
    conversion_facts,
    new_link,
)

ConversionKey = tuple[UUID, UUID, str]  # (program, goal, external id)


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """A link to be made; without a code it gets a random one."""

    enrollment: Enrollment
    code: str = ""
    name: str = ""
    destination_url: str = ""
    fallback_url: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


LinkRefusal = NotEnrolled | HostNotAllowed | CodeTaken | BadValue


def create_links(*, merchant_id: UUID, drafts: Sequence[LinkDraft]) -> list[Link | LinkRefusal]:
    """Create the links; return each, or what refused it, in the order of the drafts.

    Enrollments come with their programs. Of two drafts with one code the first gets it.
    """
    outcomes: list[Link | LinkRefusal] = []
    by_code: dict[str, Link] = {}
    for draft in drafts:
        link = _link_of(draft, taken=by_code)
        outcomes.append(link)
        if isinstance(link, Link):
            by_code[link.code] = link
    in_order = [by_code[code] for code in sorted(by_code)]  # Two batches wait in one order.
    Link.objects.bulk_create(in_order, ignore_conflicts=True)
    made = Link.objects.filter(merchant_id=merchant_id, id__in=[link.id for link in in_order])
    ids = set(made.values_list("id", flat=True))
    return [
        CodeTaken(row.code) if isinstance(row, Link) and row.id not in ids else row
        for row in outcomes
    ]


def _link_of(draft: LinkDraft, *, taken: dict[str, Link]) -> Link | LinkRefusal:
    facts = {row.name: getattr(draft, row.name) for row in fields(draft)}
    try:
        link = new_link(facts.pop("enrollment"), facts)
    except (NotEnrolled, HostNotAllowed, BadValue) as refusal:
        return refusal
    return CodeTaken(link.code) if link.code in taken else link


@dataclass(frozen=True, slots=True)
class Recorded:
    """A stored conversion, and whether this report was its first."""

    conversion: Conversion
    is_new: bool


ReportRefusal = UnknownGoal | CurrencyMismatch


def record_conversions(
    *,
    merchant_id: UUID,
    reports: Sequence[tuple[Program, ConversionReport]],
    by: Actor,
    at: datetime,
) -> list[Recorded | ReportRefusal]:
    """Store reported conversions; return each as stored, or what refused it, in order.

    As `record_conversion` does with one: a repeat, in this batch too, stores nothing. Safe to
    retry.
    """
    goals = _goals(merchant_id, {program.id for program, _report in reports})
    outcomes: list[ConversionKey | ReportRefusal] = []
    wanted: dict[ConversionKey, tuple[Program, ConversionReport]] = {}
    for program, report in reports:
        key = _key_of(goals, program, report)
        outcomes.append(key)
        if isinstance(key, tuple):
            wanted.setdefault(key, (program, report))
    new_ids = _insert(merchant_id, wanted, by, at)
    stored = _stored(merchant_id, wanted)
    results: list[Recorded | ReportRefusal] = []
    for outcome in outcomes:
        if isinstance(outcome, tuple):
            conversion = stored[outcome]
            results.append(Recorded(conversion, conversion.id in new_ids))
            new_ids.discard(conversion.id)  # What follows with this key is a repeat.
        else:
            results.append(outcome)
    return results


def _goals(merchant_id: UUID, program_ids: Iterable[UUID]) -> dict[tuple[UUID, str], Goal]:
    goals = Goal.objects.filter(merchant_id=merchant_id, program_id__in=list(program_ids))
    return {(goal.program_id, goal.code): goal for goal in goals}


def _key_of(
    goals: dict[tuple[UUID, str], Goal], program: Program, report: ConversionReport
) -> ConversionKey | ReportRefusal:
    goal = goals.get((program.id, report.goal))
    if goal is None:
        return UnknownGoal(report.goal)
    if report.currency != program.currency:
        return CurrencyMismatch(f"{report.currency} conversion, {program.currency} program")
    return program.id, goal.id, report.external_id


def _insert(
    merchant_id: UUID,
    wanted: dict[ConversionKey, tuple[Program, ConversionReport]],
    by: Actor,
    at: datetime,
) -> set[UUID]:
    """Insert what is not there; return the ids of the new rows. Sorted: no two batches deadlock."""
    customers = _customers(merchant_id, [report for _program, report in wanted.values()], at)
    rows = [
        Conversion(
            merchant_id=merchant_id,
            program_id=key[0],
            goal_id=key[1],
            external_id=key[2],
            **conversion_facts(
                report,
                customer=customers.get(report.customer.external_id) if report.customer else None,
                at=at,
            ),
        )
        for key, (_program, report) in sorted(wanted.items(), key=lambda pair: pair[0])
    ]
    Conversion.objects.bulk_create(rows, ignore_conflicts=True)
    made = Conversion.objects.filter(merchant_id=merchant_id, id__in=[row.id for row in rows])
    new = list(made.select_related("goal").order_by("id"))
    record_events(
        [
            draft_event(
                merchant_id=merchant_id,
                type="conversion.received",
                subject_id=row.id,
                by=by,
                at=at,
                data={"goal": row.goal.code, "external_id": row.external_id},
            )
            for row in new
        ]
    )
    return {row.id for row in new}


def _customers(
    merchant_id: UUID, reports: Sequence[ConversionReport], at: datetime
) -> dict[str, Customer]:
    """Return the customers of the reports by external id, the unknown ones created."""
    named = {row.customer.external_id: row.customer for row in reports if row.customer}
    if not named:
        return {}
    rows = [
        Customer(
            merchant_id=merchant_id,
            external_id=external_id,
            country=named[external_id].country,
            first_seen_at=at,
        )
        for external_id in sorted(named)
    ]
    Customer.objects.bulk_create(rows, ignore_conflicts=True)
    found = Customer.objects.filter(merchant_id=merchant_id, external_id__in=list(named))
    return {customer.external_id: customer for customer in found}


def _stored(merchant_id: UUID, keys: Iterable[ConversionKey]) -> dict[ConversionKey, Conversion]:
    by_key = list(keys)
    rows = Conversion.objects.filter(
        merchant_id=merchant_id,
        program_id__in={key[0] for key in by_key},
        goal_id__in={key[1] for key in by_key},
        external_id__in={key[2] for key in by_key},
    )
    return {(row.program_id, row.goal_id, row.external_id): row for row in rows}
