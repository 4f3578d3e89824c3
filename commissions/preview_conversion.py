"""What would become of a conversion, step by step. Nothing is stored, counted or locked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commissions.accrual.conversions import row_of
from commissions.accrual.decide import Case
from commissions.accrual.derive import foresee
from commissions.accrual.trace import earned_draft, trace_of_cap, trace_of_touch
from commissions.rules import Look
from programs.models import Goal, GoalStep, Program
from programs.models import Status as ProgramStatus
from tracking.models import Conversion, Customer, Source
from tracking.services import ConversionReport, in_programs_currency
from tracking.services.orders import find_order


@dataclass(frozen=True, slots=True)
class PreviewStep:
    """One thing that would be looked at: `ok` is None when it decides nothing.

    The names are `program`, `goal`, `step`, `currency`, `duplicate`, `touch`, `credit`, `cap`,
    `look` (a rule that was passed over), `rule`, `arithmetic`, `outcome` and `ledger`; touches,
    caps and postings come once each, what a rule said once for each credit.
    """

    name: str
    ok: bool | None
    facts: dict[str, Any]


def preview_conversion(
    *, program: Program, report: ConversionReport, at: datetime, source: Source = Source.API
) -> list[PreviewStep]:
    """Return what a report would lead to, in the order in which it is decided.

    The last step is the first that stops it: `goal`, `step` or `currency`. By the very functions
    that decide on real ones, so that it cannot say something else.
    """
    status = {"status": program.status, "is_test": program.is_test}
    steps = [PreviewStep("program", program.status == ProgramStatus.ACTIVE or None, status)]
    goal = _goal_of(program, report.goal)
    if goal is None:
        return [*steps, _missing(program, report.goal)]
    codes = [step.code for step in goal.steps.order_by("created_at", "id")]
    is_direct = not codes
    steps.append(PreviewStep("goal", is_direct, {"goal": goal.code, "steps": codes}))
    if is_direct:
        (taken,) = in_programs_currency([(program, report)])
        money: dict[str, Any] = {
            "currency": report.currency,
            "program_currency": program.currency,
        }
        if isinstance(taken, Exception):
            return [*steps, PreviewStep("currency", False, money)]
        if taken.fx_rate is not None:
            money |= {"fx_rate": str(taken.fx_rate.rate), "amount_minor": taken.amount_minor}
        steps.append(PreviewStep("currency", True, money))
        steps += _decided(program, goal, taken, at, source)
    return steps


def _goal_of(program: Program, code: str) -> Goal | None:
    goals = Goal.objects.filter(merchant_id=program.merchant_id, program=program, code=code)
    return goals.first()


def _missing(program: Program, code: str) -> PreviewStep:
    """Return what a report comes to whose goal is none: a step of one, or nothing."""
    steps = GoalStep.objects.filter(merchant_id=program.merchant_id, program=program, code=code)
    step = steps.select_related("goal").first()
    if step is None:
        return PreviewStep("goal", False, {"goal": code, "reason": "unknown_goal"})
    facts = {"step": step.code, "goal": step.goal.code, "times": step.times}
    return PreviewStep("step", None, facts)


def _decided(
    program: Program, goal: Goal, report: ConversionReport, at: datetime, source: Source
) -> Iterator[PreviewStep]:
    known = find_order(program=program, goal=goal, order_id=report.external_id, is_test=False)
    yield PreviewStep("duplicate", known is None, _facts_of_known(known, report))
    conversion = _unsaved(program, goal, report, at, source)
    case = foresee(program.merchant_id, row_of(conversion), at=at)
    for item in case.outcome.touches:
        touch = trace_of_touch(item)
        yield PreviewStep("touch", touch["accepted"], touch)
    credits = [
        {"enrollment": str(row.enrollment_id), "share_ppm": row.share_ppm} for row in case.credits
    ]
    yield PreviewStep("credit", bool(credits), {"credits": credits})
    for finding in case.caps:
        yield PreviewStep("cap", not finding.refuses, trace_of_cap(finding))
    yield from _paid(case)


def _facts_of_known(known: Conversion | None, report: ConversionReport) -> dict[str, Any]:
    if known is None:
        return {"external_id": report.external_id}
    return {
        "external_id": report.external_id,
        "conversion": str(known.id),
        "amount_minor": known.amount_minor,
        "amount_differs": known.amount_minor != report.amount_minor,
    }


def _unsaved(
    program: Program, goal: Goal, report: ConversionReport, at: datetime, source: Source
) -> Conversion:
    customer = None
    if report.customer is not None:
        customer = Customer.objects.filter(
            merchant_id=program.merchant_id, external_id=report.customer.external_id
        ).first()
    return Conversion(
        merchant_id=program.merchant_id,
        program=program,
        goal=goal,
        external_id=report.external_id,
        amount_minor=report.amount_minor,
        currency=report.currency,
        tax_minor=report.tax_minor,
        shipping_minor=report.shipping_minor,
        discount_minor=report.discount_minor,
        customer=customer,
        click_token=report.click_token,
        coupon_code=report.claim.coupon_code,
        referral_code=report.referral_code,
        earlier_tokens=list(report.earlier_tokens),
        items=list(report.items),
        metadata=report.metadata,
        customer_is_new=report.customer.is_new if report.customer else None,
        source=source,
        is_test=program.is_test,
        confirmed_at=None if source == Source.PIXEL else at,
        occurred_at=report.occurred_at,
    )


def _paid(case: Case) -> Iterator[PreviewStep]:
    for row in case.awarded:
        for look in row.looks:
            if not look.matched:
                yield PreviewStep("look", None, _facts_of_look(look))
        if row.rule is None:
            yield PreviewStep("rule", False, {"reason": "no_rule"})
            continue
        rate = {
            "rule_version": str(row.rule.version_id),
            "reward": row.rule.reward,
            "fixed_minor": row.rule.fixed_minor,
            "rate_bps": row.rule.rate_bps,
            "details": dict(row.rule.details),
            "conditions": list(row.rule.conditions),
        }
        yield PreviewStep("rule", True, rate)
        sum_up = {
            "text": "; ".join(row.award.arithmetic),
            "amount_minor": row.award.amount_minor,
            "net_minor": row.facts.basis.net_minor,
            "currency": case.conversion.currency,
        }
        yield PreviewStep("arithmetic", None, rate | sum_up)
    conversion = case.conversion
    outcome = {"status": conversion.status, "reason": conversion.reason}
    yield PreviewStep("outcome", bool(case.commissions), outcome)
    yield from _postings(case.commissions)


def _facts_of_look(look: Look) -> dict[str, Any]:
    version = str(look.rule_version) if look.rule_version else None
    return {"rule_version": version, "level": look.level, "reason": look.reason}


def _postings(lines: Sequence[Any]) -> Iterator[PreviewStep]:
    for line in lines:
        for entry in earned_draft(line).entries:
            facts = {
                "account": entry.kind,
                "amount_minor": entry.amount_minor,
                "currency": entry.currency,
                "enrollment": str(entry.enrollment_id) if entry.enrollment_id else None,
            }
            yield PreviewStep("ledger", None, facts)
