"""What is limited: how often coupons are used, and how many conversions a cap credits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from commissions.accrual.conversions import ConversionRow
from commissions.accrual.gather import Gathered
from commissions.accrual.history import is_counted
from tracking.attribution import Outcome, TouchKind, Verdict
from tracking.caps import CapRule, Counter, Subject, counters_of
from tracking.models import CapUse, CouponUse

NOT_USED = {  # A coupon with one of these verdicts was not accepted by the shop, or is nobody's.
    Verdict.UNKNOWN,
    Verdict.OTHER_PROGRAM,
    Verdict.COUPON_NOT_YET_VALID,
    Verdict.COUPON_EXPIRED,
    Verdict.COUPON_USED_UP,
    Verdict.COUPON_USED_BY_CUSTOMER,
}


def use_coupon(conversion: ConversionRow, outcome: Outcome, gathered: Gathered) -> CouponUse | None:
    """Return the use that a conversion makes of its coupon, whoever is credited; count it."""
    judged = [item for item in outcome.touches if item.touch.kind is TouchKind.COUPON]
    if not is_counted(conversion) or not judged or judged[0].verdict in NOT_USED:
        return None
    if conversion.is_attributed:
        return None  # Its use is counted already.
    coupon = gathered.evidence.coupons[conversion.program_id, judged[0].touch.evidence]
    if coupon.uses_max is not None:
        gathered.uses[coupon.id] = gathered.uses.get(coupon.id, 0) + 1
        if gathered.uses[coupon.id] >= coupon.uses_max:
            gathered.evidence.used_up.add(coupon.id)
    if coupon.customer_uses_max is not None and conversion.customer_id is not None:
        key = (coupon.id, conversion.customer_id)
        gathered.customer_uses[key] = gathered.customer_uses.get(key, 0) + 1
    return CouponUse(
        merchant_id=conversion.merchant_id, coupon_id=coupon.id, conversion_id=conversion.id
    )


@dataclass(frozen=True, slots=True)
class CapFinding:
    """What one cap says to one conversion: `used` counts those before it."""

    cap: CapRule
    counter: Counter
    used: int

    @property
    def is_reached(self) -> bool:
        """Whether nothing is left."""
        return self.used >= self.cap.limit

    @property
    def refuses(self) -> bool:
        """Whether the conversion is not credited for it; a soft cap only closes the door."""
        return self.cap.is_hard and self.is_reached


class Capped(NamedTuple):
    """A credited conversion before its caps."""

    conversion: ConversionRow
    outcome: Outcome


def find_caps(
    capped: Sequence[Capped], gathered: Gathered, *, lock: bool
) -> list[list[CapFinding]]:
    """Return what the caps say to each of the conversions, in order.

    With `lock` those that are credited are counted, exactly: the counts stay locked until the end
    of the transaction, so that another worker waits for it.
    """
    if not gathered.caps:
        return [[] for _row in capped]
    counters = [_counters(row, gathered) for row in capped]
    wanted = {counter for own in counters for _cap, counter in own}
    if not wanted:
        return [[] for _row in capped]
    used = _read(wanted, lock=lock)
    before = dict(used)
    findings = []
    for row, own in zip(capped, counters, strict=True):
        found = [CapFinding(cap, counter, used[counter]) for cap, counter in own]
        findings.append(found)
        if is_counted(row.conversion) and not any(one.refuses for one in found):
            for _cap, counter in own:
                used[counter] += 1
    if lock:
        _write({counter: count for counter, count in used.items() if count != before[counter]})
    return findings


def _counters(row: Capped, gathered: Gathered) -> list[tuple[CapRule, Counter]]:
    caps = gathered.caps.get(row.conversion.program_id, [])
    if not caps or not row.outcome.shares:
        return []
    winner = row.outcome.winner
    owner = (winner.owner if winner else None) or row.outcome.shares[0].owner
    customer = gathered.customer_of(row.conversion)
    subject = Subject(
        enrollment_id=str(owner.enrollment_id),
        destination_id=str(owner.destination_id or ""),
        country=owner.country or (customer.country if customer else ""),
    )
    return counters_of(
        caps, subject, merchant_id=str(row.conversion.merchant_id), at=row.conversion.occurred_at
    )


def _read(wanted: set[Counter], *, lock: bool) -> dict[Counter, int]:
    in_order = sorted(wanted)
    merchant_id = UUID(in_order[0].merchant_id)
    if lock:  # Rows that are not there cannot be locked.
        CapUse.objects.bulk_create(
            [_row(counter, used=0) for counter in in_order], ignore_conflicts=True
        )
    rows = CapUse.objects.filter(
        merchant_id=merchant_id,
        cap_id__in={counter.cap_id for counter in in_order},
        counted__in={counter.counted for counter in in_order},
        period_start__in={counter.period_start for counter in in_order},
    ).order_by("cap_id", "counted", "period_start")
    if lock:
        rows = rows.select_for_update()
    used = dict.fromkeys(in_order, 0)
    for row in rows:
        counter = Counter(str(merchant_id), str(row.cap_id), row.counted, row.period_start)
        if counter in used:
            used[counter] = row.used
    return used


def _write(used: dict[Counter, int]) -> None:
    CapUse.objects.bulk_create(
        [_row(counter, used=count) for counter, count in sorted(used.items())],
        update_conflicts=True,
        update_fields=["used"],
        unique_fields=["merchant_id", "cap_id", "counted", "period_start"],
    )


def _row(counter: Counter, *, used: int) -> CapUse:
    return CapUse(
        merchant_id=UUID(counter.merchant_id),
        cap_id=UUID(counter.cap_id),
        counted=counter.counted,
        period_start=counter.period_start,
        used=used,
    )
