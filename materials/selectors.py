"""What is read of materials: by members of the merchant, and by affiliates of the program."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum

from affiliates.models import Enrollment
from materials.models import Material, MaterialPart, MaterialTier, MaterialUse
from programs.models import Program
from tracking.models import Coupon, Link


class Usage(NamedTuple):
    """How much a material was used so far, and by how many affiliates."""

    affiliates: int = 0
    views: int = 0
    copies: int = 0
    downloads: int = 0


UNUSED = Usage()


def materials_of(program: Program) -> QuerySet[Material]:
    """Return the program's materials, archived ones too, with their files and tiers."""
    rows = Material.objects.filter(merchant_id=program.merchant_id, program=program)
    return _whole(rows).order_by("category", "title", "id")


def find_material(program: Program, material_id: UUID) -> Material | None:
    """Return one of the program's materials."""
    return materials_of(program).filter(id=material_id).first()


def usage_of(materials: Collection[Material]) -> dict[UUID, Usage]:
    """Return how each of these was used, by its id; those that were not are not in it."""
    rows = MaterialUse.objects.filter(
        merchant_id__in={row.merchant_id for row in materials},
        material_id__in=[row.id for row in materials],
    )
    sums = rows.values_list("material_id").annotate(
        Count("enrollment_id", distinct=True), Sum("views"), Sum("copies"), Sum("downloads")
    )
    return {id: Usage(*counts) for id, *counts in sums.order_by()}


def visible_to(enrollments: Sequence[Enrollment], *, on: date) -> QuerySet[Material]:
    """Return what these enrollments may use on a day: of their programs, for all or their tier."""
    wanted = Q(pk__in=[])
    tiers = MaterialTier.objects.filter(material=OuterRef("pk"))
    for row in enrollments:
        if row.is_active:
            for_it = Q(~Exists(tiers))
            if row.tier_id:
                for_it |= Q(Exists(tiers.filter(tier_id=row.tier_id)))
            wanted |= Q(program_id=row.program_id) & for_it
    begun = Q(visible_from=None) | Q(visible_from__lte=on)
    not_over = Q(visible_until=None) | Q(visible_until__gte=on)
    rows = Material.objects.filter(wanted, begun, not_over, archived_at=None)
    return _whole(rows).order_by("category", "title", "id")


def _whole(rows: QuerySet[Material]) -> QuerySet[Material]:
    with_files = rows.select_related("program__merchant", "file").defer("file__content")
    parts = MaterialPart.objects.select_related("banner__file").defer("banner__file__content")
    return with_files.prefetch_related("audience__tier", Prefetch("parts", parts))


class Means(NamedTuple):
    """What an affiliate promotes a program by."""

    links: list[Link]  # In use and leading somewhere by themselves, the oldest first.
    coupon: str  # The newest that is valid; empty without one.


def means_of(enrollments: Sequence[Enrollment], *, at: datetime) -> dict[UUID, Means]:
    """Return by what each of these enrollments promotes now, by its id."""
    ids = [row.id for row in enrollments]
    merchants = {row.merchant_id for row in enrollments}
    found: dict[UUID, Means] = {id: Means([], "") for id in ids}
    in_use = Q(archived_at=None) & (Q(ends_at=None) | Q(ends_at__gt=at))
    links = Link.objects.filter(in_use, merchant_id__in=merchants, enrollment_id__in=ids)
    for link in links.filter(smart_rule="").order_by("created_at", "id"):
        found[link.enrollment_id].links.append(link)
    begun = Q(valid_from=None) | Q(valid_from__lte=at)
    not_over = Q(valid_until=None) | Q(valid_until__gt=at)
    coupons = Coupon.objects.filter(
        begun, not_over, merchant_id__in=merchants, enrollment_id__in=ids, archived_at=None
    )
    for coupon in coupons.order_by("created_at", "id"):
        found[coupon.enrollment_id] = found[coupon.enrollment_id]._replace(coupon=coupon.code)
    return found
