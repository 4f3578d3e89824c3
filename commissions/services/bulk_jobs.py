"""Carry bulk jobs on enrollments out, a slice at a time.

A slice and the mark of how far the job is are one transaction: a worker that is killed has done
nothing of its slice, and a second one waits for the row or takes another job.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

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
from affiliates.services import move_enrollment
from commissions.services.tiers import move_to_tier
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import SYSTEM, Actor, acting_user
from merchants.tenancy import merchant_context
from programs.models import Tier
from tracking.services import (
    PersonalCode,
    approve_enrollment,
    give_personal_codes,
    reinstate_enrollment,
)

SLICE = 100
SLICE_OF_SETS = 5_000  # Of actions that are one statement however many they take.
Problems = dict[UUID, str]


def run_bulk_jobs(*, merchant_id: UUID, at: datetime, limit: int = 0) -> int:
    """Take the merchant's oldest job further; return how many enrollments were looked at."""
    with merchant_context(merchant_id):
        running = BulkJob.objects.filter(merchant_id=merchant_id, status=BulkStatus.RUNNING)
        locked = running.select_for_update(of=("self",), skip_locked=True)
        job = locked.select_related("member__user").order_by("created_at", "id").first()
        if job is None:
            return 0
        size = limit or (SLICE_OF_SETS if job.action in IN_SETS else SLICE)
        begun = job.done + job.skipped
        ids = job.enrollment_ids[begun : begun + size]
        problems = _carry_out(job, ids, at)
        items = [
            BulkItem(merchant_id=merchant_id, job=job, enrollment_id=id, problem=problem[:300])
            for id, problem in problems.items()
        ]
        BulkItem.objects.bulk_create(items)
        job.advance(done=len(ids) - len(problems), skipped=len(problems))
        if begun + len(ids) >= job.total:
            job.end(BulkStatus.DONE, at=at)
            _record_end(job, at)
    return len(ids)


def _carry_out(job: BulkJob, ids: list[UUID], at: datetime) -> Problems:
    in_set = IN_SETS.get(BulkAction(job.action))
    if in_set is not None:
        return in_set(job, ids, at)
    by = acting_user(job.member.user)
    found = Enrollment.objects.filter(merchant_id=job.merchant_id, id__in=ids)
    problems = {}
    for enrollment in found.select_related("program", "affiliate").order_by("id"):
        problem = _attempt(job, enrollment, by, at)
        if problem:
            problems[enrollment.id] = problem
    return problems


def _attempt(job: BulkJob, enrollment: Enrollment, by: Actor, at: datetime) -> str:
    """Do it to one; return why not, or nothing."""
    try:
        with transaction.atomic():
            _one_by_one(job, enrollment, by, at)
    except IllegalMove as error:
        return str(Status(error.status).label)
    except BadValue as error:
        return str(error)
    return ""


def _one_by_one(job: BulkJob, enrollment: Enrollment, by: Actor, at: datetime) -> None:
    reason = job.details.get("reason", "")
    match BulkAction(job.action):
        case BulkAction.APPROVE:
            approve_enrollment(enrollment=enrollment, by=by, at=at)
        case BulkAction.REINSTATE:
            reinstate_enrollment(enrollment=enrollment, by=by, at=at)
        case BulkAction.REJECT:
            move_enrollment(enrollment=enrollment, to=Status.REJECTED, by=by, at=at, reason=reason)
        case BulkAction.SUSPEND:
            move_enrollment(enrollment=enrollment, to=Status.SUSPENDED, by=by, at=at, reason=reason)
        case BulkAction.MOVE_TIER:
            tier_id = job.details.get("tier")
            tier = Tier.objects.get(merchant_id=job.merchant_id, id=tier_id) if tier_id else None
            move_to_tier(enrollment=enrollment, tier=tier, by=by, at=at)


def _tag(job: BulkJob, ids: list[UUID], _at: datetime) -> Problems:
    tag = Tag.objects.get(merchant_id=job.merchant_id, id=job.details["tag"])
    taggings = [
        Tagging(merchant_id=job.merchant_id, tag=tag, enrollment_id=enrollment_id)
        for enrollment_id in ids
    ]
    Tagging.objects.bulk_create(taggings, ignore_conflicts=True)
    return {}


def _untag(job: BulkJob, ids: list[UUID], _at: datetime) -> Problems:
    Tagging.objects.filter(
        merchant_id=job.merchant_id, tag_id=job.details["tag"], enrollment_id__in=ids
    ).delete()
    return {}


def _assign(job: BulkJob, ids: list[UUID], _at: datetime) -> Problems:
    rows = Enrollment.objects.filter(merchant_id=job.merchant_id, id__in=ids)
    rows.update(owner_id=job.details.get("owner"))
    return {}


def _give_codes(job: BulkJob, ids: list[UUID], at: datetime) -> Problems:
    rows = Enrollment.objects.filter(merchant_id=job.merchant_id, id__in=ids)
    kept = dict(job.details["coupon"])
    for name in ("valid_from", "valid_until"):
        kept[name] = datetime.fromisoformat(kept[name]) if kept.get(name) else None
    return give_personal_codes(
        list(rows.select_related("affiliate").order_by("id")), PersonalCode(**kept), at=at
    )


IN_SETS: dict[BulkAction, Callable[[BulkJob, list[UUID], datetime], Problems]] = {
    BulkAction.TAG: _tag,
    BulkAction.UNTAG: _untag,
    BulkAction.ASSIGN_OWNER: _assign,
    BulkAction.GIVE_CODE: _give_codes,
}


def _record_end(job: BulkJob, at: datetime) -> None:
    record_event(
        merchant_id=job.merchant_id,
        type="bulk_job.finished",
        subject_id=job.id,
        by=SYSTEM,
        at=at,
        data={"action": job.action, "done": job.done, "skipped": job.skipped},
    )
