"""What is read of collaborations, by either side."""

from uuid import UUID

from django.db.models import QuerySet

from collaborations.models import Collaboration
from programs.models import Program


def collaborations_of(program: Program) -> QuerySet[Collaboration]:
    """Return those of a program, the newest first."""
    rows = Collaboration.objects.filter(merchant_id=program.merchant_id, program=program)
    return _whole(rows)


def collaborations_of_merchant(merchant_id: UUID) -> QuerySet[Collaboration]:
    """Return those of all programs, the newest first."""
    return _whole(Collaboration.objects.filter(merchant_id=merchant_id))


def collaborations_with(affiliate_id: UUID) -> QuerySet[Collaboration]:
    """Return those of an affiliate, of all merchants, the newest first."""
    return _whole(Collaboration.objects.filter(affiliate_id=affiliate_id))


def _whole(rows: QuerySet[Collaboration]) -> QuerySet[Collaboration]:
    found = rows.select_related("program__merchant", "enrollment", "affiliate", "link")
    return found.order_by("-pitched_at", "-id")
