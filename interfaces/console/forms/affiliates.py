"""The forms of affiliates' pages."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from affiliates.models import Enrollment
from affiliates.selectors import enrollments_of
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


class ClearForm(forms.Form):
    """Why several affiliates may be paid to one account."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For your own records."),
    )


class CouponForm(forms.Form):
    """A discount code of an affiliate."""

    code = forms.RegexField(
        r"^[A-Za-z0-9_-]{3,40}$",
        label=_("Code"),
        help_text=_("The code must work in your shop; its use credits the affiliate."),
        error_messages={"invalid": _("Use 3 to 40 letters, digits, - and _.")},
    )


class AffiliateField(forms.CharField):
    """An affiliate by referral code or e-mail address; cleans to the enrollment, or None.

    What is typed is completed from a list that the browser shows (`console:affiliate-suggest`).
    """

    def __init__(self, **options: Any) -> None:
        help_text = options.pop("help_text", _("Their referral code or e-mail address."))
        super().__init__(max_length=254, help_text=help_text, **options)
        self.enrollments: QuerySet[Enrollment] | None = None

    def choose_from(self, merchant_id: UUID, *, program_id: UUID | None = None) -> None:
        """Look in the merchant's programs, or in one of them; complete what is typed."""
        found = enrollments_of(merchant_id)
        self.enrollments = found.filter(program_id=program_id) if program_id else found
        url = reverse("console:affiliate-suggest")
        self.widget.attrs |= {
            "list": "affiliate-suggestions",
            "autocomplete": "off",
            "autocapitalize": "none",
            "spellcheck": "false",
            "hx-get": f"{url}?program={program_id}" if program_id else url,
            "hx-trigger": "input changed delay:200ms",
            "hx-target": "#affiliate-suggestions",
            "hx-swap": "innerHTML",
        }

    def prepare_value(self, value: Any) -> Any:
        """Show an enrollment by its code."""
        return value.code if isinstance(value, Enrollment) else value

    def clean(self, value: Any) -> Any:
        """Return the one enrollment that is meant."""
        text = super().clean(value)
        if not text:
            return None
        assert self.enrollments is not None
        said = Q(code__iexact=text) | Q(affiliate__email__iexact=text)
        found = list(self.enrollments.filter(said)[:2])
        if not found:
            raise ValidationError(_("No affiliate has this code or address."))
        if len(found) > 1:
            raise ValidationError(
                _("They are in several programs: write the referral code of the one you mean.")
            )
        return found[0]
