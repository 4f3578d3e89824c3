"""The form of who is credited by a program, and of what counts as paid."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.fields import PercentField
from programs.models import AttributionModel, Goal, Kind, Program

SECTIONS = (
    (
        _("Who is credited"),
        ("attribution_model", "half_life_days", "window_days", "code_priority"),
    ),
    (
        _("Customers"),
        ("lock_in_months", "new_customers_only", "reactivation_days", "yields_to"),
    ),
    (
        _("What is paid"),
        (
            "after_hold",
            "excludes_tax",
            "excludes_shipping",
            "adds_discount",
            "foreign_currency",
            "commission_bps_max",
            "claim_days",
        ),
    ),
)


class AttributionForm(forms.ModelForm):
    """Every setting that decides who is credited and what a percentage is of."""

    class Meta:
        model = Program
        fields = [
            name for _title, names in SECTIONS for name in names if name != "commission_bps_max"
        ]
        labels = {
            "attribution_model": _("Who gets the conversion"),
            "code_priority": _("When a link and a coupon disagree"),
            "excludes_tax": _("Percentages leave out tax"),
            "excludes_shipping": _("Percentages leave out shipping"),
            "adds_discount": _("Percentages are of the price before discounts"),
            "new_customers_only": _("Pay for new customers only"),
            "foreign_currency": _("A conversion in another currency"),
        }
        help_texts = {
            "half_life_days": _(
                "With “the later, the more”: a touch this many days before the last weighs half."
            ),
            "window_days": _("A touch counts for conversions that follow within this time."),
            "lock_in_months": _(
                "How long a customer's later sales need no new click. Empty: for life."
                " 0: not at all."
            ),
            "new_customers_only": _("Whom you knew before the touch pays nobody."),
            "reactivation_days": _(
                "Who has not bought for so long counts as new again. Empty: never."
            ),
            "yields_to": _(
                "If the customer came through a program of this kind of yours, that one pays and"
                " this one does not."
            ),
            "claim_days": _("An affiliate who reports a missing sale is told when to expect word."),
        }
        widgets = {
            "attribution_model": forms.RadioSelect,
            "code_priority": forms.RadioSelect,
            "after_hold": forms.RadioSelect,
            "foreign_currency": forms.RadioSelect,
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["yields_to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("To none")), *Kind.choices]
        self.fields["commission_bps_max"] = PercentField(
            label=_("Most that one sale may cost"),
            required=False,
            initial=self.instance.commission_bps_max,
            help_text=_(
                "All commissions of a conversion together, as a percentage of its net amount; what"
                " is above is cut, and the conversion's page says so. Empty: no limit."
            ),
        )

    @property
    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the fields under their headings."""
        return [(title, [self[name] for name in names]) for title, names in SECTIONS]


class GoalAttributionForm(forms.ModelForm):
    """What a goal has of its own instead of the program's; nothing, if left empty."""

    class Meta:
        model = Goal
        fields = ["attribution_model", "window_days"]
        labels = {
            "attribution_model": _("Who gets it"),
            "window_days": _("Attribution window in days"),
        }
        help_texts = {"window_days": _("Empty: as the program says.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["attribution_model"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("As the program says")), *AttributionModel.choices]
        field.help_text = _("For this goal alone.")
