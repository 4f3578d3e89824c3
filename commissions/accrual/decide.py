"""Who is credited for a conversion, and what was found on the way. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from commissions.accrual.conversions import ConversionRow
from commissions.accrual.gather import Binding, Gathered, all_touches, buyer_of
from commissions.accrual.limits import CapFinding, Capped, use_coupon
from commissions.line import Line
from commissions.models import Grant
from commissions.paying import Award, GrantDraft
from commissions.rules import Facts, Look, RuleInForce
from common.ids import new_id
from common.money import split
from tracking.attribution import (
    Judged,
    Outcome,
    Owner,
    Policy,
    Share,
    TouchKind,
    Verdict,
    attribute,
)
from tracking.models import CouponUse, Reason, Source


class Credited(NamedTuple):
    """The share of a conversion that goes to one enrollment, as a credit says it."""

    enrollment_id: UUID
    affiliate_id: UUID
    link_id: UUID | None  # Of the winning touch, if it came through one.
    destination_id: UUID | None
    share_ppm: int
    amount_minor: int


class Due(NamedTuple):
    """What one enrollment earns by a conversion, before budgets and refunds.

    `way` tells apart what the same enrollment may earn twice: empty, or `override:<depth>`.
    """

    enrollment_id: UUID
    affiliate_id: UUID
    kind: str  # EARNING or OVERRIDE.
    amount_minor: int
    rule_version_id: UUID | None  # None: of a rule that is only proposed.
    hold_days: int
    way: str = ""


class Awarded(NamedTuple):
    """Which rule pays one credit, and how much for the whole conversion."""

    credit: Credited
    facts: Facts
    rule: RuleInForce | None
    looks: tuple[Look, ...]
    award: Award


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the margin guard said: of what was wanted, so much is allowed."""

    bps_max: int
    net_minor: int
    wanted_minor: int
    allowed_minor: int


@dataclass(slots=True)
class Case:
    """One conversion on its way from evidence to money."""

    conversion: ConversionRow
    policy: Policy
    outcome: Outcome
    coupon_use: CouponUse | None = None
    binding: Binding | None = None  # By which its customer is known from now on.
    caps: list[CapFinding] = field(default_factory=list)
    credits: list[Credited] = field(default_factory=list)
    awarded: list[Awarded] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    guarded: Guarded | None = None
    overrides: list[tuple[UUID, Look]] = field(default_factory=list)  # Who earns them, and why.
    arithmetic: list[str] = field(default_factory=list)
    # To whom, by which version, with how many days of hold.
    grants_due: list[tuple[Credited, UUID, int, GrantDraft]] = field(default_factory=list)
    commissions: list[Line] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    budgets: list[dict[str, Any]] = field(default_factory=list)  # What they cut off.

    @property
    def capped(self) -> Capped:
        """Return it as caps see it."""
        return Capped(self.conversion, self.outcome)

    @property
    def is_refused(self) -> bool:
        """Whether a hard cap is reached, now or when it was first decided: nobody is credited."""
        if self.conversion.assigned_enrollment_id is not None:
            return False  # A person decided.
        if not self.conversion.is_attributed:
            return any(finding.refuses for finding in self.caps)
        return self.conversion.reason == Reason.CAP_REACHED


def in_order(conversions: Sequence[ConversionRow]) -> list[ConversionRow]:
    """Return conversions in the order in which they are decided.

    As they happened, so that a customer's first order binds the customer for the second; within a
    second, which is all that merchants report, those that say who led the buyer here come first.
    """
    return sorted(
        conversions,
        key=lambda row: (
            row.occurred_at.replace(microsecond=0),
            not any(row.claim[:3]),
            row.occurred_at,
            row.external_id,
            row.id,
        ),
    )


def open_case(conversion: ConversionRow, gathered: Gathered) -> Case:
    """Attribute a conversion; what it uses up, and whom it binds, counts for the next ones."""
    policy = gathered.policy_of(conversion)
    outcome = attribute(
        all_touches(conversion, gathered),
        policy=policy,
        occurred_at=conversion.occurred_at,
        buyer=buyer_of(conversion, gathered),
        assigned=gathered.assigned.get(conversion.assigned_enrollment_id)
        if conversion.assigned_enrollment_id
        else None,
    )
    return Case(
        conversion,
        policy,
        outcome,
        coupon_use=use_coupon(conversion, outcome, gathered),
        binding=_bind_customer(conversion, policy, outcome, gathered),
    )


def open_credited(
    conversion: ConversionRow, gathered: Gathered, credits: Sequence[Credited]
) -> Case:
    """Take the credits as they are stored, whoever the policy of today would credit."""
    touches = tuple(Judged(touch, Verdict.ACCEPTED) for touch in all_touches(conversion, gathered))
    shares = tuple(
        Share(
            Owner(
                conversion.program_id,
                credit.enrollment_id,
                credit.affiliate_id,
                earning=True,
                link_id=credit.link_id,
                destination_id=credit.destination_id,
            ),
            credit.share_ppm,
        )
        for credit in credits
    )
    return Case(conversion, gathered.policy_of(conversion), Outcome(touches, shares))


def _bind_customer(
    conversion: ConversionRow, policy: Policy, outcome: Outcome, gathered: Gathered
) -> Binding | None:
    """Return what binds the customer by the winning evidence, if that is news.

    Whom only a browser named is bound to nobody, even if a person believed the sale; and a test
    binds for tests alone. Where customers are bound for a time, each purchase binds anew.
    """
    winner = outcome.winner
    if conversion.customer_id is None or conversion.source == Source.PIXEL or winner is None:
        return None
    if winner.kind is TouchKind.CUSTOMER or winner.owner is None:
        return None
    known = gathered.bindings.setdefault((conversion.program_id, conversion.customer_id), [])
    before = [
        row
        for row in known
        if row.bound_at <= conversion.occurred_at and row.is_test == conversion.is_test
    ]
    if any(
        row.evidence == winner.evidence
        or (policy.lock_in_months is None and row.enrollment_id == winner.owner.enrollment_id)
        for row in before
    ):
        return None
    binding = Binding(
        id=new_id(),
        merchant_id=conversion.merchant_id,
        program_id=conversion.program_id,
        customer_id=conversion.customer_id,
        enrollment_id=winner.owner.enrollment_id,
        affiliate_id=winner.owner.affiliate_id,
        link_id=winner.owner.link_id,
        kind=winner.kind.name,
        evidence=winner.evidence,
        at=winner.at,
        bound_at=conversion.occurred_at,
        is_test=conversion.is_test or conversion.program.is_test,
    )
    known.append(binding)
    gathered.earning.add(binding.enrollment_id)  # It was accepted, so it earns.
    return binding


def credits_of(case: Case) -> list[Credited]:
    """Return the credits, not stored yet; their amounts sum to exactly the conversion's."""
    conversion, shares = case.conversion, case.outcome.shares
    if not shares or case.is_refused:
        return []
    amounts = [conversion.amount_minor]
    if len(shares) > 1:
        amounts = split(conversion.amount_minor, [share.share_ppm for share in shares])
    return [
        Credited(
            owner.enrollment_id,
            owner.affiliate_id,
            owner.link_id,
            owner.destination_id,
            share_ppm,
            amount_minor,
        )
        for (owner, share_ppm), amount_minor in zip(shares, amounts, strict=True)
    ]
