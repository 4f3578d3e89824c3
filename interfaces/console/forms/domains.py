"""The forms of tracking domains and of staff networks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.setup import WebAddressField
from merchants.models import Purpose

FALLBACK_HELP = _("Where visitors with an unknown code go. Empty: a plain “not found” page.")


class DomainForm(forms.Form):
    """A host name to track by."""

    host = forms.CharField(
        label=_("Host name"),
        max_length=253,
        help_text=_("A name below your own domain that nothing else uses, as in go.shop.example."),
        widget=forms.TextInput(
            attrs={
                "placeholder": "go.shop.example",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )
    purpose = forms.ChoiceField(
        label=_("What it is for"),
        choices=Purpose.choices,
        initial=Purpose.TRACKING,
        required=False,  # Without a choice, for links.
        widget=forms.RadioSelect,
        help_text=_("Affiliates' links begin with it; or your affiliates sign in there."),
    )
    fallback_url = WebAddressField(
        label=_("Fallback page"), max_length=2000, required=False, help_text=FALLBACK_HELP
    )


class DomainFallbackForm(forms.Form):
    """Where a domain sends those whom no link is for."""

    fallback_url = WebAddressField(
        label=_("Fallback page"), max_length=2000, required=False, help_text=FALLBACK_HELP
    )


class LinesField(forms.CharField):
    """Short texts, one per line; cleans to a list."""

    def __init__(self, *, placeholder: str, rows: int = 3, **options: Any) -> None:
        attrs = {"rows": rows, "placeholder": placeholder, "spellcheck": "false"}
        super().__init__(widget=forms.Textarea(attrs=attrs), required=False, **options)

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return what is apart by space, comma or line."""
        return list(dict.fromkeys(super().clean(value).replace(",", " ").split()))


class StaffNetworksForm(forms.Form):
    """Where the merchant's own people sit."""

    staff_networks = LinesField(
        label=_("Networks"),
        placeholder="203.0.113.0/24\n2001:db8::/48",
        rows=5,
        help_text=_("Addresses or networks (CIDR) of your offices and VPN, one per line."),
    )
