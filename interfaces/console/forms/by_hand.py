"""The forms of what is done with an affiliate's money by hand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.money import MINOR_MAX
from interfaces.console.forms.affiliates import ReasonForm
from interfaces.console.forms.fields import MoneyField


class LineForm(ReasonForm):
    """A bonus, or with a minus a correction."""

    field_order = ("amount_minor", "reason")

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["amount_minor"] = MoneyField(
            label=_("Amount (%(currency)s)") % {"currency": currency},
            currency=currency,
            minor_min=-MINOR_MAX,
            help_text=_("With a minus it takes away."),
        )
        self.order_fields(self.field_order)


class WriteOffForm(ReasonForm):
    """Why a debt is given up."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
