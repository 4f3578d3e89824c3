"""The forms of “send a test conversion”: by hand, or as the address that another system calls."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.fields import MoneyField
from programs.models import Goal, Program
from tracking.intake.tried import ADDRESS_MAX
from tracking.models import Link


class ConversionTestForm(forms.Form):
    """A conversion as a shop could report it, and who sent the buyer."""

    goal = forms.ChoiceField(label=_("Goal"))
    external_id = forms.CharField(
        label=_("Order id"), max_length=200, help_text=_("The same id twice is one order.")
    )
    link = forms.ChoiceField(
        label=_("Click on the link"),
        required=False,
        help_text=_("A test click is made for you; it is not counted."),
    )
    click_id = forms.CharField(
        label=_("Or a click id of yours"),
        required=False,
        max_length=64,
        help_text=_("What your address carried as fl_click."),
    )
    coupon = forms.CharField(label=_("Coupon"), required=False, max_length=40)
    referral = forms.CharField(label=_("Referral code"), required=False, max_length=40)
    customer = forms.CharField(
        label=_("Customer id"),
        required=False,
        max_length=200,
        help_text=_("As your shop names them. Who came through somebody before stays theirs."),
    )

    field_order = ("goal", "amount", "external_id", "link", "click_id", "coupon", "referral")

    def __init__(
        self,
        *args: Any,
        program: Program,
        goals: Sequence[Goal],
        links: Sequence[Link],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.links = {str(link.id): link for link in links}
        self.fields["goal"].choices = [  # type: ignore[attr-defined]
            (goal.code, goal.name) for goal in goals
        ]
        self.fields["link"].choices = [  # type: ignore[attr-defined]
            ("", _("None")),
            *((key, f"{link.affiliate.name} · {link.code}") for key, link in self.links.items()),
        ]
        self.fields["amount"] = MoneyField(
            currency=program.currency,
            label=_("Amount in %(currency)s") % {"currency": program.currency},
        )
        self.order_fields(self.field_order)

    def clean_link(self) -> Link | None:
        """Return the link itself."""
        return self.links.get(self.cleaned_data["link"])


class PostbackTestForm(forms.Form):
    """The address of a postback, macros filled in."""

    address = forms.CharField(
        label=_("Address"),
        max_length=ADDRESS_MAX,
        widget=forms.Textarea(attrs={"rows": 5, "class": "ui-mono", "spellcheck": "false"}),
        help_text=_(
            "The whole of it, as the other system calls it, with values in place of its macros."
        ),
    )
