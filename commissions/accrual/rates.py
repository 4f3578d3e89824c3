"""Every rule of some programs as plain values, and which were in force at a moment."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from commissions.accrual.conversions import ConversionRow
from commissions.facts import Basis, Facts, Item
from commissions.models import PER_CONVERSION, Level, Reward, RuleVersion
from commissions.rules import Resolution, RuleInForce, in_order, resolve
from programs.models import Program


@dataclass(frozen=True, slots=True)
class Span:
    """A rule's wording with the time in which it is in force: `until` is the next one's start."""

    rule: RuleInForce
    since: datetime
    until: datetime | None

    def holds_at(self, at: datetime) -> bool:
        """Whether it is in force at a moment."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(slots=True)
class RuleBook:
    """The rules of programs with all their versions; it answers without asking the database."""

    spans: dict[UUID, list[Span]]  # By program.
    _changes: dict[UUID, list[datetime]] = field(default_factory=dict)
    _known: dict[tuple[UUID, UUID | None, int], list[RuleInForce]] = field(default_factory=dict)

    def in_force(self, program_id: UUID, goal_id: UUID | None, at: datetime) -> list[RuleInForce]:
        """Return the rules of a goal that pay for conversions at a moment, in their order.

        Remembered from one change of any rule to the next, so asking for each conversion costs
        next to nothing.
        """
        key = (program_id, goal_id, bisect_right(self._changes_of(program_id), at))
        known = self._known.get(key)
        if known is None:
            known = in_order(
                span.rule
                for span in self.spans.get(program_id, ())
                if span.rule.goal_id in (None, goal_id)
                and span.rule.reward in PER_CONVERSION
                and span.holds_at(at)
            )
            self._known[key] = known
        return known

    def paying(self, program_id: UUID, reward: str, at: datetime) -> list[RuleInForce]:
        """Return the rules of one kind of reward, of any goal, at a moment, in their order."""
        spans = self.spans.get(program_id, ())
        return in_order(
            span.rule for span in spans if span.rule.reward == reward and span.holds_at(at)
        )

    def resolve(self, program_id: UUID, facts: Facts) -> Resolution:
        """Return which rule pays for a conversion of the program."""
        return resolve(self.in_force(program_id, facts.goal_id, facts.occurred_at), facts)

    def _changes_of(self, program_id: UUID) -> list[datetime]:
        changes = self._changes.get(program_id)
        if changes is None:
            spans = self.spans.get(program_id, ())
            moments = {span.since for span in spans}
            moments |= {span.until for span in spans if span.until is not None}
            changes = self._changes[program_id] = sorted(moments)
        return changes


def rules_of(
    merchant_id: UUID,
    program_ids: Iterable[UUID],
    *,
    enrollment_ids: Collection[UUID] | None = None,
) -> RuleBook:
    """Return every version of every rule of the programs, in one query.

    With `enrollment_ids`, of the rules for one affiliate or one link only theirs: a program may
    have thousands. What recruiters earn stays, whosever it is. An archived rule still pays for what
    happened before.
    """
    rows = RuleVersion.objects.filter(
        merchant_id=merchant_id, rule__program_id__in=list(program_ids)
    )
    if enrollment_ids is not None:
        overrides = RuleVersion.objects.filter(merchant_id=merchant_id, reward=Reward.OVERRIDE)
        rows = rows.filter(
            ~Q(rule__level__in=[Level.ENROLLMENT, Level.LINK])
            | Q(rule__enrollment_id__in=enrollment_ids)
            | Q(rule__link__enrollment_id__in=enrollment_ids)
            | Q(rule_id__in=overrides.values("rule_id"))
        )
    return book_of(rows)


def book_of(versions: QuerySet[RuleVersion]) -> RuleBook:
    """Return the versions as a book; all versions of a rule must be among them."""
    by_rule: dict[UUID, list[RuleVersion]] = defaultdict(list)
    found = versions.select_related("rule__promotion", "rule__tier").order_by(
        "valid_from", "version"
    )
    for version in found:
        by_rule[version.rule_id].append(version)
    spans: dict[UUID, list[Span]] = defaultdict(list)
    for rows in by_rule.values():
        spans[rows[0].rule.program_id] += spans_of(rows)
    return RuleBook(dict(spans))


def spans_of(versions: Sequence[RuleVersion]) -> list[Span]:
    """Return when each version of one rule is in force; they come oldest first.

    One of a promotion is in force while that runs.
    """
    rule = versions[0].rule
    ends = [row.valid_from for row in versions[1:]] + [None]
    promotion = rule.promotion
    stops = [
        rule.archived_at,
        promotion.archived_at if promotion else None,
        promotion.ends_at if promotion else None,
        rule.tier.archived_at if rule.tier else None,
    ]
    last = min((stop for stop in stops if stop is not None), default=None)
    return [
        Span(
            in_force_of(row),
            max(row.valid_from, promotion.starts_at) if promotion else row.valid_from,
            _earlier(end, last),
        )
        for row, end in zip(versions, ends, strict=True)
    ]


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)


def in_force_of(version: RuleVersion) -> RuleInForce:
    """Return a stored version as a plain value; its rule and promotion must be at hand."""
    rule, promotion = version.rule, version.rule.promotion
    return RuleInForce(
        level=rule.level,
        reward=version.reward,
        goal_id=rule.goal_id,
        fixed_minor=version.fixed_minor,
        rate_bps=version.rate_bps,
        details=version.details,
        conditions=version.conditions,
        position=rule.position,
        is_base=rule.is_base,
        name=rule.name,
        rule_id=rule.id,
        version_id=version.id,
        valid_from=version.valid_from,
        tier_id=rule.tier_id,
        promotion_id=rule.promotion_id,
        enrollment_id=rule.enrollment_id,
        link_id=rule.link_id,
        starts_at=promotion.starts_at if promotion else None,
        ends_at=promotion.ends_at if promotion else None,
        promotion_tier_id=promotion.tier_id if promotion else None,
        is_for_variant=promotion.is_for_variant if promotion else False,
    )


def basis_of(program: Program, conversion: ConversionRow) -> Basis:
    """Return the money of a conversion, and what the program's percentages are taken of."""
    return Basis(
        conversion.amount_minor,
        conversion.tax_minor,
        conversion.shipping_minor,
        conversion.discount_minor,
        excludes_tax=program.excludes_tax,
        excludes_shipping=program.excludes_shipping,
        adds_discount=program.adds_discount,
    )


def items_of(conversion: ConversionRow) -> tuple[Item, ...]:
    """Return the lines of an order."""
    return tuple(
        Item(row["sku"], row["quantity"], row["amount_minor"], row.get("category") or "")
        for row in conversion.items
    )
