"""The forms of tiers and promotions."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commissions.models import Promotion
from interfaces.console.forms.targeting import MomentField
from programs.models import Tier


class TierForm(forms.ModelForm):
    """A group of affiliates, and what it has of its own."""

    class Meta:
        model = Tier
        fields = ["name", "position", "hold_days"]
        help_texts = {
            "name": _("Affiliates read it: “Gold”."),
            "position": _("In lists the lowest number comes first."),
            "hold_days": _("Empty: as the program says."),
        }


class TierChoiceForm(forms.Form):
    """Into which tier an affiliate is put."""

    tier = forms.ChoiceField(label=_("Tier"), required=False)

    def __init__(self, *args: Any, tiers: Sequence[Tier], **options: Any) -> None:
        super().__init__(*args, **options)
        self.tiers = {str(tier.id): tier for tier in tiers}
        field = self.fields["tier"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("No tier")), *((id, tier.name) for id, tier in self.tiers.items())]

    @property
    def chosen(self) -> Tier | None:
        """Return the tier of a valid form."""
        return self.tiers.get(self.cleaned_data["tier"])


class PromotionForm(forms.Form):
    """Rates for a time: its name, its days and whom it is for. Times are in UTC."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Affiliates read it: “Spring weeks”.")
    )
    starts_at = MomentField(label=_("From"), help_text=_("In UTC."))
    ends_at = MomentField(label=_("Until"), help_text=_("In UTC; this moment is no more in it."))
    tier = forms.ChoiceField(label=_("For whom"), required=False)

    def __init__(self, *args: Any, tiers: Sequence[Tier], **options: Any) -> None:
        super().__init__(*args, **options)
        self.tiers = {str(tier.id): tier for tier in tiers}
        field = self.fields["tier"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Everybody")), *((id, row.name) for id, row in self.tiers.items())]
        for name in ("starts_at", "ends_at"):
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        """Read the moments in UTC, and refuse an end before the start."""
        said = super().clean() or {}
        for name in ("starts_at", "ends_at"):
            if said.get(name):
                said[name] = said[name].replace(tzinfo=UTC)
        starts_at, ends_at = said.get("starts_at"), said.get("ends_at")
        if starts_at and ends_at and starts_at >= ends_at:
            self.add_error("ends_at", _("It must end after it starts."))
        return said

    @property
    def chosen_tier(self) -> Tier | None:
        """Return the tier it is for; None is everybody."""
        return self.tiers.get(self.cleaned_data["tier"])


def promotion_initial(promotion: Promotion) -> dict[str, Any]:
    """Return what the form shows of a promotion, on the UTC clock."""
    return {
        "name": promotion.name,
        "starts_at": promotion.starts_at.astimezone(UTC).replace(tzinfo=None),
        "ends_at": promotion.ends_at.astimezone(UTC).replace(tzinfo=None),
        "tier": str(promotion.tier_id or ""),
    }
