"""The forms of rails: what a provider wants to know, and what was found out about a difference."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payouts.models import Mode
from payouts.providers.base import ApiProvider, Credential, Declared

LINES = r"\s"  # In a pattern: the value has lines, which a password field would lose.


class SecretText(forms.Textarea):
    """A secret of several lines; like a password, it is never shown again."""

    def format_value(self, value: Any) -> str:
        """Return nothing."""
        return ""


class RailForm(forms.Form):
    """An account with a provider, as its folder declares it."""

    mode = forms.ChoiceField(
        label=_("Money"),
        choices=[(Mode.SANDBOX, _("Sandbox: nothing real moves")), (Mode.LIVE, _("Live"))],
        initial=Mode.SANDBOX,
    )

    def __init__(
        self,
        *args: Any,
        declared: Declared,
        mode: str = "",
        known: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        """Ask what is declared; `known` are the open parts of the account there is, if any."""
        super().__init__(*args, **options)
        self.names = [each.name for each in declared.credentials]
        for each in declared.credentials:
            self.fields[each.name] = _field(each, is_kept=known is not None and each.is_secret)
        self.initial = {**(known or {}), "mode": mode or Mode.SANDBOX}
        if not isinstance(declared, ApiProvider):  # A file is real wherever it is taken.
            del self.fields["mode"]

    @property
    def mode_chosen(self) -> str:
        """Return the mode; files have no sandbox."""
        return str(self.cleaned_data.get("mode", Mode.LIVE))

    @property
    def credentials(self) -> dict[str, str]:
        """Return what was typed, by name."""
        return {name: self.cleaned_data[name] for name in self.names}


def _field(each: Credential, *, is_kept: bool) -> forms.CharField:
    widget: forms.Widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    if each.is_secret and LINES in each.pattern:
        widget = SecretText(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"})
    elif each.is_secret:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    kept = _("Leave it empty to keep the one there is.")
    return forms.CharField(
        label=str(each.label),
        required=each.is_required and not is_kept,
        widget=widget,
        help_text=" ".join(str(text) for text in (each.help, kept if is_kept else "") if text),
    )


class ResolveForm(forms.Form):
    """Why a difference stands in nobody's way any more."""

    reason = forms.CharField(
        label=_("What did you find out?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays in the history, with your name."),
    )


class CallForm(ResolveForm):
    """What was seen at the provider before somebody decided about a call."""
