"""What a preset would set, in the words of the pages that it fills."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from commissions.presets import PRESETS, PresetGoal, ProgramPreset
from commissions.words import describe_rate
from programs.models import JoinMode, Permission
from programs.services import PRESETS as LADDERS


@dataclass(frozen=True, slots=True)
class PresetGoalShown:
    """A goal with what it counts and pays."""

    name: str
    definition: str
    pays: str


def chosen_preset(name: str) -> ProgramPreset | None:
    """Return the preset of this name, if it is one."""
    return ProgramPreset(name) if name in ProgramPreset.values else None


def preset_cards() -> list[dict[str, Any]]:
    """Return every preset with what it is about."""
    return [{"preset": preset, "about": PRESETS[preset].about} for preset in ProgramPreset]


def preset_told(preset: ProgramPreset, currency: str) -> dict[str, Any]:
    """Return everything that a preset sets, before it is made."""
    start = PRESETS[preset]
    days = ngettext("%(days)s day", "%(days)s days", start.window_days)
    hold = ngettext("%(days)s day", "%(days)s days", start.hold_days)
    return {
        "preset": preset,
        "about": start.about,
        "facts": [
            {"label": _("Kind"), "value": start.kind.label},
            {"label": _("A click counts for"), "value": days % {"days": start.window_days}},
            {"label": pgettext("for days", "Hold"), "value": hold % {"days": start.hold_days}},
            {"label": _("Customers stay bound"), "value": _bound(start.lock_in_months)},
        ],
        "goals": [
            PresetGoalShown(str(goal.name), str(goal.definition), _pays(goal, currency))
            for goal in start.goals
        ],
        "questions": [one.label for one in start.questions],
        "asks": start.join_mode == JoinMode.APPLICATION,
        "tiers": [tier.name for tier in LADDERS[start.ladder][1]] if start.ladder else [],
        "methods": [
            {
                "label": said.label,
                "names": [way.label for way, verdict in start.methods.items() if verdict == said],
            }
            for said in Permission
        ],
    }


def _bound(months: int | None) -> str:
    if months is None:
        return _("for life")
    if not months:
        return _("not at all: each order needs a click or a code")
    return ngettext("%(count)s month", "%(count)s months", months) % {"count": months}


def _pays(goal: PresetGoal, currency: str) -> str:
    rate = goal.rate(currency)
    if rate is None:
        return _("pays nothing by itself")
    language = get_language() or "en"
    return describe_rate(rate, goal=str(goal.name), currency=currency, language=language)
