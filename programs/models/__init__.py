"""Programs, the goals they pay for, where their links lead, and the terms affiliates accept."""

from programs.models.destinations import (
    TARGETING_SANE,
    Destination,
    Targeted,
)
from programs.models.programs import (
    HOLD_DAYS_MAX,
    MAY_COME_FROM,
    WINDOW_DAYS_MAX,
    ConsentMode,
    Goal,
    GoalStep,
    JoinMode,
    Kind,
    PostbackProfile,
    Program,
    ProgramQuerySet,
    Status,
    Terms,
    new_postback_token,
)

__all__ = [
    "HOLD_DAYS_MAX",
    "MAY_COME_FROM",
    "TARGETING_SANE",
    "WINDOW_DAYS_MAX",
    "ConsentMode",
    "Destination",
    "Goal",
    "GoalStep",
    "JoinMode",
    "Kind",
    "PostbackProfile",
    "Program",
    "ProgramQuerySet",
    "Status",
    "Targeted",
    "Terms",
    "new_postback_token",
]
