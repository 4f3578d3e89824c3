"""Flat fees: once, or for every calendar month. See docs/other-earnings.md."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from affiliates.models import Enrollment
from commissions.accrual.rates import RuleBook, rules_of
from commissions.catalogue import FlatPeriod
from commissions.models import BudgetPeriod, Commission, Kind, Level, Reward, Rule, RuleVersion
from commissions.periods import period_end, period_start
from commissions.rules import RuleInForce
from commissions.services.lines import CUT_SUFFIX, LineDraft, write_lines
from commissions.services.sweeps import (
    earning_enrollments,
    lock_rules,
    note_sweep,
    programs_paying,
)
from commissions.whom import paying_rules
from merchants.tenancy import merchant_context
from programs.models import Program

BATCH = 500
MONTHS_MAX = 24  # That are made up for after a standstill.
ONCE = "once"


def pay_flat_fees(*, merchant_id: UUID, at: datetime) -> int:
    """Write the fees that are due to a merchant's affiliates; return how many lines.

    Safe to repeat, and to run twice at once.
    """
    return sum(_pay(program, at) for program in programs_paying(merchant_id, Reward.FLAT))


def _pay(program: Program, at: datetime) -> int:
    with merchant_context(program.merchant_id):
        rules = lock_rules(program, Reward.FLAT)
        if not rules:
            return 0
        book = rules_of(program.merchant_id, [program.id])
        drafts = list(islice(_due(program, rules, book, at), BATCH))
        written = write_lines(program.merchant_id, drafts, at=at)
        if len(drafts) < BATCH:
            note_sweep(rules, until=at)
    return len(written)


def _due(program: Program, rules: list[Rule], book: RuleBook, at: datetime) -> Iterator[LineDraft]:
    for moment in _moments(rules, at):
        in_force = book.paying(program.id, Reward.FLAT, moment)
        month = period_start(BudgetPeriod.MONTH, moment)
        for rule in in_force:
            yield from _fees(program, rule, in_force, month, moment)


def _moments(rules: list[Rule], at: datetime) -> list[datetime]:
    """Return the present, and before it the last moment of each month that was not swept."""
    swept = [rule.swept_until for rule in rules if rule.swept_until is not None]
    months = [at]
    start = period_start(BudgetPeriod.MONTH, at)
    while swept and start > min(swept) and len(months) <= MONTHS_MAX:
        months.append(start - start.resolution)
        start = period_start(BudgetPeriod.MONTH, months[-1])
    return months[::-1]


def _fees(
    program: Program,
    rule: RuleInForce,
    in_force: list[RuleInForce],
    month: datetime,
    moment: datetime,
) -> Iterator[LineDraft]:
    ref = f"flat:{rule.rule_id}:{_name(rule, month)}"
    same_level = [one for one in in_force if one.level == rule.level]
    whom = _without(ref, _not_paid_by_others(rule, same_level, _whom(program, rule, moment), month))
    for enrollment in whom:
        if rule in paying_rules(in_force, enrollment, at=moment):
            yield LineDraft(
                enrollment=enrollment,
                kind=Kind.FLAT,
                event_ref=ref,
                amount_minor=rule.fixed_minor,
                earned_at=_earned_at(rule, enrollment, month),
                rule_version_id=rule.version_id,
                facts={"period": rule.details["period"]},
            )


def _name(rule: RuleInForce, month: datetime) -> str:
    return ONCE if rule.details["period"] == FlatPeriod.ONCE else f"{month:%Y-%m}"


def _whom(program: Program, rule: RuleInForce, moment: datetime) -> QuerySet[Enrollment]:
    """Return those whom a rule may concern, as far as the database can tell."""
    enrollments = earning_enrollments(program)
    end = period_end(BudgetPeriod.MONTH, moment)
    if end is not None:  # Who was approved later than the month has none of it.
        enrollments = enrollments.filter(status_changed_at__lt=end)
    if rule.level == Level.ENROLLMENT and rule.enrollment_id:
        return enrollments.filter(id=rule.enrollment_id)
    if rule.level == Level.TIER and rule.tier_id:
        enrollments = enrollments.filter(tier_id=rule.tier_id)
    if rule.details["period"] == FlatPeriod.ONCE and rule.rule_id:
        began = _began(rule.rule_id)
        enrollments = enrollments.filter(status_changed_at__gte=began) if began else enrollments
    return enrollments


def _began(rule_id: UUID) -> datetime | None:
    """Return when the rule's first wording came into force."""
    versions = RuleVersion.objects.filter(rule_id=rule_id).order_by("valid_from")
    return versions.values_list("valid_from", flat=True).first()


def _not_paid_by_others(
    rule: RuleInForce,
    same_level: list[RuleInForce],
    whom: QuerySet[Enrollment],
    month: datetime,
) -> QuerySet[Enrollment]:
    """Leave out whose month was paid by rules that concerned them before: of a tier, say."""
    if rule.details["period"] == FlatPeriod.ONCE:
        return whom
    paid = Commission.objects.filter(
        merchant_id=OuterRef("merchant_id"),
        conversion=None,
        enrollment_id=OuterRef("id"),
        kind=Kind.FLAT,
        event_ref__endswith=f":{month:%Y-%m}",
    ).exclude(event_ref__in=[f"flat:{one.rule_id}:{month:%Y-%m}" for one in same_level])
    return whom.exclude(Exists(paid))


def _without(ref: str, whom: QuerySet[Enrollment]) -> Iterable[Enrollment]:
    """Return those who have no such line, in portions that fit into memory."""
    lines = Commission.objects.filter(
        merchant_id=OuterRef("merchant_id"),
        conversion=None,
        enrollment_id=OuterRef("id"),
        event_ref__in=[ref, ref + CUT_SUFFIX],
    )
    rest = whom.exclude(Exists(lines))
    last: UUID | None = None
    while True:
        portion = list((rest.filter(id__gt=last) if last else rest)[:BATCH])
        yield from portion
        if len(portion) < BATCH:
            return
        last = portion[-1].id


def _earned_at(rule: RuleInForce, enrollment: Enrollment, month: datetime) -> datetime:
    """Return when the month began, or later: when there was a rule, and the affiliate approved."""
    moments = [enrollment.status_changed_at, rule.valid_from or month]
    if rule.details["period"] == FlatPeriod.MONTH:
        moments.append(month)
    return max(moments).astimezone(UTC)
