"""Grants: rewards that are no money, given by the merchant's own system."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from commissions.grants import grants_of
from commissions.models import Grant, GrantKind, GrantStatus
from commissions.services.grants import fail_grant, give_grant, retry_grant
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, Text, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.conversion_shapes import ReasonSerializer
from merchants.rights import Scope


class GrantSerializer(serializers.Serializer[Any]):
    """Something to be given: to the affiliate, or, with a `customer`, to that friend."""

    id = Id()
    program = Id(source="program_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    conversion = Id(source="conversion_id")
    customer = serializers.CharField(
        source="customer.external_id", default=None, allow_null=True, help_text="Your own id."
    )
    kind = Word(GrantKind)
    quantity = serializers.IntegerField(
        help_text="Credit: minor units; free months: months; discount: basis points; gift: pieces."
    )
    currency = serializers.CharField(source="program.currency", help_text="Of credit.")
    description = Maybe()
    status = Word(GrantStatus)
    status_changed_at = Moment()
    reason = Maybe(source="status_reason")
    hold_until = Moment()
    created_at = Moment()


class GrantQuery(ListQuery):
    """Filters of the grants."""

    program = Id(required=False, source="program_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    conversion = Id(required=False, source="conversion_id")
    customer = Text(required=False, max_length=200, source="customer__external_id")
    kind = Word(GrantKind, required=False)
    status = Word(GrantStatus, required=False)


class Grants(MerchantView):
    """What the merchant's programs have granted."""

    @endpoint("List grants", gives=GrantSerializer, query=GrantQuery)
    def get(self, call: Call) -> QuerySet[Grant]:
        return grants_of(call.merchant_id)


class OneGrant(MerchantView):
    """One grant."""

    @endpoint("Read a grant", gives=GrantSerializer)
    def get(self, call: Call, id: UUID) -> Grant:
        return one(grants_of(call.merchant_id), id)


class GrantGiven(MerchantView):
    """It was given."""

    @endpoint(
        "Say that a grant was given",
        gives=GrantSerializer,
        scope=Scope.COMMISSIONS,
        description="Of one that is due, or that had failed. Saying it again changes nothing.",
    )
    def post(self, call: Call, id: UUID) -> Grant:
        give_grant(grant=one(grants_of(call.merchant_id), id), by=call.by, at=call.at)
        return one(grants_of(call.merchant_id), id)


class GrantFailed(MerchantView):
    """It could not be given."""

    @endpoint(
        "Say that a grant failed",
        gives=GrantSerializer,
        takes=ReasonSerializer,
        scope=Scope.COMMISSIONS,
        example={"reason": "No such account."},
        description="It can be given later, or be put back to what is due.",
    )
    def post(self, call: Call, id: UUID) -> Grant:
        fail_grant(
            grant=one(grants_of(call.merchant_id), id),
            reason=call.body["reason"],
            by=call.by,
            at=call.at,
        )
        return one(grants_of(call.merchant_id), id)


class GrantRetry(MerchantView):
    """Try again."""

    @endpoint(
        "Put a failed grant back to what is due",
        gives=GrantSerializer,
        scope=Scope.COMMISSIONS,
        description="Whoever gives hears `grant.due` again.",
    )
    def post(self, call: Call, id: UUID) -> Grant:
        retry_grant(grant=one(grants_of(call.merchant_id), id), by=call.by, at=call.at)
        return one(grants_of(call.merchant_id), id)
