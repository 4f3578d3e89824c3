"""Joining, as the one who found or recruited an affiliate sees it: who they were before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from affiliates.models import Affiliate, Enrollment, Status
from affiliates.services import ApplicationDraft, Consent, set_recruiter
from common.refusals import BadValue
from merchants.models import Actor, acting_user
from merchants.tenancy import merchant_context
from programs.models import Program
from recruiting.bounties import offer_of
from recruiting.models import Prospect, ProspectSource, Stage
from recruiting.services import link_enrollment, record
from tracking.services import join_program as tracking_join_program


@dataclass(frozen=True, slots=True)
class Lead:
    """By what somebody came to a join page: the letter to a prospect, or an affiliate's code."""

    prospect_id: UUID | None = None
    recruiter_code: str = ""


NO_LEAD: Final = Lead()


def join_program(
    *,
    program: Program,
    affiliate: Affiliate,
    consent: Consent,
    application: ApplicationDraft,
    lead: Lead = NO_LEAD,
    at: datetime,
) -> Enrollment:
    """Join or apply (see affiliates.services), and note who they were as a prospect.

    Whoever has the address of a prospect is that prospect, by whatever way they came. Who came by
    an affiliate's link is recruited by that affiliate, unless somebody else recruited them before.
    """
    with merchant_context(program.merchant_id):
        enrollment = tracking_join_program(
            program=program, affiliate=affiliate, consent=consent, application=application, at=at
        )
        by = acting_user(consent.user)
        recruiter = _recruiter(enrollment, lead.recruiter_code)
        if recruiter is not None and not _recruit(enrollment, recruiter, by, at):
            recruiter = None
        prospect = _find_prospect(enrollment, affiliate, lead)
        if prospect is not None:
            link_enrollment(prospect=prospect, enrollment=enrollment)
            if recruiter is not None and prospect.recruiter_id is None:
                Prospect.objects.filter(id=prospect.id).update(recruiter=recruiter)
        elif recruiter is not None:
            _note_recruit(enrollment, affiliate, recruiter, by, at)
    return enrollment


def _find_prospect(enrollment: Enrollment, affiliate: Affiliate, lead: Lead) -> Prospect | None:
    rows = Prospect.objects.filter(
        merchant_id=enrollment.merchant_id, program_id=enrollment.program_id, enrollment=None
    )
    by_letter = rows.filter(id=lead.prospect_id).first() if lead.prospect_id else None
    return by_letter or rows.filter(email=affiliate.email.lower()).first()


def find_recruiter(program: Program, code: str) -> Enrollment | None:
    """Return the approved enrollment with this code, if affiliates of the program may recruit."""
    rows = Enrollment.objects.filter(
        merchant_id=program.merchant_id, program=program, status=Status.APPROVED
    )
    return rows.filter(code=code).first() if code and offer_of(program).is_open else None


def _recruiter(enrollment: Enrollment, code: str) -> Enrollment | None:
    found = find_recruiter(enrollment.program, code)
    if found is None or found.affiliate_id == enrollment.affiliate_id:
        return None
    return found if enrollment.recruited_by_id is None else None


def _recruit(enrollment: Enrollment, recruiter: Enrollment, by: Actor, at: datetime) -> bool:
    """Return whether they were recruited: nobody is by whom they brought themselves."""
    try:
        set_recruiter(enrollment=enrollment, recruiter=recruiter, by=by, at=at)
    except BadValue:
        return False
    return True


def _note_recruit(
    enrollment: Enrollment, affiliate: Affiliate, recruiter: Enrollment, by: Actor, at: datetime
) -> None:
    prospect = Prospect(
        merchant_id=enrollment.merchant_id,
        program_id=enrollment.program_id,
        name=affiliate.name,
        email=affiliate.email.lower(),
        website=affiliate.website,
        country=affiliate.country,
        source=ProspectSource.PARTNER,
        recruiter=recruiter,
        enrollment=enrollment,
        stage=Stage.INVITED,
        stage_changed_at=at,
        found_at=at,
    )
    known = Prospect.objects.filter(program_id=enrollment.program_id, email=prospect.email)
    if not known.exists():
        prospect.save(force_insert=True)
        record(prospect, "added", by, at)
