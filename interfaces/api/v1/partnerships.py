"""Partnerships, their plan and their reviews (docs/partnerships.md)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.selectors import enrollments_of
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Moment, Name, Strict, Text, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.replay_shapes import PlainObject
from merchants.rights import Scope
from messaging.models import Side
from messaging.services import as_member
from partnerships.models import Item, ItemKind, ItemStatus, Partnership, Review, ReviewStatus
from partnerships.plan import ItemDraft, add_item, move_item
from partnerships.selectors import items_of, partnerships_of, reviews_of
from partnerships.services import begin_partnership


class PartnershipSerializer(serializers.Serializer[Any]):
    """An enrollment with which the merchant works more closely."""

    id = Id()
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    review_months = serializers.IntegerField()
    started_at = Moment()
    ended_at = Moment(allow_null=True)
    created_at = Moment()


class PlanItemSerializer(serializers.Serializer[Any]):
    """Something to be done by a side, or a person of it."""

    id = Id()
    partnership = Id(source="partnership_id")
    kind = Word(ItemKind)
    review = Id(source="review_id", allow_null=True, help_text="In which it was agreed.")
    title = serializers.CharField()
    details = serializers.CharField()
    side = Word(Side, help_text="Who does it.")
    owner = serializers.CharField(
        source="owner.name", allow_null=True, default=None, help_text="The name of the person."
    )
    due_on = serializers.DateField(allow_null=True)
    status = Word(ItemStatus)
    status_changed_at = Moment()
    created_at = Moment()


class ReviewSerializer(serializers.Serializer[Any]):
    """A meeting about the days that are over; its snapshot never changes."""

    id = Id()
    partnership = Id(source="partnership_id")
    planned_on = serializers.DateField()
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    status = Word(ReviewStatus)
    agenda = serializers.CharField()
    notes = serializers.CharField()
    snapshot = PlainObject(
        allow_null=True,
        help_text="`currency`, `figures`, `before` (minor units), `goals`, `done`, `not_done`.",
    )
    snapshot_at = Moment(allow_null=True)
    created_at = Moment()


class NewPartnershipSerializer(Strict):
    """With whom."""

    enrollment = Id()


class NewPlanItemSerializer(Strict):
    """What is to be done, and by which side."""

    title = Name(max_length=200)
    details = Text(max_length=2000, required=False)
    kind = Word(ItemKind, required=False, help_text="`plan` unless said, or `commitment`.")
    side = Word(Side)
    due_on = serializers.DateField(required=False)


class ItemMoveSerializer(Strict):
    """What became of it."""

    status = Word(ItemStatus)
    note = Text(max_length=300, required=False)


class PartnershipQuery(ListQuery):
    """Filters of the partnerships."""

    enrollment = Id(required=False, source="enrollment_id")


class ItemQuery(ListQuery):
    """Filters of the items."""

    status = Word(ItemStatus, required=False)
    kind = Word(ItemKind, required=False)
    side = Word(Side, required=False)


ITEM_EXAMPLE = {"title": "Newsletter about winter", "side": "affiliate", "due_on": "2026-11-30"}


def draft_from(body: dict[str, Any]) -> ItemDraft:
    """Return the item that a validated body describes."""
    return ItemDraft(**body)


class Partnerships(MerchantView):
    """The merchant's partnerships."""

    @endpoint("List partnerships", gives=PartnershipSerializer, query=PartnershipQuery)
    def get(self, call: Call) -> QuerySet[Partnership]:
        return partnerships_of(call.merchant_id)

    @endpoint(
        "Begin a partnership",
        gives=PartnershipSerializer,
        takes=NewPartnershipSerializer,
        status=201,
        scope=Scope.AFFILIATES,
        example={"enrollment": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b"},
        description="The key's member is its first person. Again for the same: the same.",
    )
    def post(self, call: Call) -> Partnership:
        call.require_real()
        enrollments = enrollments_of(call.merchant_id)
        return begin_partnership(
            enrollment=one(enrollments, call.body["enrollment"], named_by="enrollment"),
            member=call.member,
            by=call.by,
            at=call.at,
        )


class OnePartnership(MerchantView):
    """One partnership."""

    @endpoint("Read a partnership", gives=PartnershipSerializer)
    def get(self, call: Call, id: UUID) -> Partnership:
        return one(partnerships_of(call.merchant_id), id)


class PartnershipItems(MerchantView):
    """What is or was to be done in a partnership."""

    @endpoint("List items of a partnership", gives=PlanItemSerializer, query=ItemQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Item]:
        return items_of(one(partnerships_of(call.merchant_id), id))

    @endpoint(
        "Add an item to a partnership",
        gives=PlanItemSerializer,
        takes=NewPlanItemSerializer,
        status=201,
        scope=Scope.AFFILIATES,
        example=ITEM_EXAMPLE,
    )
    def post(self, call: Call, id: UUID) -> Item:
        call.require_real()
        return add_item(
            partnership=one(partnerships_of(call.merchant_id), id),
            draft=draft_from(call.body),
            by=as_member(call.member, call.by),
            at=call.at,
        )


class MoveItem(MerchantView):
    """Say what became of it."""

    @endpoint(
        "Settle an item of a partnership",
        gives=PlanItemSerializer,
        takes=ItemMoveSerializer,
        scope=Scope.AFFILIATES,
        example={"status": "done", "note": "Sent to 40,000 readers."},
    )
    def post(self, call: Call, id: UUID, item_id: UUID) -> Item:
        call.require_real()
        return move_item(
            item=one_item(one(partnerships_of(call.merchant_id), id), item_id),
            to=ItemStatus(call.body["status"]),
            note=call.body.get("note", ""),
            by=as_member(call.member, call.by),
            at=call.at,
        )


def one_item(partnership: Partnership, item_id: UUID) -> Item:
    """Return an item of a partnership, with what a move asks of it."""
    rows = items_of(partnership).select_related("owner", "partnership__enrollment")
    return one(rows, item_id)


class PartnershipReviews(MerchantView):
    """The reviews of a partnership."""

    @endpoint("List reviews of a partnership", gives=ReviewSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Review]:
        return reviews_of(one(partnerships_of(call.merchant_id), id))
