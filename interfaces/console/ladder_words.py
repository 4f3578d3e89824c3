"""Figures, targets and ready-made ladders as the console says them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from interfaces.console.forms.tiers import MONEY
from interfaces.console.wording import money, number
from programs.models import Metric, Program
from programs.services import PRESETS


def figures_said(figures: Mapping[str, int], currency: str) -> list[str]:
    """Return figures by metric as people read them: "Revenue €2,500.00"."""
    return [
        _("%(metric)s %(figure)s")
        % {"metric": Metric(name).label, "figure": figure_said(name, figure, currency)}
        for name, figure in figures.items()
    ]


def figure_said(metric: str, figure: int, currency: str) -> str:
    """Return one figure: an amount of money, or a count."""
    return money(figure, currency) if metric in MONEY else number(figure)


def presets_told(program: Program) -> list[dict[str, Any]]:
    """Return the ready-made ladders with their tiers."""
    return [
        {
            "preset": preset,
            "period": period.label,
            "tiers": [
                {
                    "name": tier.name,
                    "asks": figures_said(tier.targets(program.currency), program.currency),
                }
                for tier in tiers
            ],
        }
        for preset, (period, tiers) in PRESETS.items()
    ]
