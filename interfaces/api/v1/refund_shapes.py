"""Refunds as outsiders write and read them."""

from typing import Any

from rest_framework import serializers

from interfaces.api.fields import Currency, Id, Maybe, Minor, Moment, PastMoment, Strict, Text


class RefundSerializer(serializers.Serializer[Any]):
    """A part of a conversion that was taken back."""

    id = Id()
    external_id = serializers.CharField()
    amount_minor = serializers.IntegerField(help_text="In the program's currency.")
    original_minor = serializers.IntegerField(
        allow_null=True, help_text="As it was reported, if that was in another currency."
    )
    original_currency = Maybe()
    reason = Maybe()
    occurred_at = Moment()
    applied_at = Moment(allow_null=True, help_text="When commissions were taken back for it.")


class OrderRefundSerializer(RefundSerializer):
    """A refund of an order; `conversion` is null as long as it waits for the order."""

    conversion = Id(source="conversion_id", allow_null=True)


class NewRefundSerializer(Strict):
    """A refund. Repeating an external_id stores nothing."""

    external_id = Text(max_length=200)
    amount_minor = Minor(min_value=1)
    currency = Currency(
        required=False,
        help_text="The program's (default), or that in which the order itself was reported.",
    )
    reason = Text(max_length=200, required=False, allow_blank=True, default="")
    occurred_at = PastMoment(required=False, help_text="Default: now.")


class NewOrderRefundSerializer(NewRefundSerializer):
    """A refund of an order by your id of it, which may come before the order itself."""

    program = Id()
    goal = Text(
        max_length=40, required=False, default="", help_text="Default: the order's, else `sale`."
    )
    conversion_external_id = Text(max_length=200, help_text="Your id of the order.")
