"""The form by which an affiliate registers a deal."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliates.models import Enrollment
from channel.deals import DealDraft
from common.money import BadAmount, parse_major


class DealForm(forms.Form):
    """A company that the affiliate is about to sell to."""

    program = forms.ChoiceField(label=gettext_lazy("Program"))
    company = forms.CharField(label=gettext_lazy("Company"), max_length=120)
    domain = forms.CharField(
        label=gettext_lazy("Domain"),
        max_length=253,
        help_text=gettext_lazy("The company's own: company.example. It tells companies apart."),
    )
    contact_name = forms.CharField(
        label=gettext_lazy("Whom you talk to"), max_length=120, required=False
    )
    contact_email = forms.EmailField(
        label=gettext_lazy("Their e-mail address"), max_length=254, required=False
    )
    value = forms.CharField(
        label=gettext_lazy("What it may be worth"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=gettext_lazy("In the program's currency."),
    )
    expected_on = forms.DateField(
        label=gettext_lazy("When you expect a yes"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("How far you are. The merchant reads it."),
    )

    def __init__(self, *args: Any, enrollments: Sequence[Enrollment], **options: Any) -> None:
        super().__init__(*args, **options)
        self.enrollments = {str(row.id): row for row in enrollments}
        field = self.fields["program"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (id, f"{row.program.name} ({row.program.merchant.name})")
            for id, row in self.enrollments.items()
        ]

    def clean(self) -> dict[str, Any]:
        """Read the value in the currency of the program that was chosen."""
        said = super().clean() or self.cleaned_data
        chosen = self.enrollments.get(said.get("program", ""))
        if chosen is not None and said.get("value"):
            try:
                said["value"] = parse_major(said["value"], currency=chosen.program.currency)
            except BadAmount:
                self.add_error("value", _("Write an amount, as in 12500.00."))
        return said

    @property
    def chosen(self) -> Enrollment:
        """The enrollment of a valid form."""
        return self.enrollments[self.cleaned_data["program"]]

    @property
    def draft(self) -> DealDraft:
        """What a valid form says."""
        said = dict(self.cleaned_data)
        said.pop("program")
        return DealDraft(value_minor=said.pop("value") or None, **said)
