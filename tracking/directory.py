"""Whose a click is, what is due and what is too old: asked across merchants, so as ops."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from common.ids import partition_bound
from merchants.tenancy import OPS
from tracking.models import (
    Cap,
    CapPeriod,
    CapUse,
    Import,
    ImportStatus,
    IntakeCall,
    Link,
    MissedCode,
)


class LinkOwner(NamedTuple):
    """Whose link a click came through."""

    merchant_id: UUID
    program_id: UUID


def owner_of_link(number: int) -> LinkOwner | None:
    """Return whose link has this number, which genuine click tokens carry."""
    links = Link.objects.using(OPS).filter(number=number)
    found = links.values_list("merchant_id", "program_id").first()
    return LinkOwner(*found) if found else None


def merchants_with_imports() -> list[UUID]:
    """Return the merchants with imports that are not done."""
    due = Import.objects.using(OPS).filter(status__in=[ImportStatus.WAITING, ImportStatus.RUNNING])
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def forget_intake_calls(*, before: datetime) -> int:
    """Delete what was said to the intakes before a moment; return how many. Safe to repeat.

    What is deleted here is no record of anything else, and goes by age alone.
    """
    old = IntakeCall.objects.using(OPS).filter(id__lt=partition_bound(before))
    return old.delete()[0]


def forget_cap_uses(*, before: datetime) -> int:
    """Delete the counts of hours and days before a moment; return how many. Safe to repeat."""
    short = Cap.objects.using(OPS).filter(period__in=[CapPeriod.HOUR, CapPeriod.DAY])
    old = CapUse.objects.using(OPS).filter(period_start__lt=before)
    return old.filter(cap_id__in=short.values("id")).delete()[0]


def forget_missed_codes(*, before: date) -> int:
    """Delete what was counted of unknown codes before a day; return how many. Safe to repeat."""
    return MissedCode.objects.using(OPS).filter(day__lt=before).delete()[0]
