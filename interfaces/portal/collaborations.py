"""What the affiliate and merchants publish together."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from collaborations.models import Collaboration
from collaborations.selectors import collaborations_with
from collaborations.services import pitch_collaboration
from commissions.models import Side
from commissions.services.proposals import NotYourTurn
from common.refusals import BadValue
from common.states import IllegalMove
from interfaces.portal.charts import number
from interfaces.portal.door import Visit, affiliate_page, form_page
from interfaces.portal.link_forms import EnrollmentForm
from interfaces.portal.text import link_address, money
from interfaces.working import PitchForm, act, standing, told
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from reports.affiliate_traffic import report_links
from tracking.services import NotEnrolled

SHOWN_MAX = 200


class PortalPitchForm(PitchForm, EnrollmentForm):
    """A pitch to one of the affiliate's merchants."""

    field_order = ("enrollment", "kind", "title", "pitch")


@require_safe
@affiliate_page
def collaborations(visit: Visit) -> HttpResponse:
    """List what is made together, the newest first."""
    rows = collaborations_with(visit.affiliate.id)
    if visit.program_id:
        rows = rows.filter(program_id=visit.program_id)
    context = {
        "rows": [standing(row) for row in rows[:SHOWN_MAX]],
        "may_pitch": any(row.is_active for row in visit.enrollments),
    }
    return visit.show("portal/collaborations.html", context, nav="collaborations", by_program=True)


@require_http_methods(["GET", "HEAD", "POST"])
@form_page
def pitch(visit: Visit) -> HttpResponse:
    """Propose something to a merchant."""
    active = [row for row in visit.enrollments if row.is_active]
    if not active:
        return redirect("portal:collaborations")
    form = PortalPitchForm(visit.request.POST or None, enrollments=active)
    if form.is_valid() and (row := _pitched(visit, form)):
        messages.success(visit.request, _("Your pitch is with the merchant."))
        return redirect("portal:collaboration", row.id)
    status = 422 if form.is_bound else 200
    context = {"form": form}
    return visit.show(
        "portal/collaboration_pitch.html", context, nav="collaborations", status=status
    )


def _pitched(visit: Visit, form: PortalPitchForm) -> Collaboration | None:
    enrollment = visit.enrollment(UUID(form.cleaned_data["enrollment"]))
    try:
        with merchant_context(enrollment.merchant_id):
            return pitch_collaboration(
                enrollment=enrollment,
                side=Side.AFFILIATE,
                draft=form.draft,
                by=acting_user(visit.user),
                at=visit.at,
            )
    except BadValue as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except NotEnrolled:
        form.add_error("enrollment", _("You are not approved in this program at the moment."))
    return None


@require_safe
@affiliate_page
def collaboration(visit: Visit, row_id: UUID) -> HttpResponse:
    """Show how far it is, and what it brought."""
    return _show(visit, _own(visit, row_id), {})


def _own(visit: Visit, row_id: UUID) -> Collaboration:
    return get_object_or_404(collaborations_with(visit.affiliate.id), id=row_id)


def _show(visit: Visit, row: Collaboration, bad: dict[str, Any]) -> HttpResponse:
    context = {**told(row, Side.AFFILIATE), **_results(row), **bad}
    status = 422 if bad else 200
    return visit.show("portal/collaboration.html", context, nav="collaborations", status=status)


def _results(row: Collaboration) -> dict[str, Any]:
    if row.link is None:
        return {}
    (report,) = report_links(row.affiliate_id, [row.link])
    figures = [
        {"label": _("Clicks"), "value": number(report.traffic.human)},
        {"label": _("Conversions"), "value": number(report.conversions)},
        {"label": _("You earned"), "value": money(report.earned_minor, row.program.currency)},
    ]
    return {"figures": figures, "address": link_address(row.link.code)}


@require_POST
@affiliate_page
def collaboration_act(visit: Visit, row_id: UUID) -> HttpResponse:
    """Answer, draft, publish or give up."""
    row = _own(visit, row_id)
    try:
        with merchant_context(row.merchant_id):
            said = visit.request.POST.dict()
            bad = act(row, Side.AFFILIATE, said, by=acting_user(visit.user), at=visit.at)
        if bad:
            return _show(visit, row, bad)
        messages.success(visit.request, _("Done. The merchant sees it, too."))
    except (IllegalMove, NotEnrolled):
        messages.error(visit.request, _("This cannot be done any more: look again."))
    except (KeyError, NotYourTurn) as error:
        raise Http404 from error
    return redirect("portal:collaboration", row_id)
