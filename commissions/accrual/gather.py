"""What a batch of conversions needs to know, read in a handful of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db.models import Count

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from commissions.accrual.history import History, read_history
from commissions.accrual.rates import RuleBook, rules_of
from commissions.accrual.strands import lost_ids
from programs.models import Program
from tracking.attribution import (
    Buyer,
    Model,
    Owner,
    Policy,
    Touch,
    TouchKind,
    Verdict,
    second_after,
)
from tracking.caps import CONVERSIONS, CapRule, rule_of
from tracking.evidence import Claim, Evidence, click_of_evidence, read_evidence, touches_of
from tracking.models import Cap, Conversion, Coupon, CouponUse, Customer
from tracking.models import Touch as Binding
from tracking.models import TouchKind as BindingKind

BindingKey = tuple[UUID, UUID]  # (program, customer)
# Verdicts that are only given when the enrollment is approved.
EARNED_THEN = (
    Verdict.ACCEPTED,
    Verdict.LOCK_IN_ENDED,
    Verdict.KNOWN_CUSTOMER,
    Verdict.YIELDED,
)


@dataclass(slots=True)
class Gathered:
    """All that attribution, caps and rates look at; what a batch decides is added on the way."""

    evidence: Evidence
    bindings: dict[BindingKey, list[Binding]]
    earning: set[UUID]  # The approved enrollments among those that customers are bound to.
    uses: dict[UUID, int]  # Of the coupons with a limit, by id.
    caps: dict[UUID, list[CapRule]]  # On conversions, by program.
    book: RuleBook
    history: History  # Of the buyers, as far as anybody asks.
    kin: dict[str, frozenset[UUID]]  # The merchant's programs by kind, where one gives way.
    lost: set[UUID] = field(default_factory=set)  # Conversions that their source declined late.
    holding: set[UUID] = field(default_factory=set)  # Conversions whose use of a coupon is counted.
    policies: dict[tuple[UUID, UUID], Policy] = field(default_factory=dict)
    assigned: dict[UUID, Owner] = field(default_factory=dict)  # By enrollment.

    def policy_of(self, conversion: Conversion) -> Policy:
        """Return what decides who is credited: the program's choice, or the goal's own."""
        key = (conversion.program_id, conversion.goal_id)
        if key not in self.policies:
            self.policies[key] = policy_of(conversion)
        return self.policies[key]


def policy_of(conversion: Conversion) -> Policy:
    """Return the policy of a conversion's program and goal."""
    program, goal = conversion.program, conversion.goal
    return Policy(
        program_id=program.id,
        window_days=goal.window_days or program.window_days,
        model=Model[goal.attribution_model or program.attribution_model],
        half_life_days=program.half_life_days,
        coupon_first=program.code_priority == "COUPON_FIRST",
        new_customers_only=program.new_customers_only,
        reactivation_days=program.reactivation_days,
        lock_in_months=program.lock_in_months,
    )


def claim_of(conversion: Conversion) -> Claim:
    """Return what a conversion says led the buyer here."""
    return Claim(
        conversion.click_token,
        conversion.coupon_code,
        conversion.referral_code,
        tuple(conversion.earlier_tokens),
    )


def lock_shared(merchant_id: UUID, conversions: Sequence[Conversion]) -> None:
    """Let one batch at a time decide on the same customers and on coupons with a limit.

    The conversions are locked before; then customers, coupons and at last the counts of caps and
    budgets, each in the order of its key: everybody locks in this order.
    """
    customers = {row.customer_id for row in conversions if row.customer_id}
    if customers:
        rows = Customer.objects.filter(merchant_id=merchant_id, id__in=customers).order_by("id")
        list(rows.select_for_update(of=("self",), no_key=True).values_list("id", flat=True))
    codes = {row.coupon_code for row in conversions} - {""}
    if codes:
        limited = Coupon.objects.filter(
            merchant_id=merchant_id, code__in=codes, uses_max__isnull=False
        ).order_by("id")
        list(limited.select_for_update(of=("self",), no_key=True).values_list("id", flat=True))


def gather(
    merchant_id: UUID, conversions: Sequence[Conversion], *, book: RuleBook | None = None
) -> Gathered:
    """Read what is known of a batch, stored or not; it may be empty."""
    programs = {row.program_id: row.program for row in conversions}
    kin = _kin(merchant_id, programs.values())
    bindings = _bindings(merchant_id, conversions, programs.keys() | set().union(*kin.values()))
    evidence = read_evidence(
        merchant_id, {claim_of(row) for row in conversions}, more_clicks=_bound_clicks(bindings)
    )
    uses = _uses(merchant_id, evidence.coupons.values())
    for coupon in evidence.coupons.values():
        if coupon.uses_max is not None and uses.get(coupon.id, 0) >= coupon.uses_max:
            evidence.used_up.add(coupon.id)
    book = book or rules_of(merchant_id, programs)
    lost = lost_ids(merchant_id, [row.id for row in conversions if row.attributed_at])
    return Gathered(
        evidence,
        bindings,
        _earning(bindings),
        uses,
        _caps(merchant_id, programs),
        book,
        read_history(merchant_id, conversions, book, lost),
        kin,
        lost=lost,
        holding=_holding(merchant_id, conversions) if evidence.used_up else set(),
        assigned=_assigned(merchant_id, conversions),
    )


def _kin(merchant_id: UUID, programs: Iterable[Program]) -> dict[str, frozenset[UUID]]:
    """Return the programs that those of the batch give way to, by kind."""
    kinds = {program.yields_to for program in programs} - {""}
    if not kinds:
        return {}
    found: dict[str, set[UUID]] = {kind: set() for kind in kinds}
    rows = Program.objects.filter(merchant_id=merchant_id, kind__in=kinds)
    for id, kind in rows.values_list("id", "kind"):
        found[kind].add(id)
    return {kind: frozenset(ids) for kind, ids in found.items()}


def _bindings(
    merchant_id: UUID, conversions: Sequence[Conversion], program_ids: Collection[UUID]
) -> dict[BindingKey, list[Binding]]:
    found: dict[BindingKey, list[Binding]] = defaultdict(list)
    customers = {row.customer_id for row in conversions if row.customer_id}
    if customers:
        rows = Binding.objects.filter(
            merchant_id=merchant_id, customer_id__in=customers, program_id__in=program_ids
        )
        for row in rows.select_related("enrollment"):
            found[row.program_id, row.customer_id].append(row)
    return found


def _earning(bindings: dict[BindingKey, list[Binding]]) -> set[UUID]:
    return {
        row.enrollment_id
        for rows in bindings.values()
        for row in rows
        if row.enrollment.status == EnrollmentStatus.APPROVED
    }


def _bound_clicks(bindings: dict[BindingKey, list[Binding]]) -> set[UUID]:
    ids = (click_of_evidence(row.evidence) for rows in bindings.values() for row in rows)
    return {id for id in ids if id is not None}


def _uses(merchant_id: UUID, coupons: Iterable[Coupon]) -> dict[UUID, int]:
    limited = [coupon.id for coupon in coupons if coupon.uses_max is not None]
    if not limited:
        return {}
    uses = CouponUse.objects.filter(merchant_id=merchant_id, coupon_id__in=limited)
    counts = uses.order_by().values_list("coupon_id").annotate(count=Count("id"))
    return dict(counts)


def _holding(merchant_id: UUID, conversions: Sequence[Conversion]) -> set[UUID]:
    """Return which of those that were decided before have used their coupon."""
    uses = CouponUse.objects.filter(
        merchant_id=merchant_id, conversion_id__in=[row.id for row in conversions]
    )
    return set(uses.values_list("conversion_id", flat=True))


def _caps(merchant_id: UUID, program_ids: Iterable[UUID]) -> dict[UUID, list[CapRule]]:
    caps: dict[UUID, list[CapRule]] = defaultdict(list)
    rows = Cap.objects.filter(
        merchant_id=merchant_id,
        program_id__in=list(program_ids),
        unit=CONVERSIONS,
        archived_at=None,
    )
    for cap in rows.order_by("id"):
        caps[cap.program_id].append(rule_of(cap))
    return caps


def _assigned(merchant_id: UUID, conversions: Sequence[Conversion]) -> dict[UUID, Owner]:
    ids = {row.assigned_enrollment_id for row in conversions if row.assigned_enrollment_id}
    if not ids:
        return {}
    rows = Enrollment.objects.filter(merchant_id=merchant_id, id__in=ids)
    return {
        row.id: Owner(row.program_id, row.id, row.affiliate_id, earning=row.is_active)
        for row in rows
    }


def all_touches(conversion: Conversion, gathered: Gathered) -> list[Touch]:
    """Return the evidence of one conversion: what it says, and what bound its customer before.

    What it bound its customer by itself is left out: it says no more than its own evidence.
    """
    own = touches_of(
        claim_of(conversion),
        gathered.evidence,
        program_id=conversion.program_id,
        at=conversion.occurred_at,
    )
    if conversion.customer_id is not None:
        said = {touch.evidence for touch in own}
        bindings = gathered.bindings.get((conversion.program_id, conversion.customer_id), [])
        own += [
            _bound_touch(row, gathered)
            for row in bindings
            if (conversion.is_test or not row.is_test)
            and not (row.bound_at == conversion.occurred_at and row.evidence in said)
        ]
    if conversion.attributed_at is None:
        return own
    return [_as_it_was(touch, conversion, gathered) for touch in own]


def _as_it_was(touch: Touch, conversion: Conversion, gathered: Gathered) -> Touch:
    """Return a touch of what is decided anew, with what was true when it was decided first.

    Whether an enrollment was approved then, and whether the coupon was not used up yet: a
    suspension of today takes nothing of yesterday's sales away.
    """
    if touch.refusal is Verdict.COUPON_USED_UP and conversion.id in gathered.holding:
        touch = replace(touch, refusal=None)
    said = (touch.kind.value, touch.evidence)
    for row in conversion.trace.get("touches", []):
        if (row["kind"], row["evidence"]) == said and touch.owner is not None:
            earned = row["reason"] in EARNED_THEN or (
                row["reason"] != Verdict.NOT_ENROLLED and touch.owner.earning
            )
            return replace(touch, owner=replace(touch.owner, earning=earned))
    return touch


def _bound_touch(row: Binding, gathered: Gathered) -> Touch:
    click_id = click_of_evidence(row.evidence)
    click = gathered.evidence.clicks.get(click_id) if click_id else None
    owner = Owner(
        program_id=row.program_id,
        enrollment_id=row.enrollment_id,
        affiliate_id=row.affiliate_id,
        earning=row.enrollment_id in gathered.earning,
        link_id=row.link_id,
        destination_id=click.destination_id if click else None,
        country=click.country if click else "",
    )
    return Touch(
        TouchKind.CUSTOMER,
        row.at,
        row.evidence,
        owner,
        bound_at=row.bound_at,
        is_assigned=row.kind == BindingKind.ASSIGNED,
    )


def buyer_of(conversion: Conversion, gathered: Gathered) -> Buyer:
    """Return what is known of whoever reached the goal, as far as the policy asks."""
    program = conversion.program
    elsewhere = bool(program.yields_to) and _belongs_elsewhere(conversion, gathered)
    if not program.new_customers_only:
        return Buyer(belongs_elsewhere=elsewhere)
    customer = conversion.customer
    return Buyer(
        first_seen_at=customer.first_seen_at if customer else None,
        bought_at=gathered.history.bought_at(conversion),
        said_new=conversion.customer_is_new,
        belongs_elsewhere=elsewhere,
    )


def _belongs_elsewhere(conversion: Conversion, gathered: Gathered) -> bool:
    """Return whether its click leads to a program that this one gives way to, or its customer."""
    others = gathered.kin[conversion.program.yields_to] - {conversion.program_id}
    end = second_after(conversion.occurred_at)
    for text in claim_of(conversion).tokens:
        token = gathered.evidence.tokens.get(text)
        link = gathered.evidence.links.get(token.link_number) if token else None
        if token and link and link.program_id in others and token.at < end:
            return True
    if conversion.customer_id is None:
        return False
    return any(
        row.bound_at < end and (conversion.is_test or not row.is_test)
        for other in others
        for row in gathered.bindings.get((other, conversion.customer_id), [])
    )
