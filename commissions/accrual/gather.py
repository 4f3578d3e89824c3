"""What a batch of conversions needs to know, read in a handful of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from affiliates.models import Status as EnrollmentStatus
from commissions.accrual.rates import Versions, versions_of
from tracking.attribution import Owner, Touch, TouchKind
from tracking.caps import CONVERSIONS, CapRule, rule_of
from tracking.evidence import Claim, Evidence, click_of_evidence, read_evidence, touches_of
from tracking.models import Cap, Conversion, Coupon, CouponUse, Customer
from tracking.models import Touch as Binding

BindingKey = tuple[UUID, UUID]  # (program, customer)


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that attribution, caps and rates look at; what a batch decides is added on the way."""

    evidence: Evidence
    bindings: dict[BindingKey, list[Binding]]
    earning: set[UUID]  # The approved enrollments among those that customers are bound to.
    uses: dict[UUID, int]  # Of the coupons with a limit, by id.
    caps: dict[UUID, list[CapRule]]  # On conversions, by program.
    versions: Versions


def claim_of(conversion: Conversion) -> Claim:
    """Return what a conversion says led the buyer here."""
    return Claim(conversion.click_token, conversion.coupon_code, conversion.referral_code)


def lock_shared(merchant_id: UUID, conversions: Sequence[Conversion]) -> None:
    """Let one batch at a time decide on the same customers and on coupons with a limit.

    The conversions are locked before; then customers, coupons and at last the counts of caps, each
    in the order of its key: everybody locks in this order.
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


def gather(merchant_id: UUID, conversions: Sequence[Conversion]) -> Gathered:
    """Read what is known of a batch, stored or not; it may be empty."""
    program_ids = {row.program_id for row in conversions}
    bindings = _bindings(merchant_id, conversions)
    evidence = read_evidence(
        merchant_id,
        {claim_of(row) for row in conversions},
        more_clicks=_bound_clicks(bindings),
    )
    uses = _uses(merchant_id, evidence.coupons.values())
    for coupon in evidence.coupons.values():
        if coupon.uses_max is not None and uses.get(coupon.id, 0) >= coupon.uses_max:
            evidence.used_up.add(coupon.id)
    return Gathered(
        evidence,
        bindings,
        _earning(bindings),
        uses,
        _caps(merchant_id, program_ids),
        versions_of(merchant_id, program_ids),
    )


def _bindings(
    merchant_id: UUID, conversions: Sequence[Conversion]
) -> dict[BindingKey, list[Binding]]:
    found: dict[BindingKey, list[Binding]] = defaultdict(list)
    customers = {row.customer_id for row in conversions if row.customer_id}
    if customers:
        rows = Binding.objects.filter(
            merchant_id=merchant_id,
            customer_id__in=customers,
            program_id__in={row.program_id for row in conversions},
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


def _caps(merchant_id: UUID, program_ids: set[UUID]) -> dict[UUID, list[CapRule]]:
    caps: dict[UUID, list[CapRule]] = defaultdict(list)
    rows = Cap.objects.filter(
        merchant_id=merchant_id, program_id__in=program_ids, unit=CONVERSIONS, archived_at=None
    )
    for cap in rows.order_by("id"):
        caps[cap.program_id].append(rule_of(cap))
    return caps


def all_touches(conversion: Conversion, gathered: Gathered) -> list[Touch]:
    """Return the evidence of one conversion: what it says, and what bound its customer before."""
    own = touches_of(
        claim_of(conversion),
        gathered.evidence,
        program_id=conversion.program_id,
        at=conversion.occurred_at,
    )
    if conversion.customer_id is None:
        return own
    bindings = gathered.bindings.get((conversion.program_id, conversion.customer_id), [])
    return own + [
        _bound_touch(row, gathered) for row in bindings if conversion.is_test or not row.is_test
    ]


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
    return Touch(TouchKind.CUSTOMER, row.at, row.evidence, owner, bound_at=row.bound_at)
