"""Caps, and how much of them is used."""

from datetime import datetime

from django.db.models import (
    Case,
    DateTimeField,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from programs.models import Program
from tracking.caps import period_start
from tracking.models import Cap, CapPeriod, CapUse


def caps_of(program: Program, at: datetime) -> QuerySet[Cap]:
    """Return the program's caps in force, oldest first, each with its `used` of the present period.

    Where affiliates, destinations or countries are counted by themselves: the most of any.
    """
    caps = Cap.objects.filter(merchant_id=program.merchant_id, program=program, archived_at=None)
    return with_use(caps, at).order_by("created_at", "id")


def with_use(caps: QuerySet[Cap], at: datetime) -> QuerySet[Cap]:
    """Return the caps with what they name, and with `used`."""
    starts = Case(
        *(When(period=period, then=Value(period_start(period, at))) for period in CapPeriod.values),
        output_field=DateTimeField(),
    )
    uses = CapUse.objects.filter(
        merchant_id=OuterRef("merchant_id"),
        cap_id=OuterRef("id"),
        period_start=OuterRef("present"),
    )
    most = Subquery(uses.order_by("-used").values("used")[:1])
    named = caps.select_related("destination", "enrollment__affiliate").alias(present=starts)
    return named.annotate(used=Coalesce(most, 0, output_field=IntegerField()))
