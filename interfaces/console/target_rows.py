"""A program's targets as cards show them: how far each is, and how far it would be by now."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from interfaces.console.wording import money, number
from programs.models import Program, TargetMetric
from programs.services.plans import targets_of_program
from reports.targets import Progress, progress_of_targets


def target_rows(program: Program, *, at: datetime) -> list[dict[str, Any]]:
    """Return the targets as cards show them."""
    found = progress_of_targets(program, targets_of_program(program), at=at)
    return [_row(program, one, at.date()) for one in found]


def _row(program: Program, progress: Progress, today: date) -> dict[str, Any]:
    target = progress.target
    is_money = target.metric == TargetMetric.REVENUE

    def text(amount: int) -> str:
        return money(amount, program.currency) if is_money else number(amount)

    tone = "good" if progress.is_reached or progress.reached >= progress.expected else "wait"
    words = _("On course") if tone == "good" else _("Behind")
    if progress.is_reached:
        words = _("Reached")
    elif target.last_on < today:
        words, tone = _("Missed"), "bad"
    elif target.first_on > today:
        words, tone = _("Not begun"), ""
    return {
        "target": target,
        "words": words,
        "tone": tone,
        "percent": min(progress.reached * 100 // target.amount, 100),
        "reached": text(progress.reached),
        "amount": text(target.amount),
        "expected": text(progress.expected),
        "days_left": max((target.last_on - today).days, 0),
        "is_running": target.first_on <= today <= target.last_on,
    }
