"""The forms that answer a claim."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commissions.models import Claim
from interfaces.console.forms.fields import MoneyField

ANSWER_MAX = 1_000


class CreditForm(forms.Form):
    """What the order was worth, if nobody has reported it; and a word to the affiliate."""

    answer = forms.CharField(
        label=_("Message to the affiliate"),
        max_length=ANSWER_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("They read it with the answer. May be left empty."),
    )

    def __init__(self, *args: Any, claim: Claim, is_known: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not is_known:
            self.fields["amount"] = MoneyField(
                currency=claim.currency,
                label=_("Amount of the order in %(currency)s") % {"currency": claim.currency},
                initial=claim.amount_minor,
                help_text=_("As in your shop: it is recorded as a conversion of that day."),
            )
            self.order_fields(["amount", "answer"])


class RefusalForm(forms.Form):
    """Why not."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=ANSWER_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The affiliate reads it word for word. Write what they can check."),
    )
