"""What was said to the public intakes, and what was imported."""

from uuid import UUID

from django.db.models import QuerySet

from tracking.models import Import, IntakeCall


def intake_calls_of(merchant_id: UUID) -> QuerySet[IntakeCall]:
    """Return what was said to the merchant's public intakes, newest first; kept for 30 days."""
    return IntakeCall.objects.filter(merchant_id=merchant_id).order_by("-id")


def imports_of(merchant_id: UUID) -> QuerySet[Import]:
    """Return the merchant's imports without their files, newest first."""
    imports = Import.objects.filter(merchant_id=merchant_id).defer("content")
    return imports.select_related("program", "member__user").order_by("-created_at", "-id")
