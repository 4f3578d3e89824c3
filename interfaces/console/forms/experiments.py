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
    """A comparison of rates: of each variant one for each goal. The API takes whole rules."""

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
    control_weight = forms.IntegerField(
        label=lazy("Weight"), min_value=1, max_value=WEIGHT_MAX, initial=1
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
        self.program, self.goals = program, goals
        for number in range(1, OTHERS + 1):
            self._add_variant(number)

    def _add_variant(self, number: int) -> None:
        self.fields[f"name{number}"] = forms.CharField(
            label=lazy("Called"), max_length=80, required=False
        )
        for goal in self.goals:
            self.fields[f"pays{number}_{goal.code}"] = RateField(
                label=goal.name, currency=self.program.currency, required=False
            )
        self.fields[f"weight{number}"] = forms.IntegerField(
            label=lazy("Weight"), min_value=1, max_value=WEIGHT_MAX, initial=1, required=False
        )

    @property
    def variants(self) -> list[list[BoundField]]:
        """Return the fields of each variant beside the control."""
        names = ("name", *(f"pays{{}}_{goal.code}" for goal in self.goals), "weight")
        return [
            [self[name.format(number) if "{}" in name else f"{name}{number}"] for name in names]
            for number in range(1, OTHERS + 1)
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the start, and a variant without a rate."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("The end must not lie before the start."))
        for number in range(1, OTHERS + 1):
            names = [f"pays{number}_{goal.code}" for goal in self.goals]
            is_meant = number == 1 or cleaned.get(f"name{number}")
            if is_meant and not any(cleaned.get(name) or name in self.errors for name in names):
                self.add_error(names[-1], _("Say for one goal at least what it pays."))
        return cleaned

    def draft(self, *, at: datetime) -> ExperimentDraft:
        """Return the experiment. One that begins today begins now."""
        said = self.cleaned_data
        variants = [self._variant(number) for number in range(1, OTHERS + 1)]
        begins = datetime.combine(said["first"], time.min, tzinfo=UTC)
        ends = datetime.combine(said["last"] + timedelta(days=1), time.min, tzinfo=UTC)
        return ExperimentDraft(
            name=said["name"],
            hypothesis=said["hypothesis"],
            starts_at=at if said["first"] == at.astimezone(UTC).date() else begins,
            ends_at=ends,
            variants=[
                VariantDraft(_("As now"), said["control_weight"]),
                *(variant for variant in variants if variant.rules),
            ],
        )

    def _variant(self, number: int) -> VariantDraft:
        """Return a variant with a rule for each goal that has a rate, named by these."""
        said, rates = self.cleaned_data, RateField(currency=self.program.currency)
        found = [(goal, said.get(f"pays{number}_{goal.code}")) for goal in self.goals]
        pays: list[tuple[Goal, Rate]] = [(goal, rate) for goal, rate in found if rate]
        rules = [
            {
                "goal": goal.code,
                "reward": rate.reward.value,
                "fixed_minor": rate.fixed_minor,
                "rate_bps": rate.rate_bps,
            }
            for goal, rate in pays
        ]
        shown = " · ".join(str(rates.prepare_value(rate)) for _goal, rate in pays)
        return VariantDraft(
            said[f"name{number}"] or shown[:80], said[f"weight{number}"] or 1, rules
        )

    def refuse(self, field: str, message: str) -> None:
        """Put what the service refused beside the field it is about."""
        name = {"starts_at": "first", "ends_at": "last"}.get(field, field)
        self.add_error(name if name in self.fields else None, ValidationError(message))
