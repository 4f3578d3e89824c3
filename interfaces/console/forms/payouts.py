"""The forms of payouts' pages."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payouts.models import Provider


class PrepareForm(forms.Form):
    """What a batch is prepared over, and up to which day."""

    rail = forms.ChoiceField(label=_("Pay over"))
    until = forms.DateField(
        label=_("Approved until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self, *args: Any, usable: Sequence[Provider], at: datetime, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        choices = [(provider.value, provider.label) for provider in usable]
        self.fields["rail"].choices = choices  # type: ignore[attr-defined]
        self.fields["until"].widget.attrs["max"] = f"{at.astimezone(UTC):%Y-%m-%d}"


class TakeOutForm(forms.Form):
    """Why affiliates are not paid by this batch."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        help_text=_("For your colleagues: it stands beside their names and in the history."),
    )


class PaidForm(forms.Form):
    """The proof that money arrived."""

    reference = forms.CharField(
        label=_("Bank reference"),
        max_length=120,
        help_text=_("As it stands on your bank's statement."),
    )
    paid_on = forms.DateField(
        label=_("Paid on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.at = at
        self.fields["paid_on"].initial = at.astimezone(UTC).date()

    def clean_paid_on(self) -> Any:
        """Refuse a day that has not come yet."""
        day = self.cleaned_data["paid_on"]
        if day > self.at.astimezone(UTC).date():
            raise forms.ValidationError(_("That day has not come yet."))
        return day

    @property
    def paid_at(self) -> datetime:
        """Return the day as a moment, in UTC."""
        return datetime.combine(self.cleaned_data["paid_on"], time.min, tzinfo=UTC)


class BatchPaidForm(PaidForm):
    """The proof that everything of a batch arrived."""

    reference = forms.CharField(
        label=_("Bank reference"),
        max_length=120,
        help_text=_("Each payout gets it with its position: “B-17” becomes B-17-1, B-17-2 …"),
    )


class FailedForm(forms.Form):
    """Why money did not arrive."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("The affiliate reads it.")
    )
