"""An affiliate's partnerships with its merchants (docs/partnerships.md)."""

from uuid import UUID

from django.db.models import QuerySet

from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.partner.threads import writing
from interfaces.api.v1.partnerships import (
    ITEM_EXAMPLE,
    ItemMoveSerializer,
    ItemQuery,
    NewPlanItemSerializer,
    PartnershipQuery,
    PartnershipSerializer,
    PlanItemSerializer,
    ReviewSerializer,
    draft_from,
    one_item,
)
from merchants.tenancy import merchant_context
from partnerships.models import Item, ItemStatus, Partnership, Review
from partnerships.plan import add_item, move_item
from partnerships.selectors import items_of, partnerships_of_affiliate, reviews_of


class PartnerPartnerships(PartnerView):
    """The affiliate's partnerships, with all merchants."""

    @endpoint(
        "List the affiliate's partnerships", gives=PartnershipSerializer, query=PartnershipQuery
    )
    def get(self, call: PartnerCall) -> QuerySet[Partnership]:
        return partnerships_of_affiliate(call.affiliate_id)


def _one(call: PartnerCall, id: UUID) -> Partnership:
    return one(partnerships_of_affiliate(call.affiliate_id), id)


class PartnerPartnershipItems(PartnerView):
    """What is or was to be done in a partnership."""

    @endpoint(
        "List items of the affiliate's partnership", gives=PlanItemSerializer, query=ItemQuery
    )
    def get(self, call: PartnerCall, id: UUID) -> QuerySet[Item]:
        return items_of(_one(call, id))

    @endpoint(
        "Add an item to the affiliate's partnership",
        gives=PlanItemSerializer,
        takes=NewPlanItemSerializer,
        status=201,
        example=ITEM_EXAMPLE,
    )
    def post(self, call: PartnerCall, id: UUID) -> Item:
        partnership, by = _one(call, id), writing(call)
        with merchant_context(partnership.merchant_id):
            draft = draft_from(call.body)
            return add_item(partnership=partnership, draft=draft, by=by, at=call.at)


class PartnerMoveItem(PartnerView):
    """Say what became of it."""

    @endpoint(
        "Settle an item of the affiliate's partnership",
        gives=PlanItemSerializer,
        takes=ItemMoveSerializer,
        example={"status": "done"},
    )
    def post(self, call: PartnerCall, id: UUID, item_id: UUID) -> Item:
        item, by = one_item(_one(call, id), item_id), writing(call)
        to, note = ItemStatus(call.body["status"]), call.body.get("note", "")
        with merchant_context(item.merchant_id):
            return move_item(item=item, to=to, note=note, by=by, at=call.at)


class PartnerPartnershipReviews(PartnerView):
    """The reviews of a partnership."""

    @endpoint(
        "List reviews of the affiliate's partnership", gives=ReviewSerializer, query=ListQuery
    )
    def get(self, call: PartnerCall, id: UUID) -> QuerySet[Review]:
        return reviews_of(_one(call, id))
