"""The forms that answer a deal, and a program's terms for deals."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class DealReasonForm(forms.Form):
    """Why not."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The affiliate reads it word for word. Name nobody else."),
    )


class DealWonForm(forms.Form):
    """Which customer a deal became."""

    customer = forms.CharField(
        label=_("Customer's id"),
        max_length=200,
        help_text=_("As you report it with conversions. The customer is theirs from now on."),
    )


class DealTermsForm(forms.Form):
    """Whether a program takes deals, and how it protects them."""

    is_open = forms.BooleanField(label=_("Affiliates may register deals"), required=False)
    protect_days = forms.IntegerField(
        label=_("Days of exclusivity"),
        help_text=_("From the day of your approval: nobody else gets the company meanwhile."),
    )
    extend_days = forms.IntegerField(label=_("Days of an extension"))
    extensions_max = forms.IntegerField(label=_("Extensions at the most"))

    @property
    def days(self) -> dict[str, int]:
        """Return the numbers of a valid form."""
        said: dict[str, Any] = dict(self.cleaned_data)
        del said["is_open"]
        return said
