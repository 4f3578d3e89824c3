"""To whom a conversion or a customer goes, and why."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.affiliates import AffiliateField
from programs.models import Program


class ReassignForm(forms.Form):
    """The new affiliate, and the reason, which stays with what is reassigned."""

    affiliate = AffiliateField(label=_("To which affiliate"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For you and your colleagues; it is kept and shown under “Why?”."),
    )

    def __init__(self, *args: Any, merchant_id: UUID, program: Program, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["affiliate"]
        assert isinstance(field, AffiliateField)
        field.choose_from(merchant_id, program_id=program.id)
