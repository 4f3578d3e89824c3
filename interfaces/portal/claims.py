"""Claims: "a sale of mine is missing", and what the merchant answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

import django_tables2 as tables
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_tables2 import RequestConfig

from affiliates.models import Enrollment
from commissions.claims import claims_of_affiliate
from commissions.models import Claim, ClaimStatus
from commissions.services import (
    AlreadyCredited,
    ClaimExists,
    MayNotClaim,
    TooManyClaims,
    submit_claim,
    withdraw_claim,
)
from commissions.services.claims import MAY_CLAIM
from common.refusals import BadValue
from common.states import IllegalMove
from interfaces.portal.charts import day_label
from interfaces.portal.claim_forms import ClaimForm
from interfaces.portal.door import Visit, affiliate_page, form_page
from interfaces.portal.tables import show_date, show_status, two_lines
from interfaces.portal.text import Said, money
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from reports.affiliate_programs import goals_by_program

PER_PAGE = 25


def claim_status(claim: Claim, at: datetime) -> Said:
    """Return where a claim stands, and until when an answer is due."""
    if claim.status == ClaimStatus.CREDITED:
        return Said(_("Credited"), "good")
    if claim.status == ClaimStatus.REFUSED:
        return Said(_("Refused"), "bad")
    if claim.status == ClaimStatus.WITHDRAWN:
        return Said(_("Withdrawn"), "")
    if claim.due_at <= at:
        return Said(_("Waits for an answer"), "wait", _("overdue"))
    due = _("due by %(day)s") % {"day": day_label(claim.due_at)}
    return Said(_("Waits for an answer"), "wait", due)


class ClaimTable(tables.Table):
    """Claims with their state at a moment."""

    submitted_at = tables.Column(gettext_lazy("Submitted"))
    order_id = tables.Column(gettext_lazy("Order"), orderable=False)
    program = tables.Column(gettext_lazy("Program"), accessor="program__name", orderable=False)
    status = tables.Column(gettext_lazy("Status"), orderable=False)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": gettext_lazy("Claims"), "id": "rows"}
        row_attrs = {"data-href": lambda record: claim_url(record.id)}

    def __init__(self, *args: Any, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.at = at

    def render_submitted_at(self, value: object) -> SafeString:
        return show_date(value)

    def render_order_id(self, record: Claim, value: str) -> SafeString:
        link = format_html('<a href="{}">{}</a>', claim_url(record.id), value)
        return two_lines(link, record.goal.name)

    def render_program(self, record: Claim, value: str) -> SafeString:
        return two_lines(value, record.program.merchant.name)

    def render_status(self, record: Claim) -> SafeString:
        return show_status(claim_status(record, self.at))


def claim_url(claim_id: UUID) -> str:
    """Return the address of a claim's page."""
    return reverse("portal:claim", args=[claim_id])


def may_claim(visit: Visit) -> bool:
    """Return whether there is a program in which a sale can be missing."""
    return any(row.status in MAY_CLAIM for row in visit.enrollments)


@require_safe
@affiliate_page
def claims(visit: Visit) -> HttpResponse:
    """List the claims with their answers."""
    rows = claims_of_affiliate(visit.affiliate.id)
    if visit.program_id:
        rows = rows.filter(program_id=visit.program_id)
    table = ClaimTable(rows, at=visit.at)
    RequestConfig(visit.request, paginate={"per_page": PER_PAGE}).configure(table)
    context = {"table": table, "has_any": bool(rows[:1]), "may_claim": may_claim(visit)}
    return visit.show("portal/claims.html", context, nav="conversions", by_program=True)


@require_http_methods(["GET", "HEAD", "POST"])
@form_page
def create(visit: Visit) -> HttpResponse:
    """Ask for a sale that is missing."""
    enrollments = [row for row in visit.enrollments if row.status in MAY_CLAIM]
    if not enrollments:
        return redirect("portal:conversions")
    goals = goals_by_program({row.program_id for row in enrollments})
    form = ClaimForm(visit.request.POST or None, enrollments=enrollments, goals=goals, at=visit.at)
    if form.is_valid() and (claim := _submitted(visit, form)):
        messages.success(visit.request, _("Your claim is with the merchant."))
        return redirect("portal:claim", claim.id)
    status = 422 if form.is_bound else 200
    context = {"form": form, "days": [_days(row) for row in enrollments]}
    return visit.show("portal/claim_create.html", context, nav="conversions", status=status)


def _days(enrollment: Enrollment) -> dict[str, Any]:
    return {"program": enrollment.program.name, "days": enrollment.program.claim_days}


def _submitted(visit: Visit, form: ClaimForm) -> Claim | None:
    """Return the new claim; without one the form says what is wrong."""
    enrollment, draft = form.claimed
    try:
        with merchant_context(enrollment.merchant_id):
            return submit_claim(
                enrollment=enrollment, draft=draft, by=acting_user(visit.user), at=visit.at
            )
    except BadValue as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except ClaimExists:
        form.add_error("order_id", _("You have asked for this order; the answer is still due."))
    except AlreadyCredited:
        form.add_error("order_id", _("This order is among your conversions already."))
    except TooManyClaims:
        form.add_error(None, _("Many claims of yours are open. Wait for the answers to these."))
    except MayNotClaim:
        form.add_error(None, _("You are not in this program any more."))
    return None


@require_safe
@affiliate_page
def claim(visit: Visit, claim_id: UUID) -> HttpResponse:
    """Show one claim and its answer."""
    found = get_object_or_404(claims_of_affiliate(visit.affiliate.id), id=claim_id)
    context = {
        "claim": found,
        "status": claim_status(found, visit.at),
        "facts": _facts(found),
        "story": _story(found),
        "is_open": found.status == ClaimStatus.OPEN,
        "is_overdue": found.status == ClaimStatus.OPEN and found.due_at <= visit.at,
    }
    return visit.show("portal/claim.html", context, nav="conversions")


def _facts(found: Claim) -> list[dict[str, Any]]:
    worth = found.amount_minor
    day = date_format(found.happened_on, "SHORT_DATE_FORMAT")
    return [
        {"label": _("Order"), "value": found.order_id},
        {
            "label": _("Day of the order"),
            "value": day,
        },
        {"label": _("Goal"), "value": found.goal.name},
        {"label": _("Program"), "value": found.program.name},
        {"label": _("Merchant"), "value": found.program.merchant.name},
        {"label": _("Amount"), "value": "–" if worth is None else money(worth, found.currency)},
    ]


def _story(found: Claim) -> list[dict[str, Any]]:
    """Return what happened: the question, then the answer or when it is due."""
    asked = {"title": _("You asked"), "at": found.submitted_at, "text": found.message}
    if found.status == ClaimStatus.OPEN:
        due = {"title": _("Answer due"), "at": found.due_at, "tone": "wait", "muted": True}
        return [asked, due]
    titles = {
        ClaimStatus.CREDITED: _("It is credited to you"),
        ClaimStatus.REFUSED: _("It is refused"),
        ClaimStatus.WITHDRAWN: _("You withdrew it"),
    }
    tones = {ClaimStatus.CREDITED: "good", ClaimStatus.REFUSED: "bad"}
    status = ClaimStatus(found.status)
    answered = {
        "title": titles[status],
        "at": found.answered_at,
        "text": found.answer,
        "tone": tones.get(status, ""),
    }
    return [asked, answered]


@require_POST
@affiliate_page
def withdraw(visit: Visit, claim_id: UUID) -> HttpResponse:
    """Take a claim back."""
    found = get_object_or_404(claims_of_affiliate(visit.affiliate.id), id=claim_id)
    try:
        with merchant_context(found.merchant_id):
            withdraw_claim(claim=found, by=acting_user(visit.user), at=visit.at)
    except IllegalMove:
        messages.error(visit.request, _("It was answered a moment ago."))
    else:
        messages.success(visit.request, _("The claim is withdrawn."))
    return redirect("portal:claim", found.id)
