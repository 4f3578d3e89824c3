"""The products of a program: replaced by its feed, found by affiliates."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from affiliates.models import Enrollment
from common.addresses import places_of
from materials.feed import read_feed
from materials.models import Product
from merchants.events import record_event
from merchants.models import Actor
from programs.models import Program

COLUMNS = ("title", "url", "price_minor", "image_url", "category")
AT_ONCE = 1_000


class Replaced(NamedTuple):
    """What a feed did."""

    total: int
    added: int
    removed: int


def replace_products(*, program: Program, content: bytes, by: Actor, at: datetime) -> Replaced:
    """Make the program's products what the feed says: what is not in it is gone. Safe to repeat.

    :raises BadValue: if a line cannot be a product. Then nothing changes.
    """
    places = places_of(program.landing_url, tuple(program.allowed_hosts))
    lines = read_feed(content, currency=program.currency, places=places)
    with transaction.atomic():
        Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)
        before = set(products_of(program).values_list("external_id", flat=True))
        now = {line.external_id for line in lines}
        products_of(program).filter(external_id__in=before - now).delete()
        Product.objects.bulk_create(
            [
                Product(
                    merchant_id=program.merchant_id,
                    program=program,
                    external_id=line.external_id,
                    **{name: getattr(line, name) for name in COLUMNS},
                )
                for line in lines
            ],
            batch_size=AT_ONCE,
            update_conflicts=True,
            unique_fields=["merchant", "program", "external_id"],
            update_fields=COLUMNS,
        )
        outcome = Replaced(len(now), added=len(now - before), removed=len(before - now))
        record_event(
            merchant_id=program.merchant_id,
            type="program.products_replaced",
            subject_id=program.id,
            by=by,
            at=at,
            data=outcome._asdict(),
        )
    return outcome


def products_of(program: Program) -> QuerySet[Product]:
    """Return the program's products by title."""
    rows = Product.objects.filter(merchant_id=program.merchant_id, program=program)
    return rows.order_by("title", "id")


def products_for(enrollments: Sequence[Enrollment]) -> QuerySet[Product]:
    """Return the products that these enrollments may link to, by title."""
    programs: list[UUID] = [row.program_id for row in enrollments if row.is_active]
    rows = Product.objects.filter(program_id__in=programs).select_related("program__merchant")
    return rows.order_by("title", "id")


def named(products: QuerySet[Product], words: str) -> QuerySet[Product]:
    """Return those whose title, category or id holds each of the words."""
    for word in words.split():
        products = products.filter(
            Q(title__icontains=word) | Q(category__icontains=word) | Q(external_id__iexact=word)
        )
    return products
