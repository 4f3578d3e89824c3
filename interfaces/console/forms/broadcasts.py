"""What a broadcast says, when it goes out, and as whom it is looked at."""

from datetime import UTC
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.affiliates import AffiliateField
from interfaces.messages import BODY_MAX, SUBJECT_MAX


class BroadcastForm(forms.Form):
    """The texts, with tags."""

    subject = forms.CharField(
        label=_("Subject"), max_length=SUBJECT_MAX, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    body = forms.CharField(
        label=_("Message"),
        max_length=BODY_MAX,
        widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"}),
        help_text=_("Plain text; addresses become links. Tags are filled in for each affiliate."),
    )


class StartForm(forms.Form):
    """When it goes out: at once, or at a time."""

    starts_at = forms.DateTimeField(
        label=_("Send at (UTC)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Left empty, it goes out at once."),
    )

    def clean_starts_at(self) -> Any:
        """Read the time in UTC, the zone of all figures."""
        at = self.cleaned_data["starts_at"]
        return at.replace(tzinfo=UTC) if at else None


class AsForm(forms.Form):
    """Whose letter is shown."""

    affiliate = AffiliateField(label=_("Show it as it reads for"), required=False)
