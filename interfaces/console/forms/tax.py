"""The forms of tax: in whose name papers are issued, what is asked of affiliates, what is wrong."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.audience import country_choices
from interfaces.console.forms.fields import PercentField
from payouts.models import MerchantTax, PayoutPolicy


class PayerForm(forms.Form):
    """In whose name papers are issued."""

    legal_name = forms.CharField(label=_("Legal name"), max_length=120)
    street = forms.CharField(label=_("Street"), max_length=120)
    postcode = forms.CharField(label=_("Postcode"), max_length=20, required=False)
    town = forms.CharField(label=_("Town"), max_length=80)
    country = forms.ChoiceField(
        label=_("Country"),
        help_text=_("Which tax forms affiliates give, and where VAT is due, follows from it."),
    )
    vat_id = forms.CharField(label=_("VAT id"), max_length=20, required=False)
    tax_id = forms.CharField(label=_("Tax number"), max_length=30, required=False)
    vat_bps = PercentField(
        label=_("VAT rate at home"),
        required=False,
        bps_min=0,
        help_text=_("What businesses in your own country charge you on services, as in 19%."),
    )
    invoice_prefix = forms.CharField(
        label=_("Invoice numbers begin with"),
        max_length=12,
        required=False,
        help_text=_("Each affiliate has a series of its own: ACME-K7Q2MXAB-0001."),
    )

    def __init__(self, *args: Any, own: MerchantTax | None = None, **options: Any) -> None:
        initial = {name: getattr(own, name) for name in self.base_fields} if own else {}
        super().__init__(*args, **{"initial": initial, **options})
        self.fields["country"].choices = [("", "–"), *country_choices()]  # type: ignore[attr-defined]


class TaxPolicyForm(forms.Form):
    """What is asked of affiliates before they are paid."""

    requires_tax_form = forms.BooleanField(
        label=_("No tax form, no payout"),
        required=False,
        help_text=_(
            "Who gave no valid form is left out of batches; what they earned carries over."
        ),
    )
    withholding_bps = PercentField(
        label=_("Withhold without a form"),
        required=False,
        bps_min=0,
        help_text=_("Of those who are paid without a valid form: 24% in the United States."),
    )
    issues_invoices = forms.BooleanField(
        label=_("Write self-billing invoices for businesses"),
        required=False,
        help_text=_("Businesses outside the United States agree to it first, in the portal."),
    )
    adds_vat = forms.BooleanField(
        label=_("VAT comes on top of commissions"),
        required=False,
        help_text=_("Otherwise commissions contain it."),
    )

    def __init__(self, *args: Any, policy: PayoutPolicy, **options: Any) -> None:
        initial = {name: getattr(policy, name) for name in self.base_fields}
        super().__init__(*args, **{"initial": initial, **options})


class FaultForm(forms.Form):
    """What a tax office says against a form."""

    reason = forms.CharField(
        label=_("What the office said"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The affiliate reads it."),
    )
