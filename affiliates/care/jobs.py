"""Plan, begin and end bulk jobs. Shown with counts first; a worker carries them out in slices.

What is chosen is written down when the job begins, so whoever comes into the filter later is not
taken along. `commissions.services.bulk_jobs` does the work.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from affiliates.models import (
    BulkAction,
    BulkItem,
    BulkJob,
    BulkStatus,
    Enrollment,
    Status,
    Tag,
    Tagging,
)
from common.refusals import BadValue
from merchants.events import record_event
from merchants.models import Member, acting_user
from programs.models import Tier

# From which status an enrollment is moved by which action; bulk jobs invite nobody in.
WAITING = {
    BulkAction.APPROVE: Status.APPLIED,
    BulkAction.REJECT: Status.APPLIED,
    BulkAction.SUSPEND: Status.APPROVED,
    BulkAction.REINSTATE: Status.SUSPENDED,
}
REASON_MAX = 500


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be done to each: the action, with what it needs."""

    action: BulkAction
    tag: Tag | None = None
    tier: Tier | None = None  # None: into no tier.
    owner: Member | None = None  # None: nobody.
    reason: str = ""
    coupon: Mapping[str, Any] | None = None  # The limits of a code, as JSON.

    def details(self) -> dict[str, Any]:
        """Return what a job keeps of it."""
        kept = {"tag": self.tag, "tier": self.tier, "owner": self.owner}
        named = {name: str(row.id) for name, row in kept.items() if row is not None}
        said = {"reason": self.reason, "coupon": self.coupon}
        return named | {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Plan:
    """To how many of the chosen an errand applies, and why to the others it does not."""

    applies: int
    skipped: list[tuple[str, int]]

    @property
    def skipped_count(self) -> int:
        """How many stay as they are."""
        return sum(count for _why, count in self.skipped)

    @property
    def seen(self) -> str:
        """What the person was shown, to compare with when they confirm."""
        return f"{self.applies} {self.skipped_count}"


def plan_job(rows: QuerySet[Enrollment], errand: Errand) -> Plan:
    """Return what the errand would do to the rows; writes nothing."""
    labelled = rows.order_by().annotate(why=_why_not(errand)).values("why")
    counts = dict(labelled.annotate(count=Count("id")).values_list("why", "count"))
    applies = counts.pop("", 0)
    return Plan(applies, [(str(told(why)), counts[why]) for why in sorted(counts)])


def _why_not(errand: Errand) -> Case:
    """Return the expression that gives "" where the errand applies, else a code."""
    waiting = WAITING.get(errand.action)
    if errand.action == BulkAction.GIVE_CODE:
        return Case(When(status=Status.APPROVED, then=Value("")), default="status")
    if waiting is not None:
        return Case(When(status=waiting, then=Value("")), default="status")
    refusals: list[When] = []
    if errand.action == BulkAction.MOVE_TIER:
        if errand.tier is not None:
            refusals.append(When(~Q(program_id=errand.tier.program_id), then=Value("program")))
        refusals.append(When(tier=errand.tier, then=Value("same_tier")))
    elif errand.action == BulkAction.ASSIGN_OWNER:
        refusals.append(When(owner=errand.owner, then=Value("same_owner")))
    else:
        has = Exists(
            Tagging.objects.filter(
                merchant_id=OuterRef("merchant_id"), enrollment_id=OuterRef("id"), tag=errand.tag
            )
        )
        if errand.action == BulkAction.TAG:
            refusals.append(When(has, then=Value("tagged")))
        else:
            refusals.append(When(~has, then=Value("untagged")))
    return Case(*refusals, default=Value(""))


WHY_NOT: dict[str, Promise] = {
    "program": _("The tier is of another program."),
    "same_tier": _("In this tier already."),
    "same_owner": _("Looked after by them already."),
    "tagged": _("Has the tag already."),
    "untagged": _("Does not have the tag."),
}


def told(why: str) -> str | Promise:
    """Return in words why an errand does not apply; codes of `plan_job` and statuses alike."""
    if why in WHY_NOT:
        return WHY_NOT[why]
    if why in Status.values:
        return Status(why).label
    return why


def start_job(
    *,
    member: Member,
    rows: QuerySet[Enrollment],
    errand: Errand,
    query: str,
    expected: str,
    at: datetime,
) -> BulkJob:
    """Begin an errand on those of the rows that it applies to; return the job.

    Who is skipped from the start is counted, and not listed.

    :raises BadValue: if meanwhile it applies to others than `expected`, or to nobody.
    """
    plan = plan_job(rows, errand)
    if plan.seen != expected:
        raise BadValue("expected", "changed", gettext("The rows changed meanwhile: look again."))
    if not plan.applies:
        raise BadValue("rows", "nothing_to_do", gettext("There is nobody to do this to."))
    chosen = rows.annotate(why=_why_not(errand)).filter(why="").order_by("id")
    ids = list(chosen.values_list("id", flat=True))
    job = BulkJob.objects.create(
        merchant_id=member.merchant_id,
        action=errand.action,
        query=query[:2000],
        details=errand.details(),
        enrollment_ids=ids,
        member=member,
        total=len(ids),
        started_at=at,
    )
    _record(job, "bulk_job.started", member, at)
    return job


def cancel_job(*, member: Member, job: BulkJob, at: datetime) -> bool:
    """Stop a job where it is; return whether it was still running. What is done stays done."""
    running = BulkJob.objects.filter(
        merchant_id=job.merchant_id, id=job.id, status=BulkStatus.RUNNING
    )
    locked = running.select_for_update(of=("self",)).first()
    if locked is None:
        return False
    locked.end(BulkStatus.CANCELLED, at=at)
    _record(locked, "bulk_job.cancelled", member, at)
    return True


def _record(job: BulkJob, type: str, member: Member, at: datetime) -> None:
    record_event(
        merchant_id=job.merchant_id,
        type=type,
        subject_id=job.id,
        by=acting_user(member.user),
        at=at,
        data={"action": job.action, "total": job.total, "done": job.done, **job.details},
    )


def job_of(*, merchant_id: UUID, job_id: UUID) -> BulkJob | None:
    """Return one job of the merchant, without the list of whom it takes."""
    jobs = BulkJob.objects.filter(merchant_id=merchant_id, id=job_id).defer("enrollment_ids")
    return jobs.select_related("member__user").first()


def problems_of(job: BulkJob, *, limit: int) -> list[BulkItem]:
    """Return whom a job could not take, with why, the first ones."""
    items = BulkItem.objects.filter(merchant_id=job.merchant_id, job=job)
    return list(items.select_related("enrollment__affiliate").order_by("id")[:limit])
