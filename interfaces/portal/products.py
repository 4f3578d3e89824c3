"""What the merchants sell: searched, each with the affiliate's own link straight to its page."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from common.pictures import allow_pictures
from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.materials import material_tabs
from interfaces.portal.text import link_address, money
from materials.filling import deep_link
from materials.models import Product
from materials.products import named, products_for
from materials.selectors import Means, means_of

PAGE = 24


@require_safe
@affiliate_page
def products(visit: Visit) -> HttpResponse:
    """List products, those whose name was asked for alone."""
    active = [row for row in visit.enrollments if row.is_active]
    chosen = [row for row in active if visit.program_id in (None, row.program_id)]
    words = visit.request.GET.get("q", "")[:100].replace("\0", "")
    there = products_for(chosen)
    page = Paginator(named(there, words), PAGE).get_page(visit.request.GET.get("page"))
    means = means_of(chosen, at=visit.at)
    by_program = {row.program_id: means[row.id] for row in chosen}
    context = {
        "page": page,
        "rows": [_row(row, by_program[row.program_id]) for row in page],
        "words": words,
        "has_any": there.exists(),
        "several": len(chosen) > 1,
        "program_id": visit.program_id or "",
        **material_tabs(active, on=visit.at.date()),
    }
    response = visit.show("portal/products.html", context, nav="materials", by_program=True)
    return allow_pictures(response, [row.image_url for row in page])


def _row(product: Product, means: Means) -> dict[str, Any]:
    link = means.links[0] if means.links else None
    priced = product.price_minor is not None
    return {
        "product": product,
        "price": money(product.price_minor or 0, product.program.currency) if priced else "",
        "link": deep_link(link_address(link.code), product.url) if link else "",
    }
