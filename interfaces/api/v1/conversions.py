"""Conversions: report, read, explain, decide, refund."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from commissions.models import Commission
from commissions.services import (
    approve_conversion,
    decline_conversion,
    hold_conversion,
    release_conversion,
)
from interfaces.api.bulk import attempt, bulk_of, result
from interfaces.api.endpoints import Answer, Call, MerchantView, endpoint, validated
from interfaces.api.fields import Id, Text, Word
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.conversion_shapes import (
    ConversionResultsSerializer,
    ConversionSerializer,
    NewConversionSerializer,
    NewRefundSerializer,
    OptionalReasonSerializer,
    ReasonSerializer,
    RefundSerializer,
    report_of,
)
from merchants.rights import Scope
from programs.models import Program
from programs.selectors import find_program, programs_of
from tracking.models import Conversion, ConversionStatus, Credit, Refund
from tracking.selectors import conversions_of
from tracking.services import (
    ConversionReport,
    Recorded,
    record_conversion,
    record_conversions,
    record_refund,
)

REPORT = {
    "program": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
    "goal": "sale",
    "external_id": "order-1001",
    "amount_minor": 10_000,
    "currency": "EUR",
    "click_id": "AZ2tq4wPfA6rM1c2d3e4f5AAAAB7k2xY9QmZ1w",
    "customer": {"external_id": "c-77", "country": "DE", "is_new": True},
    "items": [{"sku": "mug", "quantity": 2, "amount_minor": 10_000}],
}


class ConversionQuery(ListQuery):
    """Filters of the conversions."""

    program = Id(required=False, source="program_id")
    goal = Text(required=False, max_length=40, source="goal__code")
    external_id = Text(required=False, max_length=200)
    status = Word(ConversionStatus, required=False)
    enrollment = Id(required=False, source="credits__enrollment_id")


def shown(merchant_id: UUID) -> QuerySet[Conversion]:
    """Return the merchant's conversions with all that their shape shows."""
    return (
        conversions_of(merchant_id)
        .select_related("goal", "customer")
        .prefetch_related(
            Prefetch("credits", Credit.objects.order_by("id")),
            Prefetch("commissions", Commission.objects.order_by("id")),
            Prefetch("refunds", Refund.objects.order_by("id")),
        )
    )


def report(call: Call, body: dict[str, Any]) -> Answer:
    """Store one reported conversion; a repeat is answered with what was stored first."""
    program = find_program(merchant_id=call.merchant_id, program_id=body["program"])
    conversion, created = record_conversion(
        program=found(program, named_by="program"),
        report=report_of(body, at=call.at),
        by=call.by,
        at=call.at,
    )
    return Answer(conversion, 201 if created else 200)


class Conversions(MerchantView):
    """The conversions of the merchant."""

    @endpoint("List conversions", gives=ConversionSerializer, query=ConversionQuery)
    def get(self, call: Call) -> QuerySet[Conversion]:
        return shown(call.merchant_id)

    @endpoint(
        "Report a conversion",
        gives=ConversionSerializer,
        takes=NewConversionSerializer,
        status=201,
        scope=Scope.CONVERSIONS,
        also={200: ConversionSerializer},
        example=REPORT,
        description=(
            "Repeating (program, goal, external_id) stores nothing: 200 with what was stored"
            " first. Attribution and commissions follow within seconds; read the conversion again."
        ),
    )
    def post(self, call: Call) -> Answer:
        return report(call, call.body)


class ConversionsBulk(MerchantView):
    """Many conversions at once."""

    @endpoint(
        "Report many conversions",
        gives=ConversionResultsSerializer,
        takes=bulk_of("NewConversion"),
        scope=Scope.CONVERSIONS,
        description="Up to 1,000. Each has its own result, in order; a wrong one stops no other.",
    )
    def post(self, call: Call) -> dict[str, Any]:
        mine = {program.id: program for program in programs_of(call.merchant_id)}

        def read(item: Any) -> tuple[Program, ConversionReport]:
            body = validated(NewConversionSerializer, item, at=call.at)
            program = found(mine.get(body["program"]), named_by="program")
            return program, report_of(body, at=call.at)

        outcomes = [attempt(partial(read, item)) for item in call.body["data"]]
        ready = [row for row in outcomes if not isinstance(row, Exception)]
        recorded = iter(
            record_conversions(merchant_id=call.merchant_id, reports=ready, by=call.by, at=call.at)
        )
        done = [row if isinstance(row, Exception) else next(recorded) for row in outcomes]
        return {"data": _results(call, done)}


def _results(call: Call, outcomes: list[Recorded | Exception]) -> list[dict[str, Any]]:
    ids = {row.conversion.id for row in outcomes if isinstance(row, Recorded)}
    whole = {row.id: row for row in shown(call.merchant_id).filter(id__in=ids)}
    return [
        result(
            index,
            whole[row.conversion.id] if isinstance(row, Recorded) else row,
            named="conversion",
            status=201 if isinstance(row, Recorded) and row.is_new else 200,
        )
        for index, row in enumerate(outcomes)
    ]


class OneConversion(MerchantView):
    """One conversion."""

    @endpoint("Read a conversion", gives=ConversionSerializer)
    def get(self, call: Call, id: UUID) -> Conversion:
        return one(shown(call.merchant_id), id)


class ApproveConversion(MerchantView):
    """Approve before the hold ends."""

    @endpoint("Approve a conversion", gives=ConversionSerializer, scope=Scope.COMMISSIONS)
    def post(self, call: Call, id: UUID) -> Conversion:
        conversion = one(conversions_of(call.merchant_id), id)
        return approve_conversion(conversion=conversion, by=call.by, at=call.at)


class DeclineConversion(MerchantView):
    """Decline, with its commissions that still wait."""

    @endpoint(
        "Decline a conversion",
        gives=ConversionSerializer,
        takes=ReasonSerializer,
        scope=Scope.COMMISSIONS,
    )
    def post(self, call: Call, id: UUID) -> Conversion:
        conversion = one(conversions_of(call.merchant_id), id)
        reason = call.body["reason"]
        return decline_conversion(conversion=conversion, reason=reason, by=call.by, at=call.at)


class HoldConversion(MerchantView):
    """Hold for review."""

    @endpoint(
        "Hold a conversion",
        gives=ConversionSerializer,
        takes=OptionalReasonSerializer,
        scope=Scope.COMMISSIONS,
    )
    def post(self, call: Call, id: UUID) -> Conversion:
        conversion = one(conversions_of(call.merchant_id), id)
        reason = call.body["reason"]
        return hold_conversion(conversion=conversion, reason=reason, by=call.by, at=call.at)


class ReleaseConversion(MerchantView):
    """Let a held one wait for the end of its hold again."""

    @endpoint("Release a held conversion", gives=ConversionSerializer, scope=Scope.COMMISSIONS)
    def post(self, call: Call, id: UUID) -> Conversion:
        conversion = one(conversions_of(call.merchant_id), id)
        return release_conversion(conversion=conversion, by=call.by, at=call.at)


class RefundQuery(ListQuery):
    """Filters of a conversion's refunds."""

    external_id = Text(required=False, max_length=200)


class Refunds(MerchantView):
    """The refunds of a conversion."""

    @endpoint("List refunds of a conversion", gives=RefundSerializer, query=RefundQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Refund]:
        conversion = one(conversions_of(call.merchant_id), id)
        return Refund.objects.filter(merchant_id=call.merchant_id, conversion=conversion)

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
            conversion=one(conversions_of(call.merchant_id), id),
            external_id=call.body["external_id"],
            amount_minor=call.body["amount_minor"],
            reason=call.body["reason"],
            occurred_at=call.body.get("occurred_at", call.at),
            by=call.by,
            at=call.at,
        )
        return Answer(refund, 201 if created else 200)
