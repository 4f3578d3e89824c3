"""The form of a claim: which order is missing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from affiliates.models import Enrollment
from commissions.services.claims import CLAIM_AGE_DAYS_MAX, ClaimDraft
from common.money import BadAmount, parse_major
from programs.models import Goal

Missing = tuple[Enrollment, Goal]


class ClaimForm(forms.Form):
    """What a sale was, as far as its affiliate knows."""

    missing = forms.ChoiceField(label=_("What is missing"))
    order_id = forms.CharField(
        label=_("Order number"),
        max_length=200,
        help_text=_("As it stands in the buyer's confirmation. The merchant looks it up by it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    happened_on = forms.DateField(
        label=_("Day of the order"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    amount = forms.CharField(
        label=_("Amount, if you know it"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    message = forms.CharField(
        label=_("How you know of it"),
        max_length=2_000,
        help_text=_("What the buyer told you, where they found your link. The merchant reads it."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(
        self,
        *args: Any,
        enrollments: Sequence[Enrollment],
        goals: Mapping[UUID, Sequence[Goal]],
        at: datetime,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.known: dict[str, Missing] = {
            f"{row.id}:{goal.code}": (row, goal)
            for row in enrollments
            for goal in goals.get(row.program_id, [])
        }
        field = self.fields["missing"]
        field.choices = [  # type: ignore[attr-defined]
            (key, self._named(row, goal, alone=len(enrollments) == 1))
            for key, (row, goal) in self.known.items()
        ]
        if len(self.known) == 1:
            field.widget, self.initial["missing"] = forms.HiddenInput(), next(iter(self.known))
        currencies = sorted({row.program.currency for row in enrollments})
        self.fields["amount"].help_text = _("In %(currency)s.") % {
            "currency": " / ".join(currencies)
        }
        days = self.fields["happened_on"].widget.attrs
        days["min"] = _iso(at.date() - timedelta(days=CLAIM_AGE_DAYS_MAX))
        days["max"] = _iso(at.date())

    @staticmethod
    def _named(row: Enrollment, goal: Goal, *, alone: bool) -> str:
        return goal.name if alone else f"{goal.name} · {row.program.name}"

    def clean(self) -> dict[str, Any]:
        """Read the amount in the program's currency."""
        said = super().clean() or {}
        chosen, text = self.known.get(said.get("missing", "")), said.get("amount", "")
        said["amount_minor"] = None
        if chosen and text:
            currency = chosen[0].program.currency
            try:
                said["amount_minor"] = parse_major(
                    text.upper().replace(currency, "").strip(), currency=currency
                )
            except BadAmount:
                self.add_error(
                    "amount", _("Write an amount in %(currency)s.") % {"currency": currency}
                )
        return said

    @property
    def claimed(self) -> tuple[Enrollment, ClaimDraft]:
        """In which program what is claimed, of a valid form."""
        said = self.cleaned_data
        enrollment, goal = self.known[said["missing"]]
        return enrollment, ClaimDraft(
            goal=goal,
            order_id=said["order_id"],
            happened_on=said["happened_on"],
            message=said["message"],
            amount_minor=said["amount_minor"],
        )


def _iso(day: date) -> str:
    return day.isoformat()
