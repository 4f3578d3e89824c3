"""The forms of a program's destinations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.audience import (
    country_choices,
    device_choices,
    language_choices,
    system_choices,
)
from interfaces.console.forms.setup import WebAddressField
from interfaces.console.forms.targeting import MomentField, TargetingForm
from programs.models import Destination
from programs.services import DestinationDraft
from programs.targeting import Visitor


class DestinationForm(TargetingForm):
    """A page that links lead to, and for whom."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("As you will read it in the figures.")
    )
    url = WebAddressField(
        label=_("Address"),
        max_length=2000,
        help_text=_(
            "On a site that the program allows. {click_id}, {sub1} and so on are filled in."
        ),
    )
    field_order = ("name", "url", "weight", "priority")

    @property
    def draft(self) -> DestinationDraft:
        """What was said, of a valid form."""
        said = self.cleaned_data
        return DestinationDraft(name=said["name"], url=said["url"], targeting=self.targeting)


def destination_initial(destination: Destination) -> dict[str, Any]:
    """Return what the form shows of a destination, beside its targeting."""
    return {"name": destination.name, "url": destination.url}


def _any(choices: Any) -> Any:
    return lambda: [("", _("any")), *choices()]


class VisitorForm(forms.Form):
    """Somebody who might follow a link, and when."""

    country = forms.ChoiceField(label=_("Country"), choices=_any(country_choices), required=False)
    device = forms.ChoiceField(label=_("Device"), choices=_any(device_choices), required=False)
    system = forms.ChoiceField(
        label=_("Operating system"), choices=_any(system_choices), required=False
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=_any(language_choices), required=False
    )
    when = MomentField(label=_("When (UTC)"))

    @property
    def visitor(self) -> Visitor:
        """Who it is, of a valid form; empty where nothing was chosen."""
        said = self.cleaned_data
        return Visitor(said["country"], said["device"], said["system"], said["language"])
