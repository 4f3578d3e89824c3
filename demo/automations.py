"""Acme's automations: who falls silent is written to, whoever sells first is tagged."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from automations.models import AutomationStatus
from automations.services import AutomationDraft, move_automation, write_automation
from demo.history import History
from merchants.rights import Role

AUTOMATIONS: Final = (  # Each, and whether it is on: those that would write to people are not.
    (
        AutomationDraft(
            name="Silent for a month",
            trigger="NO_CLICK",
            trigger_details={"days": 30},
            action="MESSAGE",
            action_details={
                "subject": "Is everything all right, {name}?",
                "body": "Nobody has come through {link} for a month. What can we do for you?",
            },
        ),
        False,
    ),
    (
        AutomationDraft(
            name="First sale",
            trigger="FIRST_SALE",
            action="TAG",
            action_details={"tag": "Has sold"},
        ),
        True,
    ),
    (
        AutomationDraft(
            name="Never started",
            trigger="NEVER_STARTED",
            trigger_details={"days": 7},
            action="TASK",
            action_details={"title": "Ask {name} what is missing", "due_days": 3},
        ),
        False,
    ),
)


def plan_automations(history: History) -> None:
    """Plan what Mia wrote three weeks ago."""
    at = history.day(21) + timedelta(hours=9)
    history.agenda.plan(at, partial(_write, history))


def _write(history: History, at: datetime) -> None:
    member, by = history.stage.member(Role.MANAGER), history.stage.acting(Role.MANAGER)
    for draft, is_on in AUTOMATIONS:
        made = write_automation(
            program=history.stage.program, draft=draft, member=member, by=by, at=at
        )
        if is_on:
            move_automation(automation=made, to=AutomationStatus.ACTIVE, by=by, at=at)
