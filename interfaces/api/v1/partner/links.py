"""An affiliate's links."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from affiliates.models import Enrollment
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.find import one
from interfaces.api.v1.links import (
    LinkChangesSerializer,
    LinkQuery,
    LinkResultsSerializer,
    LinkSerializer,
    NewLinkSerializer,
    NewLinksSerializer,
    make_links,
)
from merchants.tenancy import merchant_context
from tracking.bulk import LinkDraft, LinkRefusal, create_links
from tracking.models import Link
from tracking.services import CodeTaken, archive_link, create_link, update_link


def links(call: PartnerCall) -> QuerySet[Link]:
    """Return the affiliate's links."""
    return Link.objects.filter(affiliate_id=call.affiliate_id).select_related("program")


class PartnerLinks(PartnerView):
    """The affiliate's links, of all merchants."""

    @endpoint("List the affiliate's links", gives=LinkSerializer, query=LinkQuery)
    def get(self, call: PartnerCall) -> QuerySet[Link]:
        return links(call)

    @endpoint(
        "Create a link of the affiliate",
        gives=LinkSerializer,
        takes=NewLinkSerializer,
        status=201,
    )
    def post(self, call: PartnerCall) -> Link:
        own = Enrollment.objects.filter(affiliate_id=call.affiliate_id).select_related("program")
        enrollment = one(own, call.body["enrollment"], named_by="enrollment")
        facts = {name: value for name, value in call.body.items() if name != "enrollment"}
        with merchant_context(enrollment.merchant_id):
            return create_link(enrollment=enrollment, **facts)


class PartnerLinksBulk(PartnerView):
    """Many links at once."""

    @endpoint(
        "Create many links of the affiliate",
        gives=LinkResultsSerializer,
        takes=NewLinksSerializer,
        description="Up to 1,000. Each has its own result, in order; a wrong one stops no other.",
    )
    def post(self, call: PartnerCall) -> dict[str, Any]:
        own = Enrollment.objects.filter(affiliate_id=call.affiliate_id).select_related("program")
        return make_links(call.body["data"], enrollments=own, store=create_own_links, at=call.at)


def create_own_links(*, drafts: Sequence[LinkDraft]) -> list[Link | LinkRefusal]:
    """Create links of several merchants; return what came of each, in order.

    Merchants come in the order of their ids, so that two batches never wait for each other; of
    two drafts with one code the first gets it all the same.
    """
    outcomes: dict[int, Link | LinkRefusal] = {}
    named: set[str] = set()
    for at, draft in enumerate(drafts):
        if draft.code in named:
            outcomes[at] = CodeTaken(draft.code)
        elif draft.code:
            named.add(draft.code)
    left = [at for at in range(len(drafts)) if at not in outcomes]
    for merchant_id in sorted({drafts[at].enrollment.merchant_id for at in left}):
        places = [at for at in left if drafts[at].enrollment.merchant_id == merchant_id]
        with merchant_context(merchant_id):
            made = create_links(merchant_id=merchant_id, drafts=[drafts[at] for at in places])
        outcomes.update(zip(places, made, strict=True))
    return [outcomes[at] for at in range(len(drafts))]


class OnePartnerLink(PartnerView):
    """One link."""

    @endpoint("Read a link of the affiliate", gives=LinkSerializer)
    def get(self, call: PartnerCall, id: UUID) -> Link:
        return one(links(call), id)

    @endpoint("Change a link of the affiliate", gives=LinkSerializer, takes=LinkChangesSerializer)
    def patch(self, call: PartnerCall, id: UUID) -> Link:
        link = one(links(call), id)
        with merchant_context(link.merchant_id):
            return update_link(link=link, **call.body)


class ArchivePartnerLink(PartnerView):
    """Stop earning by a link."""

    @endpoint(
        "Archive a link of the affiliate",
        gives=LinkSerializer,
        description="Visitors are still led on.",
    )
    def post(self, call: PartnerCall, id: UUID) -> Link:
        link = one(links(call), id)
        with merchant_context(link.merchant_id):
            archive_link(link=link, at=call.at)
        return one(links(call), id)
