"""Withdrawals: what affiliates ask for, and the merchant's answers."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, Text, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.conversion_shapes import ReasonSerializer
from merchants.rights import Scope
from payouts.models import Destination, Withdrawal, WithdrawalStatus
from payouts.selectors import withdrawals_of
from payouts.services import approve_withdrawal, decline_withdrawal


class WithdrawalSerializer(serializers.Serializer[Any]):
    """A request for everything that is payable in one currency when the next batch is made."""

    id = Id()
    affiliate = Id(source="affiliate_id")
    currency = serializers.CharField()
    destination = Word(Destination)
    expected_minor = serializers.IntegerField(help_text="What was payable when it was asked for.")
    fee_minor = serializers.IntegerField()
    status = Word(WithdrawalStatus)
    status_changed_at = Moment()
    reason = Maybe(source="status_reason")
    payout = Id(source="payout_id", allow_null=True)
    requested_at = Moment()
    created_at = Moment()


class WithdrawalQuery(ListQuery):
    """Filters of the requests."""

    affiliate = Id(required=False, source="affiliate_id")
    status = Word(WithdrawalStatus, required=False)
    destination = Word(Destination, required=False)
    currency = Text(required=False, max_length=3)


class Withdrawals(MerchantView):
    """The requests of the merchant's affiliates."""

    @endpoint("List withdrawals", gives=WithdrawalSerializer, query=WithdrawalQuery)
    def get(self, call: Call) -> QuerySet[Withdrawal]:
        return withdrawals_of(call.merchant_id)


class OneWithdrawal(MerchantView):
    """One request."""

    @endpoint("Read a withdrawal", gives=WithdrawalSerializer)
    def get(self, call: Call, id: UUID) -> Withdrawal:
        return one(withdrawals_of(call.merchant_id), id)


class ApproveWithdrawal(MerchantView):
    """Into the next batch."""

    @endpoint("Approve a withdrawal", gives=WithdrawalSerializer, scope=Scope.PAYOUTS)
    def post(self, call: Call, id: UUID) -> Withdrawal:
        withdrawal = one(withdrawals_of(call.merchant_id), id)
        return approve_withdrawal(member=call.member, withdrawal=withdrawal, at=call.at)


class DeclineWithdrawal(MerchantView):
    """Not now."""

    @endpoint(
        "Decline a withdrawal",
        gives=WithdrawalSerializer,
        takes=ReasonSerializer,
        scope=Scope.PAYOUTS,
        description="The affiliate reads the reason. Possible until it is in a batch.",
    )
    def post(self, call: Call, id: UUID) -> Withdrawal:
        return decline_withdrawal(
            member=call.member,
            withdrawal=one(withdrawals_of(call.merchant_id), id),
            reason=call.body["reason"],
            at=call.at,
        )
