"""Who looks like somebody we know already: by address, website or name. Suggestions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from affiliates.models import Enrollment
from recruiting.models import Prospect
from reports.duplicates import LETTERS_MIN, mailbox, plain_name, site

ALIKE_MIN: Final = 0.9  # Of 1: two letters of twenty may differ.
SHOWN_MAX: Final = 5
BEGINNING: Final = 2  # Letters that names share before they are compared at all.


class Sign(StrEnum):
    """What somebody has in common with somebody known, the strongest first."""

    EMAIL = "email"
    WEBSITE = "website"
    NAME = "name"


class Named(NamedTuple):
    """What somebody is compared by."""

    name: str
    email: str
    website: str


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody known who looks the same: a prospect, or an affiliate by their enrollment."""

    name: str
    sign: Sign
    prospect_id: UUID | None = None
    enrollment_id: UUID | None = None


class Known:
    """The merchant's prospects and affiliates, ready to be asked about many. Two queries."""

    def __init__(self, merchant_id: UUID) -> None:
        self._by_email: dict[str, Match] = {}
        self._by_site: dict[str, Match] = {}
        self._by_name: dict[str, Match] = {}
        self._beginning: dict[str, list[str]] = defaultdict(list)  # Names by how they begin.
        enrollments = Enrollment.objects.filter(merchant_id=merchant_id).order_by("id")
        for id, *named in enrollments.values_list(
            "id", "affiliate__name", "affiliate__email", "affiliate__website"
        ):
            self._add(Named(*named), enrollment_id=id)
        prospects = Prospect.objects.filter(merchant_id=merchant_id)
        for id, *named in prospects.order_by("id").values_list("id", "name", "email", "website"):
            self._add(Named(*named), prospect_id=id)

    def _add(self, who: Named, **ids: UUID) -> None:
        for keyed, key, sign in self._keys(who):
            if key and key not in keyed:
                keyed[key] = Match(who.name, sign, **ids)
                if sign == Sign.NAME:
                    self._beginning[key[:BEGINNING]].append(key)

    def _keys(self, who: Named) -> Sequence[tuple[dict[str, Match], str, Sign]]:
        return (
            (self._by_email, mailbox(who.email) if who.email else "", Sign.EMAIL),
            (self._by_site, site(who.website), Sign.WEBSITE),
            (self._by_name, plain_name(who.name), Sign.NAME),
        )

    def note(self, who: Named) -> None:
        """Know somebody from now on: an earlier line of the same file."""
        self._add(who)

    def matches(self, who: Named) -> list[Match]:
        """Return who looks the same, the surest first, each once."""
        found = [keyed[key] for keyed, key, _sign in self._keys(who) if key in keyed]
        found += self._nearly_named(plain_name(who.name))
        return list(_once(found))[:SHOWN_MAX]

    def _nearly_named(self, name: str) -> list[Match]:
        if len(name) < LETTERS_MIN:
            return []
        return [
            self._by_name[other]
            for other in self._beginning.get(name[:BEGINNING], [])
            if other != name and abs(len(other) - len(name)) <= 2 and _alike(name, other)
        ]


def _alike(one: str, two: str) -> bool:
    """Return whether two names differ by letters alone: “Shop 1” and “Shop 2” are two."""
    if [c for c in one if c.isdigit()] != [c for c in two if c.isdigit()]:
        return False
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    return matcher.quick_ratio() >= ALIKE_MIN and matcher.ratio() >= ALIKE_MIN


def _once(matches: Iterable[Match]) -> Iterable[Match]:
    seen: set[tuple[UUID | None, UUID | None, str]] = set()
    for match in matches:
        key = (match.prospect_id, match.enrollment_id, match.name)
        if key not in seen:
            seen.add(key)
            yield match
