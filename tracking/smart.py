"""Smart links: which of its branches a visitor takes. Pure.

MATCH goes by the branches' conditions, priority and weight, like destinations. BEST takes of the
branches that fit with the smallest priority the one that has earned most per click; one visit in
ten goes by weight instead, or a branch that had bad luck at the start would never be seen again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from programs.targeting import Visitor, choose, matching
from tracking.models import SmartRule
from tracking.routes import BranchRoute, Route
from tracking.visitors import draw_of
from tracking.visits import Visit

BEST: Final[str] = SmartRule.BEST.value
EXPLORES_ONE_IN = 10

IsOpen = Callable[[Route], bool]


def choose_branch(
    route: Route,
    *,
    targets: Mapping[str, Route],
    is_open: IsOpen,
    visit: Visit,
    visitor: Visitor,
    at: datetime,
) -> Route | None:
    """Return the link that a smart link leads this visitor through, or None if none fits.

    Branches to a link that is closed are passed over.
    """
    fitting = [
        branch
        for branch in route.branches
        if (target := targets.get(branch.code)) is not None and is_open(target)
    ]
    found = matching(fitting, visitor, at)
    if not found:
        return None
    agent = visit.headers.get("user-agent", "")
    if route.smart_rule == BEST and not _explores(visit, route, at):
        found = _best(found)
    return targets[choose(found, draw_of(visit.address, agent, route.link_id)).code]


def _best(branches: list[BranchRoute]) -> list[BranchRoute]:
    highest = max(branch.score for branch in branches)
    return [branch for branch in branches if branch.score == highest]


def _explores(visit: Visit, route: Route, at: datetime) -> bool:
    """Whether this visit, not this visitor, is one of those that try the others."""
    return draw_of(visit.address, route.link_id, str(at.timestamp())) % EXPLORES_ONE_IN == 0
