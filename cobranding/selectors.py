"""What is read of templates and pieces: by members of the merchant, and by affiliates."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from affiliates.models import Enrollment
from cobranding.models import CobrandPiece, CobrandTemplate, PieceStatus
from programs.models import Program


def templates_of(program: Program) -> QuerySet[CobrandTemplate]:
    """Return the program's templates, archived ones too, with how many pieces there are."""
    rows = CobrandTemplate.objects.filter(merchant_id=program.merchant_id, program=program)
    counted = rows.annotate(
        live=Count("pieces", filter=Q(pieces__status=PieceStatus.LIVE)),
        waiting=Count("pieces", filter=Q(pieces__status=PieceStatus.WAITING)),
    )
    return _with_pictures(counted).order_by("title", "id")


def pieces_of(merchant_id: UUID) -> QuerySet[CobrandPiece]:
    """Return what the merchant's affiliates made, drafts left out, what waits first."""
    rows = CobrandPiece.objects.filter(merchant_id=merchant_id).exclude(status=PieceStatus.DRAFT)
    return _whole(rows).order_by("-created_at", "-id")


def templates_for(enrollments: Sequence[Enrollment]) -> QuerySet[CobrandTemplate]:
    """Return the templates in use of these enrollments' programs."""
    programs = [row.program_id for row in enrollments if row.is_active]
    rows = CobrandTemplate.objects.filter(program_id__in=programs, archived_at=None)
    return _with_pictures(rows).order_by("title", "id")


def pieces_by(affiliate_id: UUID) -> QuerySet[CobrandPiece]:
    """Return what an affiliate made, of all merchants."""
    return _whole(CobrandPiece.objects.filter(affiliate_id=affiliate_id)).order_by("id")


def _with_pictures(rows: QuerySet[CobrandTemplate]) -> QuerySet[CobrandTemplate]:
    return rows.select_related("program__merchant", "picture").defer("picture__content")


def _whole(rows: QuerySet[CobrandPiece]) -> QuerySet[CobrandPiece]:
    found = rows.select_related(
        "template__picture", "program__merchant", "enrollment", "affiliate", "link", "logo"
    )
    return found.defer("template__picture__content", "logo__content")
