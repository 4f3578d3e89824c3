"""Which account to merge another with."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.affiliates import AffiliateField


class MergeForm(forms.Form):
    """The account that is left."""

    affiliate = AffiliateField(label=_("Which other account is theirs, too"))

    def __init__(self, *args: Any, merchant_id: UUID, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["affiliate"]
        assert isinstance(field, AffiliateField)
        field.choose_from(merchant_id)
