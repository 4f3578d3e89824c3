"""Facts that came before their order: refunds and status reports, attached when it is there."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from commissions.accrual.conversions import ConversionRow
from merchants.tenancy import merchant_context
from tracking.models import Conversion, Refund, StatusReport
from tracking.services import count_anew


def attach_to(merchant_id: UUID, conversions: Sequence[ConversionRow]) -> int:
    """Attach to these conversions what has waited for them; return how many facts."""
    return _attach(
        merchant_id,
        Q(program_id__in={row.program_id for row in conversions})
        & Q(order_id__in={row.external_id for row in conversions}),
    )


def attach_waiting(*, merchant_id: UUID, at: datetime) -> int:
    """Attach whatever waits for an order that is there; return how many facts.

    For those that arrived in the very moment in which their order was attributed.
    """
    with merchant_context(merchant_id):
        return _attach(merchant_id, Q())


def _attach(merchant_id: UUID, which: Q) -> int:
    attached = 0
    refunds = Refund.objects.filter(merchant_id=merchant_id, conversion=None)
    if refunds.exists():  # Nearly always nothing waits.
        _forget_repeats(refunds.filter(which))
        foreign = refunds.filter(which, Exists(order_of_waiting())).exclude(original_currency="")
        foreign_ids = list(foreign.values_list("id", flat=True))
        attached += _attach_rows(refunds.filter(which))
        count_anew(merchant_id, foreign_ids)
    reports = StatusReport.objects.filter(merchant_id=merchant_id, conversion=None)
    if reports.exists():
        attached += _attach_rows(reports.filter(which))
    return attached


def _attach_rows(waiting: "QuerySet[Refund] | QuerySet[StatusReport]") -> int:
    order = order_of_waiting()
    return waiting.filter(Exists(order)).update(conversion=Subquery(order.values("id")[:1]))


def order_of_waiting() -> QuerySet[Conversion]:
    """Return, inside a query of waiting facts, the order that a fact waits for."""
    return Conversion.objects.filter(
        merchant_id=OuterRef("merchant_id"),
        program_id=OuterRef("program_id"),
        goal_id=OuterRef("goal_id"),
        external_id=OuterRef("order_id"),
        is_test=OuterRef("is_test"),
    )


def _forget_repeats(refunds: QuerySet[Refund]) -> None:
    """Delete those that were reported again, in the meantime, of the order itself."""
    order = order_of_waiting()
    known = Refund.objects.filter(
        merchant_id=OuterRef("merchant_id"),
        conversion__program_id=OuterRef("program_id"),
        conversion__goal_id=OuterRef("goal_id"),
        conversion__external_id=OuterRef("order_id"),
        conversion__is_test=OuterRef("is_test"),
        external_id=OuterRef("external_id"),
    )
    refunds.filter(Exists(order), Exists(known)).delete()
