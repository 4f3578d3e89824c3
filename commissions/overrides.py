"""Overrides: what those who recruited an affiliate earn of what it earns.

A recruiter stands at a depth: 1 recruited the affiliate, 2 recruited that one, DEPTH_MAX at the
most. Each earns a share of the affiliate's own line, never of another override. See
docs/other-earnings.md.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection

from commissions.facts import Facts
from commissions.rules import Look, RuleInForce, resolve
from common.money import share_of

DEPTH_MAX: Final = 5

# A circle of recruiters ends where it would begin anew.
CHAINS: Final = """
WITH RECURSIVE chain AS (
    SELECT id AS origin_id, recruited_by_id AS recruiter_id, 1 AS depth, ARRAY[id] AS seen
    FROM affiliates_enrollment
    WHERE merchant_id = %(merchant)s AND id = ANY(%(enrollments)s)
        AND recruited_by_id IS NOT NULL
    UNION ALL
    SELECT chain.origin_id, next.recruited_by_id, chain.depth + 1, chain.seen || next.id
    FROM chain
    JOIN affiliates_enrollment AS next
        ON (next.merchant_id, next.id) = (%(merchant)s, chain.recruiter_id)
    WHERE chain.depth < %(depth_max)s AND next.recruited_by_id IS NOT NULL
        AND next.recruited_by_id <> ALL(chain.seen || next.id)
)
SELECT
    chain.origin_id, one.id, one.affiliate_id, one.tier_id, affiliate.type, chain.depth,
    one.status = 'APPROVED'
FROM chain
JOIN affiliates_enrollment AS one ON (one.merchant_id, one.id) = (%(merchant)s, chain.recruiter_id)
JOIN affiliates_affiliate AS affiliate ON affiliate.id = one.affiliate_id
ORDER BY chain.origin_id, chain.depth
"""

OWN_CONVERSIONS: Final = """
SELECT asked.enrollment_id, asked.before, asked.days, (
    SELECT count(DISTINCT conversion.id)
    FROM tracking_credit AS credit
    JOIN tracking_conversion AS conversion
        ON (conversion.merchant_id, conversion.id) = (credit.merchant_id, credit.conversion_id)
    WHERE credit.merchant_id = %(merchant)s AND credit.enrollment_id = asked.enrollment_id
        AND conversion.occurred_at >= asked.before - asked.days * interval '24 hours'
        AND conversion.occurred_at < asked.before
        AND conversion.status <> 'DECLINED' AND NOT conversion.is_test
)
FROM unnest(%(enrollments)s::uuid[], %(befores)s::timestamptz[], %(days)s::int[])
    AS asked (enrollment_id, before, days)
"""


@dataclass(frozen=True, slots=True)
class Recruiter:
    """One who stands above an affiliate, in the same program."""

    enrollment_id: UUID
    affiliate_id: UUID
    tier_id: UUID | None
    affiliate_type: str
    depth: int
    is_approved: bool


def recruiters_of(
    merchant_id: UUID, enrollment_ids: Collection[UUID]
) -> dict[UUID, tuple[Recruiter, ...]]:
    """Return who stands above each of the enrollments, the nearest first; none: no entry."""
    chains: dict[UUID, list[Recruiter]] = defaultdict(list)
    if enrollment_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                CHAINS,
                {
                    "merchant": merchant_id,
                    "enrollments": list(enrollment_ids),
                    "depth_max": DEPTH_MAX,
                },
            )
            for origin_id, *columns in cursor.fetchall():
                chains[origin_id].append(Recruiter(*columns))
    return {origin_id: tuple(chain) for origin_id, chain in chains.items()}


class OwnQuestion(NamedTuple):
    """How many conversions of its own a recruiter had in the `days` before a day (UTC) began."""

    enrollment_id: UUID
    before: datetime
    days: int


def own_conversions(
    merchant_id: UUID, questions: Collection[OwnQuestion]
) -> dict[OwnQuestion, int]:
    """Answer the questions: stored conversions credited to it, neither declined nor tests."""
    if not questions:
        return {}
    enrollments, befores, days = zip(*questions, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            OWN_CONVERSIONS,
            {
                "merchant": merchant_id,
                "enrollments": list(enrollments),
                "befores": list(befores),
                "days": list(days),
            },
        )
        return {OwnQuestion(*key): count for *key, count in cursor.fetchall()}


def day_of(at: datetime) -> datetime:
    """Return when the day of a moment began, in UTC."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


# What is due: pure -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Override:
    """What one recruiter earns of an affiliate's line, if anything, and how that was decided."""

    recruiter: Recruiter
    rule: RuleInForce | None
    amount_minor: int
    arithmetic: str
    looks: tuple[Look, ...]

    @property
    def event_ref(self) -> str:
        """Return what names the line."""
        return f"override:{self.recruiter.depth}"


def questions_of(
    facts: Facts, chain: Sequence[Recruiter], rules: Sequence[RuleInForce]
) -> set[OwnQuestion]:
    """Return what must be known of the recruiters' own conversions to decide by these rules."""
    return {
        question
        for recruiter in chain
        if recruiter.is_approved
        for rule in rules
        if _reaches(rule, recruiter) and (question := _question(facts, recruiter, rule))
    }


def overrides_due(
    *,
    earned_minor: int,
    facts: Facts,
    chain: Sequence[Recruiter],
    rules: Sequence[RuleInForce],
    own: Mapping[OwnQuestion, int],
) -> list[Override]:
    """Return what each recruiter earns of an affiliate's own line, the nearest first.

    `facts` are the conversion's as it is credited to that affiliate, `rules` those of the reward
    OVERRIDE in force at its moment (`RuleBook.paying`), `own` the answers to `questions_of`. Who is
    not approved earns nothing and is left out; an amount may be 0.
    """
    due = []
    for recruiter in chain:
        if not recruiter.is_approved:
            continue
        theirs = replace(
            facts,
            enrollment_id=recruiter.enrollment_id,
            tier_id=recruiter.tier_id,
            affiliate_type=recruiter.affiliate_type,
            link_id=None,
            variant_promotions=frozenset(),
        )
        holding = [
            rule
            for rule in rules
            if _reaches(rule, recruiter) and _is_active(facts, recruiter, rule, own)
        ]
        found = resolve(holding, theirs)
        amount_minor = share_of(earned_minor, rate_bps=found.rule.rate_bps) if found.rule else 0
        due.append(
            Override(
                recruiter,
                found.rule,
                amount_minor,
                _arithmetic(recruiter, found.rule, earned_minor, amount_minor),
                found.looks,
            )
        )
    return due


def _reaches(rule: RuleInForce, recruiter: Recruiter) -> bool:
    depth_max: int = rule.details.get("depth_max", 1)
    return recruiter.depth <= depth_max


def _question(facts: Facts, recruiter: Recruiter, rule: RuleInForce) -> OwnQuestion | None:
    own = rule.details.get("own")
    if not own:
        return None
    return OwnQuestion(recruiter.enrollment_id, day_of(facts.occurred_at), own["days"])


def _is_active(
    facts: Facts, recruiter: Recruiter, rule: RuleInForce, own: Mapping[OwnQuestion, int]
) -> bool:
    question = _question(facts, recruiter, rule)
    if question is None:
        return True
    conversions_min: int = rule.details["own"]["conversions_min"]
    return own.get(question, 0) >= conversions_min


def _arithmetic(
    recruiter: Recruiter, rule: RuleInForce | None, earned_minor: int, amount_minor: int
) -> str:
    if rule is None:
        return f"depth {recruiter.depth}: no rule"
    return f"depth {recruiter.depth}: {earned_minor} earned × {rule.rate_bps} bps = {amount_minor}"
