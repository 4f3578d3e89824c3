"""The form of a conversion that has not happened: whose, what for, how much, by whom."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from affiliates.models import Enrollment
from commissions.catalogue.conditions import CUSTOMERS, DEVICES
from commissions.facts import Basis, Facts, Item, Volume
from interfaces.console.audience import country_choices
from interfaces.console.forms.affiliates import AffiliateField
from interfaces.console.forms.fields import MoneyField
from programs.models import Goal, Program

ITEMS_MAX = 50


class ItemsField(forms.CharField):
    """Lines of an order, one a line: `SKU; category; quantity; amount`. Cleans to items."""

    widget = forms.Textarea(attrs={"rows": 3, "class": "ui-mono", "spellcheck": "false"})

    def __init__(self, *, currency: str, **options: Any) -> None:
        super().__init__(**options)
        self.money = MoneyField(currency=currency)
        self.widget.attrs["placeholder"] = "ROPE-10; Ropes; 2; 49.80"

    def clean(self, value: Any) -> Any:
        """Return the items in their order."""
        lines = [line for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > ITEMS_MAX:
            raise ValidationError(_("%(count)s lines at the most."), params={"count": ITEMS_MAX})
        return tuple(self._item(line) for line in lines)

    def _item(self, line: str) -> Item:
        parts = [part.strip() for part in re.split(r"[;\t]", line)]
        if len(parts) != 4 or not parts[0] or not re.fullmatch("[1-9][0-9]{0,5}", parts[2]):
            raise ValidationError(
                _("“%(line)s” is not SKU; category; quantity; amount."), params={"line": line[:80]}
            )
        return Item(parts[0], int(parts[2]), self.money.clean(parts[3]), parts[1])


class SimulatorForm(forms.Form):
    """A conversion as it would be credited to one affiliate. What is left empty is not known."""

    affiliate = AffiliateField(label=_("Affiliate"))
    goal = forms.ChoiceField(label=_("Goal"))
    country = forms.ChoiceField(
        label=_("Country"),
        choices=lambda: [("", _("not known")), *country_choices()],
        required=False,
    )
    device = forms.ChoiceField(
        label=_("Device"), choices=[("", _("not known")), *DEVICES], required=False
    )
    coupon = forms.CharField(label=_("Coupon"), max_length=40, required=False)
    customer = forms.ChoiceField(
        label=_("Customer"), choices=[("", _("not known")), *CUSTOMERS], required=False
    )
    payment_number = forms.IntegerField(
        label=_("Which payment of the customer"), min_value=1, required=False
    )
    customer_months = forms.IntegerField(
        label=_("Months since the customer's first conversion"), min_value=0, required=False
    )
    count_before = forms.IntegerField(
        label=_("Conversions before it in the period"),
        min_value=0,
        required=False,
        help_text=_("Of the affiliate, for rules by volume."),
    )

    field_order = ("affiliate", "goal", "amount", "tax", "shipping", "discount", "items")

    def __init__(self, *args: Any, program: Program, goals: Sequence[Goal], **options: Any) -> None:
        super().__init__(*args, **options)
        self.program = program
        self.goals = {goal.code: goal for goal in goals}
        affiliate, goal = self.fields["affiliate"], self.fields["goal"]
        assert isinstance(affiliate, AffiliateField)
        assert isinstance(goal, forms.ChoiceField)
        affiliate.choose_from(program.merchant_id, program_id=program.id)
        goal.choices = [(code, one.name) for code, one in self.goals.items()]
        currency = program.currency
        for name, label in (
            ("amount", _("Amount in %(currency)s") % {"currency": currency}),
            ("tax", _("of it tax")),
            ("shipping", _("of it shipping")),
            ("discount", _("Discount already taken off")),
            ("amount_before", _("Their amount")),
        ):
            needed = name == "amount"
            self.fields[name] = MoneyField(currency=currency, label=label, required=needed)
        self.fields["items"] = ItemsField(
            currency=currency,
            label=_("Items"),
            required=False,
            help_text=_("One a line: SKU; category; quantity; amount of the line."),
        )
        self.order_fields(self.field_order)

    @property
    def enrollment(self) -> Enrollment:
        """Return whose conversion it would be."""
        found: Enrollment = self.cleaned_data["affiliate"]
        return found

    def facts(self, at: datetime) -> Facts:
        """Return the conversion, of a valid form."""
        said, program = self.cleaned_data, self.program
        goal, enrollment = self.goals[said["goal"]], self.enrollment
        return Facts(
            goal=goal.code,
            goal_id=goal.id,
            occurred_at=at,
            basis=Basis(
                said["amount"],
                said["tax"] or 0,
                said["shipping"] or 0,
                said["discount"] or 0,
                excludes_tax=program.excludes_tax,
                excludes_shipping=program.excludes_shipping,
                adds_discount=program.adds_discount,
            ),
            items=said["items"],
            country=said["country"],
            device=said["device"],
            coupon=said["coupon"].strip().upper(),
            customer_is_new={"new": True, "existing": False}.get(said["customer"]),
            customer_months=said["customer_months"],
            payment_number=said["payment_number"],
            affiliate_type=enrollment.affiliate.type,
            enrollment_id=enrollment.id,
            tier_id=enrollment.tier_id,
        )

    @property
    def says_volume(self) -> bool:
        """Whether anything was said of what came before in the period."""
        said = self.cleaned_data
        return said["count_before"] is not None or said["amount_before"] is not None

    @property
    def volume(self) -> Volume:
        """Return what the affiliate had before in the period, with this one in the total."""
        said = self.cleaned_data
        count, amount = said["count_before"] or 0, said["amount_before"] or 0
        return Volume(count, amount, count + 1, amount + said["amount"])
