"""Tax forms, as people fill them in: built from what payouts/tax/forms.py declares."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from interfaces.portal.profile_forms import countries
from payouts.models import TaxFormKind
from payouts.tax.forms import FORMS, BadAnswers, clean_answers, questions_of
from payouts.tax.questions import Look, Question

QUIET = {"autocomplete": "off", "spellcheck": "false"}  # Browsers do not remember such numbers.
REMEMBERED = {
    "legal_name": "name",
    "street": "street-address",
    "town": "address-level2",
    "region": "address-level1",
    "postcode": "postal-code",
}


class CountryForm(forms.Form):
    """The first question: where somebody is at home, for tax."""

    country = forms.ChoiceField(
        label=_("Where do you pay tax?"),
        help_text=_("Where you live or, as a company, are seated."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["country"].choices = [("", "–"), *countries()]  # type: ignore[attr-defined]


class TaxForm(forms.Form):
    """One tax form with its signature; `details` are what is stored."""

    details: dict[str, Any]

    def __init__(
        self, *args: Any, kind: TaxFormKind, country: str, on: date, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.kind, self.country, self.on = kind, country, on
        for question in questions_of(kind):
            self.fields[question.name] = field_of(question)
        self.fields["signed_name"] = forms.CharField(
            label=_("Your name, as your signature"),
            max_length=120,
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
        )
        self.fields["is_true"] = forms.BooleanField(label=_("What I have stated here is true."))
        self.fields["is_electronic"] = forms.BooleanField(
            label=_(
                "I sign electronically, and agree to receive tax documents here instead of on"
                " paper. I may ask for paper at any time."
            )
        )

    def sections(self) -> Iterator[tuple[Any, list[BoundField]]]:
        """Yield each heading with its fields."""
        for section in FORMS[self.kind]:
            yield section.title, [self[question.name] for question in section.questions]

    def signature(self) -> list[BoundField]:
        """Return the fields of the signature."""
        return [self[name] for name in ("signed_name", "is_true", "is_electronic")]

    def clean(self) -> dict[str, Any]:
        """Take the answers if the form's declaration does."""
        said = super().clean() or self.cleaned_data
        answers = {
            question.name: _as_text(said.get(question.name)) for question in questions_of(self.kind)
        }
        try:
            self.details = clean_answers(self.kind, answers, country=self.country, on=self.on)
        except BadAnswers as error:
            for name, message in error.errors.items():
                if name not in self.errors:  # What is missing was said already.
                    self.add_error(name if name in self.fields else None, message)
        return said


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return str(value or "")


def field_of(question: Question) -> forms.Field:
    """Return the field of a question. Whether its answer is right, the declaration says."""
    shared: dict[str, Any] = {
        "label": question.label,
        "help_text": question.help,
        "required": question.is_required,
    }
    if question.look is Look.TICK:
        return forms.BooleanField(**shared)
    if question.look is Look.COUNTRY:
        return forms.ChoiceField(choices=[("", "–"), *countries()], **shared)
    if question.choices:
        return forms.ChoiceField(choices=question.choices, widget=forms.RadioSelect, **shared)
    if question.look is Look.DATE:
        dated = forms.TextInput(attrs={"type": "date", "autocomplete": "bday"})
        return forms.CharField(max_length=10, widget=dated, **shared)
    attrs = {"autocomplete": REMEMBERED.get(question.name, "off")}
    if question.look is Look.NUMBER or question.name == "vat_id":
        attrs |= QUIET
    return forms.CharField(max_length=120, widget=forms.TextInput(attrs=attrs), **shared)
