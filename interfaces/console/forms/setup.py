"""The forms of the first steps: a merchant, its program, what it pays, its terms."""

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from commissions.models import Reward
from commissions.selectors import RateHistory
from commissions.services import Rate
from common.money import CURRENCIES
from interfaces.console.forms.fields import RateField
from merchants.models import Merchant
from programs.models import HOLD_DAYS_MAX, Goal, Program

USUAL = ["EUR", "USD", "GBP", "CHF", "CNY", "JPY", "SEK", "PLN", "CAD", "AUD"]
SUGGESTED = {"sale": Rate(Reward.PERCENT, rate_bps=1_000)}  # Where a program starts; all editable.


def currency_choices() -> list[tuple[str, str]]:
    """Return every currency, the usual ones first."""
    return [(code, code) for code in [*USUAL, *sorted(CURRENCIES - set(USUAL))]]


class WebAddressField(forms.URLField):
    """An http(s) address; what comes without a scheme gets https."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    def __init__(self, **options: Any) -> None:
        super().__init__(assume_scheme="https", **options)
        self.widget.attrs.setdefault("placeholder", "https://")


class MerchantForm(forms.ModelForm):
    """A new merchant."""

    website = WebAddressField(
        label=_("Website"), required=False, max_length=500, help_text=_("Where your shop is.")
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=currency_choices,
        help_text=_("The one your programs usually pay in. A program may have another."),
    )

    class Meta:
        model = Merchant
        fields = ["name", "website", "currency"]
        labels = {"name": _("Company name")}
        help_texts = {"name": _("Affiliates see it.")}


class FirstProgramForm(forms.ModelForm):
    """What a program is; its kind is for good once it exists."""

    landing_url = WebAddressField(
        label=_("Landing page"),
        max_length=2000,
        help_text=_("Where affiliates' links lead, unless they link deeper."),
    )

    class Meta:
        model = Program
        fields = ["name", "landing_url", "kind", "join_mode"]
        labels = {"name": _("Program name"), "join_mode": _("Who may join")}
        help_texts = {
            "name": _("As affiliates will see it."),
            "kind": _("Sets words and defaults. It cannot be changed later."),
        }
        widgets = {"join_mode": forms.RadioSelect}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.instance._state.adding:
            self.fields["kind"].disabled = True


class RatesForm(forms.Form):
    """A rate for each goal, and how long commissions are on hold.

    A goal whose base rate is more than a share or an amount is left to the editor of rules.
    """

    def __init__(
        self, *args: Any, program: Program, histories: list[RateHistory], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.histories = [row for row in histories if _is_plain(row)]
        self._pays_otherwise = len(self.histories) < len(histories)
        starting = not any(row.versions for row in histories)
        for row in sorted(self.histories, key=lambda row: row.goal.code not in SUGGESTED):
            self.fields[_name(row)] = RateField(
                currency=program.currency,
                label=row.goal.name,
                required=False,
                initial=row.current or (SUGGESTED.get(row.goal.code) if starting else None),
                help_text=escape(row.goal.definition),  # Forms take help texts for HTML.
            )
        self.fields["hold_days"] = forms.IntegerField(
            label=_("Hold in days"),
            min_value=0,
            max_value=HOLD_DAYS_MAX,
            initial=program.hold_days,
            help_text=_("Commissions become payable after this time, when returns are over."),
        )

    def clean(self) -> dict[str, Any]:
        """Refuse a program that pays for nothing."""
        cleaned = super().clean() or {}
        given = [cleaned.get(_name(row)) for row in self.histories]
        if not self.errors and not any(given) and not self._pays_otherwise:
            raise forms.ValidationError(_("Say what you pay for at least one goal."))
        return cleaned

    def rates(self) -> list[tuple[Goal, Rate | None]]:
        """Return what each goal is to pay from now on; None is nothing."""
        return [(row.goal, self.cleaned_data[_name(row)]) for row in self.histories]


def _is_plain(row: RateHistory) -> bool:
    current = row.current
    plain = (Reward.FIXED, Reward.PERCENT)
    return current is None or (current.reward in plain and not current.details)


def _name(row: RateHistory) -> str:
    return f"rate_{row.goal.code}"


class TermsForm(forms.Form):
    """A version of the terms, in plain words and in full."""

    summary = forms.CharField(
        label=_("In plain words"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Three or four sentences that people read before they join."),
    )
    body = forms.CharField(
        label=_("Full text"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("Affiliates accept exactly this text; a change later is a new version."),
    )
