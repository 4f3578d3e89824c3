"""Conversions as outsiders write and read them."""

import json
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from commissions.models import Kind as CommissionKind
from commissions.models import Status as CommissionStatus
from interfaces.api.bulk import ResultSerializer
from interfaces.api.fields import (
    Address,
    Country,
    Currency,
    Flag,
    Id,
    Maybe,
    Minor,
    Moment,
    PastMoment,
    SignedMinor,
    Strict,
    Text,
    Whole,
    Word,
)
from interfaces.api.v1.refund_shapes import RefundSerializer
from tracking.models import Conversion, ConversionStatus, Source
from tracking.services import ConversionReport, CustomerReport

ITEMS_MAX = 500
CLICKS_MAX = 20
METADATA_BYTES_MAX = 16_384
COUPON_MAX = 40


class Metadata(serializers.DictField):
    """The merchant's own notes: any JSON object up to 16 kB."""

    default_error_messages = {"too_large": _("At the most 16 kB of metadata.")}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        found = super().to_internal_value(data)
        if len(json.dumps(found)) > METADATA_BYTES_MAX:
            self.fail("too_large")
        return found


class CouponCode(Text):
    """A coupon code as the shop knows it; case does not matter."""

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data)
        if len(code.upper()) > COUPON_MAX:  # Some characters are two in upper case.
            self.fail("max_length", max_length=COUPON_MAX)
        return code


class ItemSerializer(Strict):
    """One line of an order."""

    sku = Text(max_length=200)
    category = Text(max_length=200, required=False)
    quantity = Whole(min_value=1, max_value=1_000_000)
    amount_minor = Minor(help_text="Of the line, in the conversion's currency.")


class NewCustomerSerializer(Strict):
    """The buyer, by the merchant's own id. Of the address a keyed hash is kept, nothing else."""

    external_id = Text(max_length=200)
    email = Address(required=False)
    is_new = Flag(required=False, allow_null=True, default=None)
    country = Country(required=False)


class NewConversionSerializer(Strict):
    """A goal reached. Repeating (program, goal, external_id) stores nothing."""

    program = Id()
    goal = Text(max_length=40, help_text="The code of a goal, or of a step of one.")
    external_id = Text(max_length=200, help_text="Your own id: of the order, of the sign-up.")
    amount_minor = Minor(help_text="What was paid, tax and shipping included.")
    currency = Currency()
    occurred_at = PastMoment(required=False, help_text="Default: now.")
    click_id = Text(max_length=64, required=False, help_text="The `fl_click` of the visit.")
    click_ids = serializers.ListField(
        child=Text(max_length=64),
        required=False,
        max_length=CLICKS_MAX,
        help_text="The click ids of `fairlead.touches()`: all clicks of the buyer, in any order.",
    )
    coupon = CouponCode(max_length=COUPON_MAX, required=False)
    referral = Text(
        max_length=40, required=False, help_text="A referral code: the `via` of a visit."
    )
    customer = NewCustomerSerializer(required=False, allow_null=True)
    items = serializers.ListField(child=ItemSerializer(), required=False, max_length=ITEMS_MAX)
    tax_minor = Minor(required=False)
    shipping_minor = Minor(required=False)
    discount_minor = Minor(required=False)
    metadata = Metadata(required=False)


def report_of(body: dict[str, Any], *, at: datetime) -> ConversionReport:
    """Return what a validated body reports."""
    return ConversionReport(
        goal=body["goal"],
        external_id=body["external_id"],
        amount_minor=body["amount_minor"],
        currency=body["currency"],
        occurred_at=body.get("occurred_at", at),
        click_token=body.get("click_id", ""),
        coupon_code=body.get("coupon", ""),
        referral_code=body.get("referral", ""),
        customer=customer_of(body),
        tax_minor=body.get("tax_minor", 0),
        shipping_minor=body.get("shipping_minor", 0),
        discount_minor=body.get("discount_minor", 0),
        items=[dict(item) for item in body.get("items", [])],
        metadata=body.get("metadata", {}),
        earlier_tokens=tuple(
            text
            for text in dict.fromkeys(body.get("click_ids", []))
            if text != body.get("click_id")
        ),
    )


def customer_of(body: dict[str, Any]) -> CustomerReport | None:
    """Return whom a validated body names as its customer, if it does."""
    customer = body.get("customer")
    if not customer:
        return None
    return CustomerReport(
        external_id=customer["external_id"],
        country=customer.get("country", ""),
        is_new=customer["is_new"],
        email=customer.get("email", ""),
    )


class CustomerSerializer(serializers.Serializer[Any]):
    """The buyer of a conversion."""

    external_id = serializers.CharField()
    country = Maybe()
    is_new = serializers.BooleanField(allow_null=True)

    def to_representation(self, conversion: Conversion) -> Any:
        """Return the buyer, or None: whether they are new is the conversion's own fact."""
        customer = conversion.customer
        if customer is None:
            return None
        return {
            "external_id": customer.external_id,
            "country": customer.country or None,
            "is_new": conversion.customer_is_new,
        }


class CreditSerializer(serializers.Serializer[Any]):
    """The share of a conversion that one enrollment is credited with."""

    enrollment = Id(source="enrollment_id")
    share_ppm = serializers.IntegerField(help_text="Parts per million.")
    amount_minor = serializers.IntegerField(help_text="This share of the conversion's amount.")


class ConversionCommissionSerializer(serializers.Serializer[Any]):
    """What a conversion earned, or (negative) what a refund took back."""

    id = Id()
    enrollment = Id(source="enrollment_id")
    kind = Word(CommissionKind)
    amount_minor = SignedMinor()
    currency = serializers.CharField()
    status = Word(CommissionStatus)
    hold_until = Moment()
    rule_version = Id(source="rule_version_id", allow_null=True)


class ConversionSerializer(serializers.Serializer[Any]):
    """A conversion with everything that follows from it."""

    id = Id()
    program = Id(source="program_id")
    goal = serializers.CharField(source="goal.code")
    external_id = serializers.CharField()
    status = Word(ConversionStatus)
    reason = Maybe(help_text="A stable code: why it is not approved, or pays nobody.")
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    original_minor = serializers.IntegerField(
        allow_null=True, help_text="As it was reported, if that was in another currency."
    )
    original_currency = Maybe()
    tax_minor = serializers.IntegerField()
    shipping_minor = serializers.IntegerField()
    discount_minor = serializers.IntegerField()
    items = ItemSerializer(many=True)
    metadata = serializers.DictField()
    click_id = Maybe(source="click_token")
    click_ids = serializers.ListField(
        child=serializers.CharField(), source="earlier_tokens", help_text="Besides `click_id`."
    )
    coupon = Maybe(source="coupon_code")
    referral = Maybe(source="referral_code")
    source = Word(Source)  # type: ignore[assignment]
    is_test = serializers.BooleanField(help_text="It never reaches money.")
    confirmed_at = Moment(allow_null=True, help_text="Since when it is more than a browser's word.")
    customer = CustomerSerializer(source="*", allow_null=True)
    occurred_at = Moment()
    created_at = Moment()
    credits = CreditSerializer(many=True)
    commissions = ConversionCommissionSerializer(many=True)
    refunds = RefundSerializer(many=True)


class ConversionResultSerializer(ResultSerializer):
    """What became of one conversion of many."""

    conversion = ConversionSerializer(allow_null=True)


class ConversionResultsSerializer(serializers.Serializer[Any]):
    """A result for each, in the order of the request."""

    data = ConversionResultSerializer(many=True)  # type: ignore[assignment]


class ReasonSerializer(Strict):
    """Why, in words that are kept with the decision."""

    reason = Text(max_length=500)


class OptionalReasonSerializer(Strict):
    """Why, if that shall be kept."""

    reason = Text(max_length=500, required=False, allow_blank=True, default="")
