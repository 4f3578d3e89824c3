"""What is done to many affiliates at once: asked with counts first, then watched on a page."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliates.care.jobs import (
    Plan,
    cancel_job,
    job_of,
    plan_job,
    problems_of,
    start_job,
)
from affiliates.models import BulkAction, BulkJob, BulkStatus, Enrollment
from affiliates.selectors import enrollments_of
from common.refusals import BadValue
from interfaces.console.access import acts, reads
from interfaces.console.affiliate_lists import EnrollmentFilter
from interfaces.console.forms.bulk import ErrandForm
from interfaces.console.pages import ConsoleRequest, show_page
from merchants.rights import Right
from programs.selectors import programs_of

PROBLEMS_SHOWN = 100
DANGEROUS = (BulkAction.REJECT, BulkAction.SUSPEND)
CONSEQUENCES: dict[BulkAction, Promise] = {
    BulkAction.APPROVE: gettext_lazy("They are in, each with a first link."),
    BulkAction.REJECT: gettext_lazy("They read the reason. They may apply again."),
    BulkAction.SUSPEND: gettext_lazy(
        "Their links lead on but earn nothing, and nothing is paid out until you reinstate them."
    ),
    BulkAction.REINSTATE: gettext_lazy("Their links earn again, and payouts include them."),
    BulkAction.TAG: gettext_lazy("Affiliates see no tags."),
    BulkAction.UNTAG: gettext_lazy("Affiliates see no tags."),
    BulkAction.MOVE_TIER: gettext_lazy("They earn by the tier's rates from what is decided next."),
    BulkAction.ASSIGN_OWNER: gettext_lazy("Affiliates do not see who looks after them."),
    BulkAction.GIVE_CODE: gettext_lazy(
        "Each sees their code in the portal at once. Bring the codes into your shop: you find them"
        " under Coupons, as CSV too."
    ),
}


def bulk_actions() -> list[dict[str, Any]]:
    """Return the buttons that are shown while rows are selected."""
    shown = (
        BulkAction.APPROVE,
        BulkAction.TAG,
        BulkAction.UNTAG,
        BulkAction.MOVE_TIER,
        BulkAction.GIVE_CODE,
        BulkAction.ASSIGN_OWNER,
        BulkAction.REINSTATE,
        BulkAction.REJECT,
        BulkAction.SUSPEND,
    )
    kinds = {BulkAction.APPROVE: "primary"} | dict.fromkeys(DANGEROUS, "danger")
    return [
        {"label": action.label, "value": action.value, "kind": kinds.get(action, "")}
        for action in shown
    ]


@acts(Right.REVIEW_AFFILIATES)
def affiliates_bulk(request: ConsoleRequest) -> HttpResponse:
    """Ask with counts first, then begin a job.

    What the person confirms is what they saw: when the rows, or what is asked for, changed
    meanwhile, they are asked again.
    """
    if request.POST.get("action") not in BulkAction.values:
        raise Http404
    action, rows = BulkAction(request.POST["action"]), _chosen(request)
    said = request.POST if "seen" in request.POST else None
    form = ErrandForm(said, action=action, merchant=request.merchant)
    if form.fields and not form.is_valid():
        return _ask(request, form, rows)
    if not form.fields:
        form = ErrandForm(request.POST, action=action, merchant=request.merchant)
        form.is_valid()
    plan = plan_job(rows, form.errand(is_agreed=False))
    if request.POST.get("seen") != _seen(form, plan):
        return _ask(request, form, rows, plan)
    try:
        job = start_job(
            member=request.member,
            rows=rows,
            errand=form.errand(is_agreed=True),
            query=request.GET.urlencode(),
            expected=plan.seen,
            at=request.at,
        )
    except BadValue as error:
        messages.error(request, str(error))
        return redirect(_back(request))
    return redirect("console:bulk-job", job.id)


def _chosen(request: ConsoleRequest) -> QuerySet[Enrollment]:
    rows = enrollments_of(request.merchant.id)
    if request.POST.get("all"):
        programs = programs_of(request.merchant.id)
        found: QuerySet[Enrollment] = EnrollmentFilter(
            request.GET, rows, programs=programs, merchant_id=request.merchant.id
        ).rows
        return found
    try:
        return rows.filter(id__in=[UUID(text) for text in request.POST.getlist("selected")])
    except ValueError as error:
        raise Http404 from error


def _seen(form: ErrandForm, plan: Plan) -> str:
    asked = " ".join(str(form.cleaned_data[name]) for name in form.fields)
    return f"{plan.seen} {asked}"


def _back(request: ConsoleRequest) -> str:
    return f"{reverse('console:affiliates')}?{request.GET.urlencode()}"


def _ask(
    request: ConsoleRequest,
    form: ErrandForm,
    rows: QuerySet[Enrollment],
    plan: Plan | None = None,
) -> HttpResponse:
    context = {
        "action": form.action,
        "form": form,
        "chosen": rows.order_by().count() if plan is None else plan.applies + plan.skipped_count,
        "plan": plan,
        "seen": _seen(form, plan) if plan else "",
        "consequence": CONSEQUENCES[form.action],
        "is_dangerous": form.action in DANGEROUS,
        "selected": [] if request.POST.get("all") else request.POST.getlist("selected"),
        "all": request.POST.get("all", ""),
        "back": _back(request),
    }
    status = 422 if form.errors else 200
    template = "console/affiliates/bulk.html"
    return show_page(request, template, context, nav="affiliates", status=status)


def _get_job(request: ConsoleRequest, job_id: UUID) -> BulkJob:
    found = job_of(merchant_id=request.merchant.id, job_id=job_id)
    if found is None:
        raise Http404
    return found


def _progress(job: BulkJob) -> dict[str, Any]:
    return {
        "job": job,
        "is_running": job.status == BulkStatus.RUNNING,
        "behind": job.done + job.skipped,
    }


@reads
def bulk_job(request: ConsoleRequest, job_id: UUID) -> HttpResponse:
    """Show how far a job is, and whom it could not take."""
    job = _get_job(request, job_id)
    context = _progress(job) | {
        "problems": problems_of(job, limit=PROBLEMS_SHOWN),
        "back": f"{reverse('console:affiliates')}?{job.query}",
    }
    return show_page(request, "console/affiliates/job.html", context, nav="affiliates")


@reads
def bulk_job_progress(request: ConsoleRequest, job_id: UUID) -> HttpResponse:
    """Say how far it is: what the page asks again until it is done."""
    context = _progress(_get_job(request, job_id))
    answer = render(request, "console/affiliates/progress.html", context)
    if not context["is_running"]:
        answer.headers["HX-Refresh"] = "true"
    return answer


@acts(Right.REVIEW_AFFILIATES)
def bulk_job_cancel(request: ConsoleRequest, job_id: UUID) -> HttpResponse:
    """Stop a job where it is."""
    job = _get_job(request, job_id)
    if cancel_job(member=request.member, job=job, at=request.at):
        messages.success(request, _("Stopped. What was done before stays."))
    else:
        messages.info(request, _("It had ended already."))
    return redirect("console:bulk-job", job.id)
