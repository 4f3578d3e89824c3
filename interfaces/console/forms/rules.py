"""The form of a rule: what it pays, for what, to whom, on which conditions, from when on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from affiliates.models import Enrollment
from commissions.catalogue import (
    CONDITIONS,
    METADATA,
    REWARDS,
    CleanReward,
    clean_conditions,
    clean_reward,
    field_of,
    value_kind,
)
from commissions.models import PER_CONVERSION, Level, Promotion, Reward
from commissions.rules import RuleInForce
from common.refusals import BadValue
from interfaces.console.forms.affiliates import AffiliateField
from interfaces.console.forms.fields import MoneyField, PercentField
from interfaces.console.forms.rule_parts import (
    RESHAPING,
    Part,
    Raw,
    Shape,
    amount_field,
    group_part,
    rows_in,
    value_field,
)
from interfaces.console.forms.targeting import MomentField
from programs.models import Goal, Program, Tier
from tracking.models import Link
from tracking.selectors import links_of_program

CONDITIONS_MAX: Final = 20
MONEY_CONDITIONS: Final = ("amount_minor",)
TARGETS: Final = ("tier", "promotion", "affiliate", "link")
OF_THE_CATALOGUE: Final = ("reward", "fixed_minor", "rate_bps", "details", "conditions")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a rule of a program may be for."""

    goals: Sequence[Goal]
    tiers: Sequence[Tier]
    promotions: Sequence[Promotion]


class LinkField(forms.CharField):
    """A link of a program by its code; cleans to the link, or None."""

    program: Program

    def prepare_value(self, value: Any) -> Any:
        """Show a link by its code."""
        return value.code if isinstance(value, Link) else value

    def clean(self, value: Any) -> Any:
        """Return the link that is meant."""
        code = super().clean(value).rstrip("/").rpartition("/")[2]
        if not code:
            return None
        found = links_of_program(self.program).filter(code=code).first()
        if found is None:
            raise ValidationError(_("No link of this program has this code."))
        return found


class RuleForm(forms.Form):
    """A rule; its fields follow what is chosen so far (`raw`). `is_new`: level and goal are asked.

    Every field of reward and conditions has its path in the catalogue for a name.
    """

    name = forms.CharField(
        label=lazy("Name"),
        required=False,
        max_length=80,
        help_text=lazy("For your own lists; affiliates read the sentence."),
    )
    level = forms.ChoiceField(
        label=lazy("For whom"),
        choices=[
            (Level.PROGRAM.value, lazy("Everybody in the program")),
            (Level.TIER.value, lazy("A tier")),
            (Level.PROMOTION.value, lazy("A promotion")),
            (Level.ENROLLMENT.value, lazy("One affiliate")),
            (Level.LINK.value, lazy("One link")),
        ],
        widget=forms.RadioSelect,
        help_text=lazy("The nearer rule goes first: a link's before an affiliate's, and so on."),
    )
    tier = forms.ChoiceField(label=lazy("Tier"), required=False)
    promotion = forms.ChoiceField(label=lazy("Promotion"), required=False)
    affiliate = AffiliateField(label=lazy("Affiliate"), required=False)
    link = LinkField(
        label=lazy("Link"), required=False, help_text=lazy("Its code or its whole address.")
    )
    goal = forms.ChoiceField(label=lazy("For which goal"), required=False)
    reward = forms.ChoiceField(label=lazy("Reward"))
    valid_from = MomentField(
        label=lazy("From when"),
        help_text=lazy("In UTC. Empty: from now on. What happened before keeps what it had."),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        program: Program,
        choices: Choices,
        raw: Raw,
        is_new: bool = True,
    ) -> None:
        super().__init__(data, initial=dict(raw))
        self.program, self.choices = program, choices
        self.shape = Shape(raw, program.currency)
        self.reward_kind = REWARDS[_reward(raw)]
        self._offer_choices()
        if not is_new:
            for name in ("level", "goal", *TARGETS):
                del self.fields[name]
        self.reward_part = self._reward_fields()
        self.condition_parts = self._condition_fields()

    def _offer_choices(self) -> None:
        offered: dict[str, list[Any]] = {
            "goal": [("", _("Every goal")), *_named(self.choices.goals)],
            "tier": [("", _("Choose")), *_named(self.choices.tiers)],
            "promotion": [("", _("Choose")), *_named(self.choices.promotions)],
            "reward": [
                (_("For a conversion"), [(one.value, one.label) for one in PER_CONVERSION]),
                (
                    _("For something else"),
                    [(one.value, one.label) for one in Reward if one not in PER_CONVERSION],
                ),
            ],
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        affiliate, link = self.fields["affiliate"], self.fields["link"]
        assert isinstance(affiliate, AffiliateField)
        assert isinstance(link, LinkField)
        affiliate.choose_from(self.program.merchant_id, program_id=self.program.id)
        link.program = self.program
        self.fields["reward"].widget.attrs |= RESHAPING

    # What the catalogue declares ------------------------------------------------------------------

    def _reward_fields(self) -> Part:
        kind, currency = self.reward_kind, self.program.currency
        if kind.needs_fixed:
            label = _("Amount in %(currency)s") % {"currency": currency}
            self.fields["fixed_minor"] = MoneyField(currency=currency, minor_min=1, label=label)
        if kind.needs_rate:
            self.fields["rate_bps"] = PercentField(label=_("Percentage"))
        part = group_part(kind.details, "details", self.shape)
        self.fields |= {one.path: one.input for one in part.inputs() if one.input}
        return part

    def _condition_fields(self) -> list[Part]:
        count = rows_in(self.shape.raw, "conditions", count_max=CONDITIONS_MAX)
        parts = [self._condition(f"conditions.{number}") for number in range(count)]
        for part in parts:
            self.fields |= {one.path: one.input for one in part.inputs() if one.input}
        return parts

    def _condition(self, path: str) -> Part:
        """Return the fields of one condition: as many as what is chosen so far calls for."""
        choices = [
            ("", _("Choose")),
            *((one.name, one.label) for one in CONDITIONS.values()),
            (METADATA, _("A field of your own")),
        ]
        what = forms.ChoiceField(label=_("Condition"), choices=choices)
        what.widget.attrs |= RESHAPING
        parts = [Part(f"{path}.field", input=what)]
        chosen = self.shape.chosen(f"{path}.field")
        if chosen == METADATA:
            key = forms.RegexField("[A-Za-z0-9_.-]{1,60}", label=_("Its name"))
            parts.append(Part(f"{path}.key", input=key))
            chosen += "name"
        declared = field_of(chosen) if chosen else None
        if declared is not None:
            compare = forms.ChoiceField(
                label=_("Compared"), choices=[(op.value, op.label) for op in declared.ops]
            )
            if chosen.startswith(METADATA):
                compare.widget.attrs |= RESHAPING
            parts.append(Part(f"{path}.op", input=compare))
            kind = value_kind(declared, self.shape.chosen(f"{path}.op") or declared.ops[0])
            made = amount_field if chosen in MONEY_CONDITIONS else None
            value = (
                made(self.shape, label=_("Value"))
                if made
                else value_field(kind, self.shape, label=_("Value"))
            )
            parts.append(Part(f"{path}.value", input=value))
        return Part(path, parts=parts)

    # What was said --------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """Ask the catalogue whether it can be, and check that the level names somebody."""
        said = super().clean() or {}
        level, needed = said.get("level"), LEVEL_TARGETS
        if level in needed and not said.get(needed[level]) and needed[level] not in self.errors:
            self.add_error(needed[level], _("Say which one."))
        if not any(name.partition(".")[0] in OF_THE_CATALOGUE for name in self.errors):
            self._ask_the_catalogue(said)
        return said

    def _ask_the_catalogue(self, said: Mapping[str, Any]) -> None:
        try:
            self.cleaned_reward = self._clean_reward(said)
            self.cleaned_conditions = clean_conditions(self._conditions(said))
        except BadValue as error:
            self.refuse(error)

    def _clean_reward(self, said: Mapping[str, Any]) -> CleanReward:
        return clean_reward(
            self.reward_kind.reward,
            said.get("fixed_minor") or 0,
            said.get("rate_bps") or 0,
            self.reward_part.collect(said) or {},
        )

    def _conditions(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        rows = []
        for part in self.condition_parts:
            row = dict(part.collect(said) or {})
            key = row.pop("key", "")
            rows.append(row | {"field": row.get("field", "") + key})
        return rows

    def wording(self) -> RuleInForce | None:
        """Return what it would pay, as a rule that nobody stored; None if that is not clear yet."""
        if not hasattr(self, "cleaned_conditions"):
            return None
        reward = self.cleaned_reward
        return RuleInForce(
            level=self.cleaned_data.get("level") or Level.PROGRAM,
            reward=reward.reward,
            fixed_minor=reward.fixed_minor,
            rate_bps=reward.rate_bps,
            details=reward.details,
            conditions=self.cleaned_conditions,
        )

    def refuse(self, error: BadValue) -> None:
        """Show what was refused at the field it is about, or at the nearest that there is."""
        self.add_error(_nearest(error.field, list(self.fields)), str(error))

    @property
    def chosen_goal(self) -> Goal | None:
        """Return the goal that was chosen; None is every goal."""
        return _found(self.choices.goals, self.cleaned_data.get("goal"))

    @property
    def target(self) -> dict[str, Any]:
        """Return what the chosen level names: {"tier": …}, nothing for the program's level."""
        said = self.cleaned_data
        name = LEVEL_TARGETS.get(said["level"])
        rows: dict[str, Sequence[Any]] = {
            "tier": self.choices.tiers,
            "promotion": self.choices.promotions,
        }
        if name in rows:
            return {name: _found(rows[name], said[name])}
        target: Enrollment | Link | None = said.get(name) if name else None
        return {"enrollment" if name == "affiliate" else "link": target} if name else {}

    @property
    def holds_from(self) -> datetime | None:
        """Return from when on, if that was said."""
        moment: datetime | None = self.cleaned_data.get("valid_from")
        return moment.replace(tzinfo=UTC) if moment else None


LEVEL_TARGETS: Final = {
    Level.TIER.value: "tier",
    Level.PROMOTION.value: "promotion",
    Level.ENROLLMENT.value: "affiliate",
    Level.LINK.value: "link",
}


def _reward(raw: Raw) -> Reward:
    said = raw.get("reward")
    return Reward(said) if said in Reward.values else Reward.PERCENT


def _named(rows: Sequence[Any]) -> list[tuple[str, str]]:
    return [(str(row.id), str(row)) for row in rows]


def _found(rows: Sequence[Any], id: Any) -> Any:
    return next((row for row in rows if str(row.id) == str(id)), None)


def _nearest(path: str, names: Sequence[str]) -> str | None:
    """Return the field with this path, a part of it, or one that it is a part of."""
    head, _dot, last = path.rpartition(".")
    if last in ("rate_bps", "fixed_minor") and head:
        path = f"{head}.pays"
    while path:
        if path in names:
            return path
        inside = next((name for name in names if name.startswith(f"{path}.")), None)
        if inside:
            return inside
        path = path.rpartition(".")[0]
    return None


def raw_of_post(data: QueryDict) -> dict[str, Any]:
    """Return what was typed, by the names of the fields; several ticks are a list."""
    return {
        name: values if len(values) > 1 else values[0]
        for name, values in data.lists()
        if values and name not in ("csrfmiddlewaretoken", "do")
    }
