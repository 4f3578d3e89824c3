"""The forms of how a merchant pays: terms, limits of approval, batches that prepare themselves."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.audience import weekday_choices
from interfaces.console.forms.affiliates import AffiliateField
from interfaces.console.forms.fields import MoneyField
from payouts.models import PayoutPolicy, PayoutTerms, Schedule
from payouts.models.terms import NET_DAYS_MAX
from payouts.services import TermsDraft
from programs.models import Program, Tier

PROGRAM, TIER, ENROLLMENT = "PROGRAM", "TIER", "ENROLLMENT"
MONTH_DAY_MAX = 28


def _any_day_or_weekday() -> list[tuple[str, str]]:
    return [("", str(_("any day"))), *weekday_choices()]


class TermsForm(forms.Form):
    """When and how commissions are paid; the narrowest terms count."""

    schedule = forms.ChoiceField(
        label=_("When"), choices=Schedule, widget=forms.RadioSelect, initial=Schedule.MONTHLY
    )
    net_days = forms.IntegerField(
        label=_("Days to wait then"),
        min_value=0,
        max_value=NET_DAYS_MAX,
        initial=0,
        help_text=_("After the approval, or after the end of the week or month of it."),
    )
    weekday = forms.TypedChoiceField(
        label=_("Pay day"),
        choices=_any_day_or_weekday,
        coerce=int,
        empty_value=None,
        required=False,
    )
    month_day = forms.IntegerField(
        label=_("Pay day"),
        min_value=1,
        max_value=MONTH_DAY_MAX,
        required=False,
        help_text=_("A day of the month, 1 to 28. Empty: any day."),
    )
    ends_on = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The last day (UTC) on which these terms count. Empty: no end."),
    )

    def __init__(
        self, *args: Any, program: Program, terms: PayoutTerms | None = None, **options: Any
    ) -> None:
        options.setdefault("initial", _stored(terms) if terms else {})
        super().__init__(*args, **options)
        said = {"currency": program.currency}
        money: dict[str, Any] = {"currency": program.currency, "required": False}
        self.fields["minor_min"] = MoneyField(
            label=_("Smallest payout (%(currency)s)") % said,
            help_text=_("What stays below it carries over. Empty: as the program says."),
            **money,
        )
        self.fields["automatic_minor_max"] = MoneyField(
            label=_("Paid without review up to (%(currency)s)") % said,
            help_text=_("Empty: somebody looks at every request."),
            **money,
        )
        self.fields["request_fee_minor"] = MoneyField(
            label=_("Fee of a request (%(currency)s)") % said,
            help_text=_("Taken off what is paid. Empty: none."),
            **money,
        )

    @property
    def draft(self) -> TermsDraft:
        """What was said, of a valid form; what another schedule would ask is left out."""
        said = self.cleaned_data
        schedule = Schedule(said["schedule"])
        pay_days = {
            Schedule.WEEKLY: said.get("weekday"),
            Schedule.MONTHLY: said.get("month_day"),
        }
        on_request = schedule == Schedule.ON_REQUEST
        return TermsDraft(
            schedule=schedule,
            net_days=said["net_days"],
            pay_day=pay_days.get(schedule),
            minor_min=said.get("minor_min"),
            automatic_minor_max=said.get("automatic_minor_max") if on_request else None,
            request_fee_minor=(said.get("request_fee_minor") or 0) if on_request else 0,
            ends_on=said.get("ends_on"),
        )


def _stored(terms: PayoutTerms) -> dict[str, Any]:
    is_weekly = terms.schedule == Schedule.WEEKLY
    return {
        "schedule": terms.schedule,
        "net_days": terms.net_days,
        "weekday" if is_weekly else "month_day": terms.pay_day,
        "minor_min": terms.minor_min,
        "automatic_minor_max": terms.automatic_minor_max,
        "request_fee_minor": terms.request_fee_minor or None,
        "ends_on": terms.ends_on,
    }


class NewTermsForm(TermsForm):
    """The same, and for whom it is."""

    scope = forms.ChoiceField(
        label=_("For"),
        choices=[
            (PROGRAM, _("Everybody in the program")),
            (TIER, _("One tier")),
            (ENROLLMENT, _("One affiliate")),
        ],
        widget=forms.RadioSelect,
        initial=PROGRAM,
    )
    tier = forms.ChoiceField(label=_("Tier"), required=False)
    affiliate = AffiliateField(label=_("Affiliate"), required=False)

    def __init__(
        self, *args: Any, program: Program, tiers: Sequence[Tier], scope: str, **options: Any
    ) -> None:
        super().__init__(*args, program=program, initial={"scope": scope, "net_days": 0}, **options)
        self.tiers = {str(tier.id): tier for tier in tiers}
        choice = self.fields["tier"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(id, tier.name) for id, tier in self.tiers.items()]
        affiliate = self.fields["affiliate"]
        assert isinstance(affiliate, AffiliateField)
        affiliate.choose_from(program.merchant_id, program_id=program.id)

    def clean(self) -> dict[str, Any]:
        """Ask for the tier or the affiliate that the terms are for."""
        said = super().clean() or {}
        for scope, field in ((TIER, "tier"), (ENROLLMENT, "affiliate")):
            if said.get("scope") == scope and not said.get(field) and field not in self.errors:
                self.add_error(field, _("Say which one."))
        return said

    @property
    def whose(self) -> dict[str, Any]:
        """Return the tier or enrollment that is meant, as services take it."""
        scope = self.cleaned_data["scope"]
        if scope == TIER:
            return {"tier": self.tiers[self.cleaned_data["tier"]]}
        return {"enrollment": self.cleaned_data["affiliate"]} if scope == ENROLLMENT else {}


class PolicyForm(forms.Form):
    """What happens by itself."""

    prepares_itself = forms.BooleanField(
        label=_("Prepare batches by themselves"),
        required=False,
        help_text=_(
            "On days on which something falls due, a batch is prepared for each rail and waits for"
            " approval. Nothing is ever sent by itself."
        ),
    )

    def __init__(self, *args: Any, policy: PayoutPolicy, **options: Any) -> None:
        initial = {"prepares_itself": policy.prepares_itself}
        super().__init__(*args, **{"initial": initial, **options})


class LimitForm(forms.Form):
    """Up to what one member prepares and approves alone, in one currency."""

    def __init__(
        self, *args: Any, currency: str, amount_minor: int | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **{"initial": {"amount": amount_minor or None}, **options})
        self.currency = currency
        self.fields["amount"] = MoneyField(
            label=_("Up to (%(currency)s)") % {"currency": currency},
            currency=currency,
            required=False,
            help_text=_("Of a whole batch. Empty or 0: every batch needs two people."),
        )
