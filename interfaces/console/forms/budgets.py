"""The form of a budget."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from commissions.models import Budget, BudgetPeriod, BudgetScope
from commissions.services.budgets import ALERTS_DEFAULT, BudgetDraft
from interfaces.console.forms.affiliates import AffiliateField
from interfaces.console.forms.fields import MoneyField, read_bps, written_bps
from programs.models import Program

HARD = "hard"
HARDNESS = [
    ("soft", _("Soft: it warns, and everything is paid")),
    (HARD, _("Hard: it cuts off what goes beyond it, to the last cent")),
]


class AlertsField(forms.CharField):
    """Percentages with commas between them; cleans to basis points."""

    def prepare_value(self, value: Any) -> Any:
        """Show basis points as people type them; what was typed stays as it is."""
        if isinstance(value, list | tuple):
            return ", ".join(written_bps(bps) for bps in value)
        return value

    def clean(self, value: Any) -> Any:
        """Return the basis points, none if it is left empty."""
        alerts = []
        for part in re.split(r"[,;\s]+", super().clean(value).replace(" %", "%")):
            bps = read_bps(part) if part else None
            if part and bps is None:
                raise ValidationError(_("Write percentages, as in 80%, 100%."))
            if bps is not None:
                alerts.append(bps)
        return alerts


class BudgetChangeForm(forms.Form):
    """How much, how strict, and when it warns."""

    strictness = forms.ChoiceField(
        label=_("How strict"), choices=HARDNESS, widget=forms.RadioSelect
    )
    alert_bps = AlertsField(
        label=_("Warn at"),
        required=False,
        help_text=_("Percentages of the limit. Your people get a mail, once each in a period."),
    )
    field_order: Sequence[str] = ("limit_minor", "strictness", "alert_bps")

    def __init__(self, *args: Any, program: Program, **options: Any) -> None:
        super().__init__(*args, **options)
        currency = program.currency
        self.fields["limit_minor"] = MoneyField(
            label=_("At most (%(currency)s)") % {"currency": currency},
            currency=currency,
            minor_min=1,
        )
        self.order_fields(self.field_order)

    @property
    def changes(self) -> dict[str, Any]:
        """What was said, of a valid form."""
        said = self.cleaned_data
        return {
            "limit_minor": said["limit_minor"],
            "is_hard": said["strictness"] == HARD,
            "alert_bps": said["alert_bps"],
        }


class BudgetForm(BudgetChangeForm):
    """A new budget: also of whom, and for how long."""

    period = forms.ChoiceField(
        label=_("Per"), choices=BudgetPeriod, help_text=_("By the calendar in UTC.")
    )
    scope = forms.ChoiceField(
        label=_("Of"),
        choices=BudgetScope,
        widget=forms.RadioSelect,
        help_text=_("Name one affiliate below, or each has a budget of its own."),
    )
    affiliate = AffiliateField(label=_("Only this affiliate"), required=False)
    field_order = ("limit_minor", "period", "scope", "affiliate", "strictness", "alert_bps")

    def __init__(self, *args: Any, program: Program, **options: Any) -> None:
        super().__init__(*args, program=program, **options)
        affiliate = self.fields["affiliate"]
        assert isinstance(affiliate, AffiliateField)
        affiliate.choose_from(program.merchant_id, program_id=program.id)

    @property
    def draft(self) -> BudgetDraft:
        """What was said, of a valid form."""
        said = self.cleaned_data
        scope = BudgetScope(said["scope"])
        return BudgetDraft(
            scope=scope,
            period=BudgetPeriod(said["period"]),
            enrollment=said["affiliate"] if scope == BudgetScope.ENROLLMENT else None,
            **self.changes,
        )


BUDGET_INITIAL = {
    "period": BudgetPeriod.MONTH,
    "scope": BudgetScope.PROGRAM,
    "strictness": "soft",
    "alert_bps": ALERTS_DEFAULT,
}


def initial_of(budget: Budget) -> dict[str, Any]:
    """Return what the form of an existing budget shows."""
    return {
        "limit_minor": budget.limit_minor,
        "strictness": HARD if budget.is_hard else "soft",
        "alert_bps": budget.alert_bps,
    }
