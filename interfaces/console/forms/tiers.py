"""The forms of tiers, ladders and promotions."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commissions.models import Promotion
from interfaces.console.forms.fields import MoneyField
from interfaces.console.forms.targeting import MomentField
from programs.models import Ladder, Metric, Program, Tier

MONEY = (Metric.REVENUE, Metric.COMMISSION)
TARGET = "target_"  # Before the metric: the name of a target's field.


class TierForm(forms.ModelForm):
    """A group of affiliates, what it has of its own, and what it asks for."""

    class Meta:
        model = Tier
        fields = ["name", "benefits", "position", "hold_days"]
        widgets = {"benefits": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "name": _("Affiliates read it: “Gold”."),
            "benefits": _("Affiliates read it, those below the tier as well."),
            "position": _("The lowest number comes first. Who climbs goes from low to high."),
            "hold_days": _("Empty: as the program says."),
        }

    def __init__(
        self, *args: Any, program: Program, targets: Mapping[str, int], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        for metric in Metric:
            field = _target_field(metric, program.currency)
            field.initial = targets.get(metric)
            self.fields[TARGET + metric.value.lower()] = field

    @property
    def facts(self) -> dict[str, Any]:
        """Return what a valid form says, as services take it."""
        said = dict(self.cleaned_data)
        targets = {metric.value: said.pop(TARGET + metric.value.lower(), None) for metric in Metric}
        return said | {"targets": {name: least for name, least in targets.items() if least}}


def _target_field(metric: Metric, currency: str) -> forms.Field:
    said = {"metric": metric.label, "currency": currency}
    help_text = gettext("Empty: not asked for.")
    if metric in MONEY:
        label = gettext("%(metric)s of at least (%(currency)s)") % said
        options: dict[str, Any] = {"required": False, "label": label, "help_text": help_text}
        return MoneyField(currency=currency, minor_min=1, **options)
    label = gettext("%(metric)s: at least") % said
    return forms.IntegerField(min_value=1, required=False, label=label, help_text=help_text)


class LadderForm(forms.ModelForm):
    """How affiliates are moved between the tiers."""

    class Meta:
        model = Ladder
        fields = ["is_automatic", "period", "demotes", "grace_days", "lock_days"]
        help_texts = {
            "is_automatic": _(
                "Everybody is looked at once a day. Look below first who would move."
            ),
            "period": _("Calendar periods are in UTC; they let fall only once they have ended."),
            "demotes": _("Off: affiliates keep the highest tier that they reached."),
            "grace_days": _("Who misses the targets is told, and moves down so much later."),
            "lock_days": _("After a move, no move down for so long."),
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
