"""Caps: set, and taken away. What counts against them is in `tracking.caps`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from common.ids import partition_bound
from common.refusals import BadValue, cleaned
from merchants.events import record_event
from merchants.models import Actor
from programs.models import Destination, Program
from programs.services import countries
from tracking.caps import Subject, counter_of, period_start, rule_of
from tracking.models import (
    Cap,
    CapAction,
    CapPeriod,
    CapScope,
    CapUnit,
    CapUse,
    Click,
    ConversionStatus,
    Credit,
)

LIMIT_MAX = 1_000_000_000_000
CAPS_MAX = 50  # Of one program: every click asks them all.


@dataclass(frozen=True, slots=True)
class CapDraft:
    """A limit to be set. Of the last three, only what the scope is may be named."""

    unit: CapUnit
    period: CapPeriod
    scope: CapScope
    limit: int
    is_hard: bool = False
    beyond: CapAction = CapAction.FALLBACK
    destination: Destination | None = None
    enrollment: Enrollment | None = None
    country: str = ""


def create_cap(*, program: Program, draft: CapDraft, by: Actor, at: datetime) -> Cap:
    """Set a cap; return it. What the present period has already, counts.

    So 100 a day, set at noon after 60 clicks, leaves 40. By country, clicks older than raw clicks
    are kept do not count.

    :raises BadValue: if a value cannot be, or the program has CAPS_MAX caps.
    """
    cap = _new_cap(program, draft)
    in_force = Cap.objects.filter(
        merchant_id=program.merchant_id, program=program, archived_at=None
    )
    if in_force.count() >= CAPS_MAX:
        raise BadValue("", "too_many", _("%d caps at the most.") % CAPS_MAX)
    with transaction.atomic():
        cap.save(force_insert=True)
        CapUse.objects.bulk_create(_uses_so_far(cap, at))
        _record(cap, "program.cap_added", by, at)
    return cap


def archive_cap(*, cap: Cap, by: Actor, at: datetime) -> None:
    """Limit no more; safe to repeat."""
    if Cap.objects.filter(id=cap.id, archived_at=None).update(archived_at=at):
        cap.archived_at = at
        _record(cap, "program.cap_archived", by, at)


def _new_cap(program: Program, draft: CapDraft) -> Cap:
    _require_named_fits(program, draft)
    if not 1 <= draft.limit <= LIMIT_MAX:
        raise BadValue("limit", "out_of_range", _("1 to %d.") % LIMIT_MAX)
    return Cap(
        merchant_id=program.merchant_id,
        program=program,
        unit=cleaned(Cap, "unit", draft.unit),
        period=cleaned(Cap, "period", draft.period),
        scope=cleaned(Cap, "scope", draft.scope),
        beyond=cleaned(Cap, "beyond", draft.beyond),
        limit=draft.limit,
        is_hard=draft.is_hard,
        destination=draft.destination,
        enrollment=draft.enrollment,
        country=draft.country,
    )


def _require_named_fits(program: Program, draft: CapDraft) -> None:
    named = {
        CapScope.DESTINATION: draft.destination,
        CapScope.ENROLLMENT: draft.enrollment,
        CapScope.COUNTRY: draft.country,
    }
    for scope, thing in named.items():
        if thing and draft.scope != scope:
            message = _("This names something else than the cap is for.")
            raise BadValue(scope.lower(), "not_the_scope", message)
    for field, row in (("destination", draft.destination), ("enrollment", draft.enrollment)):
        if row is not None and row.program_id != program.id:
            raise BadValue(field, "other_program", _("Choose one of this program."))
    if draft.country and draft.country not in countries():
        message = _("“%s” is not known here.") % draft.country[:60]
        raise BadValue("country", "unknown_country", message)


def _record(cap: Cap, type: str, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=cap.merchant_id,
        type=type,
        subject_id=cap.program_id,
        by=by,
        at=at,
        data={
            "cap": str(cap.id),
            "unit": cap.unit,
            "period": cap.period,
            "scope": cap.scope,
            "limit": cap.limit,
            "is_hard": cap.is_hard,
        },
    )


# What there is already ---------------------------------------------------------------------------


def _uses_so_far(cap: Cap, at: datetime) -> list[CapUse]:
    start = period_start(cap.period, at)
    rule = rule_of(cap)
    count_since = _conversions_since if cap.unit == CapUnit.CONVERSIONS else _clicks_since
    rows = count_since(cap, start)
    uses = []
    for subject, count in _subjects(cap, rows):
        counter = counter_of(rule, subject, merchant_id=str(cap.merchant_id), at=at)
        if counter is not None and count:
            # A hard cap's count never passes its limit: the rest was let in before there was one.
            used = min(count, cap.limit) if cap.is_hard else count
            uses.append(
                CapUse(
                    merchant_id=cap.merchant_id,
                    cap_id=cap.id,
                    counted=counter.counted,
                    period_start=counter.period_start,
                    used=used,
                )
            )
    return uses


Counted = tuple[UUID | str | None, int]  # What is counted together, and how much of it there is.


def _subjects(cap: Cap, rows: Iterable[Counted]) -> Iterator[tuple[Subject, int]]:
    for key, count in rows:
        name = str(key) if key else ""
        yield (
            Subject(
                enrollment_id=name if cap.scope == CapScope.ENROLLMENT else "",
                destination_id=name if cap.scope == CapScope.DESTINATION else "",
                country=name if cap.scope == CapScope.COUNTRY else "",
            ),
            count,
        )


CLICK_COLUMNS = {
    CapScope.PROGRAM: "program_id",
    CapScope.DESTINATION: "destination_id",
    CapScope.ENROLLMENT: "enrollment_id",
    CapScope.COUNTRY: "country",
}
CREDIT_COLUMNS = {
    CapScope.PROGRAM: "conversion__program_id",
    CapScope.DESTINATION: "destination_id",
    CapScope.ENROLLMENT: "enrollment_id",
    CapScope.COUNTRY: "conversion__customer__country",
}


def _clicks_since(cap: Cap, start: datetime) -> list[Counted]:
    """Count from the rollups, which are small and never dropped, where they know enough."""
    if cap.period == CapPeriod.HOUR or cap.scope == CapScope.COUNTRY:
        return _raw_clicks_since(cap, start)
    return _rolled_clicks_since(cap, start)


def _raw_clicks_since(cap: Cap, start: datetime) -> list[Counted]:
    column = CLICK_COLUMNS[CapScope(cap.scope)]
    clicks = Click.objects.filter(
        merchant_id=cap.merchant_id,
        program_id=cap.program_id,
        id__gte=partition_bound(start),
        refusal="",
    )
    return list(clicks.values_list(column).annotate(Count("id")).order_by())


def _rolled_clicks_since(cap: Cap, start: datetime) -> list[Counted]:
    # By name: the rollups belong to reports, which stand above; the edge writes them with clicks.
    by_destination = cap.scope == CapScope.DESTINATION
    table = "reports_dailydestinationclicks" if by_destination else "reports_dailyclicks"
    column = connection.ops.quote_name(CLICK_COLUMNS[CapScope(cap.scope)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column}, sum(credited)::bigint FROM {table}"  # noqa: S608 (constants above)
            " WHERE merchant_id = %s AND program_id = %s AND day >= %s GROUP BY 1",
            [cap.merchant_id, cap.program_id, start.date()],
        )
        return list(cursor.fetchall())


def _conversions_since(cap: Cap, start: datetime) -> list[Counted]:
    """Count what attribution has credited since, as it counts: when it does."""
    column = CREDIT_COLUMNS[CapScope(cap.scope)]
    credits = Credit.objects.filter(
        merchant_id=cap.merchant_id,
        conversion__program_id=cap.program_id,
        conversion__attributed_at__gte=start,
        conversion__is_test=False,
    ).exclude(conversion__status=ConversionStatus.DECLINED)
    return list(credits.values_list(column).annotate(Count("conversion_id", distinct=True)))
