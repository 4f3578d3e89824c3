"""Affiliates who are paid to one account: their payouts wait until a member clears it."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Moment, Name, Strict
from interfaces.api.find import one
from interfaces.api.v1.affiliates import affiliates
from merchants.rights import Scope
from payouts.methods import clear_method
from payouts.models import MethodClearance


class ClearanceReasonSerializer(Strict):
    """Why they may share it."""

    reason = Name(max_length=500)


class ClearanceSerializer(serializers.Serializer[Any]):
    """A member's word that an affiliate may share its account."""

    affiliate = Id(source="affiliate_id")
    reason = serializers.CharField()
    cleared_at = Moment()


class ClearPayoutMethod(MerchantView):
    """The account of an affiliate, which another one has as well."""

    @endpoint(
        "Clear a shared payout account",
        gives=ClearanceSerializer,
        takes=ClearanceReasonSerializer,
        scope=Scope.PAYOUTS,
        example={"reason": "They are married and have one account."},
        description=(
            "Until then the affiliate is left out of batches as `method_shared`. It holds for this"
            " account alone; each of those who share it is cleared by itself."
        ),
    )
    def post(self, call: Call, id: UUID) -> MethodClearance:
        affiliate = one(affiliates(call), id)
        return clear_method(
            member=call.member, affiliate_id=affiliate.id, reason=call.body["reason"], at=call.at
        )
