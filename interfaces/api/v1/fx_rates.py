"""Rates of currencies: what conversions in another currency than the program's are counted at."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Currency, Id, Moment, Name, Plain, Strict
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from merchants.fx import set_rate_of_currency
from merchants.models import FxRate
from merchants.rights import Scope

RATE = r"^[0-9]{1,10}(\.[0-9]{1,10})?\Z"


class FxRateSerializer(serializers.Serializer[Any]):
    """What one unit of `base` is worth in `quote`, from `at` until the next rate's."""

    id = Id()
    base = serializers.CharField()
    quote = serializers.CharField()
    rate = serializers.DecimalField(max_digits=20, decimal_places=10)
    source = serializers.CharField()  # type: ignore[assignment]
    at = Moment()
    created_at = Moment()


class NewFxRateSerializer(Strict):
    """A rate. It is never edited: a later one replaces it from its moment on."""

    base = Currency()
    quote = Currency()
    rate = Plain(RATE, max_length=21, help_text='A decimal as a text: "1.0845".')
    source = Name(  # type: ignore[assignment]
        max_length=80, help_text="Who says so."
    )
    at = Moment(required=False, help_text="Default: now.")


class FxRateQuery(ListQuery):
    """Filters of the rates."""

    base = Currency(required=False)
    quote = Currency(required=False)


def fx_rates(call: Call) -> QuerySet[FxRate]:
    """Return the merchant's rates."""
    return FxRate.objects.filter(merchant_id=call.merchant_id)


class FxRates(MerchantView):
    """The rates of currencies that the merchant stated."""

    @endpoint("List currency rates", gives=FxRateSerializer, query=FxRateQuery)
    def get(self, call: Call) -> QuerySet[FxRate]:
        return fx_rates(call)

    @endpoint(
        "State a currency rate",
        gives=FxRateSerializer,
        takes=NewFxRateSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={"base": "EUR", "quote": "USD", "rate": "1.0845", "source": "ECB"},
        description="Either direction serves both. Stating the same again changes nothing.",
    )
    def post(self, call: Call) -> FxRate:
        body = call.body
        row = set_rate_of_currency(
            merchant=call.member.merchant,
            base=body["base"],
            quote=body["quote"],
            rate=Decimal(body["rate"]),
            source=body["source"],
            valid_from=body.get("at", call.at),
            by=call.by,
            at=call.at,
        )
        return one(fx_rates(call), row.id)


class OneFxRate(MerchantView):
    """One rate."""

    @endpoint("Read a currency rate", gives=FxRateSerializer)
    def get(self, call: Call, id: UUID) -> FxRate:
        return one(fx_rates(call), id)
