"""The forms of a conversion's page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.fields import MoneyField


class DecisionForm(forms.Form):
    """Why a conversion is declined or held; members read it, affiliates do not."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For you and your colleagues."),
    )


class RefundForm(forms.Form):
    """What was given back to the buyer."""

    external_id = forms.CharField(
        label=_("Refund id"),
        max_length=200,
        help_text=_("As your shop names it; the same id counts once."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    field_order = ["amount", "external_id", "reason"]

    def __init__(self, *args: Any, currency: str, left_minor: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["amount"] = MoneyField(
            currency=currency,
            label=_("Amount in %(currency)s") % {"currency": currency},
            minor_min=1,
            initial=left_minor,
            help_text=_("Of what was paid. Commissions are taken back in proportion."),
        )
        self.order_fields(self.field_order)
