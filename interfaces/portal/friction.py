"""An affiliate says which policy stands in the way."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from affiliates.friction import report_friction
from common.refusals import BadValue
from interfaces.portal.door import Visit, affiliate_page
from programs.models import Policy
from programs.services.policies import policies_in_force


class FrictionForm(forms.Form):
    """A policy, and what it stands in the way of."""

    policy = forms.ChoiceField(label=gettext_lazy("Which rule"))
    body = forms.CharField(
        label=gettext_lazy("What is in the way"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What you want to do, and how the rule keeps you from it."),
    )

    def __init__(self, *args: Any, policies: list[Policy], **options: Any) -> None:
        super().__init__(*args, **options)
        self.policies = {str(policy.id): policy for policy in policies}
        field = self.fields["policy"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(id, policy.title) for id, policy in self.policies.items()]


@require_http_methods(["GET", "HEAD", "POST"])
@affiliate_page
def friction_report(visit: Visit, enrollment_id: UUID) -> HttpResponse:
    """Tell the merchant that a policy is in the way."""
    enrollment = visit.enrollment(enrollment_id)
    policies = policies_in_force(enrollment.program)
    if not enrollment.is_active or not policies:
        raise Http404
    form = FrictionForm(visit.request.POST or None, policies=policies)
    if visit.request.method == "POST" and form.is_valid():
        try:
            report_friction(
                enrollment=enrollment,
                policy=form.policies[form.cleaned_data["policy"]],
                body=form.cleaned_data["body"],
                by=visit.user,
                at=visit.at,
            )
        except BadValue as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(visit.request, _("The merchant reads it and answers here."))
            return redirect("portal:program", enrollment.id)
    context = {"form": form, "enrollment": enrollment, "program": enrollment.program}
    status = 422 if form.errors else 200
    return visit.show("portal/friction.html", context, nav="programs", status=status)
