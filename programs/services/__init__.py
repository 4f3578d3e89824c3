"""Every write to programs and their parts. Callers stand in the merchant's context."""

from programs.services.goals import (
    STARTING_GOALS,
    GoalDraft,
    GoalTaken,
    add_goal,
    update_goal,
)
from programs.services.hosts import HostNotAllowed, allowed_hosts_of, require_allowed_host
from programs.services.programs import (
    EDITABLE,
    PAST_VERBS,
    ProgramDraft,
    SlugTaken,
    create_program,
    move_program,
    update_program,
)
from programs.services.terms import publish_terms

__all__ = [
    "EDITABLE",
    "PAST_VERBS",
    "STARTING_GOALS",
    "GoalDraft",
    "GoalTaken",
    "HostNotAllowed",
    "ProgramDraft",
    "SlugTaken",
    "add_goal",
    "allowed_hosts_of",
    "create_program",
    "move_program",
    "publish_terms",
    "require_allowed_host",
    "update_goal",
    "update_program",
]
