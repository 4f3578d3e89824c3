"""Links and coupons."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from affiliates.models import Enrollment
from programs.models import Program
from tracking.models import Branch, Coupon, Link


def links_of(enrollment: Enrollment) -> list[Link]:
    """Return the enrollment's links, oldest first."""
    links = Link.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    return list(links.order_by("created_at", "id"))


def links_of_program(program: Program) -> QuerySet[Link]:
    """Return the program's links in use with their affiliates, by name and age."""
    links = Link.objects.filter(merchant_id=program.merchant_id, program=program, archived_at=None)
    return links.select_related("affiliate").order_by("affiliate__name", "created_at", "id")


def coupons_of(enrollment: Enrollment) -> list[Coupon]:
    """Return the enrollment's coupons, oldest first."""
    coupons = Coupon.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    return list(coupons.order_by("created_at", "id"))


def links_by_id(*, merchant_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Link]:
    """Return the named links with their affiliates."""
    links = Link.objects.filter(merchant_id=merchant_id, id__in=list(ids))
    return {link.id: link for link in links.select_related("affiliate")}


def branches_of(link: Link) -> list[Branch]:
    """Return the ways of a smart link with their targets, in the order in which they are asked."""
    branches = Branch.objects.filter(merchant_id=link.merchant_id, link=link)
    return list(branches.select_related("target").order_by("priority", "created_at", "id"))
