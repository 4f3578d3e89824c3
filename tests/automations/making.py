"""Automations of the cast's company."""

from typing import Any

from automations.models import Automation, AutomationStatus
from automations.services import AutomationDraft, move_automation, write_automation
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company

WRITE = {"subject": "Are you well, {name}?", "body": "{link}"}


def write(
    company: Company,
    trigger: str = "NO_CLICK",
    action: str = "MESSAGE",
    *,
    when: dict[str, Any] | None = None,
    then: dict[str, Any] | None = None,
    on: bool = False,
    **facts: Any,
) -> Automation:
    """Write an automation: to who has no click for 30 days, unless said; perhaps switch it on."""
    with merchant_context(company.id):
        draft = AutomationDraft(
            name="Silence",
            trigger=trigger,
            action=action,
            trigger_details={"days": 30} if when is None else when,
            action_details=WRITE if then is None else then,
            **facts,
        )
        made = write_automation(
            program=company.program, draft=draft, member=company.owner, by=SYSTEM, at=NOON
        )
        if on:
            move_automation(automation=made, to=AutomationStatus.ACTIVE, by=SYSTEM, at=NOON)
    return made
