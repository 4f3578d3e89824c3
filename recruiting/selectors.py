"""What is read of prospects."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from affiliates.models import Status
from recruiting.models import IN_PROGRAM, LetterTemplate, Prospect, Stage


def prospects_of(merchant_id: UUID) -> QuerySet[Any, Any]:
    """Return the merchant's prospects with their stage and what a list names, newest first."""
    rows = Prospect.objects.filter(merchant_id=merchant_id).staged()
    named = rows.select_related("program", "owner__user", "enrollment", "recruiter__affiliate")
    return named.annotate(
        last_contact_at=Max("contacts__at"),
        visits=Count("letters", filter=Q(letters__visits__gt=0), distinct=True),
    ).order_by("-found_at", "-id")


def count_stages(prospects: QuerySet[Any, Any]) -> dict[str, int]:
    """Return how many stand at each stage."""
    rows = prospects.order_by().values_list("stage_now").annotate(count=Count("id", distinct=True))
    return dict.fromkeys(Stage.values, 0) | dict(rows)


def templates_of(merchant_id: UUID) -> Sequence[LetterTemplate]:
    """Return the letter templates in use, by name."""
    rows = LetterTemplate.objects.filter(merchant_id=merchant_id, archived_at=None)
    return list(rows.order_by("name"))


def template_use(merchant_id: UUID) -> Sequence[Any]:
    """Return the templates in use with how many letters were sent, followed, and led to."""
    rows = LetterTemplate.objects.filter(merchant_id=merchant_id, archived_at=None)
    sent = Q(letters__sent_at__isnull=False)
    return list(
        rows.annotate(
            sent=Count("letters", filter=sent),
            followed=Count("letters", filter=Q(letters__visits__gt=0)),
            applied=Count(
                "letters__prospect",
                filter=sent
                & Q(letters__prospect__enrollment__isnull=False)
                & ~Q(letters__prospect__enrollment__status=Status.INVITED),
                distinct=True,
            ),
            joined=Count(
                "letters__prospect",
                filter=sent & Q(letters__prospect__enrollment__status__in=IN_PROGRAM),
                distinct=True,
            ),
        ).order_by("name")
    )
