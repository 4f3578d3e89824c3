"""The forms of partnerships that only the merchant fills: goals, reviews and their rhythm."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from interfaces.console.forms.fields import MoneyField
from interfaces.partnerships.forms import day_field
from partnerships.goals import IN_MONEY, GoalDraft
from partnerships.models import GoalMetric


class GoalForm(forms.Form):
    """What both want to reach."""

    title = forms.CharField(label=gettext_lazy("What is to be reached"), max_length=120)
    metric = forms.ChoiceField(label=gettext_lazy("What counts"), choices=GoalMetric.choices)
    starts_on = day_field(gettext_lazy("From"))
    due_on = day_field(gettext_lazy("Until"))
    checkpoints = forms.CharField(
        label=gettext_lazy("Checkpoints"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "One per line: a day and how much by then, as 2027-01-31 500. Left empty, there is one"
            " at the end of each month, on a straight way to the goal."
        ),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.currency = currency
        self.fields["amount"] = forms.CharField(
            label=_("How much"),
            max_length=20,
            help_text=_("A number; of revenue and commission, an amount in %(currency)s.")
            % {"currency": currency},
        )
        self.order_fields(["title", "metric", "amount", "starts_on", "due_on", "checkpoints"])

    def clean(self) -> dict[str, Any]:
        """Read amounts as what counts asks for, and the checkpoints line by line."""
        said = super().clean() or {}
        if {"metric", "amount", "starts_on", "due_on"} <= said.keys():
            self._read(said, "amount", lambda: self._amount(said, said["amount"]))
            if "amount" not in self.errors:
                self._read(said, "checkpoints", lambda: self._checkpoints(said))
        return said

    def _read(self, said: dict[str, Any], name: str, read: Any) -> None:
        try:
            said[name] = read()
        except forms.ValidationError as error:
            self.add_error(name, error)

    def _amount(self, said: dict[str, Any], text: str) -> int:
        is_money = said["metric"] in IN_MONEY
        field = MoneyField(currency=self.currency) if is_money else forms.IntegerField(min_value=1)
        amount: int = field.clean(text)
        return amount

    def _checkpoints(self, said: dict[str, Any]) -> list[tuple[date, int]]:
        lines = [line.split(None, 1) for line in said["checkpoints"].splitlines() if line.strip()]
        if not lines:
            return month_ends(said["starts_on"], said["due_on"], said["amount"])
        if any(len(line) != 2 for line in lines):
            raise forms.ValidationError(_("Each line has a day and how much by then."))
        day = forms.DateField(input_formats=["%Y-%m-%d"])
        return [(day.clean(on), self._amount(said, amount.strip())) for on, amount in lines]

    @property
    def draft(self) -> GoalDraft:
        """What a valid form says."""
        return GoalDraft(**self.cleaned_data)


def month_ends(first: date, last: date, amount: int) -> list[tuple[date, int]]:
    """Return the ends of the months before the last day, each with its even part of the amount."""
    days = (last - first).days + 1
    found: list[tuple[date, int]] = []
    day = first
    while True:
        month_end = (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        part = amount * ((month_end - first).days + 1) // max(days, 1)
        if month_end >= last or len(found) >= 12:
            return found
        if part > 0:
            found.append((month_end, part))
        day = month_end + timedelta(days=1)


class ReviewForm(forms.Form):
    """When the next review is, and what it talks about."""

    planned_on = day_field(pgettext_lazy("day", "On"))
    agenda = forms.CharField(
        label=gettext_lazy("Agenda"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )


class RhythmForm(forms.Form):
    """How often reviews are, and with which agenda new ones begin."""

    review_months = forms.IntegerField(
        label=gettext_lazy("Months between reviews"), min_value=1, max_value=12
    )
    agenda = forms.CharField(
        label=gettext_lazy("Agenda of reviews"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )
