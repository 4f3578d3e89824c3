"""Clicks: visits through links, as they came."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from common.ids import partition_bound
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, Word
from interfaces.api.pagination import PageQuery
from tracking.models import Click, ClickClass


class IdBound(Moment):
    """A time as the smallest id of its millisecond: clicks are found by their ids."""

    def to_internal_value(self, value: Any) -> Any:
        return partition_bound(super().to_internal_value(value))


class ClickQuery(PageQuery):
    """Filters of the clicks. A time range keeps the answer fast."""

    created_from = IdBound(required=False, source="id__gte", help_text="At this time or later.")
    created_to = IdBound(required=False, source="id__lt", help_text="Before this time.")
    program = Id(required=False, source="program_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    link = Id(required=False, source="link_id")
    kind = Word(ClickClass, required=False)


class ClickSerializer(serializers.Serializer[Any]):
    """One visit through a link."""

    id = Id()
    at = Moment()
    program = Id(source="program_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    link = Id(source="link_id")
    kind = Word(ClickClass)
    reason = Maybe(source="refusal", help_text="Why it cannot be credited; null when it can.")
    is_unique = serializers.BooleanField(
        help_text="The first of this visitor on this link within 24 hours."
    )
    destination = Id(
        source="destination_id", allow_null=True, help_text="Of the program's destinations, if any."
    )
    destination_host = serializers.CharField(allow_blank=True)
    referrer_host = serializers.CharField(allow_blank=True)
    device = serializers.CharField(allow_blank=True)
    os = serializers.CharField(allow_blank=True)
    browser = serializers.CharField(allow_blank=True)
    country = Maybe(help_text="null without a GeoIP database.")
    language = Maybe(help_text="What the browser prefers: en, zh.")
    ip_net = serializers.CharField(allow_blank=True, help_text="Truncated: /24 or /48.")
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    ext_click_id = serializers.CharField(allow_blank=True)
    subs = serializers.DictField(child=serializers.CharField())


class Clicks(MerchantView):
    """The clicks of the merchant's links."""

    @endpoint("List clicks", gives=ClickSerializer, query=ClickQuery)
    def get(self, call: Call) -> QuerySet[Click]:
        return Click.objects.filter(merchant_id=call.merchant_id)
