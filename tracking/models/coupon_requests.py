"""Codes that affiliates ask for: the shop has to know a code, so a person gives it."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate, Enrollment
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program
from tracking.models.links import Coupon


class CouponRequestStatus(models.TextChoices):
    """Where a wish for a code stands."""

    OPEN = "OPEN", _("Waits for an answer")
    GIVEN = "GIVEN", _("Given")
    REFUSED = "REFUSED", _("Refused")


COUPON_REQUEST_MAY_COME_FROM = {
    CouponRequestStatus.GIVEN: [CouponRequestStatus.OPEN],
    CouponRequestStatus.REFUSED: [CouponRequestStatus.OPEN],
}


class CouponRequestQuerySet(models.QuerySet["CouponRequest"]):
    """Requests, with the one way to answer them."""

    def move(self, *, to: CouponRequestStatus, at: datetime, answer: str = "") -> int:
        """Answer every request that may be answered so; return how many."""
        movable = self.filter(status__in=COUPON_REQUEST_MAY_COME_FROM[to])
        return movable.update(status=to, answered_at=at, answer=answer)


class CouponRequest(TenantRecord):
    """A code that an affiliate would like to have."""

    program = TenantForeignKey(Program, related_name="+")
    enrollment = TenantForeignKey(Enrollment, related_name="+")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=40)  # Upper case.
    status = models.CharField(
        max_length=7, choices=CouponRequestStatus, default=CouponRequestStatus.OPEN
    )
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(_("reason"), max_length=500, blank=True)
    coupon = TenantForeignKey(Coupon, related_name="+", null=True, blank=True)

    objects = CouponRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="coupon_request_one_open",
                fields=["merchant", "enrollment"],
                condition=Q(status=CouponRequestStatus.OPEN),
            ),
            models.CheckConstraint(
                name="coupon_request_status_known",
                condition=Q(status__in=CouponRequestStatus.values),
            ),
            models.CheckConstraint(
                name="coupon_request_code_upper_case",
                condition=Q(code__regex=r"^[A-Z0-9_-]{3,40}$"),
            ),
        ]
        indexes = [models.Index(fields=["affiliate"], name="coupon_request_by_affiliate")]

    def __str__(self) -> str:
        return self.code
