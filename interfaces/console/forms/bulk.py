"""What a bulk action asks for beside whom it takes."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from affiliates.care.jobs import REASON_MAX, Errand
from affiliates.care.selectors import tags_of, tiers_by_program
from affiliates.care.tags import ensure_tag, find_tag
from affiliates.models import BulkAction
from interfaces.console.forms.coupons import LimitsForm
from merchants.models import Merchant
from merchants.selectors import members_of
from programs.models import Tier
from tracking.services import ENDING_MAX, PersonalCode

ASKED = {  # The fields of each action; the others need none.
    BulkAction.REJECT: ("reason",),
    BulkAction.SUSPEND: ("reason",),
    BulkAction.TAG: ("tag_name",),
    BulkAction.UNTAG: ("tag",),
    BulkAction.MOVE_TIER: ("tier",),
    BulkAction.ASSIGN_OWNER: ("owner",),
    BulkAction.GIVE_CODE: ("ending", *LimitsForm.base_fields, "only_without"),
}


class ErrandForm(LimitsForm):
    """What is to be done to each, of one action."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Each affiliate reads it."),
    )
    tag_name = forms.CharField(
        label=_("Tag"),
        max_length=40,
        widget=forms.TextInput(attrs={"list": "tags", "autocomplete": "off"}),
        help_text=_("One that you have, or a new one."),
    )
    tag = forms.ChoiceField(label=_("Tag"))
    tier = forms.ChoiceField(label=_("Tier"), required=False)
    owner = forms.ChoiceField(label=_("Looked after by"), required=False)
    ending = forms.CharField(
        label=_("After each name"),
        max_length=ENDING_MAX,
        required=False,
        validators=[RegexValidator(r"^[A-Za-z0-9_-]*$", _("Use letters, digits, - and _."))],
        help_text=_("With 10, Anna gets ANNA10; another Anna gets some letters more."),
    )
    only_without = forms.BooleanField(
        label=_("Only who has no valid code"), required=False, initial=True
    )
    field_order = ("ending", *LimitsForm.base_fields, "only_without")

    def __init__(
        self, data: Any, *, action: BulkAction, merchant: Merchant, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.action, self.merchant = action, merchant
        for name in set(self.fields) - set(ASKED.get(action, ())):
            del self.fields[name]
        self.tags = tags_of(merchant.id) if action in (BulkAction.TAG, BulkAction.UNTAG) else []
        self._offer("tag", [(str(tag.id), tag.name) for tag in self.tags])
        if "tier" in self.fields:
            tiers = [(str(id), name) for id, name in tiers_by_program(merchant.id)]
            self._offer("tier", [("", _("No tier")), *tiers])
        if "owner" in self.fields:
            self.members = {
                str(member.id): member
                for member in members_of(merchant.id).filter(disabled_at=None)
            }
            people = [(id, member.user.get_full_name()) for id, member in self.members.items()]
            self._offer("owner", [("", _("Nobody")), *people])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def errand(self, *, is_agreed: bool) -> Errand:
        """Return what a valid form asks for. A tag is made only once that is agreed."""
        said = self.cleaned_data
        tag = tier = owner = None
        if "tag_name" in said:
            find = ensure_tag if is_agreed else find_tag
            tag = find(merchant=self.merchant, name=said["tag_name"])
        if "tag" in said:
            tag = next(tag for tag in self.tags if str(tag.id) == said["tag"])
        if said.get("tier"):
            tier = Tier.objects.get(merchant=self.merchant, id=said["tier"])
        if said.get("owner"):
            owner = self.members[said["owner"]]
        return Errand(
            self.action,
            tag=tag,
            tier=tier,
            owner=owner,
            reason=said.get("reason", ""),
            coupon=self._coupon(),
        )

    def _coupon(self) -> dict[str, Any] | None:
        if self.action != BulkAction.GIVE_CODE:
            return None
        said = self.cleaned_data
        return PersonalCode(
            ending=said["ending"], only_without=said["only_without"], **self.limits
        ).as_json()
