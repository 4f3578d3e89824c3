"""What an affiliate proposes, and the name that signs."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from commissions.models import Reward
from common.money import WHOLE_BPS, BadAmount, parse_major
from programs.models import Goal, Program
from programs.selectors import goals_of

PERCENT = "PERCENT"


class ProposalForm(forms.Form):
    """A share or an amount for one goal. `goal` None: it is asked for."""

    goal = forms.ChoiceField(label=lazy("For what"))
    kind = forms.ChoiceField(label=lazy("How"), widget=forms.RadioSelect, initial=PERCENT)
    rate = forms.CharField(
        label=lazy("How much"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    message = forms.CharField(
        label=lazy("Message"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, *args: Any, program: Program, goal: Goal | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.currency = program.currency
        self.goals = {str(row.id): row for row in ([goal] if goal else goals_of(program))}
        self._choose("goal", [(id, row.name) for id, row in self.goals.items()])
        if goal is not None:
            self.fields["goal"].widget = forms.HiddenInput()
            self.initial["goal"] = str(goal.id)
        amount = _("an amount in %(currency)s for each") % {"currency": program.currency}
        self._choose("kind", [(PERCENT, _("a share in percent")), (Reward.FIXED.value, amount)])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Read the rate: percent with two decimals, or an amount of the program's currency."""
        said = super().clean() or {}
        if "rate" not in said or "kind" not in said or "goal" not in said:
            return said
        is_share = said["kind"] == PERCENT
        text = said["rate"].replace("%", "").replace(",", ".").strip()
        try:  # A share has two decimals, as euros do: 12.5 is 1250 basis points.
            read = parse_major(text, currency="EUR" if is_share else self.currency)
        except BadAmount:
            read = 0
        if read <= 0 or (is_share and read > WHOLE_BPS):
            self.add_error("rate", _("Write a number, as in 12.5."))
        else:
            self.reward = {
                "reward": said["kind"],
                "rate_bps": read if is_share else 0,
                "fixed_minor": 0 if is_share else read,
                "goal": self.goals[said["goal"]],
            }
        return said


class SignatureForm(forms.Form):
    """The name of who agrees."""

    signed_name = forms.CharField(
        label=lazy("Your full name"),
        max_length=120,
        help_text=lazy("Typing it signs. Time and address are kept with it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
