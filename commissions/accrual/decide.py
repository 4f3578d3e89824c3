"""Who is credited for a conversion, and what was found on the way. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from commissions.accrual.gather import Gathered, all_touches, buyer_of
from commissions.accrual.limits import CapFinding, Capped, use_coupon
from commissions.models import Commission, Grant
from commissions.paying import Award, GrantDraft
from commissions.rules import Facts, Look, RuleInForce
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
from tracking.models import Conversion, CouponUse, Credit, Reason, Source
from tracking.models import Touch as Binding
from tracking.services.customers import touch_row


@dataclass(frozen=True, slots=True)
class Due:
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


@dataclass(frozen=True, slots=True)
class Awarded:
    """Which rule pays one credit, and how much for the whole conversion."""

    credit: Credit
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

    conversion: Conversion
    policy: Policy
    outcome: Outcome
    coupon_use: CouponUse | None = None
    binding: Binding | None = None  # By which its customer is known from now on.
    caps: list[CapFinding] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    awarded: list[Awarded] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    guarded: Guarded | None = None
    overrides: list[tuple[UUID, Look]] = field(default_factory=list)  # Who earns them, and why.
    arithmetic: list[str] = field(default_factory=list)
    # To whom, by which version, with how many days of hold.
    grants_due: list[tuple[Credit, UUID, int, GrantDraft]] = field(default_factory=list)
    commissions: list[Commission] = field(default_factory=list)
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
        if self.conversion.attributed_at is None:
            return any(finding.refuses for finding in self.caps)
        return self.conversion.reason == Reason.CAP_REACHED


def in_order(conversions: Sequence[Conversion]) -> list[Conversion]:
    """Return conversions in the order in which they are decided.

    As they happened, so that a customer's first order binds the customer for the second; within a
    second, which is all that merchants report, those that say who led the buyer here come first.
    """
    return sorted(
        conversions,
        key=lambda row: (
            row.occurred_at.replace(microsecond=0),
            not (row.click_token or row.coupon_code or row.referral_code),
            row.occurred_at,
            row.external_id,
            row.id,
        ),
    )


def open_case(conversion: Conversion, gathered: Gathered) -> Case:
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


def open_credited(conversion: Conversion, gathered: Gathered, credits: Sequence[Credit]) -> Case:
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
    conversion: Conversion, policy: Policy, outcome: Outcome, gathered: Gathered
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
    binding = touch_row(
        conversion.program,
        conversion.customer_id,
        winner,
        bound_at=conversion.occurred_at,
        is_test=conversion.is_test,
    )
    known.append(binding)
    gathered.earning.add(binding.enrollment_id)  # It was accepted, so it earns.
    return binding


def credits_of(case: Case) -> list[Credit]:
    """Return the credits, not stored yet; their amounts sum to exactly the conversion's."""
    conversion, shares = case.conversion, case.outcome.shares
    if not shares or case.is_refused:
        return []
    amounts = [conversion.amount_minor]
    if len(shares) > 1:
        amounts = split(conversion.amount_minor, [share.share_ppm for share in shares])
    return [
        Credit(
            merchant_id=conversion.merchant_id,
            conversion_id=conversion.id,
            enrollment_id=share.owner.enrollment_id,
            affiliate_id=share.owner.affiliate_id,
            link_id=share.owner.link_id,
            destination_id=share.owner.destination_id,
            share_ppm=share.share_ppm,
            amount_minor=amount_minor,
        )
        for share, amount_minor in zip(shares, amounts, strict=True)
    ]
