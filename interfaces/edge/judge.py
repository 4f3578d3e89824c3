"""Puts a request before the rules, with what this process knows: clicks, caps, salts, countries."""

from collections.abc import Mapping

from common import clock
from interfaces.edge.caps import Door
from interfaces.edge.countries import Countries
from interfaces.edge.links import Links
from interfaces.edge.repeats import Repeats
from interfaces.edge.salts import SaltKeeper
from tracking.clicks import (
    CAP_REACHED,
    HUMAN,
    Attempt,
    Decision,
    Earlier,
    Sight,
    attempt,
    closing_of,
    conclude,
    conclude_report,
    look,
    repeat,
)
from tracking.parameters import DEEP_LINK, Vocabulary, read_parameters
from tracking.routes import Route
from tracking.smart import choose_branch
from tracking.token import KeyRing
from tracking.visits import AGENT_SIGNS, SIGNS, Sign, Visit


class Judge:
    """Decides about clicks and reported visits."""

    def __init__(
        self, links: Links, keys: KeyRing, salts: SaltKeeper, countries: Countries, door: Door
    ) -> None:
        self._links = links
        self._keys = keys
        self._salts = salts
        self._countries = countries
        self._door = door
        self._repeats = Repeats()

    async def follow(self, route: Route, visit: Visit, vocabulary: Vocabulary) -> Decision:
        """Decide about a request for a link."""
        sight = self._look(route, visit, SIGNS)
        ours, passed = read_parameters(visit.query, vocabulary)
        tried = await self._try(route, visit, sight, ours.get(DEEP_LINK, ""))
        decision = conclude(tried, visit, keys=self._keys, ours=ours, passed=passed)
        self._remember(route, tried, decision)
        return decision

    async def report(
        self, route: Route, visit: Visit, *, url: str, referrer: str, subs: Mapping[str, str]
    ) -> Decision:
        """Decide about a visit that the snippet reports: somebody came straight to `url`."""
        sight = self._look(route, visit, AGENT_SIGNS)
        tried = self._repeated(route, visit, sight, "")
        tried = tried or await self._admit(attempt(route, visit, sight))
        decision = conclude_report(
            tried, visit, keys=self._keys, url=url, referrer=referrer, subs=subs
        )
        self._remember(route, tried, decision)
        return decision

    def _look(self, route: Route, visit: Visit, signs: tuple[Sign, ...]) -> Sight:
        return look(
            visit,
            at=clock.now(),
            salts=self._salts.salts,
            country=self._countries.of(visit.address),
            staff_networks=route.program.staff_networks,
            signs=signs,
        )

    async def _try(self, route: Route, visit: Visit, sight: Sight, deep_link: str) -> Attempt:
        repeated = self._repeated(route, visit, sight, deep_link)
        if repeated is not None:
            return repeated
        if route.smart_rule and not closing_of(route, sight.at):
            return await self._try_branches(route, visit, sight, deep_link)
        return await self._admit(attempt(route, visit, sight, deep_link=deep_link))

    def _repeated(self, route: Route, visit: Visit, sight: Sight, deep_link: str) -> Attempt | None:
        earlier = None
        if sight.kind is HUMAN:
            earlier = self._repeats.find(route.code, sight.names.today)
        return repeat(earlier, visit, sight, deep_link=deep_link) if earlier else None

    async def _admit(self, tried: Attempt) -> Attempt:
        is_capped = tried.route.program.caps and not tried.refusal
        return await self._door.admit(tried) if is_capped else tried

    async def _try_branches(
        self, route: Route, visit: Visit, sight: Sight, deep_link: str
    ) -> Attempt:
        """Go through the best branch that is open; one that closes meanwhile is passed over."""
        found = {branch.code: await self._links.find(branch.code) for branch in route.branches}
        targets = {code: target for code, target in found.items() if target}

        def is_open(target: Route) -> bool:
            if closing_of(target, sight.at):
                return False
            has_caps = bool(target.program.caps)
            return not (has_caps and self._door.is_closed(attempt(target, visit, sight)))

        while True:
            target = choose_branch(
                route,
                targets=targets,
                is_open=is_open,
                visit=visit,
                visitor=sight.visitor,
                at=sight.at,
            )
            through = target or route
            tried = await self._admit(attempt(through, visit, sight, deep_link=deep_link))
            if target is None or tried.refusal != CAP_REACHED:
                return tried
            del targets[target.code]

    def _remember(self, route: Route, tried: Attempt, decision: Decision) -> None:
        if tried.sight.kind is HUMAN:
            earlier = Earlier(decision.route, decision.token, decision.is_detour)
            self._repeats.remember(route.code, tried.sight.names.today, earlier)
