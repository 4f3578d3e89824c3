"""From a report to facts: which service a postback calls, and what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils.translation import gettext as _

from merchants.models import SYSTEM
from programs.models import Program
from programs.selectors import goals_of, steps_by_goal
from tracking.models import Outcome, ReportedStatus, Source, StatusReport
from tracking.postbacks import Offer, PostbackReport, Refused, Taken, Word
from tracking.services import (
    BadEvidence,
    ConversionReport,
    CurrencyMismatch,
    CustomerReport,
    GoalHasSteps,
    NobodysStep,
    NoFxRate,
    StepReportDraft,
    UnknownGoal,
    bind_customer,
    record_conversions,
    record_refund_of_order,
    record_status,
    record_step,
)

WORDS = {"click_id": Word.CLICK, "coupon": Word.COUPON, "referral": Word.REFERRAL}


def take(program: Program, report: PostbackReport, *, source: Source, at: datetime) -> Taken:
    """Store what a report says; return what came of it. Safe to repeat.

    The caller stands in the merchant's context, in the transaction of the log's row.

    :raises Refused: if the program does not take it.
    """
    with refusing():
        if report.refund is not None:
            return _refund(program, report, at)
        if report.is_registration:
            bound = _customer(program, report, at)
            if not report.goal:
                return bound
        if report.is_step:
            return _step(program, report, source, at)
        if report.status and not tells_of_an_order(report):
            return _status_alone(program, report, report.status, at)
        return _order(program, report, source, at)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the services refuse into a refusal of the call."""
    try:
        yield
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise refusal from error


def refusal_of(error: Exception) -> Refused | None:
    """Return what a service refused, naming our word for it; None if it is no refusal."""
    match error:
        case UnknownGoal():
            return Refused("unknown_goal", _("The program has no such goal."), parameter=Word.GOAL)
        case GoalHasSteps():
            message = _("This goal is reached by its steps: report those.")
            return Refused("goal_has_steps", message, parameter=Word.GOAL)
        case NobodysStep():
            message = _("Say whose step it is: send a customer or a click.")
            return Refused("required", message, parameter=Word.CUSTOMER)
        case NoFxRate():
            message = _("No rate of this currency is known for that time.")
            return Refused("no_fx_rate", message, parameter=Word.CURRENCY)
        case CurrencyMismatch():
            return Refused("currency_mismatch", str(error), parameter=Word.CURRENCY)
        case BadEvidence():
            message = _("Nobody of the program owns this.")
            return Refused(error.code, message, parameter=WORDS[error.field])
    return None


def offer_of(program: Program) -> Offer:
    """Return what must be known of a program to read a call for it."""
    steps = steps_by_goal(program).values()
    return Offer(
        program.currency,
        goals=tuple(goal.code for goal in goals_of(program)),
        steps=frozenset(step.code for of_goal in steps for step in of_goal),
    )


def tells_of_an_order(report: PostbackReport) -> bool:
    """Return whether there is more to it than a status of something that is known by its id."""
    who = report.click_token or report.coupon_code or report.referral_code or report.customer_id
    return bool(who) or report.has_amount


def _order(program: Program, report: PostbackReport, source: Source, at: datetime) -> Taken:
    (recorded,) = record_conversions(
        merchant_id=program.merchant_id,
        reports=[(program, conversion_report(report))],
        by=SYSTEM,
        at=at,
        is_test=report.is_test,
        source=source,
    )
    if isinstance(recorded, Exception):
        raise recorded
    changed = recorded.is_confirmed
    if report.status and source is not Source.PIXEL:
        # A visitor may tell of an order, never of what became of it.
        _fact, is_news = _record_status(program, report, report.status, report.goal, at)
        changed = changed or is_news
    outcome = Outcome.UPDATED if changed else Outcome.REPEATED
    return Taken(
        Outcome.CREATED if recorded.is_new else outcome,
        conversion_id=recorded.conversion.id,
        order_id=report.external_id,
        reason="amount_differs" if recorded.amount_differs else "",
    )


def conversion_report(report: PostbackReport) -> ConversionReport:
    """Return the conversion that a call reports."""
    customer = None
    if report.customer_id:
        customer = CustomerReport(report.customer_id, country=report.country, is_new=report.is_new)
    return ConversionReport(
        goal=report.goal,
        external_id=report.external_id,
        amount_minor=report.amount_minor,
        currency=report.currency,
        occurred_at=report.occurred_at,
        click_token=report.click_token,
        coupon_code=report.coupon_code,
        referral_code=report.referral_code,
        customer=customer,
        tax_minor=report.tax_minor,
        shipping_minor=report.shipping_minor,
        discount_minor=report.discount_minor,
        items=report.items,
        metadata=dict(report.metadata or {}),
    )


def _record_status(
    program: Program, report: PostbackReport, status: ReportedStatus, goal: str, at: datetime
) -> tuple[StatusReport, bool]:
    return record_status(
        program=program,
        goal=goal,
        order_id=report.external_id,
        status=status,
        external_id="",
        reason=report.reason,
        occurred_at=report.occurred_at,
        by=SYSTEM,
        at=at,
        is_test=report.is_test,
    )


def _status_alone(
    program: Program, report: PostbackReport, status: ReportedStatus, at: datetime
) -> Taken:
    fact, created = _record_status(program, report, status, _order_goal(report), at)
    return Taken(
        Outcome.UPDATED if created else Outcome.REPEATED,
        conversion_id=fact.conversion_id,
        order_id=report.external_id,
        reason="" if fact.conversion_id else "waits_for_its_order",
    )


def _order_goal(report: PostbackReport) -> str:
    """Return the goal that a later fact names; empty: whatever goal the order is of."""
    return report.goal if report.is_goal_named else ""


def _refund(program: Program, report: PostbackReport, at: datetime) -> Taken:
    assert report.refund is not None
    fact, created = record_refund_of_order(
        program=program,
        goal=_order_goal(report),
        order_id=report.external_id,
        external_id=report.refund.external_id,
        amount_minor=report.refund.amount_minor,
        currency=report.currency,
        reason=report.reason,
        occurred_at=report.occurred_at,
        by=SYSTEM,
        at=at,
        is_test=report.is_test,
    )
    return Taken(
        Outcome.CREATED if created else Outcome.REPEATED,
        conversion_id=fact.conversion_id,
        order_id=report.external_id,
        reason="" if fact.conversion_id else "waits_for_its_order",
    )


def _customer(program: Program, report: PostbackReport, at: datetime) -> Taken:
    customer, touches = bind_customer(
        program=program,
        external_id=report.customer_id,
        click_token=report.click_token,
        coupon_code=report.coupon_code,
        referral_code=report.referral_code,
        country=report.country,
        first_seen_at=report.occurred_at,
        by=SYSTEM,
        at=at,
        is_test=report.is_test,
    )
    is_new = bool(touches) or customer.created_at == at
    return Taken(
        Outcome.CREATED if is_new else Outcome.REPEATED,
        order_id=report.external_id,
        reason="customer_bound" if touches else "customer_known",
    )


def _step(program: Program, report: PostbackReport, source: Source, at: datetime) -> Taken:
    if source is Source.PIXEL:
        raise Refused("goal_has_steps", _("A browser cannot report steps."), parameter=Word.GOAL)
    conversion = conversion_report(report)
    done = record_step(
        program=program,
        report=StepReportDraft(
            step=report.goal,
            external_id=report.external_id,
            occurred_at=report.occurred_at,
            quantity=report.quantity,
            customer=conversion.customer,
            click_token=report.click_token,
            coupon_code=report.coupon_code,
            referral_code=report.referral_code,
            amount_minor=report.amount_minor,
            tax_minor=report.tax_minor,
            shipping_minor=report.shipping_minor,
            discount_minor=report.discount_minor,
            currency=report.currency,
        ),
        by=SYSTEM,
        at=at,
        is_test=report.is_test,
    )
    return Taken(
        Outcome.CREATED if done.is_new else Outcome.REPEATED,
        conversion_id=done.conversion.id if done.conversion else None,
        order_id=report.external_id,
        reason="" if done.conversion else "step_done",
    )
