"""The forms of the profile and the payout method."""

from collections.abc import Iterable
from typing import Any

from babel import Locale
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import to_locale

from interfaces.portal.text import language
from payouts.methods import BadMethod, clean_details
from payouts.models import MethodKind


class ProfileForm(forms.Form):
    """What merchants see of an affiliate. Mail only goes to addresses that were verified."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("Yours or your company's, as merchants see it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.ChoiceField(
        label=_("Contact e-mail"),
        help_text=_("One of your verified addresses; add more under “Account”."),
    )
    website = forms.URLField(
        label=_("Website"), max_length=500, required=False, assume_scheme="https"
    )
    country = forms.ChoiceField(label=_("Country"), required=False)

    def __init__(self, *args: Any, addresses: Iterable[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].choices = [  # type: ignore[attr-defined]
            (address, address) for address in sorted(addresses)
        ]
        self.fields["country"].choices = [("", "–"), *countries()]  # type: ignore[attr-defined]


def countries() -> list[tuple[str, str]]:
    """Return the countries of ISO 3166 by name, in the language in force."""
    names = Locale.parse(to_locale(language())).territories
    found = [
        (code, name)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES
    ]
    return sorted(found, key=lambda pair: pair[1])


# What CLDR names beside the countries: unions, unknown, pseudo-locales, reserved for islands.
NO_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())


class MethodForm(forms.Form):
    """A bank account or a PayPal account; the domain checks it."""

    kind = forms.ChoiceField(
        label=_("How you are paid"),
        choices=MethodKind.choices,
        initial=MethodKind.BANK,
        widget=forms.RadioSelect,
    )
    holder = forms.CharField(
        label=_("Account holder"),
        max_length=120,
        help_text=_("The name that the account is in."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    iban = forms.CharField(
        label=_("IBAN"),
        max_length=50,
        help_text=_("Spaces do not matter. We check it before we save it."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    email = forms.CharField(
        label=_("PayPal e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    details: dict[str, str]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.is_bound:  # Of IBAN and address only the one that is paid to must be there.
            by_paypal = self.data.get("kind") == MethodKind.PAYPAL
            self.fields["iban" if by_paypal else "email"].required = False

    def clean(self) -> dict[str, Any]:
        """Take the details if they can be paid to."""
        said = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.details = clean_details(
                    kind=self.chosen_kind,
                    holder=said["holder"],
                    iban=said.get("iban", ""),
                    email=said.get("email", ""),
                )
            except BadMethod as error:
                self.add_error(error.field, str(error))
        return said

    @property
    def chosen_kind(self) -> MethodKind:
        """The chosen kind."""
        return MethodKind(self.cleaned_data["kind"])
