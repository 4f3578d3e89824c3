"""Status reports: what your systems say of an order later."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from interfaces.api.endpoints import Answer, Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, PastMoment, Strict, Text, Word
from interfaces.api.find import found, one
from interfaces.api.intake import logged
from interfaces.api.v1.conversions import reported_by
from merchants.rights import Scope
from programs.models import Program
from programs.selectors import find_program
from tracking.models import ReportedStatus
from tracking.services import record_status


class NewStatusSerializer(Strict):
    """What became of an order. `declined` and `dispute_lost` are final."""

    status = Word(ReportedStatus)
    external_id = Text(
        max_length=200, required=False, default="", help_text="Tells two of one status apart."
    )
    reason = Text(max_length=200, required=False, allow_blank=True, default="")
    occurred_at = PastMoment(required=False, help_text="Default: now.")


class NewOrderStatusSerializer(NewStatusSerializer):
    """What became of an order by your id of it, which may come before the order itself."""

    program = Id()
    goal = Text(
        max_length=40, required=False, default="", help_text="Default: the order's, else `sale`."
    )
    conversion_external_id = Text(max_length=200, help_text="Your id of the order.")


class StatusReportSerializer(serializers.Serializer[Any]):
    """A stored status; `conversion` is null as long as it waits for the order."""

    id = Id()
    conversion = Id(source="conversion_id", allow_null=True)
    conversion_external_id = serializers.CharField(source="order_id")
    status = Word(ReportedStatus)
    external_id = Maybe()
    reason = Maybe()
    occurred_at = Moment()
    applied_at = Moment(allow_null=True)


def _store(call: Call, program: Program, *, goal: str, order_id: str, is_test: bool) -> Answer:
    report, created = record_status(
        program=program,
        goal=goal,
        order_id=order_id,
        status=call.body["status"],
        external_id=call.body["external_id"],
        reason=call.body["reason"],
        occurred_at=call.body.get("occurred_at", call.at),
        by=call.by,
        at=call.at,
        is_test=is_test,
    )
    return Answer(report, 201 if created else 200)


class ConversionStatuses(MerchantView):
    """The status of a conversion, as your systems see it."""

    @logged
    @endpoint(
        "Report the status of a conversion",
        gives=StatusReportSerializer,
        takes=NewStatusSerializer,
        status=201,
        scope=Scope.CONVERSIONS,
        also={200: StatusReportSerializer},
        example={"status": "disputed", "reason": "chargeback"},
        description=(
            "Applied within seconds. In whatever order reports arrive, they come to the same:"
            " `declined` and `dispute_lost` are final, `approved` stands against all but these, of"
            " the others the latest counts."
        ),
    )
    def post(self, call: Call, id: UUID) -> Answer:
        conversion = one(reported_by(call), id)
        return _store(
            call,
            conversion.program,
            goal=conversion.goal.code,
            order_id=conversion.external_id,
            is_test=conversion.is_test,
        )


class OrderStatuses(MerchantView):
    """The status of orders by your ids of them."""

    @logged
    @endpoint(
        "Report the status of an order",
        gives=StatusReportSerializer,
        takes=NewOrderStatusSerializer,
        status=201,
        scope=Scope.CONVERSIONS,
        also={200: StatusReportSerializer},
        example={
            "program": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "conversion_external_id": "order-1001",
            "status": "declined",
        },
        description="A status that comes before its order waits for it.",
    )
    def post(self, call: Call) -> Answer:
        program = find_program(merchant_id=call.merchant_id, program_id=call.body["program"])
        return _store(
            call,
            found(program, named_by="program"),
            goal=call.body["goal"],
            order_id=call.body["conversion_external_id"],
            is_test=call.key.is_test,
        )
