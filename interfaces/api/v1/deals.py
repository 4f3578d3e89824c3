"""Deals that affiliates register: read and answered (docs/channel.md)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from channel.deals import approve_deal, deals_of, extend_deal, lose_deal, reject_deal, win_deal
from channel.models import Conflict, Deal, DealStatus
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, MaybeWord, Moment, Name, Strict, Text, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from merchants.rights import Scope


class DealSerializer(serializers.Serializer[Any]):
    """A company that an affiliate is about to sell to."""

    id = Id()
    program = Id(source="program_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    company = serializers.CharField()
    domain = serializers.CharField(help_text="By it companies are told apart.")
    contact_name = serializers.CharField()
    contact_email = Maybe()
    value_minor = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    expected_on = serializers.DateField(allow_null=True)
    notes = serializers.CharField()
    status = Word(DealStatus)
    conflict = MaybeWord(Conflict, help_text="Why it may be somebody else's, when it came in.")
    reason = serializers.CharField(help_text="Of a rejected or lost one; the affiliate reads it.")
    submitted_at = Moment()
    protected_until = Moment(allow_null=True, help_text="Nobody else gets the company until then.")
    extensions = serializers.IntegerField()
    extension_asked_at = Moment(allow_null=True)
    customer = Id(source="customer_id", allow_null=True, help_text="What a won one became.")
    created_at = Moment()


class DealQuery(ListQuery):
    """Filters of the deals."""

    program = Id(required=False, source="program_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    status = Word(DealStatus, required=False)
    domain = Text(required=False, max_length=253)


class DealReasonSerializer(Strict):
    """Why. The affiliate reads it word for word."""

    reason = Name(max_length=1_000)


class DealWonSerializer(Strict):
    """Which customer it became."""

    customer = Text(max_length=200, help_text="The customer's id, as conversions report it.")


def deal_of(call: Call, id: UUID) -> Deal:
    """Return one of the merchant's deals."""
    return one(deals_of(call.merchant_id), id)


class Deals(MerchantView):
    """The deals of the merchant's affiliates."""

    @endpoint("List deals", gives=DealSerializer, query=DealQuery)
    def get(self, call: Call) -> QuerySet[Deal]:
        return deals_of(call.merchant_id)


class OneDeal(MerchantView):
    """One deal."""

    @endpoint("Read a deal", gives=DealSerializer)
    def get(self, call: Call, id: UUID) -> Deal:
        return deal_of(call, id)


class ApproveDeal(MerchantView):
    """Protect it."""

    @endpoint(
        "Approve a deal",
        gives=DealSerializer,
        scope=Scope.CONVERSIONS,
        description="The company is the affiliate's alone until `protected_until`.",
    )
    def post(self, call: Call, id: UUID) -> Deal:
        call.require_real()
        return approve_deal(deal=deal_of(call, id), by=call.by, at=call.at)


class RejectDeal(MerchantView):
    """Say no, and why."""

    @endpoint(
        "Reject a deal",
        gives=DealSerializer,
        takes=DealReasonSerializer,
        scope=Scope.CONVERSIONS,
        example={"reason": "We are talking to them already."},
    )
    def post(self, call: Call, id: UUID) -> Deal:
        call.require_real()
        reason = call.body["reason"]
        return reject_deal(deal=deal_of(call, id), reason=reason, by=call.by, at=call.at)


class LoseDeal(MerchantView):
    """Say that nothing came of it."""

    @endpoint(
        "Lose a deal",
        gives=DealSerializer,
        takes=DealReasonSerializer,
        scope=Scope.CONVERSIONS,
        example={"reason": "They bought elsewhere."},
    )
    def post(self, call: Call, id: UUID) -> Deal:
        call.require_real()
        reason = call.body["reason"]
        return lose_deal(deal=deal_of(call, id), reason=reason, by=call.by, at=call.at)


class WinDeal(MerchantView):
    """Say which customer it became."""

    @endpoint(
        "Win a deal",
        gives=DealSerializer,
        takes=DealWonSerializer,
        scope=Scope.CONVERSIONS,
        example={"customer": "C-4711"},
        description="The customer is bound to the affiliate; its conversions are credited there.",
    )
    def post(self, call: Call, id: UUID) -> Deal:
        call.require_real()
        customer_id = call.body["customer"]
        return win_deal(deal=deal_of(call, id), customer_id=customer_id, by=call.by, at=call.at)


class ExtendDeal(MerchantView):
    """Give it more time."""

    @endpoint("Extend a deal", gives=DealSerializer, scope=Scope.CONVERSIONS)
    def post(self, call: Call, id: UUID) -> Deal:
        call.require_real()
        return extend_deal(deal=deal_of(call, id), by=call.by, at=call.at)
