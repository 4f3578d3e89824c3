"""What a batch of conversions needs to know, read in a handful of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from commissions.accrual.conversions import ConversionRow
from commissions.accrual.history import History, read_history
from commissions.accrual.rates import RuleBook, rules_of
from commissions.accrual.strands import lost_ids
from common.rows import any_of, values_apart
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
from tracking.evidence import Evidence, click_of_evidence, read_evidence, touches_of
from tracking.models import Cap, Coupon, CouponUse, Credit
from tracking.models import TouchKind as BindingKind

USED = (Verdict.COUPON_USED_UP, Verdict.COUPON_USED_BY_CUSTOMER)
LOCK_CUSTOMERS = """
SELECT id FROM tracking_customer WHERE merchant_id = %s AND id = ANY(%s)
ORDER BY id FOR NO KEY UPDATE
"""
CUSTOMERS = """
SELECT id, country, first_seen_at FROM tracking_customer WHERE merchant_id = %s AND id = ANY(%s)
"""
BINDINGS = """
SELECT touch.id, touch.merchant_id, touch.program_id, touch.customer_id,
       COALESCE(heir.id, touch.enrollment_id), COALESCE(heir.affiliate_id, touch.affiliate_id),
       touch.link_id, touch.kind, touch.evidence, touch.at, touch.bound_at,
       touch.is_test, COALESCE(heir.status, enrollment.status)
FROM tracking_touch AS touch
JOIN affiliates_enrollment AS enrollment
  ON (enrollment.merchant_id, enrollment.id) = (touch.merchant_id, touch.enrollment_id)
LEFT JOIN affiliates_enrollment AS heir
  ON (heir.merchant_id, heir.id) = (enrollment.merchant_id, enrollment.merged_into_id)
WHERE touch.merchant_id = %s AND touch.customer_id = ANY(%s) AND touch.program_id = ANY(%s)
"""


class CustomerRow(NamedTuple):
    """What decisions look at of a customer."""

    id: UUID
    country: str
    first_seen_at: datetime


@dataclass(eq=False)
class Binding:
    """By what a customer is known: the columns of a row of touches, stored or not."""

    id: UUID
    merchant_id: UUID
    program_id: UUID
    customer_id: UUID
    enrollment_id: UUID
    affiliate_id: UUID
    link_id: UUID | None
    kind: str
    evidence: str
    at: datetime
    bound_at: datetime
    is_test: bool


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
    customers: dict[UUID, CustomerRow]
    bindings: dict[BindingKey, list[Binding]]
    earning: set[UUID]  # The approved enrollments among those that customers are bound to.
    uses: dict[UUID, int]  # Of the coupons with a limit, by id.
    customer_uses: dict[tuple[UUID, UUID], int]  # Of those limited per customer, by both ids.
    caps: dict[UUID, list[CapRule]]  # On conversions, by program.
    book: RuleBook
    history: History  # Of the buyers, as far as anybody asks.
    kin: dict[str, frozenset[UUID]]  # The merchant's programs by kind, where one gives way.
    lost: set[UUID] = field(default_factory=set)  # Conversions that their source declined late.
    holding: set[UUID] = field(default_factory=set)  # Conversions whose use of a coupon is counted.
    policies: dict[tuple[UUID, UUID], Policy] = field(default_factory=dict)
    assigned: dict[UUID, Owner] = field(default_factory=dict)  # By enrollment.

    def customer_of(self, conversion: ConversionRow) -> CustomerRow | None:
        """Return who bought, if that is known."""
        return self.customers.get(conversion.customer_id) if conversion.customer_id else None

    def policy_of(self, conversion: ConversionRow) -> Policy:
        """Return what decides who is credited: the program's choice, or the goal's own."""
        key = (conversion.program_id, conversion.goal_id)
        if key not in self.policies:
            self.policies[key] = policy_of(conversion)
        return self.policies[key]


def policy_of(conversion: ConversionRow) -> Policy:
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


def lock_shared(merchant_id: UUID, conversions: Sequence[ConversionRow]) -> None:
    """Let one batch at a time decide on the same customers and on coupons with a limit.

    The conversions are locked before; then customers, coupons and at last the counts of caps and
    budgets, each in the order of its key: everybody locks in this order.
    """
    customers = {row.customer_id for row in conversions if row.customer_id}
    if customers:
        with values_apart() as cursor:
            cursor.execute(LOCK_CUSTOMERS, [merchant_id, list(customers)])
    codes = {row.claim.coupon_code for row in conversions} - {""}
    if codes:
        limited = Coupon.objects.filter(
            merchant_id=merchant_id, code__in=codes, uses_max__isnull=False
        ).order_by("id")
        list(limited.select_for_update(of=("self",), no_key=True).values_list("id", flat=True))


def gather(
    merchant_id: UUID, conversions: Sequence[ConversionRow], *, book: RuleBook | None = None
) -> Gathered:
    """Read what is known of a batch, stored or not; it may be empty."""
    programs = {row.program_id: row.program for row in conversions}
    kin = _kin(merchant_id, programs.values())
    customer_ids = [row.customer_id for row in conversions if row.customer_id]
    bindings, earning = _bindings(
        merchant_id, customer_ids, programs.keys() | set().union(*kin.values())
    )
    evidence = read_evidence(
        merchant_id, {row.claim for row in conversions}, more_clicks=_bound_clicks(bindings)
    )
    uses = _uses(merchant_id, evidence.coupons.values())
    for coupon in evidence.coupons.values():
        if coupon.uses_max is not None and uses.get(coupon.id, 0) >= coupon.uses_max:
            evidence.used_up.add(coupon.id)
    customer_uses = _customer_uses(merchant_id, evidence.coupons.values(), customer_ids)
    again = [row.id for row in conversions if row.is_attributed]
    assigned = _assigned(merchant_id, conversions)
    if book is None:
        concerned = evidence.enrollment_ids() | assigned.keys()
        concerned |= {row.enrollment_id for rows in bindings.values() for row in rows}
        concerned |= credited_before(merchant_id, again)
        book = rules_of(merchant_id, programs, enrollment_ids=concerned)
    lost = lost_ids(merchant_id, again)
    return Gathered(
        evidence,
        _customers(merchant_id, customer_ids),
        bindings,
        earning,
        uses,
        customer_uses,
        _caps(merchant_id, programs),
        book,
        read_history(merchant_id, conversions, book, lost),
        kin,
        lost=lost,
        holding=_holding(merchant_id, conversions) if evidence.used_up or customer_uses else set(),
        assigned=assigned,
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


def credited_before(merchant_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Return to which enrollments conversions are credited that were attributed before."""
    if not ids:
        return set()
    rows = Credit.objects.filter(merchant_id=merchant_id, conversion_id__in=any_of(ids))
    return set(rows.values_list("enrollment_id", flat=True))


def _customers(merchant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, CustomerRow]:
    if not ids:
        return {}
    with values_apart() as cursor:
        cursor.execute(CUSTOMERS, [merchant_id, ids])
        return {row[0]: CustomerRow(*row) for row in cursor}


def _bindings(
    merchant_id: UUID, customer_ids: Sequence[UUID], program_ids: Collection[UUID]
) -> tuple[dict[BindingKey, list[Binding]], set[UUID]]:
    """Return by what the customers are known, and which of the enrollments are approved."""
    found: dict[BindingKey, list[Binding]] = defaultdict(list)
    earning: set[UUID] = set()
    if customer_ids:
        with values_apart() as cursor:
            cursor.execute(BINDINGS, [merchant_id, customer_ids, list(program_ids)])
            for *columns, status in cursor:
                row = Binding(*columns)
                found[row.program_id, row.customer_id].append(row)
                if status == EnrollmentStatus.APPROVED:
                    earning.add(row.enrollment_id)
    return found, earning


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


def _customer_uses(
    merchant_id: UUID, coupons: Iterable[Coupon], customer_ids: Sequence[UUID]
) -> dict[tuple[UUID, UUID], int]:
    """Return how often these customers used the coupons that each may use so often only."""
    limited = [coupon.id for coupon in coupons if coupon.customer_uses_max is not None]
    if not limited or not customer_ids:
        return {}
    uses = CouponUse.objects.filter(
        merchant_id=merchant_id,
        coupon_id__in=limited,
        conversion__customer_id__in=any_of(customer_ids),
    )
    counts = uses.order_by().values_list("coupon_id", "conversion__customer_id")
    return {
        (coupon_id, customer_id): count
        for coupon_id, customer_id, count in counts.annotate(count=Count("id"))
    }


def _holding(merchant_id: UUID, conversions: Sequence[ConversionRow]) -> set[UUID]:
    """Return which of those that were decided before have used their coupon."""
    uses = CouponUse.objects.filter(
        merchant_id=merchant_id, conversion_id__in=any_of([row.id for row in conversions])
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


def _assigned(merchant_id: UUID, conversions: Sequence[ConversionRow]) -> dict[UUID, Owner]:
    ids = {row.assigned_enrollment_id for row in conversions if row.assigned_enrollment_id}
    if not ids:
        return {}
    rows = Enrollment.objects.filter(merchant_id=merchant_id, id__in=ids)
    return {
        row.id: Owner(row.program_id, row.id, row.affiliate_id, earning=row.is_active)
        for row in rows
    }


def all_touches(conversion: ConversionRow, gathered: Gathered) -> list[Touch]:
    """Return the evidence of one conversion: what it says, and what bound its customer before.

    What it bound its customer by itself is left out: it says no more than its own evidence.
    """
    own = touches_of(
        conversion.claim,
        gathered.evidence,
        program_id=conversion.program_id,
        at=conversion.occurred_at,
    )
    if conversion.customer_id is not None:
        own = [
            _limited(touch, conversion.program_id, conversion.customer_id, gathered)
            for touch in own
        ]
        said = {touch.evidence for touch in own}
        bindings = gathered.bindings.get((conversion.program_id, conversion.customer_id), [])
        own += [
            _bound_touch(row, gathered)
            for row in bindings
            if (conversion.is_test or not row.is_test)
            and not (row.bound_at == conversion.occurred_at and row.evidence in said)
        ]
    if not conversion.is_attributed:
        return own
    return [_as_it_was(touch, conversion, gathered) for touch in own]


def _limited(touch: Touch, program_id: UUID, customer_id: UUID, gathered: Gathered) -> Touch:
    """Return a touch with what speaks against it: the customer used the code as often as may be."""
    coupon = gathered.evidence.coupons.get((program_id, touch.evidence))
    if touch.kind is not TouchKind.COUPON or touch.refusal or coupon is None:
        return touch
    used, most = gathered.customer_uses.get((coupon.id, customer_id), 0), coupon.customer_uses_max
    if most is None or used < most:
        return touch
    return touch._replace(refusal=Verdict.COUPON_USED_BY_CUSTOMER)


def _as_it_was(touch: Touch, conversion: ConversionRow, gathered: Gathered) -> Touch:
    """Return a touch of what is decided anew, with what was true when it was decided first.

    Whether an enrollment was approved then, and whether the coupon was not used up yet: a
    suspension of today takes nothing of yesterday's sales away.
    """
    if touch.refusal in USED and conversion.id in gathered.holding:
        touch = touch._replace(refusal=None)
    said = (touch.kind.value, touch.evidence)
    for row in conversion.trace.get("touches", []):
        if (row["kind"], row["evidence"]) == said and touch.owner is not None:
            earned = row["reason"] in EARNED_THEN or (
                row["reason"] != Verdict.NOT_ENROLLED and touch.owner.earning
            )
            return touch._replace(owner=touch.owner._replace(earning=earned))
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


def buyer_of(conversion: ConversionRow, gathered: Gathered) -> Buyer:
    """Return what is known of whoever reached the goal, as far as the policy asks."""
    program = conversion.program
    elsewhere = bool(program.yields_to) and _belongs_elsewhere(conversion, gathered)
    if not program.new_customers_only:
        return Buyer(belongs_elsewhere=elsewhere)
    customer = gathered.customer_of(conversion)
    return Buyer(
        first_seen_at=customer.first_seen_at if customer else None,
        bought_at=gathered.history.bought_at(conversion),
        said_new=conversion.customer_is_new,
        belongs_elsewhere=elsewhere,
    )


def _belongs_elsewhere(conversion: ConversionRow, gathered: Gathered) -> bool:
    """Return whether its click leads to a program that this one gives way to, or its customer."""
    others = gathered.kin[conversion.program.yields_to] - {conversion.program_id}
    end = second_after(conversion.occurred_at)
    for text in conversion.claim.tokens:
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
