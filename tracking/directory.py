"""Whose a click is, what is due and what is too old: asked across merchants, so as ops."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from common.ids import partition_bound
from merchants.tenancy import OPS
from tracking.models import Import, ImportStatus, IntakeCall, Link


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
    due = Import.objects.using(OPS).filter(
        status__in=[ImportStatus.WAITING, ImportStatus.RUNNING]
    )
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def forget_intake_calls(*, before: datetime) -> int:
    """Delete what was said to the intakes before a moment; return how many. Safe to repeat.

    The one write here: the log is no record of anything else, and it goes by age alone.
    """
    old = IntakeCall.objects.using(OPS).filter(id__lt=partition_bound(before))
    return old.delete()[0]
