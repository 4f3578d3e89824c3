"""An affiliate's coupons."""

from uuid import UUID

from django.db.models import QuerySet

from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.find import one
from interfaces.api.v1.coupons import CouponQuery, CouponSerializer
from tracking.models import Coupon


def coupons(call: PartnerCall) -> QuerySet[Coupon]:
    """Return the affiliate's coupons."""
    return Coupon.objects.filter(affiliate_id=call.affiliate_id)


class PartnerCoupons(PartnerView):
    """The affiliate's coupons, of all merchants."""

    @endpoint("List the affiliate's coupons", gives=CouponSerializer, query=CouponQuery)
    def get(self, call: PartnerCall) -> QuerySet[Coupon]:
        return coupons(call)


class OnePartnerCoupon(PartnerView):
    """One coupon."""

    @endpoint("Read a coupon of the affiliate", gives=CouponSerializer)
    def get(self, call: PartnerCall, id: UUID) -> Coupon:
        return one(coupons(call), id)
