"""The forms of currency rates."""

from datetime import UTC
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.setup import currency_choices
from interfaces.console.forms.targeting import MomentField


class DecimalTextField(forms.CharField):
    """A rate, with a comma or a point; cleans to a Decimal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=24, **options)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        """Return the rate."""
        text = super().clean(value).replace(",", ".").strip()
        try:
            rate = Decimal(text)
        except InvalidOperation as error:
            raise ValidationError(_("Write a rate, as in 1.0842.")) from error
        if not rate.is_finite() or rate <= 0:
            raise ValidationError(_("A rate is more than zero."))
        return rate


class FxRateForm(forms.Form):
    """What one unit of a currency is worth in another, from a moment on."""

    base = forms.ChoiceField(label=_("One unit of"), choices=currency_choices)
    rate = DecimalTextField(label=_("Is worth"))
    quote = forms.ChoiceField(label=_("In"), choices=currency_choices)
    at = MomentField(label=_("From"), help_text=_("In UTC. Empty: from now on."))
    source = forms.CharField(
        label=_("Source"), max_length=80, help_text=_("Who says so, as in “ECB”.")
    )

    def clean(self) -> dict[str, Any]:
        """Read the moment in UTC; refuse a currency against itself."""
        said = super().clean() or {}
        if said.get("at"):
            said["at"] = said["at"].replace(tzinfo=UTC)
        if said.get("base") and said.get("base") == said.get("quote"):
            self.add_error("quote", _("Choose another currency than the first."))
        return said
