"""Pages by their public address: asked by visitors of nobody, so as ops."""

from django.db.models import QuerySet

from cobranding.models import CobrandPiece
from merchants.tenancy import OPS


def piece_at(code: str) -> CobrandPiece | None:
    """Return what is at an address, whatever its status."""
    rows: QuerySet[CobrandPiece] = CobrandPiece.objects.using(OPS).filter(code=code)
    found = rows.select_related(
        "template__picture", "program__merchant", "enrollment", "link", "logo"
    )
    return found.defer("template__picture__content", "logo__content").first()
