"""What one affiliate is paid: the rates that apply now, those to come, and those of the past.

Reads rows that the affiliate may read as well, so it works in either context.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from affiliates.models import Enrollment
from commissions.accrual.rates import in_force_of, spans_of
from commissions.models import ExperimentAssignment, Level, Rule, RuleVersion
from commissions.rules import in_order


@dataclass(frozen=True, slots=True)
class Term:
    """One wording of a rule with the time in which it holds for the affiliate."""

    version: RuleVersion
    since: datetime
    until: datetime | None  # None: until it is changed.

    def holds_at(self, at: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """A rule that applies to the affiliate: its wording now, the next ones, the earlier ones."""

    rule: Rule
    current: Term | None
    coming: tuple[Term, ...]  # The next first.
    past: tuple[Term, ...]  # The latest first.


def terms_of_enrollment(enrollment: Enrollment, *, at: datetime) -> list[RuleTerms]:
    """Return the rules that apply to an affiliate, in the order in which they are asked.

    Its own, its links', its promotions' and tier's, and the program's; ended ones as well, which
    have only past terms. The goal is at hand: `rule.goal`, None for every goal.
    """
    versions = RuleVersion.objects.filter(
        _applies(enrollment), merchant_id=enrollment.merchant_id
    ).select_related("rule__goal", "rule__promotion", "rule__tier", "rule__link")
    by_rule: dict[UUID, list[RuleVersion]] = defaultdict(list)
    for version in versions.order_by("valid_from", "version"):
        by_rule[version.rule_id].append(version)
    order = in_order(in_force_of(rows[0]) for rows in by_rule.values())
    found = [_terms(by_rule[rule.rule_id], at) for rule in order if rule.rule_id]
    return [row for row in found if row.current or row.coming or row.past]


def _applies(enrollment: Enrollment) -> Q:
    """Return which versions' rules are for an enrollment, as it is now."""
    assigned = ExperimentAssignment.objects.filter(
        merchant_id=enrollment.merchant_id, enrollment_id=enrollment.id
    )
    promoted = Q(rule__level=Level.PROMOTION) & (
        Q(rule__promotion__is_for_variant=False)
        | Q(rule__promotion__variants__in=assigned.values("variant_id"))
    )
    promoted &= Q(rule__promotion__tier=None) | Q(rule__promotion__tier_id=enrollment.tier_id)
    mine = Q(rule__level=Level.ENROLLMENT, rule__enrollment_id=enrollment.id)
    mine |= Q(rule__level=Level.LINK, rule__link__enrollment_id=enrollment.id)
    if enrollment.tier_id is not None:
        mine |= Q(rule__level=Level.TIER, rule__tier_id=enrollment.tier_id)
    every = Q(rule__level=Level.PROGRAM)
    return Q(rule__program_id=enrollment.program_id) & (promoted | mine | every)


def _terms(versions: list[RuleVersion], at: datetime) -> RuleTerms:
    terms = []
    for version, span in zip(versions, spans_of(versions), strict=True):
        if span.until is None or span.since < span.until:
            terms.append(Term(version, span.since, span.until))
    return RuleTerms(
        versions[0].rule,
        current=next((term for term in terms if term.holds_at(at)), None),
        coming=tuple(term for term in terms if term.since > at),
        past=tuple(term for term in reversed(terms) if term.until and term.until <= at),
    )
