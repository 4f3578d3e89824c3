"""The policy register of a program, and what affiliates say stands in their way."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from affiliates.friction import answer_friction, reports_of_program
from affiliates.models import PolicyWaiver
from affiliates.waivers import end_waiver, grant_waiver, waivers_of_program
from common.refusals import BadValue
from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.pages import (
    AnswerForm,
    PolicyForm,
    ReviewedForm,
    WaiverForm,
    policy_initial,
)
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, refusal_told
from interfaces.console.program_blocks import show_part
from interfaces.console.programs import get_program, show_tab
from merchants.rights import Right
from programs.models import Policy, Program
from programs.services.policies import (
    add_policy,
    archive_policy,
    find_policy,
    policies_of,
    review_policy,
    update_policy,
)

REVIEW_AFTER = timedelta(days=180)
WAIVED_FOR = timedelta(days=90)
REPORTS_SHOWN = 100


@reads
def program_policies(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List the policies, those due first, and what affiliates report of them."""
    program = get_program(request, program_id)
    today = request.at.date()
    waivers = list(waivers_of_program(program.id, on=today))
    context = {
        "rows": [
            {
                "policy": row,
                "is_due": row.review_on <= today,
                "waivers": [waiver for waiver in waivers if waiver.policy_id == row.id],
            }
            for row in policies_of(program)
        ],
        "next_review": today + REVIEW_AFTER,
        "reports": list(reports_of_program(program.id)[:REPORTS_SHOWN]),
    }
    return show_tab(request, program, "program-policies", context)


@edits(Right.EDIT_PROGRAMS)
def policy_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Enter a policy."""
    program = get_program(request, program_id)
    initial = {"owner": str(request.member.id), "review_on": request.at.date() + REVIEW_AFTER}
    form = PolicyForm(request.POST or None, program=program, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            add_policy(program=program, draft=form.draft, by=request.actor, at=request.at)
            messages.success(request, _("Saved. Affiliates read it in their portal."))
            return redirect("console:program-policies", program.id)
    return _show_form(request, program, form, _("New policy"))


@edits(Right.EDIT_PROGRAMS)
def policy_edit(request: ConsoleRequest, program_id: UUID, policy_id: UUID) -> HttpResponse:
    """Change a policy."""
    program = get_program(request, program_id)
    policy = _get_policy(program, policy_id)
    form = PolicyForm(request.POST or None, program=program, initial=policy_initial(policy))
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            update_policy(policy=policy, draft=form.draft, by=request.actor, at=request.at)
            messages.success(request, _("Saved."))
            return redirect("console:program-policies", program.id)
    return _show_form(request, program, form, policy.title)


def _show_form(
    request: ConsoleRequest, program: Program, form: PolicyForm, title: str
) -> HttpResponse:
    label = _("Policies")
    return show_part(
        request, program, form=form, title=title, back="program-policies", back_label=label
    )


def _get_policy(program: Program, policy_id: UUID) -> Policy:
    policy = find_policy(program, policy_id)
    if policy is None:
        raise Http404
    return policy


@acts(Right.EDIT_PROGRAMS)
def policy_reviewed(request: ConsoleRequest, program_id: UUID, policy_id: UUID) -> HttpResponse:
    """Note that somebody looked at a policy, and when it is due again."""
    program = get_program(request, program_id)
    policy = _get_policy(program, policy_id)
    form = ReviewedForm(request.POST)
    review_on = request.at.date() + REVIEW_AFTER
    if form.is_valid():
        review_on = form.cleaned_data["review_on"]
    try:
        review_policy(policy=policy, review_on=review_on, by=request.actor, at=request.at)
        messages.success(request, _("Noted."))
    except BadValue as error:
        messages.error(request, str(error))
    return redirect("console:program-policies", program.id)


@acts(Right.EDIT_PROGRAMS)
def policy_archive(request: ConsoleRequest, program_id: UUID, policy_id: UUID) -> HttpResponse:
    """Let a policy hold no more."""
    program = get_program(request, program_id)
    archive_policy(policy=_get_policy(program, policy_id), by=request.actor, at=request.at)
    messages.success(request, _("The policy holds no more."))
    return redirect("console:program-policies", program.id)


@edits(Right.EDIT_PROGRAMS)
def waiver_grant(request: ConsoleRequest, program_id: UUID, policy_id: UUID) -> HttpResponse:
    """Let a policy not hold for one affiliate until a day."""
    program = get_program(request, program_id)
    policy = _get_policy(program, policy_id)
    initial = {
        "affiliate": request.GET.get("affiliate", ""),
        "last_on": request.at.date() + WAIVED_FOR,
    }
    form = WaiverForm(request.POST or None, program=program, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            grant_waiver(
                policy=policy,
                enrollment=form.cleaned_data["affiliate"],
                reason=form.cleaned_data["reason"],
                last_on=form.cleaned_data["last_on"],
                by=request.member,
                at=request.at,
            )
            messages.success(request, _("Granted. The affiliate reads it in the portal."))
            return redirect("console:program-policies", program.id)
    return show_part(
        request,
        program,
        form=form,
        title=_("Exception from “%(policy)s”") % {"policy": policy.title},
        back="program-policies",
        back_label=_("Policies"),
        template="console/programs/waiver.html",
    )


@acts(Right.EDIT_PROGRAMS)
def waiver_end(request: ConsoleRequest, program_id: UUID, waiver_id: UUID) -> HttpResponse:
    """Let a policy hold again for an affiliate, from now on."""
    program = get_program(request, program_id)
    waiver = _get_waiver(program, waiver_id)
    end_waiver(waiver=waiver, by=request.member, at=request.at)
    messages.success(request, _("The policy holds for them again."))
    return redirect("console:program-policies", program.id)


def _get_waiver(program: Program, waiver_id: UUID) -> PolicyWaiver:
    rows = PolicyWaiver.objects.filter(merchant_id=program.merchant_id, policy__program=program)
    found = rows.select_related("policy").filter(id=waiver_id).first()
    if found is None:
        raise Http404
    return found


@acts(Right.EDIT_PROGRAMS)
def friction_answer(request: ConsoleRequest, program_id: UUID, report_id: UUID) -> HttpResponse:
    """Answer what an affiliate reported."""
    program = get_program(request, program_id)
    report = reports_of_program(program.id).filter(id=report_id).first()
    if report is None:
        raise Http404
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write an answer of 1,000 characters at the most."))
        return redirect("console:program-policies", program.id)
    answer = form.cleaned_data["answer"]
    with refusal_told(request):
        answer_friction(report=report, answer=answer, member=request.member, at=request.at)
        messages.success(request, _("Answered. The affiliate reads it in the portal."))
    return redirect("console:program-policies", program.id)
