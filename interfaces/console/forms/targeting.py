"""For whom something is, as part of a form: conditions to tick, none of which means anybody."""

from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.audience import (
    country_choices,
    device_choices,
    hour_choices,
    language_choices,
    system_choices,
    weekday_choices,
    zone_choices,
)
from programs.models import Targeted
from programs.targeting import ALWAYS_FROM, ALWAYS_UNTIL, Targeting

HOURS_HELP = _("With both, only these hours of the day. 22:00 until 06:00 goes over midnight.")


class PickMany(forms.CheckboxSelectMultiple):
    """Ticks in a box with a search, for long lists."""

    template_name = "components/pick_many.html"


class Chips(forms.CheckboxSelectMultiple):
    """Ticks side by side, for short lists."""

    template_name = "console/widgets/chips.html"


class MomentField(forms.DateTimeField):
    """A date and a time of day, as the browser's own picker says them."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, required=False, **options)


def many(label: Any, choices: Any, widget: type[forms.Widget]) -> forms.MultipleChoiceField:
    """Return a field of ticks."""
    return forms.MultipleChoiceField(label=label, choices=choices, widget=widget, required=False)


class TargetingForm(forms.Form):
    """The columns of `Targeted`; `targeting` returns what was said."""

    countries = many(_("Countries"), country_choices, PickMany)
    devices = many(_("Devices"), device_choices, Chips)
    systems = many(_("Operating systems"), system_choices, Chips)
    languages = many(_("Languages"), language_choices, PickMany)
    weekdays = many(_("Days of the week"), weekday_choices, Chips)
    hour_from = forms.TypedChoiceField(
        label=_("From hour"), choices=hour_choices, coerce=int, empty_value=None, required=False
    )
    hour_until = forms.TypedChoiceField(
        label=_("Until hour"),
        choices=lambda: hour_choices(until=True),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=HOURS_HELP,
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zone_choices, initial="UTC", help_text=_("Of all times here.")
    )
    starts_at = MomentField(label=_("Starts"))
    ends_at = MomentField(label=_("Ends"))
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=1,
        max_value=1_000,
        initial=100,
        help_text=_("Of those that fit a visitor, the smallest number goes first."),
    )
    weight = forms.IntegerField(
        label=_("Weight"),
        min_value=1,
        max_value=10_000,
        initial=100,
        help_text=_("Equal priorities share visitors by weight: 100 and 100 is half and half."),
    )

    def clean(self) -> dict[str, Any]:
        """Read the moments in the time zone, and check what belongs together."""
        said = super().clean() or {}
        zone = ZoneInfo(said.get("time_zone") or "UTC")
        for name in ("starts_at", "ends_at"):
            if said.get(name):
                said[name] = said[name].replace(tzinfo=zone)
        if (said.get("hour_from") is None) != (said.get("hour_until") is None):
            missing = "hour_until" if said.get("hour_until") is None else "hour_from"
            self.add_error(missing, _("Choose both hours, or neither."))
        starts_at, ends_at = said.get("starts_at"), said.get("ends_at")
        if starts_at and ends_at and starts_at >= ends_at:
            self.add_error("ends_at", _("It must end after it starts."))
        return said

    @property
    def targeting(self) -> Targeting:
        """What was said, of a valid form."""
        said = self.cleaned_data
        return Targeting(
            countries=tuple(said["countries"]),
            devices=tuple(said["devices"]),
            systems=tuple(said["systems"]),
            languages=tuple(said["languages"]),
            weekdays=tuple(int(day) for day in said["weekdays"]),
            hour_from=said["hour_from"],
            hour_until=said["hour_until"],
            time_zone=said["time_zone"],
            starts_at=_seconds(said["starts_at"], ALWAYS_FROM),
            ends_at=_seconds(said["ends_at"], ALWAYS_UNTIL),
            priority=said["priority"],
            weight=said["weight"],
        )


def _seconds(at: datetime | None, otherwise: float) -> float:
    return at.timestamp() if at else otherwise


def initial_of(row: Targeted) -> dict[str, Any]:
    """Return what a form shows of a row; moments on the clock of its time zone."""
    zone = ZoneInfo(row.time_zone)
    names = [*TargetingForm.base_fields]
    facts = {name: getattr(row, name) for name in names}
    for name in ("starts_at", "ends_at"):
        at = cast(datetime | None, facts[name])
        facts[name] = at.astimezone(zone).replace(tzinfo=None) if at else None
    facts["weekdays"] = [str(day) for day in row.weekdays]
    return facts
