"""The form of an experiment: its time, the goal, and up to three rates beside the control."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from commissions.services import Rate
from commissions.services.experiments import WEIGHT_MAX, ExperimentDraft, VariantDraft
from interfaces.console.forms.fields import RateField
from programs.models import Goal, Program

OTHERS: Final = 3
DAYS: Final = 30


def _day(label: Any, **options: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **options)


class ExperimentForm(forms.Form):
    """A comparison of rates for one goal. The API takes whole rules."""

    name = forms.CharField(label=lazy("Name"), max_length=80)
    hypothesis = forms.CharField(
        label=lazy("What you expect"),
        max_length=300,
        required=False,
        help_text=lazy("One sentence to read again at the end."),
    )
    first = _day(
        lazy("From"), help_text=lazy("Approved affiliates are drawn then, once. Days are in UTC.")
    )
    last = _day(lazy("Until, included"))
    goal = forms.ChoiceField(label=lazy("Goal"))
    control_weight = forms.IntegerField(
        label=lazy("Weight of the control"), min_value=1, max_value=WEIGHT_MAX, initial=1
    )

    def __init__(
        self,
        *args: Any,
        program: Program,
        goals: Sequence[Goal],
        today: date,
        **options: Any,
    ) -> None:
        options["initial"] = {
            "first": today + timedelta(days=1),
            "last": today + timedelta(days=DAYS),
        } | (options.get("initial") or {})
        super().__init__(*args, **options)
        goal_field = self.fields["goal"]
        assert isinstance(goal_field, forms.ChoiceField)
        goal_field.choices = [(goal.code, goal.name) for goal in goals]
        goal_field.initial = "sale"
        for number in range(1, OTHERS + 1):
            self._add_variant(number, program)

    def _add_variant(self, number: int, program: Program) -> None:
        needed = number == 1
        self.fields[f"pays{number}"] = RateField(
            label=lazy("Pays"),
            currency=program.currency,
            required=needed,
            help_text=_("A share as in 10%%, or an amount as in 5.00 %s.") % program.currency,
        )
        self.fields[f"name{number}"] = forms.CharField(
            label=lazy("Called"), max_length=80, required=False
        )
        self.fields[f"weight{number}"] = forms.IntegerField(
            label=lazy("Weight"), min_value=1, max_value=WEIGHT_MAX, initial=1, required=False
        )

    @property
    def variants(self) -> list[list[BoundField]]:
        """Return the fields of each variant beside the control."""
        return [
            [self[f"{name}{number}"] for name in ("pays", "name", "weight")]
            for number in range(1, OTHERS + 1)
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the start, and a name without a rate."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("The end must not lie before the start."))
        for number in range(2, OTHERS + 1):
            missing = f"pays{number}" in cleaned and not cleaned[f"pays{number}"]
            if cleaned.get(f"name{number}") and missing:
                self.add_error(f"pays{number}", _("Say what it pays."))
        return cleaned

    def draft(self, *, at: datetime) -> ExperimentDraft:
        """Return the experiment. One that begins today begins now."""
        said = self.cleaned_data
        others = [
            self._variant(number) for number in range(1, OTHERS + 1) if said.get(f"pays{number}")
        ]
        begins = datetime.combine(said["first"], time.min, tzinfo=UTC)
        ends = datetime.combine(said["last"] + timedelta(days=1), time.min, tzinfo=UTC)
        return ExperimentDraft(
            name=said["name"],
            hypothesis=said["hypothesis"],
            starts_at=at if said["first"] == at.astimezone(UTC).date() else begins,
            ends_at=ends,
            variants=[VariantDraft(_("As now"), said["control_weight"]), *others],
        )

    def _variant(self, number: int) -> VariantDraft:
        said = self.cleaned_data
        rate: Rate = said[f"pays{number}"]
        rule = {
            "goal": said["goal"],
            "reward": rate.reward.value,
            "fixed_minor": rate.fixed_minor,
            "rate_bps": rate.rate_bps,
        }
        shown = RateField(currency=self._currency).prepare_value(rate)
        return VariantDraft(
            said[f"name{number}"] or str(shown), said[f"weight{number}"] or 1, [rule]
        )

    @property
    def _currency(self) -> str:
        field = self.fields["pays1"]
        assert isinstance(field, RateField)
        return field.currency

    def refuse(self, field: str, message: str) -> None:
        """Put what the service refused beside the field it is about."""
        name = {"starts_at": "first", "ends_at": "last"}.get(field, field)
        self.add_error(name if name in self.fields else None, ValidationError(message))
