"""Files by their address, and whose banner is seen: asked by browsers of nobody, so as ops."""

from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch

from affiliates.models import Enrollment
from materials.models import Material, MaterialKind, MaterialPart, ProductFeed, StoredFile
from merchants.tenancy import OPS
from tracking.models import Link


def file_at(file_id: UUID) -> StoredFile | None:
    """Return a file with its content."""
    return StoredFile.objects.using(OPS).filter(id=file_id).first()


def banner_at(material_id: UUID) -> Material | None:
    """Return a banner, archived ones too: it still stands on somebody's page; or rotating ones."""
    kinds = [MaterialKind.BANNER, MaterialKind.ROTATION]
    rows = Material.objects.using(OPS).filter(id=material_id, kind__in=kinds)
    parts = MaterialPart.objects.using(OPS).select_related("banner__file")
    whole = rows.select_related("file").prefetch_related(
        Prefetch("parts", parts.defer("banner__file__content"))
    )
    return whole.defer("file__content").first()


def shown_by(material: Material, code: str) -> Enrollment | None:
    """Return on whose pages the banner stands: the owner of this link, of the same program."""
    links = Link.objects.using(OPS).filter(
        code=code, program_id=material.program_id, merchant_id=material.merchant_id
    )
    link = links.select_related("enrollment").first()
    return link.enrollment if link else None


def merchants_with_feeds(*, at: datetime) -> list[UUID]:
    """Return the merchants with a product feed that is due."""
    due = ProductFeed.objects.using(OPS).filter(due_at__lte=at)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())
