"""Commissions: read and decide."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.selectors import enrollments_of
from commissions.models import Commission, Kind, Status
from commissions.selectors import commissions_of
from commissions.services import decide_commission
from commissions.services.manual import add_line
from commissions.services.write_offs import write_off
from common.money import MINOR_MAX
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import (
    Id,
    Maybe,
    Moment,
    Name,
    SignedMinor,
    Strict,
    Text,
    Whole,
    Word,
)
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.conversion_shapes import ReasonSerializer
from merchants.rights import Right, Scope
from merchants.services import require


class CommissionSerializer(serializers.Serializer[Any]):
    """What was earned, or (negative) taken back. Not every kind is of a conversion or by a rule."""

    id = Id()
    program = Id(source="program_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    conversion = Id(source="conversion_id", allow_null=True)
    kind = Word(Kind)
    amount_minor = SignedMinor()
    currency = serializers.CharField()
    status = Word(Status)
    status_changed_at = Moment()
    reason = Maybe(source="status_reason")
    hold_until = Moment()
    rule_version = Id(source="rule_version_id", allow_null=True)
    earned_at = Moment()
    created_at = Moment()


class CommissionQuery(ListQuery):
    """Filters of the commissions."""

    program = Id(required=False, source="program_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    conversion = Id(required=False, source="conversion_id")
    kind = Word(Kind, required=False)
    status = Word(Status, required=False)
    currency = Text(required=False, max_length=3)


class NewLineSerializer(Strict):
    """A line by hand, in the currency of the enrollment's program."""

    enrollment = Id()
    amount_minor = Whole(min_value=-MINOR_MAX, max_value=MINOR_MAX)
    reason = Name(max_length=500)


class Commissions(MerchantView):
    """The commissions of the merchant's affiliates."""

    @endpoint("List commissions", gives=CommissionSerializer, query=CommissionQuery)
    def get(self, call: Call) -> QuerySet[Commission]:
        return commissions_of(call.merchant_id)

    @endpoint(
        "Write a line by hand",
        gives=CommissionSerializer,
        takes=NewLineSerializer,
        status=201,
        scope=Scope.COMMISSIONS,
        example={
            "enrollment": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "amount_minor": 5_000,
            "reason": "Thank you for the webinar.",
        },
        description=(
            "A bonus (positive) or a correction (negative), approved at once. Its reason is read"
            " by the affiliate."
        ),
    )
    def post(self, call: Call) -> Commission:
        own = enrollments_of(call.merchant_id).select_related("program")
        line = add_line(
            enrollment=one(own, call.body["enrollment"], named_by="enrollment"),
            amount_minor=call.body["amount_minor"],
            reason=call.body["reason"],
            by=call.by,
            at=call.at,
        )
        return one(commissions_of(call.merchant_id), line.id)


class OneCommission(MerchantView):
    """One commission."""

    @endpoint("Read a commission", gives=CommissionSerializer)
    def get(self, call: Call, id: UUID) -> Commission:
        return one(commissions_of(call.merchant_id), id)


class ApproveCommission(MerchantView):
    """Approve before the hold ends."""

    @endpoint("Approve a commission", gives=CommissionSerializer, scope=Scope.COMMISSIONS)
    def post(self, call: Call, id: UUID) -> Commission:
        commission = one(commissions_of(call.merchant_id), id)
        return decide_commission(commission=commission, to=Status.APPROVED, by=call.by, at=call.at)


class DeclineCommission(MerchantView):
    """Never pay it."""

    @endpoint(
        "Decline a commission",
        gives=CommissionSerializer,
        takes=ReasonSerializer,
        scope=Scope.COMMISSIONS,
    )
    def post(self, call: Call, id: UUID) -> Commission:
        return decide_commission(
            commission=one(commissions_of(call.merchant_id), id),
            to=Status.DECLINED,
            by=call.by,
            at=call.at,
            reason=call.body["reason"],
        )


class WriteOff(MerchantView):
    """Give a debt up."""

    @endpoint(
        "Write off what an affiliate owes",
        gives=CommissionSerializer,
        takes=ReasonSerializer,
        status=201,
        scope=Scope.PAYOUTS,
        example={"reason": "Not active any more."},
        description="One line over exactly the debt; there must be one.",
    )
    def post(self, call: Call, id: UUID) -> Commission:
        require(call.member, Right.PREPARE_PAYOUTS)
        own = enrollments_of(call.merchant_id).select_related("program")
        line = write_off(
            enrollment=one(own, id), reason=call.body["reason"], by=call.by, at=call.at
        )
        return one(commissions_of(call.merchant_id), line.id)
