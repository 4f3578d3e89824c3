"""What automations can wait for and do, declared once: it checks, makes forms, and says it.

A trigger is a query: whose enrollments it is so with, each with its `occasion`, which tells this
time from the next. Everything is one statement however many affiliates there are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import (
    CharField,
    Exists,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from affiliates.models import Enrollment
from automations.models import ActionKind, Automation, Trigger
from partnerships.models import SharedGoal
from reports.models import DailyClicks
from tracking.models import ConversionStatus, Credit

Rows = QuerySet[Enrollment]


@dataclass(frozen=True, slots=True)
class Field:
    """A detail that a trigger or an action asks for. `kind`: number, line, text or tier."""

    name: str
    label: Promise
    kind: str
    help: Promise | str = ""
    least: int = 1
    most: int = 365  # A number's; of a line or a text, characters.
    default: Any = None


@dataclass(frozen=True, slots=True)
class TriggerFacts:
    """A trigger: what it asks for, how it is said, and whom it finds."""

    says: Promise
    find: Callable[[Automation, Rows, datetime], Rows]
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """An action: what it asks for, and how it is said."""

    says: Promise
    fields: tuple[Field, ...] = field(default=())


def _text(expression: Any) -> Any:
    return Cast(expression, CharField())


def _no_click(automation: Automation, rows: Rows, at: datetime) -> Rows:
    """Who was clicked before, or is long enough in, and not since: once for each such pause."""
    since = at - timedelta(days=automation.trigger_details["days"])
    clicks = DailyClicks.objects.filter(
        merchant_id=automation.merchant_id, enrollment_id=OuterRef("id"), human__gt=0
    )
    last = clicks.order_by().values("enrollment_id").annotate(day=Max("day")).values("day")
    found = rows.annotate(last_click=Subquery(last)).filter(
        Q(last_click__lt=since.astimezone(UTC).date()), status_changed_at__lt=since
    )
    return found.annotate(occasion=Concat(Value("since:"), _text("last_click")))


def _never_started(automation: Automation, rows: Rows, at: datetime) -> Rows:
    since = at - timedelta(days=automation.trigger_details["days"])
    clicks = DailyClicks.objects.filter(
        merchant_id=automation.merchant_id, enrollment_id=OuterRef("id"), human__gt=0
    )
    found = rows.filter(~Q(Exists(clicks)), status_changed_at__lt=since)
    return found.annotate(occasion=Value("once", CharField()))


def _first_sale(automation: Automation, rows: Rows, at: datetime) -> Rows:
    """Who has a conversion, none of them before the automation was written."""
    credits = Credit.objects.filter(
        merchant_id=automation.merchant_id,
        enrollment_id=OuterRef("id"),
        conversion__is_test=False,
    ).exclude(conversion__status=ConversionStatus.DECLINED)
    before = credits.filter(conversion__occurred_at__lt=automation.created_at)
    found = rows.filter(Exists(credits), ~Q(Exists(before)))
    return found.annotate(occasion=Value("once", CharField()))


def _tier_reached(automation: Automation, rows: Rows, at: datetime) -> Rows:
    found = rows.filter(
        tier_id=automation.trigger_details["tier"], tier_since__gte=automation.created_at
    )
    return found.annotate(occasion=Concat(Value("since:"), _text("tier_since")))


def _health_below(automation: Automation, rows: Rows, at: datetime) -> Rows:
    found = rows.filter(health__lt=automation.trigger_details["score"])
    month = f"month:{at.astimezone(UTC):%Y-%m}"
    return found.annotate(occasion=Value(month, CharField()))


def _goal_met(automation: Automation, rows: Rows, at: datetime) -> Rows:
    goals = SharedGoal.objects.filter(
        merchant_id=automation.merchant_id,
        partnership__enrollment_id=OuterRef("id"),
        reached_at__gte=automation.created_at,
    ).order_by("-reached_at")
    found = rows.annotate(goal=_text(Subquery(goals.values("id")[:1]))).filter(goal__isnull=False)
    return found.annotate(occasion=Concat(Value("goal:"), Coalesce("goal", Value(""))))


DAYS = Field("days", _("Days"), "number", default=30)
TIER = Field("tier", _("Tier"), "tier")
TRIGGERS: Final[dict[Trigger, TriggerFacts]] = {
    Trigger.NO_CLICK: TriggerFacts(
        _("When an affiliate had clicks, and none for %(days)s days"), _no_click, (DAYS,)
    ),
    Trigger.NEVER_STARTED: TriggerFacts(
        _("When nobody has clicked an affiliate's links %(days)s days after the approval"),
        _never_started,
        (Field("days", _("Days"), "number", default=7),),
    ),
    Trigger.FIRST_SALE: TriggerFacts(
        _("When an affiliate is credited with the first conversion"), _first_sale
    ),
    Trigger.TIER_REACHED: TriggerFacts(
        _("When an affiliate comes into the tier %(tier)s"), _tier_reached, (TIER,)
    ),
    Trigger.HEALTH_BELOW: TriggerFacts(
        _("When an affiliate's health is below %(score)s, at most once a month"),
        _health_below,
        (Field("score", _("Score"), "number", _("0 to 100."), most=100, default=40),),
    ),
    Trigger.GOAL_MET: TriggerFacts(_("When a shared goal of a partner is reached"), _goal_met),
}
ACTIONS: Final[dict[ActionKind, ActionFacts]] = {
    ActionKind.MESSAGE: ActionFacts(
        _("write “%(subject)s” to them"),
        (
            Field("subject", _("Subject"), "line", most=150),
            Field(
                "body",
                _("Message"),
                "text",
                _("{name}, {program}, {merchant}, {link}, {code} and {tier} are filled in."),
                most=5000,
            ),
        ),
    ),
    ActionKind.TAG: ActionFacts(
        _("add the tag “%(tag)s”"), (Field("tag", _("Tag"), "line", most=40),)
    ),
    ActionKind.TASK: ActionFacts(
        _("set the task “%(title)s”, for within %(due_days)s days"),
        (
            Field("title", _("What is to be done"), "line", most=200),
            Field("due_days", _("Within days"), "number", most=90, default=3),
        ),
    ),
    ActionKind.MOVE_TIER: ActionFacts(_("move them to the tier %(tier)s"), (TIER,)),
}


def words_of(automation: Automation, tiers: Mapping[str, str]) -> tuple[str, str]:
    """Return what an automation waits for and does, in words; `tiers` are names by id."""

    def said(details: Mapping[str, Any]) -> dict[str, Any]:
        named = dict(details)
        if "tier" in named:
            named["tier"] = tiers.get(str(named["tier"]), "–")
        return named

    when = TRIGGERS[Trigger(automation.trigger)].says % said(automation.trigger_details)
    then = ACTIONS[ActionKind(automation.action)].says % said(automation.action_details)
    return str(when), str(then)
