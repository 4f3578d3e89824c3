"""What credits earn: the rule of each, the award, its shares, the guard and the overrides."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from affiliates.models import Enrollment
from commissions.accrual.conversions import ConversionRow
from commissions.accrual.decide import Awarded, Case, Credited, Due, Guarded, credits_of
from commissions.accrual.gather import Gathered
from commissions.accrual.history import (
    Entry,
    Period,
    Span,
    Volumes,
    is_counted,
    periods_of,
    read_volumes,
    volume_rules,
)
from commissions.accrual.rates import basis_of, items_of
from commissions.facts import Basis, Facts, Item
from commissions.models import ExperimentAssignment, Kind, Reward
from commissions.overrides import (
    OwnQuestion,
    Recruiter,
    overrides_due,
    own_conversions,
    questions_of,
    recruiters_of,
)
from commissions.paying import Award, GrantDraft
from commissions.paying import award as award_of_rule
from commissions.rules import RuleInForce, ask, guard, share_award
from common.money import WHOLE_PPM, split
from common.rows import any_of
from tracking.attribution import TouchKind
from tracking.evidence import ClickSeen, click_of_evidence
from tracking.models import Credit


class Enrolled(NamedTuple):
    """What rules look at of an enrollment."""

    tier_id: UUID | None
    hold_days: int | None  # The tier's, if it has one.
    affiliate_type: str
    is_recruited: bool


@dataclass(slots=True)
class Earners:
    """Those who are credited in a batch, and what rules ask about them."""

    enrolled: dict[UUID, Enrolled]
    volumes: Volumes
    volume_details: list[tuple[Period, Mapping[str, Any]]] = field(default_factory=list)
    variants: dict[UUID, frozenset[UUID]] = field(default_factory=dict)
    recruiters: dict[UUID, tuple[Recruiter, ...]] = field(default_factory=dict)


def earn(
    merchant_id: UUID, cases: Sequence[Case], gathered: Gathered, *, only_looks: bool = False
) -> Earners:
    """Write credits and what is due into the cases, whose caps are known.

    Who `only_looks` books nothing, and need not know what of the volumes reaches another step.
    """
    for case in cases:
        case.credits = credits_of(case)
    earners = _earners(merchant_id, cases, gathered, only_looks=only_looks)
    for case in cases:
        case.awarded = [_awarded(case, credit, gathered, earners) for credit in case.credits]
        case.due = _shared(case, earners)
        case.arithmetic = list(
            dict.fromkeys(text for row in case.awarded for text in row.award.arithmetic)
        )
    if earners.recruiters:
        _add_overrides(merchant_id, cases, gathered, earners)
    for case in cases:
        _guard(case)
        case.grants_due = _grants(case, earners)
    return earners


def _earners(
    merchant_id: UUID, cases: Sequence[Case], gathered: Gathered, *, only_looks: bool
) -> Earners:
    ids = {credit.enrollment_id for case in cases for credit in case.credits}
    book = gathered.book
    enrolled = _enrolled(merchant_id, ids)
    volumes, details = _volumes(
        merchant_id, cases, volume_rules(book), gathered, only_looks=only_looks
    )
    earners = Earners(enrolled, volumes, details)
    spans = [span.rule for rows in book.spans.values() for span in rows]
    if any(rule.is_for_variant for rule in spans):
        earners.variants = _variants(merchant_id, ids)
    if any(rule.reward == Reward.OVERRIDE for rule in spans):
        recruited = {id for id, row in enrolled.items() if row.is_recruited}
        earners.recruiters = recruiters_of(merchant_id, recruited)
    return earners


def _enrolled(merchant_id: UUID, ids: Collection[UUID]) -> dict[UUID, Enrolled]:
    if not ids:
        return {}
    names = ("id", "tier_id", "tier__hold_days", "tier__archived_at")
    rows = Enrollment.objects.filter(merchant_id=merchant_id, id__in=ids).values_list(
        *names, "affiliate__type", "recruited_by_id"
    )
    return {  # Who is in a tier that has ended, waits as the program says.
        id: Enrolled(tier_id, None if ended_at else hold_days, type, recruiter_id is not None)
        for id, tier_id, hold_days, ended_at, type, recruiter_id in rows
    }


def _variants(merchant_id: UUID, ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return the promotions of the experiments' variants that the enrollments are in."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    rows = ExperimentAssignment.objects.filter(
        merchant_id=merchant_id, enrollment_id__in=ids, variant__promotion__isnull=False
    )
    for enrollment_id, promotion_id in rows.values_list("enrollment_id", "variant__promotion_id"):
        found[enrollment_id].add(promotion_id)
    return {id: frozenset(promotions) for id, promotions in found.items()}


def _volumes(
    merchant_id: UUID,
    cases: Sequence[Case],
    rules: Sequence[Mapping[str, Any]],
    gathered: Gathered,
    *,
    only_looks: bool,
) -> tuple[Volumes, list[tuple[Period, Mapping[str, Any]]]]:
    """Return the volume of every period that the batch touches, the batch counted in."""
    if not rules:
        return Volumes(), []
    touched: dict[tuple[Period, int], tuple[Period, Mapping[str, Any]]] = {}
    own: list[tuple[Period, Entry]] = []
    for case in cases:
        for credit in case.credits:
            for period, rule in periods_of(rules, case.conversion, credit.enrollment_id):
                touched[period, id(rule)] = (period, rule)
                if is_counted(case.conversion) and case.conversion.id not in gathered.lost:
                    own.append((period, _entry(case.conversion, credit)))
    before = _credited_before(merchant_id, cases, rules)
    details = [*touched.values(), *before]
    times = [case.conversion.occurred_at for case in cases]
    volumes = read_volumes(
        merchant_id,
        {period for period, _rule in details},
        left_out={case.conversion.id for case in cases},
        single_in=Span(min(times), max(times)) if only_looks else None,
    )
    for period, entry in set(own):
        volumes.add(period, entry)
    return volumes, details


def _credited_before(
    merchant_id: UUID, cases: Sequence[Case], rules: Sequence[Mapping[str, Any]]
) -> list[tuple[Period, Mapping[str, Any]]]:
    """Return the periods of whoever was credited until now for what is decided anew."""
    again = {row.conversion.id: row.conversion for row in cases if row.conversion.is_attributed}
    if not again:
        return []
    rows = Credit.objects.filter(merchant_id=merchant_id, conversion_id__in=any_of(again))
    return [
        pair
        for conversion_id, enrollment_id in rows.values_list("conversion_id", "enrollment_id")
        for pair in periods_of(rules, again[conversion_id], enrollment_id)
    ]


def _entry(conversion: ConversionRow, credit: Credited) -> Entry:
    return Entry(conversion.occurred_at, conversion.external_id, credit.amount_minor, conversion.id)


def _awarded(case: Case, credit: Credited, gathered: Gathered, earners: Earners) -> Awarded:
    conversion = case.conversion
    facts = _facts(case, credit, gathered, earners)
    rules = gathered.book.in_force(
        conversion.program_id, conversion.goal_id, conversion.occurred_at
    )
    found = ask(rules, facts)
    if found.rule is None:
        return Awarded(credit, facts, None, found.looks, Award(0, ()))
    volume = None
    if found.rule.reward == Reward.VOLUME:
        wording = {
            **found.rule.details,
            "program_id": conversion.program_id,
            "goal_id": conversion.goal_id,
        }
        [(period, _rule)] = periods_of([wording], conversion, credit.enrollment_id)
        volume = earners.volumes.at(
            period,
            _entry(conversion, credit),
            is_in=is_counted(conversion) and conversion.id not in gathered.lost,
        )
    award = award_of_rule(found.rule, facts, volume)
    return Awarded(credit, facts, found.rule, found.looks, award)


def _facts(case: Case, credit: Credited, gathered: Gathered, earners: Earners) -> Facts:
    conversion, history = case.conversion, gathered.history
    click = _click(case, credit, gathered)
    enrolled = earners.enrolled[credit.enrollment_id]
    customer = gathered.customer_of(conversion)
    basis: Basis = basis_of(conversion.program, conversion)
    items: tuple[Item, ...] = items_of(conversion) if conversion.items else ()
    return Facts(
        goal=conversion.goal.code,
        goal_id=conversion.goal_id,
        occurred_at=conversion.occurred_at,
        basis=basis,
        items=items,
        country=(click.country if click else "") or (customer.country if customer else ""),
        device=click.device if click else "",
        coupon=conversion.claim.coupon_code,
        subs={**click.subs, "source": click.source} if click else {},
        customer_is_new=history.is_new(conversion),
        customer_months=history.months(conversion),
        payment_number=history.payment_number(conversion),
        affiliate_type=enrolled.affiliate_type,
        enrollment_id=credit.enrollment_id,
        tier_id=enrolled.tier_id,
        link_id=credit.link_id,
        variant_promotions=earners.variants.get(credit.enrollment_id, frozenset()),
        metadata=conversion.metadata,
    )


def _click(case: Case, credit: Credited, gathered: Gathered) -> ClickSeen | None:
    """Return the row of the last click that brings the credit, if it is there."""
    if not gathered.evidence.clicks:
        return None
    for item in reversed(case.outcome.touches):
        touch = item.touch
        if touch.owner is None or touch.owner.enrollment_id != credit.enrollment_id:
            continue
        if touch.kind in (TouchKind.CLICK, TouchKind.CUSTOMER):
            id = click_of_evidence(touch.evidence)
            click = gathered.evidence.clicks.get(id) if id else None
            if click is not None:
                return click
    return None


def _shared(case: Case, earners: Earners) -> list[Due]:
    """Return what each credit gets of its award; of one rule the parts sum to the whole."""
    if len(case.awarded) == 1 and case.awarded[0].credit.share_ppm == WHOLE_PPM:
        (row,) = case.awarded
        amount_minor = row.award.amount_minor if row.rule is not None else 0
        return [_due(case, row, amount_minor, earners)] if amount_minor else []
    groups: dict[tuple[int, int], list[Awarded]] = defaultdict(list)
    for row in case.awarded:
        if row.rule is not None and row.award.amount_minor:
            groups[id(row.rule), row.award.amount_minor].append(row)
    parts: dict[UUID, int] = {}
    for (_rule, amount_minor), rows in groups.items():
        shares = [row.credit.share_ppm for row in rows]
        rest = WHOLE_PPM - sum(shares)
        amounts = share_award(amount_minor, shares_ppm=[*shares, rest] if rest else shares)
        for row, part in zip(rows, amounts, strict=False):
            parts[row.credit.enrollment_id] = part
    return [
        _due(case, row, parts[row.credit.enrollment_id], earners)
        for row in case.awarded
        if parts.get(row.credit.enrollment_id)
    ]


def _due(case: Case, row: Awarded, amount_minor: int, earners: Earners) -> Due:
    assert row.rule is not None
    return Due(
        row.credit.enrollment_id,
        row.credit.affiliate_id,
        Kind.EARNING,
        amount_minor,
        row.rule.version_id,
        _hold_days(case, row.credit, earners),
    )


def _hold_days(case: Case, credit: Credited, earners: Earners) -> int:
    """Return for how many days a line waits: the tier's, or the program's."""
    own = earners.enrolled[credit.enrollment_id].hold_days
    return case.conversion.program.hold_days if own is None else own


def _add_overrides(
    merchant_id: UUID, cases: Sequence[Case], gathered: Gathered, earners: Earners
) -> None:
    rules: dict[UUID, list[RuleInForce]] = {}
    questions: set[OwnQuestion] = set()
    for case in cases:
        conversion = case.conversion
        rules[conversion.id] = gathered.book.paying(
            conversion.program_id, Reward.OVERRIDE, conversion.occurred_at
        )
        for row in case.awarded:
            chain = earners.recruiters.get(row.credit.enrollment_id, ())
            questions |= questions_of(row.facts, chain, rules[conversion.id])
    own = own_conversions(merchant_id, questions)
    for case in cases:
        case.due += _overrides(case, rules[case.conversion.id], earners, own)


def _overrides(
    case: Case, rules: Sequence[RuleInForce], earners: Earners, own: Mapping[OwnQuestion, int]
) -> list[Due]:
    """Return what recruiters earn; who recruited two of those who share it, earns of both."""
    facts = {row.credit.enrollment_id: row.facts for row in case.awarded}
    found: dict[tuple[UUID, str], Due] = {}
    for due in case.due:
        for row in overrides_due(
            earned_minor=due.amount_minor,
            facts=facts[due.enrollment_id],
            chain=earners.recruiters.get(due.enrollment_id, ()),
            rules=rules,
            own=own,
        ):
            case.overrides += [(row.recruiter.enrollment_id, look) for look in row.looks]
            if row.rule is None or not row.amount_minor:
                continue
            case.arithmetic.append(row.arithmetic)
            key = (row.recruiter.enrollment_id, row.event_ref)
            before = found.get(key)
            found[key] = Due(
                row.recruiter.enrollment_id,
                row.recruiter.affiliate_id,
                Kind.OVERRIDE,
                row.amount_minor + (before.amount_minor if before else 0),
                row.rule.version_id,
                due.hold_days,
                way=row.event_ref,
            )
    return list(found.values())


def _guard(case: Case) -> None:
    """Cut what is due in all to what the margin guard allows, in proportion."""
    bps_max = case.conversion.program.commission_bps_max
    wanted = sum(due.amount_minor for due in case.due)
    if bps_max is None or not wanted:
        return
    net_minor = basis_of(case.conversion.program, case.conversion).net_minor
    allowed = guard(wanted, net_minor, bps_max)
    if allowed < wanted:
        case.guarded = Guarded(bps_max, net_minor, wanted, allowed)
        parts = split(allowed, [due.amount_minor for due in case.due])
        case.due = [
            due._replace(amount_minor=part)
            for due, part in zip(case.due, parts, strict=True)
            if part
        ]


def _grants(case: Case, earners: Earners) -> list[tuple[Credited, UUID, int, GrantDraft]]:
    """Return the rewards that are no money: undivided, so the largest share has them."""
    if not case.awarded:
        return []
    first = max(case.awarded, key=lambda row: row.credit.share_ppm)
    if first.rule is None or first.rule.version_id is None:
        return []
    hold_days = _hold_days(case, first.credit, earners)
    return [
        (first.credit, first.rule.version_id, hold_days, draft)
        for draft in first.award.grants
        if not draft.is_for_friend or case.conversion.customer_id is not None
    ]
