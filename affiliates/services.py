"""Every write to affiliates and enrollments."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from affiliates.applications import (
    ApplicationDraft,
    ReapplyTooEarly,
    close_applications,
    decides_alone,
    fill_account,
    require_reapply,
    review_application,
    store_application,
)
from affiliates.directory import affiliate_of, invitations_to, invited_affiliate, take_over
from affiliates.models import (
    Affiliate,
    AffiliateUser,
    Application,
    Enrollment,
    MoveCause,
    Status,
    TermsAcceptance,
)
from affiliates.terms import contract_in_force
from affiliates.tiers import place_in_tier
from common.ids import new_code, new_id
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import SYSTEM, Actor, acting_user
from merchants.tenancy import affiliate_context, merchant_context
from programs.models import JoinMode, Program, Stage, Terms, Tier, Verdict
from programs.models import Status as ProgramStatus
from users.models import User

__all__ = [
    "AlreadyEnrolled",
    "ApplicationDraft",
    "Consent",
    "ProgramClosed",
    "ReapplyTooEarly",
    "TermsNotAccepted",
    "accept_terms",
    "adopt_invitation",
    "create_affiliate",
    "enlist_affiliate",
    "enroll_affiliate",
    "hide_checklist",
    "invite_affiliate",
    "join_program",
    "move_enrollment",
    "move_to_tier",
    "review_again",
    "set_recruiter",
]


class ProgramClosed(Exception):
    """The program takes nobody in: it is not active, or by invitation only."""


class TermsNotAccepted(Exception):
    """The program has terms and the applicant did not accept their present version."""


class AlreadyEnrolled(Exception):
    """The affiliate has an enrollment in this program that stands."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The evidence of an acceptance: who clicked, from where, and which version they saw."""

    user: User
    terms_version: int | None
    ip: str | None = None
    user_agent: str = ""


def create_affiliate(
    *, name: str, email: str, user: User | None = None, website: str = "", country: str = ""
) -> Affiliate:
    """Create an affiliate, with its first user if there is one already; return it."""
    affiliate = Affiliate(
        id=new_id(), name=name, email=email.lower(), website=website, country=country
    )
    with affiliate_context(affiliate.id):
        affiliate.save(force_insert=True)
        if user is not None:
            AffiliateUser.objects.create(affiliate=affiliate, user=user)
    return affiliate


def enlist_affiliate(
    *, user: User, email_verified: bool, name: str, website: str = "", country: str = ""
) -> Affiliate:
    """Return whom the user acts for: found, else taken over from an invitation, else created.

    The user's row is locked, so that two requests at once make one affiliate.
    """
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(id=user.id)
        found = affiliate_of(user)
        if found is None:
            found = invited_affiliate(user=user, email_verified=email_verified)
            if found is None:
                return create_affiliate(
                    name=name, email=user.email, user=user, website=website, country=country
                )
            take_over(affiliate=found, user=user)
        with affiliate_context(found.id):  # Read again as the application's own role.
            return Affiliate.objects.get(id=found.id)


def adopt_invitation(*, program: Program, affiliate: Affiliate, email: str) -> None:
    """Give an invitation into a program to the affiliate that its verified address belongs to.

    Whoever invites cannot know that the address has an affiliate already, so an invitation makes
    one of its own. An affiliate that is in the program keeps what it has. Safe to repeat.
    """
    waiting = [row.id for row in invitations_to(email) if row.program_id == program.id]
    with merchant_context(program.merchant_id):
        enrollments = Enrollment.objects.filter(merchant_id=program.merchant_id, program=program)
        if waiting and not enrollments.filter(affiliate=affiliate).exists():
            enrollments.filter(id=waiting[0], status=Status.INVITED).update(affiliate=affiliate)


def hide_checklist(*, affiliate: Affiliate, at: datetime) -> None:
    """Put the portal's joining checklist away for good. Safe to repeat."""
    with affiliate_context(affiliate.id):
        rows = Affiliate.objects.filter(id=affiliate.id, checklist_hidden_at=None)
        rows.update(checklist_hidden_at=at)


def join_program(
    *,
    program: Program,
    affiliate: Affiliate,
    consent: Consent,
    application: ApplicationDraft,
    at: datetime,
) -> Enrollment:
    """Join or apply, as the program's mode says; return the enrollment, approved or applied.

    A rejected affiliate may apply again. An application that waits is put to the program's review
    rules, which may approve or reject it at once. Twice at once gives one enrollment: the second
    caller gets AlreadyEnrolled.

    :raises ProgramClosed: if the program is not active or takes invited affiliates only.
    :raises TermsNotAccepted: if the terms that hold are another version than was accepted: an
        invitation may come with a tier or a contract.
    :raises AlreadyEnrolled: if an enrollment stands.
    :raises ReapplyTooEarly: if it was rejected, and may not apply again yet.
    """
    with merchant_context(program.merchant_id):
        if program.status != ProgramStatus.ACTIVE:
            raise ProgramClosed(program.name)
        enrollment = Enrollment.objects.filter(
            merchant_id=program.merchant_id, program=program, affiliate=affiliate
        ).first()
        was_rejected = enrollment is not None and enrollment.status == Status.REJECTED
        enrollment = _take_in(program, affiliate, enrollment, at)
        _accept_terms(enrollment, contract_in_force(enrollment), consent, at)
        fill_account(affiliate=affiliate, draft=application)
        written = store_application(
            enrollment=enrollment, draft=application, at=at, stage=Stage.APPLICATION
        )
        by = acting_user(consent.user)
        _record(enrollment, "enrollment.applied", by, at)
        if enrollment.status == Status.APPROVED:
            close_applications(enrollment=enrollment, by=SYSTEM, at=at)
            _record(enrollment, "enrollment.approved", by, at)
        else:
            _put_to_rules(written, was_rejected=was_rejected, at=at)
    return enrollment


def _put_to_rules(application: Application, *, was_rejected: bool, at: datetime) -> None:
    """Let the program's review rules approve or reject an application, if one of them does."""
    found = review_application(application)
    if decides_alone(found, was_rejected=was_rejected):
        to = Status.APPROVED if found.verdict == Verdict.APPROVE else Status.REJECTED
        move_enrollment(
            enrollment=application.enrollment, to=to, by=SYSTEM, at=at, reason=found.reason
        )


def review_again(*, enrollment: Enrollment, at: datetime) -> Enrollment:
    """Put an application that waits to the rules once more: something was proven; return it.

    Safe to repeat: an enrollment that has not applied stays as it is.
    """
    written = enrollment.applications.filter(stage=Stage.APPLICATION).order_by("-submitted_at")
    application = written.select_related("enrollment__affiliate", "enrollment__program").first()
    if application is None or application.enrollment.status != Status.APPLIED:
        return enrollment
    was_rejected = written.count() > 1
    _put_to_rules(application, was_rejected=was_rejected, at=at)
    return application.enrollment


def _take_in(
    program: Program, affiliate: Affiliate, enrollment: Enrollment | None, at: datetime
) -> Enrollment:
    if enrollment is None and program.join_mode == JoinMode.INVITATION:
        raise ProgramClosed(program.name)
    first = Status.APPROVED if program.join_mode == JoinMode.OPEN else Status.APPLIED
    if enrollment is None:
        return _create_enrollment(program, affiliate, first, at)
    if enrollment.status == Status.INVITED:
        first = Status.APPROVED
    elif enrollment.status == Status.REJECTED:
        require_reapply(enrollment, at=at)
        first = Status.APPLIED  # Whoever was rejected is looked at again, even in an open program.
    if not Enrollment.objects.filter(id=enrollment.id).move(to=first, at=at):
        raise AlreadyEnrolled(program.name)
    enrollment.status = first
    return enrollment


def _create_enrollment(
    program: Program, affiliate: Affiliate, status: Status, at: datetime
) -> Enrollment:
    try:
        with transaction.atomic():
            return Enrollment.objects.create(
                merchant_id=program.merchant_id,
                program=program,
                affiliate=affiliate,
                code=new_code(),
                status=status,
                status_changed_at=at,
            )
    except IntegrityError as error:
        raise AlreadyEnrolled(program.name) from error


def _accept_terms(
    enrollment: Enrollment, terms: Terms | None, consent: Consent, at: datetime
) -> bool:
    """Return whether an acceptance was stored that had not been there."""
    if terms is None:
        return False
    if consent.terms_version != terms.version:
        raise TermsNotAccepted(f"version {terms.version}")
    _acceptance, created = TermsAcceptance.objects.get_or_create(
        merchant_id=enrollment.merchant_id,
        enrollment=enrollment,
        terms=terms,
        defaults={
            "affiliate_id": enrollment.affiliate_id,
            "user": consent.user,
            "accepted_at": at,
            "ip": consent.ip,
            "user_agent": consent.user_agent[:400],
        },
    )
    return created


def accept_terms(*, enrollment: Enrollment, consent: Consent, at: datetime) -> None:
    """Store that an enrolled affiliate accepts the contract in force; safe to repeat.

    :raises TermsNotAccepted: if another version is in force than was accepted.
    """
    with merchant_context(enrollment.merchant_id):
        if _accept_terms(enrollment, contract_in_force(enrollment), consent, at):
            _record(enrollment, "enrollment.terms_accepted", acting_user(consent.user), at)


def invite_affiliate(
    *,
    program: Program,
    name: str,
    email: str,
    by: Actor,
    at: datetime,
    website: str = "",
    application: ApplicationDraft | None = None,
) -> Enrollment:
    """Invite an address into a program; return the enrollment, waiting for its owner.

    `application` is what they answered elsewhere, kept with what the review rules say of it.

    The affiliate made here has no user yet: whoever signs in with that verified address and opens
    the program's page takes it over.

    :raises AlreadyEnrolled: if an affiliate with this address is, or was invited, in the program.
    """
    known = Enrollment.objects.filter(merchant_id=program.merchant_id, program=program)
    if known.filter(affiliate__email=email.lower()).exists():
        raise AlreadyEnrolled(program.name)
    affiliate = create_affiliate(name=name, email=email, website=website)
    enrollment = _create_enrollment(program, affiliate, Status.INVITED, at)
    if application is not None:
        review_application(
            store_application(
                enrollment=enrollment, draft=application, at=at, stage=Stage.APPLICATION
            )
        )
    _record(enrollment, "enrollment.invited", by, at)
    return enrollment


def enroll_affiliate(
    *, program: Program, affiliate: Affiliate, by: Actor, at: datetime, tier: Tier | None = None
) -> Enrollment:
    """Take somebody in whom the merchant knows from another program; return the enrollment.

    The portal asks them for the terms on their next visit.

    :raises ProgramClosed: if the program is not active.
    :raises AlreadyEnrolled: if they are, or were, in the program.
    :raises BadValue: if the tier is another program's, or archived.
    """
    if program.status != ProgramStatus.ACTIVE:
        raise ProgramClosed(program.name)
    with transaction.atomic():
        enrollment = _create_enrollment(program, affiliate, Status.APPROVED, at)
        _record(enrollment, "enrollment.approved", by, at)
        if tier is not None:
            move_to_tier(enrollment=enrollment, tier=tier, by=by, at=at)
    return enrollment


PAST_VERBS = {
    Status.APPROVED: "approved",
    Status.REJECTED: "rejected",
    Status.SUSPENDED: "suspended",
    Status.LEFT: "left",
    Status.DECLINED: "declined",
}


def move_enrollment(
    *,
    enrollment: Enrollment,
    to: Status,
    by: Actor,
    at: datetime,
    reason: str = "",
    message: str = "",
) -> Enrollment:
    """Approve, reject, suspend or reinstate an enrollment; return it.

    `message` is for an applicant alone; everybody who may see the enrollment reads the reason.

    :raises IllegalMove: if its status does not allow that, or somebody else was faster.
    """
    before = enrollment.status
    if not Enrollment.objects.filter(id=enrollment.id).move(to=to, at=at, reason=reason):
        enrollment.refresh_from_db(fields=["status"])
        raise IllegalMove("The enrollment", to=to, status=enrollment.status)
    enrollment.status, enrollment.status_changed_at, enrollment.status_reason = to, at, reason
    reinstated = before == Status.SUSPENDED and to == Status.APPROVED
    verb = "reinstated" if reinstated else PAST_VERBS[to]
    if before == Status.APPLIED:
        close_applications(enrollment=enrollment, by=by, at=at, message=message)
    _record(enrollment, f"enrollment.{verb}", by, at, reason)
    return enrollment


def move_to_tier(
    *, enrollment: Enrollment, tier: Tier | None, by: Actor, at: datetime
) -> Enrollment:
    """Put an enrollment into a tier of its program, or into none; return it.

    It earns by the tier's rates from what is decided next on. Safe to repeat.

    :raises BadValue: if the tier is another program's, or archived.
    """
    cause, lock = MoveCause.BY_HAND, timedelta(0)
    place_in_tier(enrollment=enrollment, tier=tier, cause=cause, lock=lock, by=by, at=at)
    return enrollment


RECRUITERS_MAX = 50  # How long a chain of recruiters may be.


def set_recruiter(
    *, enrollment: Enrollment, recruiter: Enrollment | None, by: Actor, at: datetime
) -> Enrollment:
    """State who brought an enrollment into its program, or nobody; return it. Safe to repeat.

    :raises BadValue: if the recruiter is in another program, or was itself brought by it.
    """
    if recruiter is not None and recruiter.program_id != enrollment.program_id:
        raise BadValue("recruiter", "other_program", _("This is of another program."))
    with transaction.atomic():
        # One at a time in a program, so that no two of them close a circle.
        Program.objects.select_for_update(of=("self",), no_key=True).get(id=enrollment.program_id)
        _require_no_circle(enrollment, recruiter)
        row = _lock(enrollment)
        if row.recruited_by_id != (recruiter.id if recruiter else None):
            before, row.recruited_by = row.recruited_by_id, recruiter
            row.save(update_fields=["recruited_by"])
            facts = {"before": _text(before), "after": _text(row.recruited_by_id)}
            _record(row, "enrollment.recruiter_changed", by, at, facts=facts)
    enrollment.recruited_by = recruiter
    return enrollment


def _require_no_circle(enrollment: Enrollment, recruiter: Enrollment | None) -> None:
    rows = Enrollment.objects.filter(merchant_id=enrollment.merchant_id)
    above = recruiter.id if recruiter else None
    for _step in range(RECRUITERS_MAX):
        if above is None:
            return
        if above == enrollment.id:
            raise BadValue("recruiter", "circle", _("Nobody is brought by whom they brought."))
        above = rows.values_list("recruited_by_id", flat=True).get(id=above)
    raise BadValue("recruiter", "too_deep", _("This chain of recruiters is too long."))


def _lock(enrollment: Enrollment) -> Enrollment:
    rows = Enrollment.objects.filter(merchant_id=enrollment.merchant_id)
    return rows.select_for_update(of=("self",), no_key=True).get(id=enrollment.id)


def _text(id: UUID | None) -> str | None:
    return str(id) if id else None


def _record(
    enrollment: Enrollment,
    type: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    facts: dict[str, str | None] | None = None,
) -> None:
    record_event(
        merchant_id=enrollment.merchant_id,
        type=type,
        subject_id=enrollment.id,
        by=by,
        at=at,
        data={
            "program": str(enrollment.program_id),
            "affiliate": str(enrollment.affiliate_id),
            "reason": reason,
            **(facts or {}),
        },
    )
