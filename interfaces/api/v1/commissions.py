"""Commissions: read and decide."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from commissions.models import Commission, Kind, Status
from commissions.selectors import commissions_of
from commissions.services import decide_commission
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, SignedMinor, Text, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.conversion_shapes import ReasonSerializer
from merchants.rights import Scope


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


class Commissions(MerchantView):
    """The commissions of the merchant's affiliates."""

    @endpoint("List commissions", gives=CommissionSerializer, query=CommissionQuery)
    def get(self, call: Call) -> QuerySet[Commission]:
        return commissions_of(call.merchant_id)


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
