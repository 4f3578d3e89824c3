"""The forms of affiliates' pages."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.setup import WebAddressField
from programs.models import Program


class InviteForm(forms.Form):
    """Whom to invite, and into which program."""

    program = forms.ChoiceField(label=_("Program"))
    email = forms.EmailField(
        label=_("E-mail"), help_text=_("They sign in with this address to accept.")
    )
    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("The person's or company's.")
    )
    website = WebAddressField(label=_("Website"), required=False, max_length=500)

    def __init__(self, *args: Any, programs: Sequence[Program], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["program"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(program.id), program.name) for program in programs]


class ReasonForm(forms.Form):
    """Why: the person concerned reads it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The affiliate reads it."),
    )


class CouponForm(forms.Form):
    """A discount code of an affiliate."""

    code = forms.RegexField(
        r"^[A-Za-z0-9_-]{3,40}$",
        label=_("Code"),
        help_text=_("The code must work in your shop; its use credits the affiliate."),
        error_messages={"invalid": _("Use 3 to 40 letters, digits, - and _.")},
    )
