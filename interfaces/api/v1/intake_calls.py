"""The intake log: what was said to the public intakes, and what became of it."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, Text, Word
from interfaces.api.pagination import Page, PageQuery, page_of
from interfaces.api.v1.clicks import IdBound
from merchants.rights import Scope
from tracking.models import IntakeCall, Outcome
from tracking.selectors import calls_holding, calls_of_click, intake_calls_of


class IntakeCallQuery(PageQuery):
    """Filters of the log."""

    created_from = IdBound(required=False, source="id__gte", help_text="At this time or later.")
    created_to = IdBound(required=False, source="id__lt", help_text="Before this time.")
    program = Id(required=False, source="program_id")
    intake = Text(required=False, max_length=20, help_text="postback, tune, affise, pixel, api …")
    outcome = Word(Outcome, required=False)
    reason = Text(required=False, max_length=60)
    order_id = Text(required=False, max_length=200, help_text="Your own id of the order, exactly.")
    conversion = Id(required=False, source="conversion_id")
    click_id = Text(required=False, max_length=64)
    text = Text(required=False, max_length=100, help_text="Anywhere in the call.")


class IntakeCallSerializer(serializers.Serializer[Any]):
    """One call of a public intake. Secrets and personal data are masked."""

    id = Id()
    at = Moment()
    program = Id(source="program_id", allow_null=True)
    intake = serializers.CharField()
    method = serializers.CharField()
    address = serializers.CharField(
        allow_blank=True, help_text="Of a server whole, of a browser its network."
    )
    parameters = serializers.DictField(source="said", child=serializers.CharField())
    outcome = Word(Outcome)
    reason = Maybe(help_text="A stable code; null when all went well.")
    detail = serializers.CharField(allow_blank=True)
    order_id = Maybe()
    conversion = Id(source="conversion_id", allow_null=True)
    is_test = serializers.BooleanField()


class IntakeCalls(MerchantView):
    """The calls of the merchant's intakes."""

    @endpoint(
        "List intake calls",
        gives=IntakeCallSerializer,
        query=IntakeCallQuery,
        scope=Scope.READ,
        description="Every postback, pixel and reporting API call of the last 30 days.",
    )
    def get(self, call: Call) -> Page[IntakeCall]:
        return page_of(*_searched(intake_calls_of(call.merchant_id), dict(call.query)))


def _searched(
    calls: QuerySet[IntakeCall], query: dict[str, Any]
) -> tuple[QuerySet[IntakeCall], dict[str, Any]]:
    """Return the calls that a search finds, and what is left of the query."""
    if click := query.pop("click_id", ""):
        calls = calls_of_click(calls, click)
    if text := query.pop("text", ""):
        calls = calls_holding(calls, text)
    return calls, query
