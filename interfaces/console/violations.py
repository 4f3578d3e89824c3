"""Violations of affiliates: filed with their consequence, and how they ended."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliates.models import Enrollment, Severity, Violation
from affiliates.selectors import enrollments_of
from commissions.services.violations import file_violation, resolve_violation
from common.refusals import BadValue
from interfaces.console.access import acts, edits
from interfaces.console.mails import mail_when_committed
from interfaces.console.pages import ConsoleRequest, show_page
from mailing.kinds import Kind
from merchants.rights import Right

MONEY = (Severity.HOLD, Severity.CLAW_BACK)


class ViolationForm(forms.Form):
    """What was done, what proves it, and what follows; `may_touch_money` offers all of that."""

    severity = forms.ChoiceField(
        label=gettext_lazy("What follows"),
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "A hold stops what is earned and not payable yet; taking back declines what is not"
            " paid. The affiliate gets a mail in each case."
        ),
    )
    rule = forms.CharField(
        label=gettext_lazy("Rule that was broken"),
        max_length=300,
        help_text=gettext_lazy("The affiliate reads it."),
    )
    evidence = forms.CharField(
        label=gettext_lazy("Evidence"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "Addresses, days, what was seen. For your own people: the affiliate does not see it."
        ),
    )

    def __init__(self, *args: object, may_touch_money: bool, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        field = self.fields["severity"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (severity.value, severity.label)
            for severity in Severity
            if may_touch_money or severity not in MONEY
        ]


class ResolutionForm(forms.Form):
    """How a violation ended."""

    resolution = forms.CharField(label=gettext_lazy("How it ended"), max_length=500)


def _enrollment(request: ConsoleRequest, enrollment_id: UUID) -> Enrollment:
    found = enrollments_of(request.merchant.id).filter(id=enrollment_id).first()
    if found is None:
        raise Http404
    return found


@edits(Right.REVIEW_AFFILIATES)
def violation_file(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """File a violation; its consequence follows at once."""
    enrollment = _enrollment(request, enrollment_id)
    may_touch_money = request.member.may(Right.REVIEW_COMMISSIONS)
    form = ViolationForm(request.POST or None, may_touch_money=may_touch_money)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        severity = Severity(said.pop("severity"))
        filed = file_violation(
            member=request.member, enrollment=enrollment, severity=severity, at=request.at, **said
        )
        _mail(enrollment, filed.violation)
        messages.success(
            request,
            _("Filed; commissions concerned: %(count)s.") % {"count": filed.lines}
            if severity in MONEY
            else _("Filed. The affiliate gets a mail."),
        )
        return redirect(_card(enrollment))
    context = {"enrollment": enrollment, "form": form}
    status = 422 if form.errors else 200
    template = "console/affiliates/violation.html"
    return show_page(request, template, context, nav="affiliates", status=status)


@acts(Right.REVIEW_AFFILIATES)
def violation_resolve(
    request: ConsoleRequest, enrollment_id: UUID, violation_id: UUID
) -> HttpResponse:
    """Say how a violation ended."""
    enrollment = _enrollment(request, enrollment_id)
    rows = Violation.objects.filter(merchant_id=request.merchant.id, enrollment=enrollment)
    violation = rows.filter(id=violation_id).first()
    if violation is None:
        raise Http404
    try:
        resolve_violation(
            member=request.member,
            violation=violation,
            resolution=request.POST.get("resolution", ""),
            at=request.at,
        )
    except BadValue:
        messages.error(request, _("Say how it ended, in up to 500 characters."))
    return redirect(_card(enrollment))


def _card(enrollment: Enrollment) -> str:
    return f"{reverse('console:affiliate', args=[enrollment.id])}#violations"


def _mail(enrollment: Enrollment, violation: Violation) -> None:
    merchant = enrollment.program.merchant
    mail_when_committed(
        Kind.VIOLATIONS,
        to=enrollment.affiliate.email,
        subject=_("%(merchant)s: a rule of %(program)s was broken")
        % {"merchant": merchant.name, "program": enrollment.program.name},
        template="violation",
        facts={
            "merchant": merchant,
            "program": enrollment.program,
            "name": enrollment.affiliate.name,
            "violation": violation,
        },
    )
