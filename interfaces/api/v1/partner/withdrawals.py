"""An affiliate asks for its money."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.models import Enrollment
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.fields import Currency, Id, Maybe, Moment, Strict, Text, Word
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.partner.claims import acting
from interfaces.api.v1.partner.programs import PartnerMerchantSerializer
from merchants.tenancy import merchant_context
from payouts.models import Destination, Withdrawal, WithdrawalStatus
from payouts.selectors import withdrawals_of_affiliate
from payouts.services import cancel_withdrawal, request_withdrawal


class PartnerWithdrawalSerializer(serializers.Serializer[Any]):
    """A request for everything that is payable in one currency when the next batch is made."""

    id = Id()
    merchant = PartnerMerchantSerializer()
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


class NewWithdrawalSerializer(Strict):
    """From which merchant, in which currency, and where to."""

    merchant = Id()
    currency = Currency()
    destination = Word(Destination, required=False, default=Destination.MONEY)


class PartnerWithdrawalQuery(ListQuery):
    """Filters of the requests."""

    merchant = Id(required=False, source="merchant_id")
    status = Word(WithdrawalStatus, required=False)
    currency = Text(required=False, max_length=3)


class PartnerWithdrawals(PartnerView):
    """The affiliate's requests, of all merchants."""

    @endpoint(
        "List the affiliate's withdrawals",
        gives=PartnerWithdrawalSerializer,
        query=PartnerWithdrawalQuery,
    )
    def get(self, call: PartnerCall) -> QuerySet[Withdrawal]:
        return withdrawals_of_affiliate(call.affiliate_id)

    @endpoint(
        "Request a withdrawal",
        gives=PartnerWithdrawalSerializer,
        takes=NewWithdrawalSerializer,
        status=201,
        example={
            "merchant": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "currency": "EUR",
            "destination": "money",
        },
        description=(
            "For everything that has cleared, less the merchant's fee. One is open per merchant"
            " and currency."
        ),
    )
    def post(self, call: PartnerCall) -> Withdrawal:
        own = Enrollment.objects.filter(
            affiliate_id=call.affiliate_id, merchant_id=call.body["merchant"]
        )
        merchant_id = found(own.first(), named_by="merchant").merchant_id
        with merchant_context(merchant_id):
            made = request_withdrawal(
                merchant_id=merchant_id,
                affiliate_id=call.affiliate_id,
                currency=call.body["currency"],
                destination=call.body["destination"],
                by=acting(call),
                at=call.at,
            )
        return one(withdrawals_of_affiliate(call.affiliate_id), made.id)


class OnePartnerWithdrawal(PartnerView):
    """One request."""

    @endpoint("Read a withdrawal of the affiliate", gives=PartnerWithdrawalSerializer)
    def get(self, call: PartnerCall, id: UUID) -> Withdrawal:
        return one(withdrawals_of_affiliate(call.affiliate_id), id)


class CancelPartnerWithdrawal(PartnerView):
    """Take it back."""

    @endpoint("Cancel a withdrawal of the affiliate", gives=PartnerWithdrawalSerializer)
    def post(self, call: PartnerCall, id: UUID) -> Withdrawal:
        withdrawal = one(withdrawals_of_affiliate(call.affiliate_id), id)
        with merchant_context(withdrawal.merchant_id):
            cancel_withdrawal(withdrawal=withdrawal, by=acting(call), at=call.at)
        return one(withdrawals_of_affiliate(call.affiliate_id), id)
