"""The forms of proposals: what is offered, and the name that signs."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from commissions.services.proposals import ANSWER_DAYS_MAX, ProposalDraft
from interfaces.console.forms.fields import RateField
from interfaces.console.forms.targeting import MomentField
from programs.models import Goal, Program
from programs.selectors import goals_of

ANSWER_DAYS = 14


class ProposalForm(forms.Form):
    """A rate for one goal, for a time or for good. `goal` None: it is asked for."""

    goal = forms.ChoiceField(label=lazy("For which goal"))
    message = forms.CharField(
        label=lazy("Message"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    starts_at = MomentField(
        label=lazy("From"), help_text=lazy("In UTC. Empty: from the agreement on.")
    )
    ends_on = forms.DateField(
        label=lazy("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=lazy("In UTC. Empty: until it is changed."),
    )
    answer_days = forms.IntegerField(
        label=lazy("Days to answer"), min_value=1, max_value=ANSWER_DAYS_MAX, initial=ANSWER_DAYS
    )

    def __init__(
        self, *args: Any, program: Program, goal: Goal | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.goals = {str(row.id): row for row in ([goal] if goal else goals_of(program))}
        choice = self.fields["goal"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(id, row.name) for id, row in self.goals.items()]
        if goal is not None:
            self.fields["goal"].widget = forms.HiddenInput()
            self.initial["goal"] = str(goal.id)
        rate = RateField(
            currency=program.currency,
            label=_("Rate"),
            help_text=_("A share, as “12%%”, or an amount in %(currency)s, as “5.00”.")
            % {"currency": program.currency},
        )
        self.fields = {"goal": self.fields["goal"], "rate": rate, **self.fields}

    def draft(self, at: datetime) -> ProposalDraft:
        """Return what a valid form offers."""
        said = self.cleaned_data
        rate, starts_at = said["rate"], said["starts_at"]
        return ProposalDraft(
            reward=rate.reward,
            fixed_minor=rate.fixed_minor,
            rate_bps=rate.rate_bps,
            details=rate.details,
            goal=self.goals[said["goal"]],
            message=said["message"],
            starts_at=starts_at.replace(tzinfo=UTC) if starts_at else None,
            ends_on=said["ends_on"],
            expires_at=at + timedelta(days=said["answer_days"]),
        )


class SignatureForm(forms.Form):
    """The name of who agrees."""

    signed_name = forms.CharField(
        label=lazy("Your full name"),
        max_length=120,
        help_text=lazy("Typing it signs. Time and address are kept with it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
