"""Refunds: of a conversion, or of an order that may not be reported yet."""

from uuid import UUID

from django.db.models import QuerySet

from interfaces.api.endpoints import Answer, Call, MerchantView, endpoint
from interfaces.api.fields import Text
from interfaces.api.find import found, one
from interfaces.api.intake import logged
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.conversions import reported_by
from interfaces.api.v1.refund_shapes import (
    NewOrderRefundSerializer,
    NewRefundSerializer,
    OrderRefundSerializer,
    RefundSerializer,
)
from merchants.rights import Scope
from programs.selectors import find_program
from tracking.models import Refund
from tracking.selectors import conversions_of
from tracking.services import record_refund, record_refund_of_order


class RefundQuery(ListQuery):
    """Filters of a conversion's refunds."""

    external_id = Text(required=False, max_length=200)


class Refunds(MerchantView):
    """The refunds of a conversion."""

    @endpoint("List refunds of a conversion", gives=RefundSerializer, query=RefundQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Refund]:
        conversion = one(conversions_of(call.merchant_id), id)
        return Refund.objects.filter(merchant_id=call.merchant_id, conversion=conversion)

    @logged
    @endpoint(
        "Refund a conversion",
        gives=RefundSerializer,
        takes=NewRefundSerializer,
        status=201,
        scope=Scope.CONVERSIONS,
        also={200: RefundSerializer},
        example={"external_id": "refund-1", "amount_minor": 5_000, "reason": "Sent back"},
        description="Refunds add up. Commissions are taken back in proportion within seconds.",
    )
    def post(self, call: Call, id: UUID) -> Answer:
        refund, created = record_refund(
            conversion=one(reported_by(call), id),
            external_id=call.body["external_id"],
            amount_minor=call.body["amount_minor"],
            currency=call.body.get("currency", ""),
            reason=call.body["reason"],
            occurred_at=call.body.get("occurred_at", call.at),
            by=call.by,
            at=call.at,
        )
        return Answer(refund, 201 if created else 200)


class OrderRefunds(MerchantView):
    """Refunds of orders, in whatever order both arrive."""

    @logged
    @endpoint(
        "Refund an order",
        gives=OrderRefundSerializer,
        takes=NewOrderRefundSerializer,
        status=201,
        scope=Scope.CONVERSIONS,
        also={200: OrderRefundSerializer},
        example={
            "program": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "conversion_external_id": "order-1001",
            "external_id": "refund-1",
            "amount_minor": 5_000,
        },
        description=(
            "By your own id of the order. A refund that comes before its order waits for it. What"
            " refunds take back together is never more than the order."
        ),
    )
    def post(self, call: Call) -> Answer:
        body = call.body
        program = find_program(merchant_id=call.merchant_id, program_id=body["program"])
        refund, created = record_refund_of_order(
            program=found(program, named_by="program"),
            goal=body["goal"],
            order_id=body["conversion_external_id"],
            external_id=body["external_id"],
            amount_minor=body["amount_minor"],
            currency=body.get("currency", ""),
            reason=body["reason"],
            occurred_at=body.get("occurred_at", call.at),
            by=call.by,
            at=call.at,
            is_test=call.key.is_test,
        )
        return Answer(refund, 201 if created else 200)
