"""Reports as they come in: what they name as their goal may be a step of one."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from merchants.models import Actor
from programs.models import GoalStep, Program
from tracking.models import Source
from tracking.services.conversions import (
    Recorded,
    record_conversions,
)
from tracking.services.reports import ConversionReport, CurrencyMismatch, GoalHasSteps
from tracking.services.steps import (
    NobodysStep,
    StepOutcome,
    StepReportDraft,
    UnknownStep,
    find_step,
    record_step,
)


def record_reported(
    *,
    program: Program,
    report: ConversionReport,
    by: Actor,
    at: datetime,
    is_test: bool = False,
    source: Source = Source.API,
) -> Recorded | StepOutcome:
    """Store a report of a goal, or of a step if that is what its goal names; return what it did.

    :raises GoalHasSteps: if a browser reports a step: who did it could not be trusted.

    And what `record_conversion` and `record_step` raise.
    """
    if find_step(program, report.goal) is not None:
        _require_trusted(report, source)
        return record_step(program=program, report=step_of(report), by=by, at=at, is_test=is_test)
    (outcome,) = record_conversions(
        merchant_id=program.merchant_id,
        reports=[(program, report)],
        by=by,
        at=at,
        is_test=is_test,
        source=source,
    )
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def record_all_reported(
    *,
    merchant_id: UUID,
    reports: Sequence[tuple[Program, ConversionReport]],
    by: Actor,
    at: datetime,
    is_test: bool = False,
    source: Source = Source.API,
) -> list[Recorded | StepOutcome | Exception]:
    """Store many reports; return what each did, or what refused it, in order.

    As `record_reported` does with one. Goals go together, in a handful of statements; steps one by
    one, because each waits for the others of its subject.
    """
    programs = {program.id for program, _report in reports}
    steps = GoalStep.objects.filter(merchant_id=merchant_id, program_id__in=programs)
    codes = set(steps.values_list("program_id", "code"))
    is_step = [(program.id, report.goal) in codes for program, report in reports]
    recorded = iter(
        record_conversions(
            merchant_id=merchant_id,
            reports=[row for row, step in zip(reports, is_step, strict=True) if not step],
            by=by,
            at=at,
            is_test=is_test,
            source=source,
        )
    )
    return [
        _record_step(program, report, by, at, is_test, source) if step else next(recorded)
        for (program, report), step in zip(reports, is_step, strict=True)
    ]


def _record_step(
    program: Program,
    report: ConversionReport,
    by: Actor,
    at: datetime,
    is_test: bool,
    source: Source,
) -> StepOutcome | Exception:
    try:
        _require_trusted(report, source)
        return record_step(program=program, report=step_of(report), by=by, at=at, is_test=is_test)
    except (GoalHasSteps, NobodysStep, UnknownStep, CurrencyMismatch) as refusal:
        return refusal


def _require_trusted(report: ConversionReport, source: Source) -> None:
    if source == Source.PIXEL:
        raise GoalHasSteps(report.goal)


def step_of(report: ConversionReport) -> StepReportDraft:
    """Return a conversion's report as the report of the step that its goal names."""
    return StepReportDraft(
        step=report.goal,
        external_id=report.external_id,
        occurred_at=report.occurred_at,
        customer=report.customer,
        click_token=report.click_token,
        coupon_code=report.coupon_code,
        referral_code=report.referral_code,
        amount_minor=report.amount_minor,
        tax_minor=report.tax_minor,
        shipping_minor=report.shipping_minor,
        discount_minor=report.discount_minor,
        currency=report.currency,
    )
