"""Steps of goals: reported one by one; the goal is reached when all of them are done."""

from interfaces.api.endpoints import Answer, Call, MerchantView, endpoint
from interfaces.api.find import found
from interfaces.api.intake import logged
from interfaces.api.v1.step_shapes import NewStepSerializer, StepOutcomeSerializer, draft_of
from merchants.rights import Scope
from programs.selectors import find_program
from tracking.services import StepOutcome, record_step


def status_of(outcome: StepOutcome) -> int:
    """Return 201 for the report that reached the goal, 200 after it, 202 before."""
    if outcome.conversion is None:
        return 202
    return 201 if outcome.completes else 200


class Steps(MerchantView):
    """The steps that people have done."""

    @logged
    @endpoint(
        "Report a step",
        gives=StepOutcomeSerializer,
        takes=NewStepSerializer,
        status=201,
        scope=Scope.CONVERSIONS,
        also={200: StepOutcomeSerializer, 202: StepOutcomeSerializer},
        example={
            "program": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "step": "first_deposit",
            "external_id": "deposit-77",
            "customer": {"external_id": "c-77"},
        },
        description=(
            "202 as long as steps are missing; 201 for the report that reaches the goal; 200 for"
            " what comes later. Repeating (step, external_id) stores nothing."
        ),
    )
    def post(self, call: Call) -> Answer:
        program = find_program(merchant_id=call.merchant_id, program_id=call.body["program"])
        outcome = record_step(
            program=found(program, named_by="program"),
            report=draft_of(call.body, at=call.at),
            by=call.by,
            at=call.at,
            is_test=call.key.is_test,
        )
        return Answer(outcome, status_of(outcome))
