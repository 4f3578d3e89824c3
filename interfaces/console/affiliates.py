"""Affiliates in a merchant's programs: the list, one of them, and what is decided about them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from affiliates.care.search import search_enrollments
from affiliates.care.selectors import tags_by_enrollment
from affiliates.models import MAY_COME_FROM, Enrollment, SavedList, Status
from affiliates.selectors import acceptances_of, applications_of, enrollments_of
from affiliates.services import AlreadyEnrolled, invite_affiliate, move_enrollment
from commissions.services.write_offs import debt_of
from interfaces.console.access import acts, edits, reads
from interfaces.console.affiliate_bulk import bulk_actions
from interfaces.console.affiliate_care import care_context
from interfaces.console.affiliate_lists import EnrollmentFilter, EnrollmentTable
from interfaces.console.figures import chosen_period, figures_context
from interfaces.console.forms.affiliates import ClearForm, CouponForm, InviteForm, ReasonForm
from interfaces.console.forms.by_hand import LineForm, WriteOffForm
from interfaces.console.forms.tiers import TierChoiceForm
from interfaces.console.history import told_history
from interfaces.console.lists import records, show_table
from interfaces.console.mails import mail_when_committed
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.partnerships import partner_context
from interfaces.console.saved_views import saved_views
from interfaces.console.snippets import join_url, link_url
from interfaces.console.threads import threads_context
from ledger.selectors import balances
from mailing.kinds import Kind
from merchants.rights import Right
from payouts.methods import NotShared, clear_method, shared_account
from programs.models import Program
from programs.models import Status as ProgramStatus
from programs.selectors import find_program, programs_of, tiers_of
from reports.merchant_traffic import merchant_coupons, merchant_links
from reports.selectors import Slice, enrollment_figures, last_days
from tracking.services import (
    CodeTaken,
    NotEnrolled,
    approve_enrollment,
    create_coupon,
    reinstate_enrollment,
)

LIST_DAYS = 30
SUGGESTED_MAX = 8
HANDED_OUT_SHOWN = 10  # Of links and of coupons, the newest; their own lists have all.


@reads
def affiliates(request: ConsoleRequest) -> HttpResponse:
    """List who promotes what, with what they brought in the last 30 days."""
    programs = programs_of(request.merchant.id)
    # Affiliates are read for the page that is shown alone: many rows are sorted without them.
    rows = enrollments_of(request.merchant.id).select_related(None).prefetch_related("affiliate")
    rows = rows.select_related("program")
    filters = EnrollmentFilter(
        request.GET, rows, programs=programs, merchant_id=request.merchant.id
    )
    table = EnrollmentTable(filters.rows)
    if not request.member.may(Right.REVIEW_AFFILIATES):
        table.exclude = ("select",)
    context = show_table(request, table, filters=filters)
    ids = [row.id for row in records(table)]
    period = last_days(LIST_DAYS, at=request.at)
    table.figures = enrollment_figures(request.merchant.id, ids, period)
    table.tags = tags_by_enrollment(request.merchant.id, ids)
    context |= {
        "programs": programs,
        "actions": bulk_actions(),
        **saved_views(request, SavedList.AFFILIATES),
        "bulk_url": f"{reverse('console:affiliates-bulk')}?{request.GET.urlencode()}",
        "export_url": f"{reverse('console:affiliates-export')}?{request.GET.urlencode()}",
    }
    return show_page(request, "console/affiliates/list.html", context, nav="affiliates")


@reads
def affiliate_suggest(request: ConsoleRequest) -> HttpResponse:
    """Return the options that complete what is typed into an AffiliateField."""
    rows = enrollments_of(request.merchant.id)
    program = request.GET.get("program", "")
    if program in {str(one.id) for one in programs_of(request.merchant.id)}:
        rows = rows.filter(program_id=program)
    elif program:
        rows = rows.none()
    found = search_enrollments(rows, request.GET.get("affiliate", ""))
    context = {"enrollments": found[:SUGGESTED_MAX]}
    return render(request, "console/affiliates/suggestions.html", context)


def get_enrollment(request: ConsoleRequest, enrollment_id: UUID) -> Enrollment:
    """Return the merchant's enrollment.

    :raises Http404: if the merchant has no such enrollment.
    """
    found = enrollments_of(request.merchant.id).filter(id=enrollment_id).first()
    if found is None:
        raise Http404
    return found


@reads
def affiliate(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Show one affiliate in one program."""
    return _show_affiliate(request, get_enrollment(request, enrollment_id))


def _show_affiliate(
    request: ConsoleRequest, enrollment: Enrollment, *, bad: dict[str, forms.Form] | None = None
) -> HttpResponse:
    currency = enrollment.program.currency
    whose = Slice(request.merchant.id, currency, enrollment_id=enrollment.id)
    standing = balances(merchant_id=request.merchant.id, enrollment_ids=[enrollment.id])
    links = merchant_links(request.merchant.id).filter(enrollment=enrollment)
    coupons = merchant_coupons(request.merchant.id).filter(enrollment=enrollment)
    context: dict[str, Any] = {
        "enrollment": enrollment,
        **figures_context(request, whose, chosen_period(request)),
        **care_context(request, enrollment),
        **threads_context(request, enrollment),
        **partner_context(request, enrollment),
        "balances": standing,
        "links": [(link, link_url(link.code)) for link in links[:HANDED_OUT_SHOWN]],
        "coupons": coupons[:HANDED_OUT_SHOWN],
        "applications": applications_of(enrollment),
        "acceptances": acceptances_of(enrollment),
        "history": told_history(request.merchant.id, enrollment.id),
        "may_suspend": enrollment.status in MAY_COME_FROM[Status.SUSPENDED],
        "reject_form": ReasonForm(auto_id="reject_%s"),
        "suspend_form": ReasonForm(auto_id="suspend_%s"),
        "coupon_form": CouponForm(),
        "line_form": LineForm(currency=currency, auto_id="line_%s"),
        "write_off_form": WriteOffForm(auto_id="write_off_%s"),
        "debt_minor": debt_of(request.merchant.id, enrollment.id),
        "shared": shared_account(request.merchant.id, enrollment.affiliate_id),
        "clear_form": ClearForm(auto_id="clear_%s"),
        "tier_form": TierChoiceForm(
            initial={"tier": str(enrollment.tier_id or "")}, tiers=tiers_of(enrollment.program)
        ),
        **(bad or {}),
    }
    return show_page(
        request,
        "console/affiliates/detail.html",
        context,
        nav="affiliates",
        status=422 if bad else 200,
    )


# Decisions ---------------------------------------------------------------------------------------


@acts(Right.REVIEW_AFFILIATES)
def affiliate_approve(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Approve an application; the affiliate gets a first link."""
    return _let_in(request, enrollment_id, approve_enrollment)


@acts(Right.REVIEW_AFFILIATES)
def affiliate_reinstate(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Let a suspended affiliate earn again."""
    return _let_in(request, enrollment_id, reinstate_enrollment)


def _let_in(
    request: ConsoleRequest, enrollment_id: UUID, let_in: Callable[..., Enrollment]
) -> HttpResponse:
    enrollment = get_enrollment(request, enrollment_id)
    with refusal_told(request):
        let_in(enrollment=enrollment, by=request.actor, at=request.at)
        messages.success(request, _("Approved: %(name)s.") % {"name": enrollment.affiliate})
    return redirect("console:affiliate", enrollment.id)


@acts(Right.REVIEW_AFFILIATES)
def affiliate_reject(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Reject an application with a reason that the applicant reads."""
    return _decide(request, enrollment_id, Status.REJECTED, "reject")


@acts(Right.REVIEW_AFFILIATES)
def affiliate_suspend(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Suspend an affiliate: links lead on, but earn nothing, and nothing is paid out."""
    return _decide(request, enrollment_id, Status.SUSPENDED, "suspend")


def _decide(request: ConsoleRequest, enrollment_id: UUID, to: Status, name: str) -> HttpResponse:
    enrollment = get_enrollment(request, enrollment_id)
    form = ReasonForm(request.POST, auto_id=f"{name}_%s")
    if not form.is_valid():
        return _show_affiliate(request, enrollment, bad={f"{name}_form": form})
    with refusal_told(request):
        move_enrollment(
            enrollment=enrollment,
            to=to,
            by=request.actor,
            at=request.at,
            reason=form.cleaned_data["reason"],
        )
        said = {"status": enrollment.get_status_display(), "name": enrollment.affiliate}
        messages.success(request, _("%(status)s: %(name)s.") % said)
    return redirect("console:affiliate", enrollment.id)


@acts(Right.APPROVE_PAYOUTS)
def affiliate_clear_account(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Let an affiliate share its account with others: payouts to it are held no longer."""
    enrollment = get_enrollment(request, enrollment_id)
    form = ClearForm(request.POST, auto_id="clear_%s")
    if not form.is_valid():
        return _show_affiliate(request, enrollment, bad={"clear_form": form})
    try:
        clear_method(
            member=request.member,
            affiliate_id=enrollment.affiliate_id,
            reason=form.cleaned_data["reason"],
            at=request.at,
        )
        messages.success(request, _("Cleared: payouts to this account go on."))
    except NotShared:
        messages.error(request, _("Nobody else is paid to this account any more."))
    return redirect("console:affiliate", enrollment.id)


@acts(Right.REVIEW_AFFILIATES)
def coupon_create(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Give the affiliate a discount code."""
    enrollment = get_enrollment(request, enrollment_id)
    form = CouponForm(request.POST)
    if form.is_valid():
        try:
            coupon = create_coupon(enrollment=enrollment, code=form.cleaned_data["code"])
        except CodeTaken:
            form.add_error("code", _("Another affiliate of the program has this code."))
        except NotEnrolled:
            form.add_error(None, _("Only approved affiliates get codes."))
        else:
            messages.success(request, _("%(code)s is theirs.") % {"code": coupon.code})
            return redirect("console:affiliate", enrollment.id)
    return _show_affiliate(request, enrollment, bad={"coupon_form": form})


# Invitations -------------------------------------------------------------------------------------


@edits(Right.REVIEW_AFFILIATES)
def affiliate_invite(request: ConsoleRequest) -> HttpResponse:
    """Invite somebody into a program by e-mail."""
    programs = [
        program
        for program in programs_of(request.merchant.id)
        if program.status == ProgramStatus.ACTIVE
    ]
    form = InviteForm(request.POST or None, programs=programs)
    if request.method == "POST" and form.is_valid():
        invited = _invite(request, form)
        if invited is not None:
            return redirect("console:affiliate", invited.id)
    context = {"form": form, "programs": programs}
    status = 422 if form.errors else 200
    return show_page(
        request, "console/affiliates/invite.html", context, nav="affiliates", status=status
    )


def _invite(request: ConsoleRequest, form: InviteForm) -> Enrollment | None:
    facts = dict(form.cleaned_data)
    program = find_program(merchant_id=request.merchant.id, program_id=UUID(facts.pop("program")))
    if program is None:
        raise Http404
    try:
        enrollment = invite_affiliate(program=program, by=request.actor, at=request.at, **facts)
    except AlreadyEnrolled:
        form.add_error("email", _("This address is in the program, or was invited to it."))
        return None
    _mail_invitation(program, facts["email"], facts["name"])
    messages.success(request, _("Invited. The mail is on its way."))
    return enrollment


def _mail_invitation(program: Program, email: str, name: str) -> None:
    merchant = program.merchant
    mail_when_committed(
        Kind.INVITATIONS,
        to=email,
        subject=_("%(merchant)s invites you to %(program)s")
        % {"merchant": merchant.name, "program": program.name},
        template="affiliate_invitation",
        facts={
            "program": program,
            "merchant": merchant,
            "name": name,
            "url": join_url(program),
        },
    )
