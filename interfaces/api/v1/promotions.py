"""Promotions: rates for a time. Their rules are made like any other, at the level promotion."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from commissions.models import Promotion
from commissions.services import archive_promotion, create_promotion, update_promotion
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Moment, Name, Strict
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.programs import programs
from merchants.rights import Scope
from programs.models import Tier

EXAMPLE = {
    "name": "Black Friday",
    "starts_at": "2026-11-27T00:00:00Z",
    "ends_at": "2026-11-30T00:00:00Z",
}


class PromotionSerializer(serializers.Serializer[Any]):
    """Rates for a time: they stand before those of tiers and of the program."""

    id = Id()
    program = Id(source="program_id")
    name = serializers.CharField()
    starts_at = Moment()
    ends_at = Moment(help_text="Not included.")
    tier = Id(source="tier_id", allow_null=True, help_text="For whom; null: everybody.")
    is_for_variant = serializers.BooleanField(help_text="Of an experiment.")
    archived_at = Moment(allow_null=True)
    created_at = Moment()


class PromotionChangesSerializer(Strict):
    """What of a promotion may change: everything."""

    name = Name(max_length=80, required=False)
    starts_at = Moment(required=False)
    ends_at = Moment(required=False)
    tier = Id(required=False, allow_null=True)


class NewPromotionSerializer(PromotionChangesSerializer):
    """A promotion; it pays by the rules that are added to it."""

    name = Name(max_length=80)
    starts_at = Moment()
    ends_at = Moment()


def promotions(call: Call, program_id: UUID) -> QuerySet[Promotion]:
    """Return the promotions of one of the merchant's programs."""
    program = one(programs(call), program_id)
    rows = Promotion.objects.filter(merchant_id=call.merchant_id, program=program)
    return rows.select_related("program", "tier")


def tier_of(call: Call, current: Tier | None = None) -> Tier | None:
    """Return the tier that a body names; without one, the present."""
    if "tier" not in call.body:
        return current
    id = call.body["tier"]
    mine = Tier.objects.filter(merchant_id=call.merchant_id)
    return one(mine, id, named_by="tier") if id else None


class Promotions(MerchantView):
    """The promotions of a program."""

    @endpoint("List promotions of a program", gives=PromotionSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Promotion]:
        return promotions(call, id)

    @endpoint(
        "Create a promotion",
        gives=PromotionSerializer,
        takes=NewPromotionSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example=EXAMPLE,
    )
    def post(self, call: Call, id: UUID) -> Promotion:
        body = call.body
        return create_promotion(
            program=one(programs(call), id),
            name=body["name"],
            starts_at=body["starts_at"],
            ends_at=body["ends_at"],
            tier=tier_of(call),
            by=call.by,
            at=call.at,
        )


class OnePromotion(MerchantView):
    """One promotion."""

    @endpoint("Read a promotion", gives=PromotionSerializer)
    def get(self, call: Call, id: UUID, promotion_id: UUID) -> Promotion:
        return one(promotions(call, id), promotion_id)

    @endpoint(
        "Change a promotion",
        gives=PromotionSerializer,
        takes=PromotionChangesSerializer,
        scope=Scope.PROGRAMS,
    )
    def patch(self, call: Call, id: UUID, promotion_id: UUID) -> Promotion:
        promotion, body = one(promotions(call, id), promotion_id), call.body
        return update_promotion(
            promotion=promotion,
            name=body.get("name", promotion.name),
            starts_at=body.get("starts_at", promotion.starts_at),
            ends_at=body.get("ends_at", promotion.ends_at),
            tier=tier_of(call, promotion.tier),
            by=call.by,
            at=call.at,
        )


class ArchivePromotion(MerchantView):
    """End a promotion now."""

    @endpoint("Archive a promotion", gives=PromotionSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID, promotion_id: UUID) -> Promotion:
        promotion = one(promotions(call, id), promotion_id)
        return archive_promotion(promotion=promotion, by=call.by, at=call.at)
