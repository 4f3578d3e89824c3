"""The form of a cap."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.audience import country_choices
from interfaces.console.forms.affiliates import AffiliateField
from programs.models import Destination, Program
from tracking.models import Cap, CapAction, CapPeriod, CapScope, CapUnit
from tracking.services import CapDraft

HARD = "hard"
HARDNESS = [
    ("soft", _("Soft: closes within a second, what is under way still counts")),
    (HARD, _("Hard: exact to the last one, also for conversions of earlier clicks")),
]


class CapForm(forms.Form):
    """How many of what, in which time, counted how."""

    unit = forms.ChoiceField(label=_("What it counts"), choices=CapUnit, widget=forms.RadioSelect)
    limit = forms.IntegerField(label=_("At most"), min_value=1, max_value=10**12)
    period = forms.ChoiceField(
        label=_("Per"), choices=CapPeriod, help_text=_("By the UTC clock; then it begins anew.")
    )
    scope = forms.ChoiceField(
        label=_("Counted for"),
        choices=CapScope,
        widget=forms.RadioSelect,
        help_text=_("Name one below, or each affiliate, country or destination has its own count."),
    )
    affiliate = AffiliateField(label=_("Only this affiliate"), required=False)
    destination = forms.ChoiceField(label=_("Only this destination"), required=False)
    country = forms.ChoiceField(
        label=_("Only this country"),
        choices=lambda: [("", _("each country")), *country_choices()],
        required=False,
    )
    strictness = forms.ChoiceField(
        label=_("How strict"), choices=HARDNESS, widget=forms.RadioSelect
    )
    beyond = forms.ChoiceField(
        label=_("Beyond it, visitors go"),
        choices=CapAction,
        widget=forms.RadioSelect,
        help_text=_("Nobody is credited for them either way."),
    )

    def __init__(
        self,
        *args: Any,
        program: Program,
        destinations: Sequence[Destination],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.destinations = {str(row.id): row for row in destinations}
        affiliate = self.fields["affiliate"]
        assert isinstance(affiliate, AffiliateField)
        affiliate.choose_from(program.merchant_id, program_id=program.id)
        field = self.fields["destination"]
        assert isinstance(field, forms.ChoiceField)
        names = [(id, row.name) for id, row in self.destinations.items()]
        field.choices = [("", _("each destination")), *names]

    @property
    def draft(self) -> CapDraft:
        """What was said, of a valid form; what another scope would name is left out."""
        said = self.cleaned_data
        scope = said["scope"]
        return CapDraft(
            unit=CapUnit(said["unit"]),
            period=CapPeriod(said["period"]),
            scope=CapScope(scope),
            limit=said["limit"],
            destination=self.destinations.get(said["destination"])
            if scope == CapScope.DESTINATION
            else None,
            enrollment=said["affiliate"] if scope == CapScope.ENROLLMENT else None,
            country=said["country"] if scope == CapScope.COUNTRY else "",
            is_hard=said["strictness"] == HARD,
            beyond=CapAction(said["beyond"]),
        )


CAP_INITIAL = {
    "unit": CapUnit.CLICKS,
    "period": CapPeriod.DAY,
    "scope": CapScope.PROGRAM,
    "strictness": "soft",
    "beyond": Cap._meta.get_field("beyond").get_default(),
}
