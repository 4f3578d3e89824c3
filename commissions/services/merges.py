"""Two accounts of one person: from now on one of them is credited for what both bring.

What was earned stays where it is: the ledger is not rewritten, and the left account is paid what it
has, by its own payout method. Its links, coupons, codes and customers credit the kept account from
the merge on, because whoever looks up an enrollment by them asks for its heir.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db import transaction

from affiliates.models import (
    MAY_COME_FROM,
    Affiliate,
    Enrollment,
    Note,
    Status,
    Tagging,
    Task,
)
from affiliates.services import move_enrollment
from commissions.models import Rule
from common.ids import new_code
from ledger.selectors import Balance, balances
from merchants.events import record_event
from merchants.models import Actor, Member, acting_user
from merchants.rights import Right
from merchants.services import require
from tracking.models import Coupon, Link, Touch
from tracking.services.links import ensure_first_link


class Fate(StrEnum):
    """What becomes of an enrollment of the account that is left."""

    MERGES = "merges"  # The kept account is in the program, too.
    JOINS = "joins"  # The kept account joins the program by this.
    KEPT_IS_NOT_IN = "kept_is_not_in"  # It is in the program, but not approved: nothing happens.
    IS_NOT_IN = "is_not_in"  # The left account is not, or no more, in the program: nothing happens.


@dataclass(frozen=True, slots=True)
class Part:
    """One program of the account that is left."""

    left: Enrollment
    kept: Enrollment | None
    fate: Fate
    links: int
    coupons: int
    customers: int
    own_rates: int  # They end: the kept account's rates hold.
    balances: tuple[Balance, ...]  # They stay with the account that is left.

    @property
    def moves(self) -> bool:
        """Whether something happens."""
        return self.fate in (Fate.MERGES, Fate.JOINS)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a merge would do; its digest says whether it would still do that."""

    kept: Affiliate
    left: Affiliate
    parts: tuple[Part, ...]

    @property
    def moves(self) -> bool:
        """Whether something would happen."""
        return any(part.moves for part in self.parts)

    @property
    def digest(self) -> str:
        """A short text that another plan does not have."""
        said = [f"{self.kept.id} {self.left.id}"]
        said += [
            f"{part.left.id} {part.left.status} {part.fate} {part.kept and part.kept.id}"
            f" {part.links} {part.coupons} {part.own_rates}"
            for part in self.parts
        ]
        return blake2b("\n".join(said).encode(), digest_size=12).hexdigest()


class SameAffiliate(Exception):
    """An account is not merged into itself."""


class PlanChanged(Exception):
    """What was agreed to is not what would happen any more."""


def plan_merge(*, merchant_id: UUID, kept: Affiliate, left: Affiliate) -> Plan:
    """Return what merging an account into another would do at this merchant; nothing happens.

    :raises SameAffiliate: if they are one.
    """
    if kept.id == left.id:
        raise SameAffiliate(str(kept.id))
    rows = _enrollments(merchant_id, left.id)
    others = {row.program_id: row for row in _enrollments(merchant_id, kept.id)}
    parts = [_part(row, others.get(row.program_id)) for row in rows]
    return Plan(kept, left, tuple(parts))


def _enrollments(merchant_id: UUID, affiliate_id: UUID) -> list[Enrollment]:
    rows = Enrollment.objects.filter(merchant_id=merchant_id, affiliate_id=affiliate_id)
    return list(rows.select_related("program", "affiliate").order_by("program__name", "id"))


def _part(left: Enrollment, kept: Enrollment | None) -> Part:
    whose: dict[str, Any] = {"merchant_id": left.merchant_id, "enrollment": left}
    customers = Touch.objects.filter(**whose).values("customer_id").distinct()
    return Part(
        left=left,
        kept=kept,
        fate=_fate(left, kept),
        links=Link.objects.filter(**whose, archived_at=None).count(),
        coupons=Coupon.objects.filter(**whose, archived_at=None).count(),
        customers=customers.count(),
        own_rates=Rule.objects.filter(**whose, archived_at=None).count(),
        balances=tuple(balances(merchant_id=left.merchant_id, enrollment_ids=[left.id])),
    )


def _fate(left: Enrollment, kept: Enrollment | None) -> Fate:
    if left.status not in MAY_COME_FROM[Status.LEFT]:
        return Fate.IS_NOT_IN
    if kept is None:
        return Fate.JOINS
    return Fate.MERGES if kept.is_active else Fate.KEPT_IS_NOT_IN


def merge_affiliates(
    *, member: Member, kept: Affiliate, left: Affiliate, agreed: str, at: datetime
) -> Plan:
    """Merge an account into another, as `agreed` (a plan's digest) says; return what was done.

    Safe to repeat: a second time nothing is left to do, so the plan is another.

    :raises NotAllowed: if the member may not review affiliates.
    :raises SameAffiliate: if they are one.
    :raises PlanChanged: if it would do something else, or nothing.
    """
    require(member, Right.REVIEW_AFFILIATES)
    merchant_id, by = member.merchant_id, acting_user(member.user)
    with transaction.atomic():
        rows = Enrollment.objects.filter(
            merchant_id=merchant_id, affiliate_id__in=[kept.id, left.id]
        )
        list(rows.select_for_update(of=("self",)).order_by("id").values_list("id", flat=True))
        plan = plan_merge(merchant_id=merchant_id, kept=kept, left=left)
        if plan.digest != agreed or not plan.moves:
            raise PlanChanged(agreed)
        for part in plan.parts:
            if part.moves:
                _merge(part, kept, by, at)
    return plan


def _merge(part: Part, kept: Affiliate, by: Actor, at: datetime) -> None:
    left = part.left
    before = {"status": left.status, "merged_into": None, "affiliate": str(left.affiliate_id)}
    heir = part.kept or _let_in(left, kept, by, at)
    move_enrollment(enrollment=left, to=Status.LEFT, by=by, at=at)
    ours = Enrollment.objects.filter(merchant_id=left.merchant_id)
    ours.filter(id=left.id).update(merged_into=heir)
    ours.filter(merged_into=left).update(merged_into=heir)  # What was merged into it before.
    _move_recruits(left, heir)
    _move_care(left, heir)
    record_event(
        merchant_id=left.merchant_id,
        type="enrollment.merged",
        subject_id=left.id,
        by=by,
        at=at,
        data={
            "program": str(left.program_id),
            "before": before,
            "after": {
                "status": Status.LEFT.value,
                "merged_into": str(heir.id),
                "affiliate": str(heir.affiliate_id),
            },
            "links": part.links,
            "coupons": part.coupons,
            "customers": part.customers,
        },
    )
    record_event(
        merchant_id=left.merchant_id,
        type="enrollment.took_over",
        subject_id=heir.id,
        by=by,
        at=at,
        data={"program": str(left.program_id), "enrollment": str(left.id), "code": left.code},
    )


def _let_in(left: Enrollment, kept: Affiliate, by: Actor, at: datetime) -> Enrollment:
    """Give the kept account the place in the program that the left one had."""
    heir = Enrollment.objects.create(
        merchant_id=left.merchant_id,
        program_id=left.program_id,
        affiliate=kept,
        code=new_code(),
        tier_id=left.tier_id,
        owner_id=left.owner_id,
        status=Status.APPROVED if left.is_active else Status.SUSPENDED,
        status_changed_at=at,
        status_reason=left.status_reason,
    )
    record_event(
        merchant_id=left.merchant_id,
        type="enrollment.approved" if heir.is_active else "enrollment.suspended",
        subject_id=heir.id,
        by=by,
        at=at,
        data={"program": str(left.program_id), "affiliate": str(kept.id)},
    )
    ensure_first_link(enrollment=heir)
    return heir


def _move_recruits(left: Enrollment, heir: Enrollment) -> None:
    """Let the kept account have recruited whom the left one recruited, itself never."""
    ours = Enrollment.objects.filter(merchant_id=left.merchant_id)
    above = _recruiters_of(heir)
    ours.filter(id=heir.id, recruited_by=left).update(recruited_by=None)
    ours.filter(recruited_by=left).exclude(id__in=above).update(recruited_by=heir)


def _recruiters_of(enrollment: Enrollment) -> set[UUID]:
    """Return who brought an enrollment, and who brought those: they cannot become its recruits."""
    seen: set[UUID] = {enrollment.id}
    ours = Enrollment.objects.filter(merchant_id=enrollment.merchant_id)
    waiting: Sequence[UUID] = [enrollment.id]
    while waiting:
        found = ours.filter(id__in=waiting, recruited_by__isnull=False)
        waiting = [id for id in found.values_list("recruited_by_id", flat=True) if id not in seen]
        seen |= set(waiting)
    return seen


def _move_care(left: Enrollment, heir: Enrollment) -> None:
    """Give notes, open tasks and tags to the kept account; the list of the left one ends."""
    whose: dict[str, Any] = {"merchant_id": left.merchant_id, "enrollment": left}
    Note.objects.filter(**whose).update(enrollment=heir)
    Task.objects.filter(**whose, done_at=None).update(enrollment=heir)
    has = Tagging.objects.filter(merchant_id=left.merchant_id, enrollment=heir).values("tag_id")
    Tagging.objects.filter(**whose).exclude(tag_id__in=has).update(enrollment=heir)
