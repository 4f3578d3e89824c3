"""Joining: a new enrollment gets its first link, so both doors to "approved" are here."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from affiliates.directory import applied_enrollments
from affiliates.models import Affiliate, Enrollment
from affiliates.models import Status as EnrollmentStatus
from affiliates.services import ApplicationDraft, Consent, move_enrollment
from affiliates.services import enroll_affiliate as affiliates_enroll_affiliate
from affiliates.services import join_program as affiliates_join_program
from affiliates.services import review_again as affiliates_review_again
from common.states import IllegalMove
from merchants.models import Actor
from merchants.tenancy import merchant_context
from programs.models import Program, Tier
from tracking.services.links import ensure_first_link


def join_program(
    *,
    program: Program,
    affiliate: Affiliate,
    consent: Consent,
    application: ApplicationDraft,
    at: datetime,
) -> Enrollment:
    """Join or apply (see affiliates.services); whoever is in at once has a first link."""
    with merchant_context(program.merchant_id):
        enrollment = affiliates_join_program(
            program=program, affiliate=affiliate, consent=consent, application=application, at=at
        )
        ensure_first_link(enrollment=enrollment)
    return enrollment


def enroll_affiliate(
    *, program: Program, affiliate: Affiliate, by: Actor, at: datetime, tier: Tier | None = None
) -> Enrollment:
    """Take somebody in, as affiliates.services does, with a first link."""
    with transaction.atomic():
        enrollment = affiliates_enroll_affiliate(
            program=program, affiliate=affiliate, tier=tier, by=by, at=at
        )
        ensure_first_link(enrollment=enrollment)
    return enrollment


def review_again(*, enrollment: Enrollment, at: datetime) -> Enrollment:
    """Put an application to the rules once more (see affiliates.services); return it."""
    with merchant_context(enrollment.merchant_id):
        reviewed = affiliates_review_again(enrollment=enrollment, at=at)
        ensure_first_link(enrollment=reviewed)
    return reviewed


def review_all_again(*, affiliate_id: UUID, at: datetime) -> None:
    """Put every application of an affiliate that waits to the rules once more; safe to repeat."""
    for enrollment in applied_enrollments(affiliate_id):
        review_again(enrollment=enrollment, at=at)


def approve_enrollment(
    *, enrollment: Enrollment, by: Actor, at: datetime, reason: str = "", message: str = ""
) -> Enrollment:
    """Approve an application and see that the enrollment has a first link; return it.

    `message` is for the applicant.

    An invitation is not approved here: only who was invited can turn it into a yes, with the terms.

    :raises IllegalMove: if it has not applied.
    """
    waiting = EnrollmentStatus.APPLIED
    return _let_in(enrollment, waiting=waiting, by=by, at=at, reason=reason, message=message)


def reinstate_enrollment(*, enrollment: Enrollment, by: Actor, at: datetime) -> Enrollment:
    """Let a suspended enrollment earn again; return it.

    :raises IllegalMove: if it is not suspended.
    """
    return _let_in(enrollment, waiting=EnrollmentStatus.SUSPENDED, by=by, at=at)


def _let_in(
    enrollment: Enrollment,
    *,
    waiting: EnrollmentStatus,
    by: Actor,
    at: datetime,
    reason: str = "",
    message: str = "",
) -> Enrollment:
    approved = EnrollmentStatus.APPROVED
    if enrollment.status != waiting:
        raise IllegalMove("The enrollment", to=approved, status=enrollment.status)
    with transaction.atomic():
        move_enrollment(
            enrollment=enrollment, to=approved, by=by, at=at, reason=reason, message=message
        )
        ensure_first_link(enrollment=enrollment)
    return enrollment
