"""What people do with an affiliate's money by hand: a line with its reason, a debt written off."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from commissions.services.manual import add_line
from commissions.services.write_offs import NoDebt, write_off
from common.refusals import BadValue
from interfaces.console.access import acts
from interfaces.console.affiliates import get_enrollment
from interfaces.console.forms.by_hand import LineForm, WriteOffForm
from interfaces.console.pages import ConsoleRequest
from interfaces.console.wording import money
from merchants.rights import Right


@acts(Right.REVIEW_COMMISSIONS)
def line_create(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Write a bonus or a correction."""
    enrollment = get_enrollment(request, enrollment_id)
    form = LineForm(request.POST, currency=enrollment.program.currency)
    if not form.is_valid():
        return _refused(request, enrollment, form)
    try:
        line = add_line(enrollment=enrollment, **form.cleaned_data, by=request.actor, at=request.at)
    except BadValue as error:
        messages.error(request, str(error))
    else:
        said = {"amount": money(line.amount_minor, line.currency), "name": enrollment.affiliate}
        messages.success(request, _("%(amount)s for %(name)s, approved.") % said)
    return redirect("console:affiliate", enrollment.id)


@acts(Right.PREPARE_PAYOUTS)
def debt_write_off(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Write off what an affiliate owes."""
    enrollment = get_enrollment(request, enrollment_id)
    form = WriteOffForm(request.POST)
    if not form.is_valid():
        return _refused(request, enrollment, form)
    try:
        line = write_off(
            enrollment=enrollment, **form.cleaned_data, by=request.actor, at=request.at
        )
    except NoDebt:
        messages.error(request, _("Nothing was written off: there is no debt any more."))
    except BadValue as error:
        messages.error(request, str(error))
    else:
        said = {"amount": money(line.amount_minor, line.currency), "name": enrollment.affiliate}
        messages.success(request, _("Written off: %(amount)s of %(name)s.") % said)
    return redirect("console:affiliate", enrollment.id)


def _refused(request: ConsoleRequest, enrollment: Enrollment, form: forms.Form) -> HttpResponse:
    for errors in form.errors.values():
        messages.error(request, " ".join(str(error) for error in errors))
    return redirect("console:affiliate", enrollment.id)
