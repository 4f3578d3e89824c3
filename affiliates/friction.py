"""Policies that stand in affiliates' way: told by them, answered by members, reviewed in time."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from affiliates.care.notes import set_task
from affiliates.models import Enrollment, FrictionReport
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Member, acting_user
from merchants.tenancy import merchant_context
from programs.models import Policy
from users.models import User

OPEN_MAX = 20  # Unanswered reports of one enrollment.
BATCH = 100


def report_friction(
    *, enrollment: Enrollment, policy: Policy, body: str, by: User, at: datetime
) -> FrictionReport:
    """Tell the merchant that a policy is in the way; return the report.

    :raises BadValue: if it says nothing, the policy is another program's or has ended, or OPEN_MAX
        reports wait for an answer.
    """
    if policy.program_id != enrollment.program_id or policy.archived_at is not None:
        raise BadValue("policy", "other_program", _("This is of another program."))
    with merchant_context(enrollment.merchant_id):
        waiting = FrictionReport.objects.filter(enrollment=enrollment, answered_at=None)
        if waiting.count() >= OPEN_MAX:
            raise BadValue("", "too_many", _("%d reports wait for an answer.") % OPEN_MAX)
        body = cleaned(FrictionReport, "body", body.strip())
        report = FrictionReport.objects.create(
            merchant_id=enrollment.merchant_id,
            policy=policy,
            enrollment=enrollment,
            affiliate_id=enrollment.affiliate_id,
            body=body,
            at=at,
        )
        record_event(
            merchant_id=enrollment.merchant_id,
            type="policy.friction_reported",
            subject_id=enrollment.id,
            by=acting_user(by),
            at=at,
            data={"policy": policy.title},
        )
    return report


def answer_friction(*, report: FrictionReport, answer: str, member: Member, at: datetime) -> None:
    """Answer a report, once; the affiliate reads it in the portal.

    :raises BadValue: if the answer is empty or too long.
    :raises IllegalMove: if it was answered already.
    """
    answer = cleaned(FrictionReport, "answer", answer.strip())
    if not answer:
        raise BadValue("answer", "required", _("Write something."))
    waiting = FrictionReport.objects.filter(
        merchant_id=report.merchant_id, id=report.id, answered_at=None
    )
    if not waiting.update(answer=answer, answered_at=at):
        raise IllegalMove("The report", to="ANSWERED", status="ANSWERED")
    record_event(
        merchant_id=report.merchant_id,
        type="policy.friction_answered",
        subject_id=report.enrollment_id,
        by=acting_user(member.user),
        at=at,
        data={"policy": report.policy.title},
    )


def reports_of_program(program_id: UUID) -> QuerySet[FrictionReport]:
    """Return what affiliates reported of a program's policies, the unanswered first."""
    rows = FrictionReport.objects.filter(policy__program_id=program_id)
    named = rows.select_related("policy", "enrollment__affiliate")
    return named.order_by("answered_at", "at").reverse()


def reports_by(enrollment: Enrollment) -> list[FrictionReport]:
    """Return what an affiliate reported of a program, newest first."""
    rows = FrictionReport.objects.filter(enrollment=enrollment).select_related("policy")
    return list(rows.order_by("-at"))


def remind_of_policies(*, merchant_id: UUID, at: datetime) -> int:
    """Give owners the task to look at policies that are due; return how many.

    Each review is reminded of once. Safe to run twice: what another worker holds is skipped.
    """
    with merchant_context(merchant_id):
        due = Policy.objects.filter(
            merchant_id=merchant_id, archived_at=None, reminded_at=None, review_on__lte=at.date()
        )
        locked = due.select_for_update(of=("self",), skip_locked=True)
        rows = list(locked.select_related("owner__user").order_by("review_on", "id")[:BATCH])
        for policy in rows:
            if policy.owner.disabled_at is None:
                _set_task(policy)
            policy.reminded_at = at
            policy.save(update_fields=["reminded_at"])
    return len(rows)


def _set_task(policy: Policy) -> None:
    title = _("Look again at the policy “%(title)s”") % {"title": policy.title}
    owner = policy.owner
    set_task(made_by=owner, assignee=owner, title=title[:200], due_on=policy.review_on)
