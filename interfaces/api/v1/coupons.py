"""Coupons: discount codes whose use credits an affiliate."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.selectors import enrollments_of
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Moment, Plain, Strict, Text, Whole
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from merchants.rights import Scope
from tracking.models import Coupon
from tracking.services import (
    COUPONS_MAX,
    OFFER_MAX,
    PREFIX_MAX,
    USES_MAX,
    archive_coupon,
    create_coupon,
    create_coupons,
    update_coupon,
)

COUPON_CODE = r"^[A-Za-z0-9_-]{3,40}\Z"
COUPON_PREFIX = r"^[A-Za-z0-9_-]*\Z"


class CouponSerializer(serializers.Serializer[Any]):
    """A discount code whose use credits an affiliate."""

    id = Id()
    program = Id(source="program_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    code = serializers.CharField()
    valid_from = Moment(allow_null=True)
    valid_until = Moment(allow_null=True)
    uses_max = serializers.IntegerField(allow_null=True, help_text="null: any number of uses.")
    customer_uses_max = serializers.IntegerField(
        allow_null=True, help_text="Of these by one customer; null: any number."
    )
    offer = serializers.CharField(help_text="What it gives the buyer, in words.")
    archived_at = Moment(allow_null=True)
    created_at = Moment()


class CouponLimitsSerializer(Strict):
    """When, and how often, a coupon's use credits somebody."""

    valid_from = Moment(required=False, allow_null=True)
    valid_until = Moment(required=False, allow_null=True)
    uses_max = Whole(min_value=1, max_value=USES_MAX, required=False, allow_null=True)
    customer_uses_max = Whole(min_value=1, max_value=USES_MAX, required=False, allow_null=True)
    offer = Text(max_length=OFFER_MAX, required=False, allow_blank=True)


class NewCouponSerializer(CouponLimitsSerializer):
    """A code of the shop, given to an approved enrollment."""

    enrollment = Id()
    code = Plain(COUPON_CODE, max_length=40)


class CouponChangesSerializer(CouponLimitsSerializer):
    """A coupon may be respelt, or given to another enrollment of its program."""

    enrollment = Id(required=False)
    code = Plain(COUPON_CODE, max_length=40, required=False)


class NewCouponsSerializer(CouponLimitsSerializer):
    """Random codes, each the prefix and eight characters that nobody mistakes for others."""

    enrollment = Id()
    count = Whole(min_value=1, max_value=COUPONS_MAX)
    prefix = Plain(
        COUPON_PREFIX, max_length=PREFIX_MAX, required=False, allow_blank=True, default=""
    )


class NewCouponsResultSerializer(serializers.Serializer[Any]):
    """What was made, by their codes."""

    data = CouponSerializer(many=True)  # type: ignore[assignment]


class CouponQuery(ListQuery):
    """Filters of the coupons."""

    program = Id(required=False, source="program_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    code = Text(required=False, max_length=40)


def coupons(call: Call) -> QuerySet[Coupon]:
    """Return the merchant's coupons."""
    return Coupon.objects.filter(merchant_id=call.merchant_id)


class Coupons(MerchantView):
    """The coupons of the merchant's affiliates."""

    @endpoint("List coupons", gives=CouponSerializer, query=CouponQuery)
    def get(self, call: Call) -> QuerySet[Coupon]:
        return coupons(call)

    @endpoint(
        "Create a coupon",
        gives=CouponSerializer,
        takes=NewCouponSerializer,
        status=201,
        scope=Scope.AFFILIATES,
        example={"enrollment": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b", "code": "BOB10"},
    )
    def post(self, call: Call) -> Coupon:
        enrollment = one(
            enrollments_of(call.merchant_id), call.body["enrollment"], named_by="enrollment"
        )
        facts = {name: value for name, value in call.body.items() if name != "enrollment"}
        return create_coupon(enrollment=enrollment, **facts)


class GenerateCoupons(MerchantView):
    """Many coupons at once."""

    @endpoint(
        "Generate coupons",
        gives=NewCouponsResultSerializer,
        takes=NewCouponsSerializer,
        status=201,
        scope=Scope.AFFILIATES,
        description="Up to 1,000, all or none.",
        example={
            "enrollment": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "count": 200,
            "prefix": "BOB-",
            "uses_max": 1,
        },
    )
    def post(self, call: Call) -> dict[str, Any]:
        enrollment = one(
            enrollments_of(call.merchant_id), call.body["enrollment"], named_by="enrollment"
        )
        facts = {name: value for name, value in call.body.items() if name != "enrollment"}
        made = create_coupons(enrollment=enrollment, **facts, by=call.by, at=call.at)
        return {"data": made}


class OneCoupon(MerchantView):
    """One coupon."""

    @endpoint("Read a coupon", gives=CouponSerializer)
    def get(self, call: Call, id: UUID) -> Coupon:
        return one(coupons(call), id)

    @endpoint(
        "Change a coupon",
        gives=CouponSerializer,
        takes=CouponChangesSerializer,
        scope=Scope.AFFILIATES,
        description="What was credited before stays.",
    )
    def patch(self, call: Call, id: UUID) -> Coupon:
        coupon = one(coupons(call).select_related("enrollment"), id)
        facts = dict(call.body)
        enrollment = coupon.enrollment
        if named := facts.pop("enrollment", None):
            own = enrollments_of(call.merchant_id).filter(program_id=coupon.program_id)
            enrollment = one(own, named, named_by="enrollment")
        code = facts.pop("code", coupon.code)
        return update_coupon(coupon=coupon, enrollment=enrollment, code=code, **facts)


class ArchiveCoupon(MerchantView):
    """Credit nobody for later uses."""

    @endpoint(
        "Archive a coupon",
        gives=CouponSerializer,
        scope=Scope.AFFILIATES,
        description="Its code stays taken.",
    )
    def post(self, call: Call, id: UUID) -> Coupon:
        archive_coupon(coupon=one(coupons(call), id), by=call.by, at=call.at)
        return one(coupons(call), id)
