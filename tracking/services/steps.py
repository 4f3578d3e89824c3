"""Steps: a goal with steps is reached when somebody has done all of them, in whatever order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils.crypto import salted_hmac

from merchants.models import Actor
from programs.models import Goal, GoalStep, Program
from tracking.models import Conversion, Source, StepReport
from tracking.services.conversions import record_conversion
from tracking.services.customers import SUBJECT_PREFIX, is_erased
from tracking.services.reports import ConversionReport, CurrencyMismatch, CustomerReport
from tracking.token import read_token

PURPOSE = "fairlead steps of a customer"
SUMS = ("amount_minor", "tax_minor", "shipping_minor", "discount_minor")


class UnknownStep(Exception):
    """No goal of the program has a step with this code."""


class NobodysStep(Exception):
    """A step report names neither a customer nor a click: it is nobody's."""


@dataclass(frozen=True, slots=True)
class StepReportDraft:
    """A step done, as it was reported. Amounts of several reports add up."""

    step: str
    external_id: str
    occurred_at: datetime
    quantity: int = 1
    customer: CustomerReport | None = None
    click_token: str = ""
    coupon_code: str = ""
    referral_code: str = ""
    amount_minor: int = 0
    tax_minor: int = 0
    shipping_minor: int = 0
    discount_minor: int = 0
    currency: str = ""  # Empty: the program's.

    @property
    def subject(self) -> str:
        """Return whose step it is: the customer's if one is named, else the click's."""
        if self.customer is not None:
            return f"{SUBJECT_PREFIX}{self.customer.external_id}"
        return f"click:{self.click_token}" if self.click_token else ""


@dataclass(frozen=True, slots=True)
class StepProgress:
    """How often a step was done, of how often it must be."""

    step: GoalStep
    done: int

    @property
    def is_complete(self) -> bool:
        """Whether it was done often enough."""
        return self.done >= self.step.times


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What a report of a step led to. The conversion is there once every step is done."""

    goal: Goal
    report: StepReport
    is_new: bool  # The report; a repeat stores nothing.
    progress: tuple[StepProgress, ...]
    conversion: Conversion | None
    completes: bool  # This very report made the conversion.


def record_step(
    *, program: Program, report: StepReportDraft, by: Actor, at: datetime, is_test: bool = False
) -> StepOutcome:
    """Store that somebody did a step of a goal; when that was the last, the goal is reached.

    Reports of one subject are taken one after another, so that of two last steps at once exactly
    one makes the conversion. A repeat (same step and external id) stores nothing.

    :raises UnknownStep: if the program has no such step.
    :raises NobodysStep: if the report names neither customer nor click.
    :raises CurrencyMismatch: if the report is in another currency than the program.
    """
    step = find_step(program, report.step)
    if step is None:
        raise UnknownStep(report.step)
    if not report.subject:
        raise NobodysStep(report.step)
    if report.currency not in ("", program.currency):
        raise CurrencyMismatch(f"{report.currency} step, {program.currency} program")
    is_test = is_test or program.is_test
    with transaction.atomic():
        _queue_up(step.goal_id, report.subject, is_test)
        stored, is_new = StepReport.objects.get_or_create(
            merchant_id=program.merchant_id,
            step=step,
            external_id=report.external_id,
            is_test=is_test,
            defaults={
                "program": program,
                "goal": step.goal,
                "subject": report.subject,
                "quantity": report.quantity,
                "facts": _facts_of(report),
                "occurred_at": report.occurred_at,
            },
        )
        progress = progress_of(step.goal, subject=stored.subject, is_test=is_test)
        conversion, completes = None, False
        if all(row.is_complete for row in progress):
            conversion = _reached(stored, report.subject)
            if conversion is None and not is_erased(stored.subject):
                conversion, completes = _reach(program, step.goal, stored, by, at)
    return StepOutcome(step.goal, stored, is_new, progress, conversion, completes)


def find_step(program: Program, code: str) -> GoalStep | None:
    """Return the program's step of this code with its goal, if there is one."""
    steps = GoalStep.objects.filter(merchant_id=program.merchant_id, program=program, code=code)
    return steps.select_related("goal").first()


def _queue_up(goal_id: UUID, subject: str, is_test: bool) -> None:
    """Wait for whoever reports steps of this subject, until they have committed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"steps {goal_id} {is_test} {subject}"],
        )


def _facts_of(report: StepReportDraft) -> dict[str, Any]:
    customer = report.customer
    facts = {name: getattr(report, name) for name in SUMS}
    facts |= {
        "click_token": report.click_token,
        "coupon_code": report.coupon_code.upper(),
        "referral_code": report.referral_code,
        "country": customer.country if customer else "",
        "is_new": customer.is_new if customer else None,
    }
    return {name: value for name, value in facts.items() if value not in (0, "", None)}


def progress_of(goal: Goal, *, subject: str, is_test: bool) -> tuple[StepProgress, ...]:
    """Return how far somebody is with a goal: every step of it, in the order they were made."""
    done = dict(
        _reports_of(goal, subject, is_test)
        .order_by()
        .values_list("step_id")
        .annotate(times=Sum("quantity"))
    )
    steps = GoalStep.objects.filter(merchant_id=goal.merchant_id, goal=goal)
    return tuple(
        StepProgress(step, done.get(step.id, 0)) for step in steps.order_by("created_at", "id")
    )


def _reports_of(goal: Goal, subject: str, is_test: bool) -> Any:
    return StepReport.objects.filter(
        merchant_id=goal.merchant_id, goal=goal, subject=subject, is_test=is_test
    )


def _reached(last: StepReport, reported_as: str) -> Conversion | None:
    """Return the conversion that the subject's steps came to before, if they did.

    By its id; or by the customer, so that a new secret key reaches no goal twice. What is left of
    an erased customer is found by the id that a repeat still names, and reaches nothing anew.
    """
    subject = reported_as if is_erased(last.subject) else last.subject
    rows = Conversion.objects.filter(
        merchant_id=last.merchant_id, goal_id=last.goal_id, is_test=last.is_test
    )
    known = rows.filter(external_id=_order_id(subject)).first()
    if known is None and subject.startswith(SUBJECT_PREFIX):
        customer = subject.removeprefix(SUBJECT_PREFIX)
        known = rows.filter(source=Source.STEPS, customer__external_id=customer).first()
    return known


def _reach(
    program: Program, goal: Goal, last: StepReport, by: Actor, at: datetime
) -> tuple[Conversion, bool]:
    """Record the conversion that the subject's steps come to."""
    reports = _reports_of(goal, last.subject, last.is_test).order_by("occurred_at", "external_id")
    order_id = _order_id(last.subject)
    return record_conversion(
        program=program,
        report=_conversion_of(program, goal, order_id, last.subject, list(reports)),
        by=by,
        at=at,
        is_test=last.is_test,
        source=Source.STEPS,
    )


def _order_id(subject: str) -> str:
    """Return the external id of the conversion: it names the person to nobody.

    A customer's is keyed, because ids of customers can be guessed and tried; a click's token
    cannot.
    """
    if subject.startswith(SUBJECT_PREFIX):
        digest = salted_hmac(PURPOSE, subject, algorithm="sha256").hexdigest()
    else:
        digest = sha256(subject.encode()).hexdigest()
    return f"steps-{digest[:32]}"


def _conversion_of(
    program: Program, goal: Goal, order_id: str, subject: str, reports: Sequence[StepReport]
) -> ConversionReport:
    """Return what the reports, oldest first, come to: the same in whatever order they arrived."""
    facts = [report.facts for report in reports]
    sums = {name: sum(row.get(name, 0) for row in facts) for name in SUMS}
    customer = None
    if subject.startswith(SUBJECT_PREFIX):
        customer = CustomerReport(
            external_id=subject.removeprefix(SUBJECT_PREFIX),
            country=_first(facts, "country"),
            is_new=next((row["is_new"] for row in facts if "is_new" in row), None),
        )
    return ConversionReport(
        goal=goal.code,
        external_id=order_id,
        currency=program.currency,
        occurred_at=max(report.occurred_at for report in reports),
        click_token=_earliest_click([row.get("click_token", "") for row in facts]),
        coupon_code=_first(facts, "coupon_code"),
        referral_code=_first(facts, "referral_code"),
        customer=customer,
        **sums,
    )


def _first(facts: Sequence[dict[str, Any]], name: str) -> str:
    return next((row[name] for row in facts if row.get(name)), "")


def _earliest_click(texts: Sequence[str]) -> str:
    """Return the token of the earliest genuine click; of none that is, the first presented."""
    genuine = [
        (token.at, text)
        for text in texts
        if (token := read_token(text, settings.CLICK_KEYS)) is not None
    ]
    return min(genuine)[1] if genuine else next((text for text in texts if text), "")
