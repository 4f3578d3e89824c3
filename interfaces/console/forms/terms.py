"""The form of terms that are published now."""

from datetime import UTC
from typing import Any

from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.setup import TermsForm as FirstTermsForm
from interfaces.console.forms.targeting import MomentField


class TermsForm(FirstTermsForm):
    """A version of the terms, and until when who is in is asked to accept it."""

    accept_by = MomentField(
        label=_("To be accepted until"),
        help_text=_(
            "In UTC; may be left empty. Who is in is asked on the next visit. Who has not accepted"
            " by then goes on earning, and is listed under “Who accepted”."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Read the moment in UTC."""
        said = super().clean() or {}
        if said.get("accept_by"):
            said["accept_by"] = said["accept_by"].replace(tzinfo=UTC)
        return said
