"""What an affiliate may link to, each with their own link straight to its page."""

from affiliates.models import Enrollment
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.fields import Id, Maybe, Text
from interfaces.api.pagination import Page, PageQuery, page_of
from interfaces.api.v1.links import LinkAddress
from interfaces.api.v1.products import ProductSerializer
from materials.filling import deep_link
from materials.models import Product
from materials.products import products_for
from materials.selectors import Means, means_of


class PartnerProductSerializer(ProductSerializer):
    """A product, with the affiliate's first link to it."""

    link = Maybe(help_text="null: the affiliate has no link in use.")


class PartnerProductQuery(PageQuery):
    """Filters of products."""

    program_id = Id(required=False)
    category = Text(required=False, max_length=120)


class PartnerProducts(PartnerView):
    """The products of the affiliate's programs."""

    @endpoint(
        "List the affiliate's products", gives=PartnerProductSerializer, query=PartnerProductQuery
    )
    def get(self, call: PartnerCall) -> Page[Product]:
        enrollments = list(Enrollment.objects.filter(affiliate_id=call.affiliate_id))
        page = page_of(products_for(enrollments), call.query)
        means = means_of(enrollments, at=call.at)
        by_program = {row.program_id: means[row.id] for row in enrollments}
        for row in page.rows:
            row.link = _link(row, by_program[row.program_id])  # type: ignore[attr-defined]
        return page


def _link(product: Product, means: Means) -> str:
    if not means.links:
        return ""
    return deep_link(LinkAddress().to_representation(means.links[0].code), product.url)
