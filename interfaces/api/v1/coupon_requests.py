"""Codes that affiliates ask for, given or refused."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Moment, Name, Strict, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.coupons import CouponLimitsSerializer
from merchants.rights import Scope
from tracking.models import CouponRequest, CouponRequestStatus
from tracking.selectors import coupon_requests_of
from tracking.services import give_requested, refuse_requested


class CouponRequestSerializer(serializers.Serializer[Any]):
    """A code that an affiliate would like to have."""

    id = Id()
    program = Id(source="program_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    code = serializers.CharField()
    status = Word(CouponRequestStatus)
    answer = serializers.CharField(help_text="Why not.")
    coupon = Id(source="coupon_id", allow_null=True)
    asked_at = Moment()
    answered_at = Moment(allow_null=True)
    created_at = Moment()


class CouponRequestQuery(ListQuery):
    """Filters of the requests."""

    program = Id(required=False, source="program_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    status = Word(CouponRequestStatus, required=False)


class RefusedSerializer(Strict):
    """Why not: the affiliate reads it."""

    reason = Name(max_length=500)


class CouponRequests(MerchantView):
    """What the merchant's affiliates asked for."""

    @endpoint("List coupon requests", gives=CouponRequestSerializer, query=CouponRequestQuery)
    def get(self, call: Call) -> QuerySet[CouponRequest]:
        return coupon_requests_of(call.merchant_id)


class GiveCouponRequest(MerchantView):
    """Yes."""

    @endpoint(
        "Give a requested coupon",
        gives=CouponRequestSerializer,
        takes=CouponLimitsSerializer,
        scope=Scope.AFFILIATES,
        description="Makes the coupon. The shop has to know the code, too.",
    )
    def post(self, call: Call, id: UUID) -> CouponRequest:
        asked = one(coupon_requests_of(call.merchant_id), id)
        return give_requested(request=asked, by=call.by, at=call.at, **call.body)


class RefuseCouponRequest(MerchantView):
    """No."""

    @endpoint(
        "Refuse a requested coupon",
        gives=CouponRequestSerializer,
        takes=RefusedSerializer,
        scope=Scope.AFFILIATES,
        example={"reason": "A competitor is called so."},
    )
    def post(self, call: Call, id: UUID) -> CouponRequest:
        asked = one(coupon_requests_of(call.merchant_id), id)
        return refuse_requested(request=asked, reason=call.body["reason"], by=call.by, at=call.at)
