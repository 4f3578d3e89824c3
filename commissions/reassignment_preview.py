"""What reassigning would do to everybody's money: done for real, looked at, and undone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from affiliates.models import Enrollment
from commissions.models import Commission, Status
from commissions.services.reassignments import reassign_conversion, reassign_customer
from merchants.models import Actor
from programs.models import Program
from tracking.models import Conversion, Customer

WHY = "preview"  # Nobody ever reads it.


@dataclass(frozen=True, slots=True)
class Moved:
    """What one affiliate earns by the conversions now, and would earn afterwards."""

    name: str
    currency: str
    before_minor: int
    after_minor: int


class _Undo(Exception):
    """The preview has seen what it came for."""


def preview_conversion_reassignment(
    *, conversion: Conversion, enrollment: Enrollment, by: Actor, at: datetime
) -> list[Moved]:
    """Return what reassigning a conversion would move; nothing stays of it.

    :raises BadValue, IllegalMove: as reassigning does.
    """
    merchant_id, ids = conversion.merchant_id, [conversion.id]
    same = Conversion.objects.get(merchant_id=merchant_id, id=conversion.id)

    def reassign() -> Iterable[UUID]:
        reassign_conversion(conversion=same, enrollment=enrollment, reason=WHY, by=by, at=at)
        return ids

    return _tried(merchant_id, reassign)


def preview_customer_reassignment(
    *, customer: Customer, program: Program, enrollment: Enrollment, by: Actor, at: datetime
) -> list[Moved]:
    """Return what reassigning a customer would move; nothing stays of it.

    :raises BadValue: as reassigning does.
    """

    def reassign() -> Iterable[UUID]:
        return reassign_customer(
            customer=customer, program=program, enrollment=enrollment, reason=WHY, by=by, at=at
        )

    return _tried(program.merchant_id, reassign)


def _tried(merchant_id: UUID, reassign: Callable[[], Iterable[UUID]]) -> list[Moved]:
    after: dict[tuple[UUID, str, str], int] = {}
    ids: list[UUID] = []
    try:
        with transaction.atomic():
            ids = list(reassign())
            after = _earned(merchant_id, ids)
            raise _Undo
    except _Undo:
        before = _earned(merchant_id, ids)
    return [
        Moved(name, currency, before.get(key, 0), after.get(key, 0))
        for key in sorted(before.keys() | after.keys(), key=lambda key: (key[1], str(key[0])))
        for _id, name, currency in [key]
    ]


def _earned(merchant_id: UUID, ids: Iterable[UUID]) -> dict[tuple[UUID, str, str], int]:
    lines = Commission.objects.filter(merchant_id=merchant_id, conversion_id__in=list(ids))
    kept = lines.exclude(status=Status.DECLINED).order_by()
    names = ("enrollment_id", "affiliate__name", "currency")
    sums = kept.values(*names).annotate(earned=Sum("amount_minor"))
    return {tuple(row[name] for name in names): row["earned"] for row in sums}
