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
from interfaces.api.fields import Id, Switch, Text, Word
from interfaces.api.find import found, one
from interfaces.api.intake import logged
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.conversion_shapes import (
    ConversionResultsSerializer,
    ConversionSerializer,
    NewConversionSerializer,
    OptionalReasonSerializer,
    ReasonSerializer,
    report_of,
)
from interfaces.api.v1.step_shapes import StepOutcomeSerializer
from merchants.rights import Scope
from programs.models import Program
from programs.selectors import find_program, programs_of
from tracking.models import Conversion, ConversionStatus, Credit, Refund
from tracking.selectors import conversions_of
from tracking.services import (
    ConversionReport,
    Recorded,
    StepOutcome,
    confirm_conversion,
    record_all_reported,
    record_reported,
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
    is_test = Switch(
        required=False, help_text="Default: what the key reports, so false unless it is a test key."
    )


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


def reported_by(call: Call) -> QuerySet[Conversion]:
    """Return the conversions that a key may add facts to: with a test key, tests alone."""
    rows = conversions_of(call.merchant_id)
    return rows.filter(is_test=True) if call.key.is_test else rows


def answer_of(outcome: Recorded | StepOutcome) -> Answer:
    """Return what a report is answered: a step, until it reaches its goal, with its progress."""
    if isinstance(outcome, Recorded):
        return Answer(outcome.conversion, 201 if outcome.is_new else 200)
    if outcome.conversion is None:
        return Answer(outcome, 202, StepOutcomeSerializer)
    return Answer(outcome.conversion, 201 if outcome.completes else 200)


class Conversions(MerchantView):
    """The conversions of the merchant."""

    @endpoint("List conversions", gives=ConversionSerializer, query=ConversionQuery)
    def get(self, call: Call) -> QuerySet[Conversion]:
        rows = shown(call.merchant_id)
        return rows if "is_test" in call.query else rows.filter(is_test=call.key.is_test)

    @logged
    @endpoint(
        "Report a conversion",
        gives=ConversionSerializer,
        takes=NewConversionSerializer,
        status=201,
        scope=Scope.CONVERSIONS,
        also={200: ConversionSerializer, 202: StepOutcomeSerializer},
        example=REPORT,
        description=(
            "Repeating (program, goal, external_id) stores nothing: 200 with what was stored"
            " first. Attribution and commissions follow within seconds; read the conversion again."
            " If `goal` names a step: 202 as long as other steps are missing."
        ),
    )
    def post(self, call: Call) -> Answer:
        program = find_program(merchant_id=call.merchant_id, program_id=call.body["program"])
        return answer_of(
            record_reported(
                program=found(program, named_by="program"),
                report=report_of(call.body, at=call.at),
                by=call.by,
                at=call.at,
                is_test=call.key.is_test,
            )
        )


class ConversionsBulk(MerchantView):
    """Many conversions at once."""

    @logged
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
            record_all_reported(
                merchant_id=call.merchant_id,
                reports=ready,
                by=call.by,
                at=call.at,
                is_test=call.key.is_test,
            )
        )
        done = [row if isinstance(row, Exception) else next(recorded) for row in outcomes]
        return {"data": _results(call, done)}


def _results(
    call: Call, outcomes: list[Recorded | StepOutcome | Exception]
) -> list[dict[str, Any]]:
    done = [row.conversion for row in outcomes if not isinstance(row, Exception)]
    stored = {conversion.id for conversion in done if conversion}
    whole = {row.id: row for row in shown(call.merchant_id).filter(id__in=stored)}
    return [
        result(index, row, named="conversion")
        if isinstance(row, Exception)
        else result(
            index,
            whole[row.conversion.id] if row.conversion else None,
            named="conversion",
            status=answer_of(row).status,
        )
        for index, row in enumerate(outcomes)
    ]


class OneConversion(MerchantView):
    """One conversion."""

    @endpoint("Read a conversion", gives=ConversionSerializer)
    def get(self, call: Call, id: UUID) -> Conversion:
        return one(shown(call.merchant_id), id)


class ConfirmConversion(MerchantView):
    """Take a browser's word for it."""

    @endpoint(
        "Confirm a conversion",
        gives=ConversionSerializer,
        scope=Scope.CONVERSIONS,
        description="Of one that only a pixel reported; it is attributed again within seconds.",
    )
    def post(self, call: Call, id: UUID) -> Conversion:
        conversion = one(reported_by(call), id)
        return confirm_conversion(conversion=conversion, by=call.by, at=call.at)


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
