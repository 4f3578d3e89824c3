"""The forms of the profile and the payout method."""

import re
from collections.abc import Iterable
from typing import Any

from babel import Locale
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import to_locale

from affiliates.models import Type
from affiliates.profiles import Profile
from common.countries import country_codes
from interfaces.portal.text import language
from payouts.method_details import DETAILS, BadMethod, Detail, clean_details
from payouts.models import MethodKind


class PickMany(forms.CheckboxSelectMultiple):
    """Many to choose from: a box of ticks with a search."""

    template_name = "components/pick_many.html"


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
    type = forms.ChoiceField(label=_("What you are"), choices=Type.choices)
    about = forms.CharField(
        label=_("What you do"),
        max_length=2000,
        required=False,
        help_text=_("In a few sentences: what you write, film or sell, and how you promote."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    audience_countries = forms.MultipleChoiceField(
        label=_("Where your audience is"), required=False, widget=PickMany
    )
    audience_topics = forms.CharField(
        label=_("What your audience cares about"),
        max_length=600,
        required=False,
        help_text=_("Words with commas between them, as in: running, parents, cooking."),
    )

    def __init__(self, *args: Any, addresses: Iterable[str], **options: Any) -> None:
        topics = options["initial"]["audience_topics"]
        options["initial"] |= {"audience_topics": ", ".join(topics)}
        super().__init__(*args, **options)
        self.fields["audience_countries"].choices = countries()  # type: ignore[attr-defined]
        self.fields["email"].choices = [  # type: ignore[attr-defined]
            (address, address) for address in sorted(addresses)
        ]
        self.fields["country"].choices = [("", "–"), *countries()]  # type: ignore[attr-defined]

    @property
    def profile(self) -> Profile:
        """What was typed, for the domain."""
        said = self.cleaned_data
        return Profile(
            **said
            | {
                "audience_countries": tuple(said["audience_countries"]),
                "audience_topics": tuple(re.split(r"[,;\n]", said["audience_topics"])),
            }
        )


def countries() -> list[tuple[str, str]]:
    """Return the countries of ISO 3166 by name, in the language in force."""
    names = Locale.parse(to_locale(language())).territories
    found = [(code, names[code]) for code in country_codes() if code in names]
    return sorted(found, key=lambda pair: pair[1])


class MethodForm(forms.Form):
    """How the affiliate is paid, and what that way needs to know; the domain checks it."""

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

    details: dict[str, str]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = self.data.get("kind") if self.is_bound else None
        for kind in MethodKind:
            for detail in own_details(kind):
                is_required = detail.is_required and kind == chosen
                self.fields[field_name(kind, detail.name)] = _field(detail, is_required)

    def parts(self) -> dict[str, list[forms.BoundField]]:
        """Return what is asked for each kind, beside the holder, to be shown.

        Each kind shows what it needs, though only the chosen one is checked.
        """
        for kind in MethodKind:
            for detail in own_details(kind):
                self.fields[field_name(kind, detail.name)].required = detail.is_required
        return {
            kind.value: [self[field_name(kind, detail.name)] for detail in own_details(kind)]
            for kind in MethodKind
        }

    def clean(self) -> dict[str, Any]:
        """Take the details if they can be paid to."""
        said = super().clean() or self.cleaned_data
        if not self.errors:
            kind = self.chosen_kind
            details = {row.name: said[field_name(kind, row.name)] for row in own_details(kind)}
            try:
                self.details = clean_details(
                    kind=kind, details={"holder": said["holder"], **details}
                )
            except BadMethod as error:
                shared = error.field in self.fields
                self.add_error(error.field if shared else field_name(kind, error.field), str(error))
        return said

    @property
    def chosen_kind(self) -> MethodKind:
        """The chosen kind."""
        return MethodKind(self.cleaned_data["kind"])


def own_details(kind: MethodKind) -> list[Detail]:
    """Return what one kind asks beside the holder, whom all of them ask for."""
    return [detail for detail in DETAILS[kind] if detail.name != "holder"]


def field_name(kind: MethodKind, name: str) -> str:
    """Return how the form calls a detail: kinds use the same words for different things."""
    return f"{kind.lower()}-{name}"


def _field(detail: Detail, is_required: bool) -> forms.Field:
    if detail.choices is not None:
        field: forms.Field = forms.ChoiceField(
            choices=detail.choices.choices, initial=detail.default
        )
    elif detail.name == "country":
        field = forms.ChoiceField(choices=[("", "–"), *countries()])
    elif detail.name == "instructions":
        field = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))
    else:
        widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
        field = forms.CharField(max_length=254, widget=widget)
    field.label, field.help_text = str(detail.label), str(detail.help)
    field.required = is_required
    return field
