"""Steps of goals as outsiders write and read them."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from interfaces.api.fields import Currency, Id, Minor, PastMoment, Strict, Text, Whole
from interfaces.api.v1.conversion_shapes import (
    COUPON_MAX,
    CouponCode,
    NewCustomerSerializer,
    customer_of,
)
from tracking.services import StepReportDraft


class NewStepSerializer(Strict):
    """A step of a goal, done by a customer, or by whoever came with a click."""

    program = Id()
    step = Text(max_length=40, help_text="The step's code.")
    external_id = Text(max_length=200, help_text="Your own id: of the install, of the deposit.")
    quantity = Whole(min_value=1, max_value=1_000_000, required=False, default=1)
    occurred_at = PastMoment(required=False, help_text="Default: now.")
    customer = NewCustomerSerializer(required=False, allow_null=True)
    click_id = Text(max_length=64, required=False, default="")
    coupon = CouponCode(max_length=COUPON_MAX, required=False, default="")
    referral = Text(max_length=40, required=False, default="")
    amount_minor = Minor(required=False, default=0, help_text="Amounts of all reports add up.")
    currency = Currency(required=False, default="")


def draft_of(body: dict[str, Any], *, at: datetime) -> StepReportDraft:
    """Return what a validated body reports."""
    return StepReportDraft(
        step=body["step"],
        external_id=body["external_id"],
        occurred_at=body.get("occurred_at", at),
        quantity=body["quantity"],
        customer=customer_of(body),
        click_token=body["click_id"],
        coupon_code=body["coupon"],
        referral_code=body["referral"],
        amount_minor=body["amount_minor"],
        currency=body["currency"],
    )


class StepProgressSerializer(serializers.Serializer[Any]):
    """How often a step was done, of how often it must be."""

    step = serializers.CharField(source="step.code")
    done = serializers.IntegerField()
    times = serializers.IntegerField(source="step.times")


class StepOutcomeSerializer(serializers.Serializer[Any]):
    """How far somebody is with a goal; `conversion` is null until it is reached."""

    goal = serializers.CharField(source="goal.code")
    step = serializers.CharField(source="report.step.code")
    external_id = serializers.CharField(source="report.external_id")
    progress = StepProgressSerializer(many=True)
    conversion = Id(source="conversion.id", allow_null=True, default=None)
