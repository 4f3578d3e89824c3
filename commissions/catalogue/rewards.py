"""Rewards: how a rule computes what it pays. Declared once; everything else reads this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commissions.catalogue.fields import Choice, Field, Group, Label, Rows, Whole, Words
from commissions.models import PER_CONVERSION, BudgetPeriod, GrantKind, Reward
from common.money import MINOR_MAX, WHOLE_BPS
from common.refusals import BadValue

STEPS_MAX = 20
ITEMS_MAX = 500
E5_MAX = 100_000 * 1_000  # A thousand major units a click.


class Counts(TextChoices):
    """What makes volume."""

    CONVERSIONS = "CONVERSIONS", gettext_lazy("Number of conversions")
    AMOUNT = "AMOUNT", gettext_lazy("Their amounts")


class Mode(TextChoices):
    """What a step that is reached applies to."""

    ONWARDS = "ONWARDS", gettext_lazy("From here on")
    RETROACTIVE = "RETROACTIVE", gettext_lazy("Back to the first of the period")


class Milestone(TextChoices):
    """What a bonus counts."""

    CONVERSIONS = "CONVERSIONS", gettext_lazy("Number of conversions")
    AMOUNT = "AMOUNT", gettext_lazy("Their amounts")
    NEW_CUSTOMERS = "NEW_CUSTOMERS", gettext_lazy("New customers")


class FlatPeriod(TextChoices):
    """How often a flat fee is paid."""

    ONCE = "ONCE", gettext_lazy("Once")
    MONTH = "MONTH", gettext_lazy("Every month")


@dataclass(frozen=True, slots=True)
class RewardKind:
    """What a reward needs: the columns, and the fields of `details`."""

    reward: Reward
    needs_fixed: bool = False
    needs_rate: bool = False
    fields: tuple[Field, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()

    @property
    def label(self) -> Label:
        """Return its name for people."""
        return self.reward.label

    @property
    def is_per_conversion(self) -> bool:
        """Whether conversions earn it; the others are for clicks, recruits and milestones."""
        return self.reward in PER_CONVERSION

    @property
    def details(self) -> Group:
        """Return what its `details` may hold."""
        friend = (FRIEND,) if self.is_per_conversion and self.reward != Reward.NOTHING else ()
        return Group((*self.fields, *friend), self.one_of)


_AMOUNT = Field("fixed_minor", gettext_lazy("Amount"), Whole(0, MINOR_MAX), required=False)
_RATE = Field("rate_bps", gettext_lazy("Rate"), Whole(0, WHOLE_BPS), required=False)
_PAYS: Final = ("rate_bps", "fixed_minor")
_PERIOD = Field("period", gettext_lazy("Period"), Choice(BudgetPeriod.choices))
_GRANT: Final = (
    Field("kind", gettext_lazy("What"), Choice(GrantKind.choices)),
    Field("quantity", gettext_lazy("How much"), Whole(1, MINOR_MAX)),
    Field("description", gettext_lazy("In words"), Words(length_min=0), required=False),
)
FRIEND: Final = Field(
    "friend", gettext_lazy("For the customer as well"), Group(_GRANT), required=False
)
_STEPS = Rows(
    Group(
        (Field("from", gettext_lazy("From"), Whole(0, MINOR_MAX)), _RATE, _AMOUNT), one_of=(_PAYS,)
    ),
    STEPS_MAX,
)
_ITEMS = Rows(
    Group(
        (
            Field("sku", gettext_lazy("SKU"), Words(), required=False),
            Field("category", gettext_lazy("Category"), Words(), required=False),
            _RATE,
            _AMOUNT,
        ),
        one_of=(("sku", "category"), _PAYS),
    ),
    ITEMS_MAX,
)
_OWN: Final = Group(
    (
        Field("conversions_min", gettext_lazy("Own conversions"), Whole(1, 1_000_000)),
        Field("days", gettext_lazy("In the last days"), Whole(1, 730)),
    )
)
_E5 = Field("rate_e5", gettext_lazy("Rate, in 0.00001 of a major unit"), Whole(1, E5_MAX))
_GOAL = Field(
    "goal",
    gettext_lazy("Goal"),
    Words(length_min=0, length_max=40, pattern="([a-z][a-z0-9_]*)?"),
    required=False,
)

_DECLARED = (
    RewardKind(Reward.FIXED, needs_fixed=True),
    RewardKind(Reward.PERCENT, needs_rate=True),
    RewardKind(Reward.FIXED_AND_PERCENT, needs_fixed=True, needs_rate=True),
    RewardKind(
        Reward.PER_ITEM,
        fields=(
            Field("items", gettext_lazy("Items"), _ITEMS),
            Field(
                "otherwise",
                gettext_lazy("Every other item"),
                Group((_RATE, _AMOUNT), one_of=(_PAYS,)),
                required=False,
            ),
        ),
    ),
    RewardKind(
        Reward.VOLUME,
        fields=(
            _PERIOD,
            Field("counts", gettext_lazy("Counted"), Choice(Counts.choices)),
            Field("mode", gettext_lazy("A step applies"), Choice(Mode.choices)),
            Field("steps", gettext_lazy("Steps"), _STEPS),
        ),
    ),
    RewardKind(Reward.NON_CASH, fields=_GRANT),
    RewardKind(Reward.NOTHING),
    RewardKind(Reward.PER_CLICK, fields=(_E5,)),
    RewardKind(Reward.PER_MILLE, fields=(_E5,)),
    RewardKind(
        Reward.OVERRIDE,
        needs_rate=True,
        fields=(
            Field("depth_max", gettext_lazy("Levels"), Whole(1, 5)),
            Field("own", gettext_lazy("Only with conversions of one's own"), _OWN, required=False),
        ),
    ),
    RewardKind(
        Reward.BONUS,
        needs_fixed=True,
        fields=(
            Field("counts", gettext_lazy("Counted"), Choice(Milestone.choices)),
            _GOAL,
            Field("every", gettext_lazy("At every"), Whole(1, MINOR_MAX), required=False),
            Field("at", gettext_lazy("Once at"), Whole(1, MINOR_MAX), required=False),
            _PERIOD,
        ),
        one_of=(("every", "at"),),
    ),
    RewardKind(
        Reward.FLAT,
        needs_fixed=True,
        fields=(Field("period", gettext_lazy("Paid"), Choice(FlatPeriod.choices)),),
    ),
)
REWARDS: Final[Mapping[Reward, RewardKind]] = {kind.reward: kind for kind in _DECLARED}


@dataclass(frozen=True, slots=True)
class CleanReward:
    """What a rule pays, as its version stores it."""

    reward: Reward
    fixed_minor: int
    rate_bps: int
    details: dict[str, Any]


def clean_reward(
    reward: str, fixed_minor: Any = 0, rate_bps: Any = 0, details: Any = None
) -> CleanReward:
    """Return the reward as it is stored. Amounts that it has no use for must be 0 or None.

    :raises BadValue: naming what cannot be, as in `fixed_minor` or `details.steps.1.from`.
    """
    chosen = Choice(Reward.choices).clean(reward, "reward")
    kind = REWARDS[Reward(chosen)]
    fixed = _column("fixed_minor", fixed_minor, kind.needs_fixed, MINOR_MAX)
    rate = _column("rate_bps", rate_bps, kind.needs_rate, WHOLE_BPS)
    cleaned = kind.details.clean({} if details is None else details, "details")
    if kind.reward == Reward.VOLUME:
        _require_rising(cleaned)
    _require_sane_grant(cleaned, "details", is_grant=kind.reward == Reward.NON_CASH)
    return CleanReward(kind.reward, fixed, rate, cleaned)


def _column(name: str, value: Any, is_needed: bool, maximum: int) -> int:
    if is_needed:
        if value in (None, 0) and not isinstance(value, bool):
            raise BadValue(name, "required", _("This reward needs it."))
        return Whole(1, maximum).clean(value, name)
    if value not in (None, 0):
        raise BadValue(name, "not_with_reward", _("Not with this reward."))
    return 0


def _require_rising(details: Mapping[str, Any]) -> None:
    """Check that the first step is the first of all, and each later one comes later."""
    steps: Sequence[Mapping[str, Any]] = details["steps"]
    first = 1 if details["counts"] == Counts.CONVERSIONS else 0
    if steps[0]["from"] != first:
        message = _("The first step begins at %d; let it pay 0 if it shall pay nothing.") % first
        raise BadValue("details.steps.0.from", "first_step", message)
    for index in range(1, len(steps)):
        if steps[index]["from"] <= steps[index - 1]["from"]:
            message = _("Each step begins after the one before.")
            raise BadValue(f"details.steps.{index}.from", "not_rising", message)


def _require_sane_grant(details: Mapping[str, Any], path: str, *, is_grant: bool) -> None:
    if is_grant and details["kind"] == GrantKind.DISCOUNT and details["quantity"] > WHOLE_BPS:
        message = _("A discount is 10000 basis points at the most.")
        raise BadValue(f"{path}.quantity", "max_value", message)
    if "friend" in details:
        _require_sane_grant(details["friend"], f"{path}.friend", is_grant=True)
