"""What arrives at the intakes, as rows: calls, customers, and what is asked of them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from affiliates.care.notes import save_segment, set_task, write_note
from affiliates.care.tags import tag_enrollment
from affiliates.models import BulkAction, BulkJob, BulkStatus, Enrollment, SavedList, Severity
from commissions.models import Budget, BudgetPeriod, BudgetScope, Claim, Decision, Status
from commissions.services import ClaimDraft, submit_claim
from commissions.services.violations import file_violation
from common.ids import id_floor
from merchants.models import SYSTEM, ActorKind
from merchants.tenancy import merchant_context
from programs.models import Goal, GoalStep
from tests.cast import NOON, Company, Promoter
from tracking.imports import start_import
from tracking.models import Customer, Import, ImportProfile, IntakeCall, Outcome, Touch, TouchKind


def store_call(company: Company, *, at: datetime = NOON, **facts: Any) -> IntakeCall:
    """Store a call of a public intake."""
    usual = {
        "program_id": company.program.id,
        "intake": "postback",
        "method": "GET",
        "address": "192.0.2.7",
        "said": {"click_id": "tok-1", "order_id": "S-1", "token": "•••"},
        "outcome": Outcome.CREATED,
        "reason": "",
        "detail": "",
        "order_id": "S-1",
        "is_test": False,
    }
    call_id = UUID(int=id_floor(at).int | (uuid4().int & ((1 << 62) - 1)))
    with merchant_context(company.id):
        return IntakeCall.objects.create(merchant_id=company.id, id=call_id, **(usual | facts))


def store_claim(
    company: Company,
    promoter: Promoter,
    *,
    order_id: str = "4711",
    at: datetime = NOON,
    **said: Any,
) -> Claim:
    """Submit a claim of the promoter for an order of 1 March, worth 80.00."""
    facts = {"happened_on": date(2026, 3, 1), "message": "She told me.", "amount_minor": 8_000}
    with merchant_context(company.id):
        goal = Goal.objects.get(program=company.program, code="sale")
        enrollment = Enrollment.objects.select_related("program").get(id=promoter.enrollment.id)
        draft = ClaimDraft(goal=goal, order_id=order_id, **(facts | said))
        return submit_claim(enrollment=enrollment, draft=draft, by=SYSTEM, at=at)


def store_decision(company: Company) -> Decision:
    """Store a decision about one line that nobody knows."""
    with merchant_context(company.id):
        return Decision.objects.create(
            merchant_id=company.id,
            to=Status.APPROVED,
            line_ids=[uuid4()],
            line_count=1,
            actor_kind=ActorKind.SYSTEM,
            asked_at=NOON,
        )


def store_customer(
    company: Company, promoter: Promoter | None = None, *, external_id: str = ""
) -> Customer:
    """Store a customer, bound by a click to the promoter if one is given."""
    with merchant_context(company.id):
        customer = Customer.objects.create(
            merchant_id=company.id,
            external_id=external_id or uuid4().hex,
            country="DE",
            first_seen_at=NOON,
        )
        if promoter:
            Touch.objects.create(
                merchant_id=company.id,
                program=company.program,
                customer=customer,
                enrollment=promoter.enrollment,
                affiliate=promoter.affiliate,
                link_id=promoter.link.id,
                kind=TouchKind.CLICK,
                evidence=str(uuid4()),
                at=NOON,
                bound_at=NOON,
            )
    return customer


def store_step(company: Company, *, goal: str = "sale", code: str = "installed") -> GoalStep:
    """Store a step of one of the program's goals."""
    with merchant_context(company.id):
        return GoalStep.objects.create(
            merchant_id=company.id,
            program=company.program,
            goal=Goal.objects.get(program=company.program, code=goal),
            code=code,
            name=code.capitalize(),
            times=1,
        )


def store_import(
    company: Company, *, content: str = "order_id,amount\nS-1,10.00\n", is_dry_run: bool = True
) -> Import:
    """Store a file of conversions that waits for a worker."""
    with merchant_context(company.id):
        return start_import(
            program=company.program,
            profile=ImportProfile.CONVERSIONS,
            file_name="sales.csv",
            content=content.encode(),
            is_dry_run=is_dry_run,
            member=company.owner,
            at=NOON,
        )


def store_budget(company: Company) -> Budget:
    """Store a soft budget of the program."""
    return Budget.objects.create(
        merchant_id=company.id,
        program=company.program,
        scope=BudgetScope.PROGRAM,
        period=BudgetPeriod.MONTH,
        limit_minor=1_000_000,
    )


def store_bulk_job(company: Company) -> BulkJob:
    """Store a job that ended with nothing done."""
    with merchant_context(company.id):
        return BulkJob.objects.create(
            merchant_id=company.id,
            action=BulkAction.APPROVE,
            query="",
            member=company.owner,
            status=BulkStatus.DONE,
            started_at=NOON,
            finished_at=NOON,
        )


def store_care(company: Company, promoter: Promoter) -> dict[str, UUID]:
    """Store a tag, a note, a task, a violation and a saved view; return their ids."""
    enrollment, owner = promoter.enrollment, company.owner
    with merchant_context(company.id):
        tag = tag_enrollment(enrollment=enrollment, name="VIP", by=SYSTEM, at=NOON)
        note = write_note(member=owner, enrollment=enrollment, body="Nice.", at=NOON)
        task = set_task(made_by=owner, assignee=owner, title="Call", due_on=None)
        filed = file_violation(
            member=owner,
            enrollment=enrollment,
            severity=Severity.WARN,
            rule="No spam",
            evidence="A mail",
            at=NOON,
        )
        segment = save_segment(
            member=owner, list=SavedList.AFFILIATES, name="All", query="status=APPROVED", at=NOON
        )
    return {
        "tag_id": tag.id,
        "note_id": note.id,
        "task_id": task.id,
        "violation_id": filed.violation.id,
        "segment_id": segment.id,
    }
