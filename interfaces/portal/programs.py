"""The affiliate's programs: what they pay, where one stands, and the terms accepted."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from affiliates.friction import reports_by
from affiliates.models import Enrollment, Status
from affiliates.services import Consent, TermsNotAccepted, accept_terms, move_enrollment
from affiliates.waivers import waivers_of
from common.states import IllegalMove
from interfaces.portal.changes import changes_told, customer_facts
from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.offer import disclosures_of, offer_of
from interfaces.portal.terms import rate_notices_of
from interfaces.portal.text import enrollment_status, money
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from programs.selectors import conduct_of, customers_of
from programs.services.policies import policies_in_force
from recruiting.bounties import offer_of as offer_to_recruiters
from recruiting.report import recruits_of
from reports.affiliate_programs import Membership, acceptances_of, memberships_of


@require_safe
@affiliate_page
def programs(visit: Visit) -> HttpResponse:
    """List every enrollment, whatever its status."""
    memberships = memberships_of(list(visit.enrollments), at=visit.at)
    context = {
        "rows": [_row(membership) for membership in memberships],
        "invitations": visit.invitations,
    }
    return visit.show("portal/programs.html", context, nav="programs")


def _row(membership: Membership) -> dict[str, Any]:
    enrollment = membership.enrollment
    program = enrollment.program
    return {
        "membership": membership,
        "enrollment": enrollment,
        "program": program,
        "offer": offer_of(membership),
        "status": enrollment_status(enrollment),
        "is_invited": enrollment.status == Status.INVITED,
        "join_url": reverse("public:join", args=[program.merchant.slug, program.slug]),
    }


@require_safe
@affiliate_page
def program(visit: Visit, enrollment_id: UUID) -> HttpResponse:
    """Show one program: rates, dates, and the terms with what was accepted."""
    enrollment = visit.enrollment(enrollment_id)
    membership = memberships_of([enrollment], at=visit.at)[0]
    conduct = conduct_of(enrollment.program)
    context = _row(membership) | {
        "acceptances": acceptances_of(enrollment),
        "rate_notices": rate_notices_of(visit, [enrollment]),
        "conduct": conduct,
        "disclosures": disclosures_of(conduct),
        "changes": changes_told(enrollment),
        "customers": customer_facts(customers_of(enrollment.program)),
        "policies": policies_in_force(enrollment.program),
        "waivers": waivers_of(enrollment, on=visit.at.date()),
        "friction": reports_by(enrollment),
        "recruiting": recruiting_of(enrollment),
    }
    return visit.show("portal/program.html", context, nav="programs")


def recruiting_of(enrollment: Enrollment) -> dict[str, Any] | None:
    """Return the affiliate's own link to bring others by, and what came of it; None: not here."""
    program = enrollment.program
    offer = offer_to_recruiters(program)
    if not enrollment.is_active or not offer.is_open:
        return None
    arguments = [program.merchant.slug, program.slug, enrollment.code]
    return {
        "url": settings.APP_URL + reverse("public:recruited", args=arguments),
        "bounty": money(offer.bounty_minor, program.currency) if offer.bounty_minor else "",
        "recruits": recruits_of(enrollment),
    }


@require_POST
@affiliate_page
def accept(visit: Visit, enrollment_id: UUID) -> HttpResponse:
    """Accept the version of the terms that the page showed."""
    enrollment = visit.enrollment(enrollment_id)
    shown = visit.request.POST.get("version", "")
    consent = Consent(
        user=visit.user,
        terms_version=int(shown) if shown.isdecimal() else None,
        ip=get_adapter().get_client_ip(visit.request),
        user_agent=visit.request.META.get("HTTP_USER_AGENT", ""),
    )
    try:
        accept_terms(enrollment=enrollment, consent=consent, at=visit.at)
    except TermsNotAccepted:
        messages.error(visit.request, _("The terms changed meanwhile. Look at the new version."))
    else:
        messages.success(visit.request, _("The terms are accepted."))
    return redirect("portal:program", enrollment.id)


@require_POST
@affiliate_page
def decline(visit: Visit, enrollment_id: UUID) -> HttpResponse:
    """Decline an invitation."""
    enrollment = visit.enrollment(enrollment_id)
    try:
        with merchant_context(enrollment.merchant_id):
            move_enrollment(
                enrollment=enrollment, to=Status.DECLINED, by=acting_user(visit.user), at=visit.at
            )
    except IllegalMove:
        messages.error(visit.request, _("This is no open invitation any more."))
    else:
        messages.success(visit.request, _("The invitation is declined."))
    return redirect("portal:programs")
