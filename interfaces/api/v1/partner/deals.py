"""An affiliate's deals (docs/channel.md)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.models import Enrollment
from channel.deals import (
    DealDraft,
    ask_extension,
    deals_of_affiliate,
    register_deal,
    withdraw_deal,
)
from channel.models import Deal
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.fields import Address, Id, Minor, Name, Strict
from interfaces.api.find import one
from interfaces.api.v1.deals import DealQuery, DealSerializer
from interfaces.api.v1.partner.claims import Day, acting
from merchants.tenancy import merchant_context


class PartnerDealSerializer(DealSerializer):
    """A deal of the affiliate. With whom a conflict is, is not said."""

    affiliate = None  # type: ignore[assignment]
    customer = None  # type: ignore[assignment]
    conflict = serializers.BooleanField(help_text="Whether the company may be somebody else's.")  # type: ignore[assignment]

    def to_representation(self, instance: Any) -> Any:
        """Say that there is a conflict, not which."""
        return {**super().to_representation(instance), "conflict": bool(instance.conflict)}


class PartnerDealQuery(DealQuery):
    """Filters of the deals."""

    affiliate = None  # type: ignore[assignment]


class NewDealSerializer(Strict):
    """A company, and what the affiliate knows of it."""

    enrollment = Id()
    company = Name(max_length=120)
    domain = Name(max_length=253)
    contact_name = Name(required=False, max_length=120, allow_blank=True)
    contact_email = Address(required=False, allow_blank=True)
    value_minor = Minor(required=False, help_text="In the program's currency.")
    expected_on = Day(required=False)
    notes = Name(required=False, max_length=2_000, allow_blank=True)


class PartnerDeals(PartnerView):
    """The affiliate's deals, of all merchants."""

    @endpoint("List the affiliate's deals", gives=PartnerDealSerializer, query=PartnerDealQuery)
    def get(self, call: PartnerCall) -> QuerySet[Deal]:
        return deals_of_affiliate(call.affiliate_id)

    @endpoint(
        "Register a deal",
        gives=PartnerDealSerializer,
        takes=NewDealSerializer,
        status=201,
        example={
            "enrollment": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "company": "Harbour Masters",
            "domain": "harbourmasters.example",
            "value_minor": 1_250_000,
        },
        description="The merchant answers. `conflict` says that somebody else may have it.",
    )
    def post(self, call: PartnerCall) -> Deal:
        said = dict(call.body)
        own = Enrollment.objects.filter(affiliate_id=call.affiliate_id).select_related("program")
        enrollment = one(own, said.pop("enrollment"), named_by="enrollment")
        with merchant_context(enrollment.merchant_id):
            draft = DealDraft(**said)
            return register_deal(enrollment=enrollment, draft=draft, by=acting(call), at=call.at)


class OnePartnerDeal(PartnerView):
    """One deal."""

    @endpoint("Read a deal of the affiliate", gives=PartnerDealSerializer)
    def get(self, call: PartnerCall, id: UUID) -> Deal:
        return one(deals_of_affiliate(call.affiliate_id), id)


class WithdrawPartnerDeal(PartnerView):
    """Take it back."""

    @endpoint("Withdraw a deal of the affiliate", gives=PartnerDealSerializer)
    def post(self, call: PartnerCall, id: UUID) -> Deal:
        deal = one(deals_of_affiliate(call.affiliate_id), id)
        with merchant_context(deal.merchant_id):
            return withdraw_deal(deal=deal, by=acting(call), at=call.at)


class ExtendPartnerDeal(PartnerView):
    """Ask for more time."""

    @endpoint("Ask for an extension of a deal", gives=PartnerDealSerializer)
    def post(self, call: PartnerCall, id: UUID) -> Deal:
        deal = one(deals_of_affiliate(call.affiliate_id), id)
        with merchant_context(deal.merchant_id):
            return ask_extension(deal=deal, by=acting(call), at=call.at)
