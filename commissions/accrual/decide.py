"""What becomes of one conversion: who is credited, by which rule, with what. Writes nothing."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from commissions.accrual.gather import Gathered, all_touches
from commissions.accrual.limits import CapFinding, Capped, is_counted, use_coupon
from commissions.accrual.rates import award_of, rule_in_force
from commissions.models import EARNING_REF, Commission, Kind, RuleVersion, Status
from commissions.rules import Award, share_award
from common.money import split
from tracking.attribution import Outcome, Policy, TouchKind, attribute
from tracking.models import Conversion, ConversionStatus, CouponUse, Credit, Reason, Source
from tracking.models import Touch as Binding
from tracking.services.customers import touch_row


@dataclass(slots=True)
class Case:
    """One conversion on its way from evidence to money."""

    conversion: Conversion
    policy: Policy
    outcome: Outcome
    version: RuleVersion | None
    award: Award | None
    coupon_use: CouponUse | None = None
    binding: Binding | None = None  # By which its customer is known from now on.
    caps: list[CapFinding] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    commissions: list[Commission] = field(default_factory=list)

    @property
    def capped(self) -> Capped:
        """Return it as caps see it."""
        return Capped(self.conversion, self.outcome)

    @property
    def is_refused(self) -> bool:
        """Whether a hard cap is reached, so that nobody is credited."""
        return any(finding.refuses for finding in self.caps)


def open_case(conversion: Conversion, gathered: Gathered) -> Case:
    """Attribute a conversion and find its rate; what it uses up counts for the next ones."""
    policy = Policy(conversion.program_id, conversion.program.window_days)
    outcome = attribute(
        all_touches(conversion, gathered), policy=policy, occurred_at=conversion.occurred_at
    )
    version = rule_in_force(gathered.versions, conversion)
    return Case(
        conversion,
        policy,
        outcome,
        version,
        award_of(version, conversion) if version else None,
        coupon_use=use_coupon(conversion, outcome, gathered),
        binding=_bind_customer(conversion, outcome, gathered),
    )


def _bind_customer(conversion: Conversion, outcome: Outcome, gathered: Gathered) -> Binding | None:
    """Return what binds the customer by the winning evidence, if that is news.

    Whom only a browser named is bound to nobody, even if a person believed the sale; and a test
    binds for tests alone.
    """
    winner = outcome.winner
    if conversion.customer_id is None or conversion.source == Source.PIXEL or winner is None:
        return None
    if winner.kind is TouchKind.CUSTOMER or winner.owner is None:
        return None
    known = gathered.bindings.setdefault((conversion.program_id, conversion.customer_id), [])
    if any(
        row.enrollment_id == winner.owner.enrollment_id
        and row.bound_at <= conversion.occurred_at
        and row.is_test == conversion.is_test
        for row in known
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


def close_case(case: Case, *, at: datetime) -> None:
    """Write credits, commissions and status into the case, now that its caps are known."""
    conversion = case.conversion
    if not case.is_refused:
        case.credits = _credits(conversion, case.outcome)
        if is_counted(conversion) and case.version and case.award:
            case.commissions = _commissions(conversion, case.credits, case.version, case.award)
    _settle_status(case, at)
    conversion.attributed_at = at


def _credits(conversion: Conversion, outcome: Outcome) -> list[Credit]:
    if not outcome.shares:
        return []
    amounts = split(conversion.amount_minor, [share.share_ppm for share in outcome.shares])
    return [
        Credit(
            merchant_id=conversion.merchant_id,
            conversion=conversion,
            enrollment_id=share.owner.enrollment_id,
            affiliate_id=share.owner.affiliate_id,
            link_id=share.owner.link_id,
            destination_id=share.owner.destination_id,
            share_ppm=share.share_ppm,
            amount_minor=amount_minor,
        )
        for share, amount_minor in zip(outcome.shares, amounts, strict=True)
    ]


def _commissions(
    conversion: Conversion, credits: list[Credit], version: RuleVersion, award: Award
) -> list[Commission]:
    if not credits:
        return []
    parts = share_award(award.amount_minor, shares_ppm=[credit.share_ppm for credit in credits])
    hold_until = conversion.occurred_at + timedelta(days=conversion.program.hold_days)
    is_held = conversion.status == ConversionStatus.HELD  # While it was a browser's word.
    return [
        Commission(
            merchant_id=conversion.merchant_id,
            program_id=conversion.program_id,
            enrollment_id=credit.enrollment_id,
            affiliate_id=credit.affiliate_id,
            conversion=conversion,
            rule_version=version,
            kind=Kind.EARNING,
            event_ref=EARNING_REF,
            amount_minor=part_minor,
            currency=conversion.currency,
            status=Status.HELD if is_held else Status.PENDING,
            status_changed_at=conversion.occurred_at,
            hold_until=hold_until,
            earned_at=conversion.occurred_at,
        )
        for credit, part_minor in zip(credits, parts, strict=True)
        if part_minor
    ]


def _settle_status(case: Case, at: datetime) -> None:
    conversion = case.conversion
    waits = bool(case.commissions) or (conversion.is_unverified and not conversion.is_test)
    if waits and conversion.status == ConversionStatus.HELD:
        return  # Somebody holds it, for a reason that stands.
    conversion.status = ConversionStatus.PENDING if waits else ConversionStatus.APPROVED
    conversion.reason = _reason(case)
    conversion.status_changed_at = at


def _reason(case: Case) -> Reason:
    """Return why it is not approved, or why nobody waits for money."""
    if case.conversion.is_test:
        return Reason.TEST
    if case.conversion.is_unverified:
        return Reason.UNVERIFIED
    if case.commissions:
        return Reason.ON_HOLD
    if case.is_refused:
        return Reason.CAP_REACHED
    return Reason.NO_RULE if case.credits else Reason.UNATTRIBUTED
