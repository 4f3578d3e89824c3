"""What came of an affiliate's work: clicks, conversions, commissions. No customer of a merchant."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from commissions.models import Commission, Kind, Status
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, SignedMinor, Text, Word
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.clicks import ClickQuery, ClickSerializer
from payouts.selectors import with_expected_on
from tracking.models import Click, ConversionStatus, Credit


class PartnerClickSerializer(ClickSerializer):
    """One visit through a link of the affiliate."""

    affiliate = None  # type: ignore[assignment]
    ip_net = None  # type: ignore[assignment]


class PartnerClicks(PartnerView):
    """The clicks of the affiliate's links."""

    @endpoint("List the affiliate's clicks", gives=PartnerClickSerializer, query=ClickQuery)
    def get(self, call: PartnerCall) -> QuerySet[Click]:
        return Click.objects.filter(affiliate_id=call.affiliate_id)


class PartnerCommissionSerializer(serializers.Serializer[Any]):
    """What the affiliate earned, or (negative) what a refund took back of it."""

    id = Id()
    program = Id(source="program_id")
    enrollment = Id(source="enrollment_id")
    conversion = Id(
        source="conversion.id",
        allow_null=True,
        help_text="null: of none, or of one that is not credited to the affiliate.",
    )
    kind = Word(Kind)
    amount_minor = SignedMinor()
    currency = serializers.CharField()
    status = Word(Status)
    hold_until = Moment()
    expected_on = serializers.DateField(
        allow_null=True,
        help_text="May be paid from this day (UTC) on; null: paid, not to be, or when asked for.",
    )
    earned_at = Moment()
    created_at = Moment()


class PartnerConversionSerializer(serializers.Serializer[Any]):
    """A conversion that the affiliate is credited with: its own share and nothing of the buyer."""

    id = Id(source="conversion_id")
    program = Id(source="conversion.program_id")
    enrollment = Id(source="enrollment_id")
    link = Id(source="link_id", allow_null=True)
    goal = serializers.CharField(source="conversion.goal.code")
    status = Word(ConversionStatus, source="conversion.status")
    reason = Maybe(source="conversion.reason")
    share_ppm = serializers.IntegerField()
    amount_minor = serializers.IntegerField(help_text="The share of the conversion's amount.")
    currency = serializers.CharField(source="conversion.currency")
    occurred_at = Moment(source="conversion.occurred_at")
    commissions = PartnerCommissionSerializer(many=True, source="conversion.commissions")


class PartnerConversionQuery(ListQuery):
    """Filters of the conversions."""

    program = Id(required=False, source="conversion__program_id")
    enrollment = Id(required=False, source="enrollment_id")
    link = Id(required=False, source="link_id")
    goal = Text(required=False, max_length=40, source="conversion__goal__code")
    status = Word(ConversionStatus, required=False, source="conversion__status")


class PartnerCommissionQuery(ListQuery):
    """Filters of the commissions."""

    program = Id(required=False, source="program_id")
    enrollment = Id(required=False, source="enrollment_id")
    conversion = Id(required=False, source="conversion_id")
    kind = Word(Kind, required=False)
    status = Word(Status, required=False)
    currency = Text(required=False, max_length=3)


def commissions(call: PartnerCall) -> QuerySet[Commission]:
    """Return the affiliate's commissions, with the day on which each is expected."""
    own = Commission.objects.filter(affiliate_id=call.affiliate_id).select_related("conversion")
    return with_expected_on(own, at=call.at)


def credits(call: PartnerCall) -> QuerySet[Credit]:
    """Return the affiliate's credits with what their shape shows of the conversions."""
    own = Credit.objects.filter(affiliate_id=call.affiliate_id, conversion__is_test=False)
    return own.select_related("conversion__goal").prefetch_related(
        Prefetch("conversion__commissions", commissions(call).order_by("id"))
    )


class PartnerConversions(PartnerView):
    """The conversions that the affiliate is credited with."""

    @endpoint(
        "List the affiliate's conversions",
        gives=PartnerConversionSerializer,
        query=PartnerConversionQuery,
    )
    def get(self, call: PartnerCall) -> QuerySet[Credit]:
        return credits(call)


class OnePartnerConversion(PartnerView):
    """One conversion."""

    @endpoint("Read a conversion of the affiliate", gives=PartnerConversionSerializer)
    def get(self, call: PartnerCall, id: UUID) -> Credit:
        return found(credits(call).filter(conversion_id=id).first())


class PartnerCommissions(PartnerView):
    """The affiliate's commissions."""

    @endpoint(
        "List the affiliate's commissions",
        gives=PartnerCommissionSerializer,
        query=PartnerCommissionQuery,
    )
    def get(self, call: PartnerCall) -> QuerySet[Commission]:
        return commissions(call)


class OnePartnerCommission(PartnerView):
    """One commission."""

    @endpoint("Read a commission of the affiliate", gives=PartnerCommissionSerializer)
    def get(self, call: PartnerCall, id: UUID) -> Commission:
        return one(commissions(call), id)
