"""Shared goals as pages show them."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from babel.numbers import format_decimal
from django.http import Http404
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, to_locale
from django.utils.translation import gettext as _

from common.money import exponent_of, format_money
from interfaces.partnerships.desk import Desk, frame
from interfaces.partnerships.forms import ReadingForm
from merchants.tenancy import merchant_context
from partnerships.goals import Progress, progress_of
from partnerships.models import (
    GoalMetric,
    SharedGoal,
)

STEP_WORDS = {
    None: (gettext_lazy("To come"), ""),
    True: (gettext_lazy("Reached"), "good"),
    False: (gettext_lazy("Missed"), "bad"),
}


def progress(desk: Desk, goals: Sequence[SharedGoal]) -> list[Progress]:
    """Return how far goals are. They are shared, so either side is told what reports count."""
    with merchant_context(desk.partnership.merchant_id):
        return progress_of(desk.partnership, goals, at=desk.at)


def get_goal(desk: Desk, goal_id: UUID) -> SharedGoal:
    """Return a goal of the partnership.

    :raises Http404: if it has no such goal.
    """
    rows = SharedGoal.objects.filter(partnership=desk.partnership, id=goal_id)
    found = rows.select_related("partnership").prefetch_related("checkpoints", "readings").first()
    if found is None:
        raise Http404
    return found


def amount_text(amount: int, *, currency: str, is_money: bool) -> str:
    """Return how much of a goal, as the reader writes it."""
    locale = to_locale(get_language() or "en")
    if is_money:
        return format_money(amount, currency=currency, locale=locale)
    text: str = format_decimal(amount, locale=locale)
    return text


def goal_told(one: Progress) -> dict[str, Any]:
    """Return a goal as cards show it."""
    text = _texts(one)
    word, tone = _("On course"), "good"
    if one.is_reached:
        word = _("Reached")
    elif one.steps[-1].reached is not None:
        word, tone = _("Missed"), "bad"
    elif one.is_behind:
        word, tone = _("Behind"), "wait"
    return {
        "goal": one.goal,
        "word": word,
        "tone": tone,
        "percent": min(one.reached * 100 // one.goal.amount, 100),
        "reached": text(one.reached),
        "amount": text(one.goal.amount),
        "steps": [
            {
                "due_on": step.due_on,
                "amount": text(step.amount),
                "reached": "–" if step.reached is None else text(step.reached),
                "word": STEP_WORDS[step.is_met][0],
                "tone": STEP_WORDS[step.is_met][1],
            }
            for step in one.steps
        ],
    }


def _texts(one: Progress) -> Any:
    return lambda amount: amount_text(amount, currency=one.currency, is_money=one.is_money)


def goal_context(desk: Desk, goal: SharedGoal, form: ReadingForm) -> dict[str, Any]:
    """Return one goal with its chart: what was reached in all, and the way to the checkpoints."""
    [one] = progress(desk, [goal])
    is_by_hand = goal.metric == GoalMetric.BY_HAND
    return frame(desk, "partnership") | {
        "goal": goal,
        "told": goal_told(one),
        "chart": _chart(one) if one.days else None,
        "is_by_hand": is_by_hand,
        "readings": goal.readings.order_by("-day") if is_by_hand else [],
        "form": form,
    }


def _chart(one: Progress) -> dict[str, Any]:
    text, goal = _texts(one), one.goal
    ends = [(goal.starts_on - timedelta(days=1), 0), *((s.due_on, s.amount) for s in one.steps)]
    rows = []
    for day, reached in one.days:
        values = [reached, _way(ends, day)]
        rows.append(
            {
                "x": day.isoformat(),
                "label": date_format(day, "MONTH_DAY_FORMAT"),
                "values": values,
                "texts": [text(value) for value in values],
            }
        )
    unit = {"currency": one.currency, "exponent": exponent_of(one.currency)}
    return {
        "title": _("%(goal)s, in all") % {"goal": goal.title},
        "kind": "area",
        "series": [_("Reached"), _("The way to the checkpoints")],
        "rows": rows,
        "unit": unit if one.is_money else None,
    }


def _way(ends: Sequence[tuple[date, int]], day: date) -> int:
    """Return how much there would be on a day on straight lines between the checkpoints."""
    for (first, start), (last, end) in pairwise(ends):
        if day <= last:
            return start + (end - start) * (day - first).days // max((last - first).days, 1)
    return ends[-1][1]
