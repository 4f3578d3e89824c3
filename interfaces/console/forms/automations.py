"""The form of an automation, made of what the catalogue declares for its trigger and action."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliates.models import Tag
from automations.catalogue import ACTIONS, TRIGGERS, Field
from automations.models import ActionKind, Automation, Trigger
from automations.services import AutomationDraft
from programs.models import Tier

WHEN, THEN = "when", "then"  # Prefixes: a trigger and an action may ask for the same.


class AutomationForm(forms.Form):
    """A whole automation of one trigger and one action."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)

    def __init__(
        self,
        *args: Any,
        trigger: Trigger,
        action: ActionKind,
        tiers: Sequence[Tier],
        tags: Sequence[Tag],
        automation: Automation | None = None,
        **options: Any,
    ) -> None:
        options.setdefault("initial", _initial(automation))
        super().__init__(*args, **options)
        self.trigger, self.action = trigger, action
        self.tiers = {str(row.id): row for row in tiers}
        self.tags = {str(row.id): row for row in tags}
        self.asked = {
            **{(WHEN, one.name): one for one in TRIGGERS[trigger].fields},
            **{(THEN, one.name): one for one in ACTIONS[action].fields},
        }
        for (part, name), one in self.asked.items():
            self.fields[f"{part}_{name}"] = self._field(one)
        anybody = ("", _("Everybody"))
        if trigger != Trigger.TIER_REACHED:
            self.fields["tier"] = forms.ChoiceField(
                label=_("Only of the tier"),
                required=False,
                choices=[anybody, *((id, row.name) for id, row in self.tiers.items())],
            )
        self.fields["tag"] = forms.ChoiceField(
            label=_("Only with the tag"),
            required=False,
            choices=[anybody, *((id, row.name) for id, row in self.tags.items())],
        )

    def _field(self, one: Field) -> forms.Field:
        label, help = str(one.label), str(one.help)
        if one.kind == "number":
            return forms.IntegerField(
                label=label,
                help_text=help,
                min_value=one.least,
                max_value=one.most,
                initial=one.default,
            )
        if one.kind == "tier":
            choices = [(id, row.name) for id, row in self.tiers.items()]
            return forms.ChoiceField(label=label, help_text=help, choices=choices)
        widget = forms.Textarea(attrs={"rows": 6, "dir": "auto"}) if one.kind == "text" else None
        return forms.CharField(label=label, help_text=help, max_length=one.most, widget=widget)

    @property
    def draft(self) -> AutomationDraft:
        """What a valid form says."""
        said = self.cleaned_data
        return AutomationDraft(
            name=said["name"],
            trigger=self.trigger,
            action=self.action,
            trigger_details=self._details(WHEN),
            action_details=self._details(THEN),
            tier=self.tiers.get(said.get("tier", "")),
            tag=self.tags.get(said["tag"]),
        )

    def _details(self, part: str) -> dict[str, Any]:
        said = self.cleaned_data
        return {name: said[f"{part}_{name}"] for (of, name) in self.asked if of == part}

    def refuse(self, field: str, message: str) -> None:
        """Put what the service refused beside the field that it is about."""
        names = (f"{THEN}_{field}", f"{WHEN}_{field}", field)
        self.add_error(next((name for name in names if name in self.fields), None), message)


def _initial(automation: Automation | None) -> dict[str, Any]:
    if automation is None:
        return {}
    return {
        "name": automation.name,
        "tier": str(automation.tier_id or ""),
        "tag": str(automation.tag_id or ""),
        **{f"{WHEN}_{name}": value for name, value in automation.trigger_details.items()},
        **{f"{THEN}_{name}": value for name, value in automation.action_details.items()},
    }
