"""Every write to programs and their parts. Callers stand in the merchant's context."""

from programs.services.destinations import (
    DESTINATIONS_MAX,
    DestinationDraft,
    DestinationNameTaken,
    archive_destination,
    create_destination,
    update_destination,
)
from programs.services.goals import (
    STARTING_GOALS,
    TIMES_MAX,
    GoalDraft,
    GoalTaken,
    StepInUse,
    add_goal,
    add_goal_step,
    remove_goal_step,
    set_goal_attribution,
    update_goal,
)
from programs.services.hosts import HostNotAllowed, allowed_hosts_of, require_allowed_host
from programs.services.programs import (
    EDITABLE,
    PAST_VERBS,
    HasConversions,
    ProgramDraft,
    SlugTaken,
    create_program,
    move_program,
    rotate_postback_token,
    update_program,
)
from programs.services.targeting import (
    DEVICES,
    columns_of,
    countries,
    languages,
    require_window,
)
from programs.services.terms import publish_terms
from programs.services.tiers import (
    TIERS_MAX,
    TierNameTaken,
    archive_tier,
    create_tier,
    update_tier,
)
from programs.services.values import HOSTS_MAX, LEGACY_PARAMETERS_MAX

__all__ = [
    "DESTINATIONS_MAX",
    "DEVICES",
    "EDITABLE",
    "HOSTS_MAX",
    "LEGACY_PARAMETERS_MAX",
    "PAST_VERBS",
    "STARTING_GOALS",
    "TIERS_MAX",
    "TIMES_MAX",
    "DestinationDraft",
    "DestinationNameTaken",
    "GoalDraft",
    "GoalTaken",
    "HasConversions",
    "HostNotAllowed",
    "ProgramDraft",
    "SlugTaken",
    "StepInUse",
    "TierNameTaken",
    "add_goal",
    "add_goal_step",
    "allowed_hosts_of",
    "archive_destination",
    "archive_tier",
    "columns_of",
    "countries",
    "create_destination",
    "create_program",
    "create_tier",
    "languages",
    "move_program",
    "publish_terms",
    "remove_goal_step",
    "require_allowed_host",
    "require_window",
    "rotate_postback_token",
    "set_goal_attribution",
    "update_destination",
    "update_goal",
    "update_program",
    "update_tier",
]
