"""For whom something is: a visitor against conditions, and whose turn it is. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

ALWAYS_FROM, ALWAYS_UNTIL = float("-inf"), float("inf")


class Visitor(NamedTuple):
    """What a redirect knows of who asks; empty where nothing is known."""

    country: str  # ISO 3166-1 alpha-2, upper case.
    device: str
    system: str
    language: str  # ISO 639, lower case.


class Targeting(NamedTuple):
    """Conditions, all of which must hold; an empty one always does. See `Targeted`."""

    countries: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    hour_from: int | None = None
    hour_until: int | None = None
    time_zone: str = "UTC"
    starts_at: float = ALWAYS_FROM  # Seconds since 1970.
    ends_at: float = ALWAYS_UNTIL
    priority: int = 100
    weight: int = 100

    def matches(self, visitor: Visitor, at: datetime) -> bool:
        """Return whether every condition holds for this visitor at this moment."""
        return (
            (not self.countries or visitor.country in self.countries)
            and (not self.devices or visitor.device in self.devices)
            and (not self.systems or visitor.system in self.systems)
            and (not self.languages or visitor.language in self.languages)
            and self.starts_at <= at.timestamp() < self.ends_at
            and self._is_open(at)
        )

    def _is_open(self, at: datetime) -> bool:
        """Return whether weekday and hour fit, in the time zone; 22 to 6 goes over midnight."""
        if not self.weekdays and self.hour_from is None:
            return True
        local = at.astimezone(_zone(self.time_zone))
        if self.weekdays and local.isoweekday() not in self.weekdays:
            return False
        if self.hour_from is None or self.hour_until is None:
            return True
        if self.hour_from < self.hour_until:
            return self.hour_from <= local.hour < self.hour_until
        return local.hour >= self.hour_from or local.hour < self.hour_until


class HasTargeting(Protocol):
    """Anything that is for some visitors."""

    @property
    def targeting(self) -> Targeting: ...


T = TypeVar("T", bound=HasTargeting)


def matching(choices: Iterable[T], visitor: Visitor, at: datetime) -> list[T]:
    """Return the choices of the smallest priority that any matching choice has."""
    fitting = [choice for choice in choices if choice.targeting.matches(visitor, at)]
    if not fitting:
        return []
    first = min(choice.targeting.priority for choice in fitting)
    return [choice for choice in fitting if choice.targeting.priority == first]


def choose(choices: Sequence[T], draw: int) -> T:
    """Return one of the choices by weight. `draw` is any number: equal numbers choose alike."""
    left = draw % sum(choice.targeting.weight for choice in choices)
    for choice in choices:
        left -= choice.targeting.weight
        if left < 0:
            return choice
    return choices[-1]


@lru_cache(maxsize=1_000)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
