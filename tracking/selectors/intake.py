"""What was said to the public intakes, and what was imported."""

from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from tracking.models import Import, IntakeCall
from tracking.postbacks import CLICK_NAMES


def intake_calls_of(merchant_id: UUID) -> QuerySet[IntakeCall]:
    """Return what was said to the merchant's public intakes, newest first; kept for 30 days."""
    return IntakeCall.objects.filter(merchant_id=merchant_id).order_by("-id")


def calls_of_click(calls: QuerySet[IntakeCall], click: str) -> QuerySet[IntakeCall]:
    """Return the calls that named this click, under any of the names that systems give it."""
    named = Q()
    for name in CLICK_NAMES:
        named |= Q(said__contains={name: click})
    return calls.filter(named)


def calls_holding(calls: QuerySet[IntakeCall], text: str) -> QuerySet[IntakeCall]:
    """Return the calls in which the text stands anywhere, in whatever case."""
    told = calls.annotate(said_text=Cast("said", TextField()))
    return told.filter(
        Q(order_id__icontains=text) | Q(detail__icontains=text) | Q(said_text__icontains=text)
    )


def imports_of(merchant_id: UUID) -> QuerySet[Import]:
    """Return the merchant's imports without their files, newest first."""
    imports = Import.objects.filter(merchant_id=merchant_id).defer("content")
    return imports.select_related("program", "member__user").order_by("-created_at", "-id")
