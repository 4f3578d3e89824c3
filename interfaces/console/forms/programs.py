"""The forms of a program's pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from commissions.presets import ProgramPreset
from common.addresses import read_address
from interfaces.console.forms.attribution import GoalAttributionForm
from interfaces.console.forms.fields import MoneyField
from interfaces.console.forms.setup import FirstProgramForm, WebAddressField, currency_choices
from programs.models import Program


class ProgramForm(FirstProgramForm):
    """A new program outside of the first-run wizard: the currency is asked too."""

    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=currency_choices,
        help_text=_("All money of the program is in it. It cannot be changed later."),
    )

    class Meta(FirstProgramForm.Meta):
        fields = ["name", "landing_url", "kind", "currency", "join_mode"]

    def __init__(self, *args: Any, preset: ProgramPreset | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if preset is not None:  # It says the kind.
            self.fields["kind"].disabled = True


class HostsField(forms.CharField):
    """Host names, one per line; cleans to a list."""

    widget = forms.Textarea(attrs={"rows": 3, "placeholder": "blog.example.com"})

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the hosts in lower case; what is no host is named."""
        hosts = super().clean(value).lower().split()
        for host in hosts:
            if read_address(f"https://{host}/") is None or "/" in host:
                raise ValidationError(
                    _("“%(host)s” is not a host name, as in blog.example.com."),
                    params={"host": host},
                )
        return list(dict.fromkeys(hosts))


class ProgramSettingsForm(forms.ModelForm):
    """How a program works: where links lead, and from when on it pays out."""

    landing_url = WebAddressField(
        label=_("Landing page"), max_length=2000, help_text=_("Where links lead by default.")
    )
    fallback_url = WebAddressField(
        label=_("Fallback page"),
        max_length=2000,
        required=False,
        help_text=_("Where links lead once the program has ended; the landing page if empty."),
    )
    allowed_hosts = HostsField(
        label=_("Further sites"),
        required=False,
        help_text=_("Besides the landing page's site, links may lead to these. One per line."),
    )

    class Meta:
        model = Program
        fields = [
            "name",
            "landing_url",
            "fallback_url",
            "allowed_hosts",
            "takes_coupon_requests",
        ]
        labels = {"name": _("Program name")}
        help_texts = {
            "takes_coupon_requests": _(
                "They propose one in the portal; you give it, or say why not."
            )
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["payout_minor_min"] = MoneyField(
            currency=self.instance.currency,
            label=_("Smallest payout in %(currency)s") % {"currency": self.instance.currency},
            initial=self.instance.payout_minor_min,
            help_text=_("What is below carries over to the next batch."),
        )


class ProgramPageForm(forms.ModelForm):
    """What the public page says, and who gets in."""

    class Meta:
        model = Program
        fields = ["summary", "description", "slug", "join_mode"]
        labels = {"join_mode": _("Who may join")}
        help_texts = {
            "summary": _("The first thing people read, as in “Earn 10% on every bike you sell”."),
            "description": _("What you sell, to whom, and what works well. Plain text."),
            "slug": _("The last part of the page's address; old addresses stop working."),
        }
        widgets = {
            "description": forms.Textarea(attrs={"rows": 8}),
            "join_mode": forms.RadioSelect,
        }


class GoalForm(GoalAttributionForm):
    """A new goal."""

    class Meta(GoalAttributionForm.Meta):
        fields = ["name", "code", "definition", *GoalAttributionForm.Meta.fields]
        help_texts = {
            "name": _("As affiliates read it: “Sale”, “Qualified lead”."),
            "code": _("What your shop sends in the API. It cannot be changed later."),
            "definition": _("When exactly it counts, in words that leave no doubt."),
            **GoalAttributionForm.Meta.help_texts,
        }
        widgets = {"definition": forms.Textarea(attrs={"rows": 3})}


class GoalWordsForm(GoalAttributionForm):
    """The words of a goal that exists, and who is credited with it."""

    class Meta(GoalAttributionForm.Meta):
        fields = ["name", "definition", *GoalAttributionForm.Meta.fields]
        help_texts = {
            "definition": _("When exactly it counts, in words that leave no doubt."),
            **GoalAttributionForm.Meta.help_texts,
        }
        widgets = {"definition": forms.Textarea(attrs={"rows": 3})}
