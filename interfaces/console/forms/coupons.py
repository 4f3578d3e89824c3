"""The forms of coupons: one, and many at once."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.affiliates import AffiliateField
from interfaces.console.forms.targeting import MomentField
from tracking.services import COUPONS_MAX

CODE_PATTERN = r"^[A-Za-z0-9_-]{3,40}$"
OFFER = _("As in “10% off the first order”. The affiliate reads it; your shop decides.")
OFFER_MAX = 120
PREFIX_MAX = 30


class LimitsForm(forms.Form):
    """When, how often and for what a code counts."""

    offer = forms.CharField(
        label=_("What it gives the buyer"), max_length=OFFER_MAX, required=False, help_text=OFFER
    )
    valid_from = MomentField(label=_("Valid from (UTC)"))
    valid_until = MomentField(label=_("Valid until (UTC)"))
    uses_max = forms.IntegerField(
        label=_("Uses at most"),
        min_value=1,
        max_value=1_000_000_000,
        required=False,
        help_text=_("Of each code. The next order with it is not credited by it."),
    )
    customer_uses_max = forms.IntegerField(
        label=_("Of these by one customer"),
        min_value=1,
        max_value=1_000_000_000,
        required=False,
        help_text=_("Where your shop names the customer. Further orders of theirs do not count."),
    )

    def clean(self) -> dict[str, Any]:
        """Check that it ends after it starts."""
        said = super().clean() or {}
        first, last = said.get("valid_from"), said.get("valid_until")
        if first and last and first >= last:
            self.add_error("valid_until", _("It must end after it starts."))
        return said

    @property
    def limits(self) -> dict[str, Any]:
        """When and how often a code counts, of a valid form."""
        return {name: self.cleaned_data[name] for name in LimitsForm.base_fields}


class CouponsForm(LimitsForm):
    """Codes to be made for an affiliate: one of one's own, or many random ones."""

    affiliate = AffiliateField(label=_("Affiliate"))
    code = forms.CharField(
        label=_("One code of your own"),
        max_length=40,
        required=False,
        validators=[RegexValidator(CODE_PATTERN, _("Use 3 to 40 letters, digits, - and _."))],
        help_text=_("As in BOB10. Leave it empty to have random codes made."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    count = forms.IntegerField(
        label=_("Or so many random ones"),
        min_value=1,
        max_value=COUPONS_MAX,
        required=False,
        help_text=_("Up to 1,000 at once; nobody can guess one from another."),
    )
    beginning = forms.CharField(  # A form's `prefix` is something else.
        label=_("Beginning with"),
        max_length=PREFIX_MAX,
        required=False,
        validators=[RegexValidator(r"^[A-Za-z0-9_-]*$", _("Use letters, digits, - and _."))],
        help_text=_("As in SPRING-. The random part follows."),
    )

    def __init__(self, *args: Any, merchant_id: UUID, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["affiliate"]
        assert isinstance(field, AffiliateField)
        field.choose_from(merchant_id)

    def clean(self) -> dict[str, Any]:
        """Check that it is either one or many."""
        said = super().clean()
        if bool(said.get("code")) == bool(said.get("count")) and not self.errors:
            self.add_error("count", _("Write one code, or say how many random ones."))
        return said
