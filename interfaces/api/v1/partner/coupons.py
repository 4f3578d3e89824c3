"""An affiliate's coupons."""

from uuid import UUID

from django.db.models import QuerySet

from affiliates.models import Enrollment
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.fields import Id, Plain, Strict
from interfaces.api.find import one
from interfaces.api.v1.coupon_requests import CouponRequestQuery, CouponRequestSerializer
from interfaces.api.v1.coupons import COUPON_CODE, CouponQuery, CouponSerializer
from interfaces.api.v1.partner.claims import acting
from merchants.tenancy import merchant_context
from tracking.models import Coupon, CouponRequest
from tracking.selectors import coupon_requests_by
from tracking.services import ask_for_coupon


def coupons(call: PartnerCall) -> QuerySet[Coupon]:
    """Return the affiliate's coupons."""
    return Coupon.objects.filter(affiliate_id=call.affiliate_id)


class PartnerCoupons(PartnerView):
    """The affiliate's coupons, of all merchants."""

    @endpoint("List the affiliate's coupons", gives=CouponSerializer, query=CouponQuery)
    def get(self, call: PartnerCall) -> QuerySet[Coupon]:
        return coupons(call)


class NewCouponRequestSerializer(Strict):
    """The code that the affiliate would like."""

    enrollment = Id()
    code = Plain(COUPON_CODE, max_length=40)


class PartnerCouponRequests(PartnerView):
    """The codes that the affiliate asked for, of all merchants."""

    @endpoint(
        "List the affiliate's coupon requests",
        gives=CouponRequestSerializer,
        query=CouponRequestQuery,
    )
    def get(self, call: PartnerCall) -> QuerySet[CouponRequest]:
        return coupon_requests_by(call.affiliate_id)

    @endpoint(
        "Ask for a coupon",
        gives=CouponRequestSerializer,
        takes=NewCouponRequestSerializer,
        status=201,
        example={"enrollment": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b", "code": "ANNA10"},
        description="Where the program takes such wishes; one at a time.",
    )
    def post(self, call: PartnerCall) -> CouponRequest:
        own = Enrollment.objects.filter(affiliate_id=call.affiliate_id).select_related("program")
        enrollment = one(own, call.body["enrollment"], named_by="enrollment")
        with merchant_context(enrollment.merchant_id):
            return ask_for_coupon(
                enrollment=enrollment, code=call.body["code"], by=acting(call), at=call.at
            )


class OnePartnerCoupon(PartnerView):
    """One coupon."""

    @endpoint("Read a coupon of the affiliate", gives=CouponSerializer)
    def get(self, call: PartnerCall, id: UUID) -> Coupon:
        return one(coupons(call), id)
