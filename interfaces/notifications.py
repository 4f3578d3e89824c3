"""What people hear of: the form that both sides show, and the page behind a mail's link."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from mailing.choices import BadToken, choices_now, read_token, switch_off
from mailing.kinds import CATALOGUE, Kind, When
from mailing.readers import Reader, Standing


class ChoicesForm(forms.Form):
    """When somebody hears of each kind that they may choose about."""

    def __init__(self, data: Any, *, reader: Reader, standing: Standing) -> None:
        super().__init__(data)
        for kind, when in choices_now(reader, standing).items():
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label, choices=When.choices, initial=when.value
            )

    @property
    def wanted(self) -> dict[Kind, When]:
        """Return what was chosen, once that is valid."""
        return {Kind(kind): When(when) for kind, when in self.cleaned_data.items()}


def always_told(standing: Standing) -> list[dict[str, Any]]:
    """Return the kinds that cannot be switched off, with why."""
    return [
        {"label": kind.label, "because": CATALOGUE[kind].because}
        for kind in standing.kinds
        if CATALOGUE[kind].because
    ]


# A mail program posts here by itself (RFC 8058), without a cookie; the token is what counts.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest) -> HttpResponse:
    """Ask, and switch off what the link names; opening it alone does nothing, as scanners do."""
    try:
        reader, kind = read_token(request.GET.get("token", ""))
        if request.method == "POST":
            switch_off(reader, kind)
    except BadToken as error:
        raise Http404 from error
    context = {
        "label": kind.label if kind else _("The daily mail"),
        "page": "console:notifications" if reader.merchant_id else "portal:notifications",
        "is_done": request.method == "POST",
    }
    response = render(request, "mailing/unsubscribe.html", context)
    response["Referrer-Policy"] = "no-referrer"  # The address is the key.
    return response
