"""Which accounts of a merchant's affiliates look like one person's. Suggestions: people decide."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from affiliates.models import Enrollment, Status
from payouts.methods import accounts_in_use

PAIRS_MAX = 100
IN_FORCE = (Status.APPROVED, Status.SUSPENDED)
LETTERS_MIN = 6  # Shorter names are alike by chance.
# Host and first name below it; a fifth of the time of urlsplit, and fifty thousand are asked.
ADDRESS = re.compile(r"[a-z]+://(?:[^/?#]*@)?(?:www\.)?([^/:?#]*)(?::\d*)?/*([^/?#]*)")
NO_LETTERS = {code: " " for code in range(128) if not chr(code).isalnum()}
# What many sites stand under; the name below it is the person's.
SHARED_HOSTS = frozenset(
    "youtube.com instagram.com facebook.com tiktok.com x.com twitter.com linkedin.com medium.com"
    " linktr.ee t.me substack.com".split()
)
LEGAL_FORMS = frozenset(
    "gmbh ug ag kg ltd limited llc inc corp co sarl sas sa bv nv oy ab srl spa pty plc the".split()
)


COLUMNS = (  # Of enrollments, as Person has them.
    *("affiliate_id", "id", "affiliate__name", "affiliate__email"),
    *("affiliate__phone", "affiliate__website", "code"),
)


class Sign(StrEnum):
    """What two accounts have in common, the strongest first."""

    PAYOUT = "payout"
    EMAIL = "email"
    PHONE = "phone"
    WEBSITE = "website"
    NAME = "name"


class Person(NamedTuple):
    """What an account is compared by."""

    affiliate_id: UUID
    enrollment_id: UUID  # One of the merchant's, to show it by.
    name: str
    email: str
    phone: str
    website: str
    code: str = ""  # Of that enrollment.


@dataclass(frozen=True, slots=True)
class Pair:
    """Two accounts that look like one person's, the older first, and why."""

    older: Person
    newer: Person
    signs: tuple[Sign, ...]


def find_duplicates(merchant_id: UUID, *, affiliate_id: UUID | None = None) -> list[Pair]:
    """Return the pairs of a merchant's affiliates that look alike, the most alike first.

    With an affiliate, only its own. Three queries, however many there are.
    """
    people = _people(merchant_id)
    accounts = accounts_in_use(merchant_id)
    pairs = pair_up(people, accounts)
    if affiliate_id is not None:
        pairs = [
            pair
            for pair in pairs
            if affiliate_id in (pair.older.affiliate_id, pair.newer.affiliate_id)
        ]
    return pairs[:PAIRS_MAX]


def _people(merchant_id: UUID) -> list[Person]:
    """Return the accounts in force, each once, the oldest first."""
    rows = Enrollment.objects.filter(merchant_id=merchant_id, status__in=IN_FORCE)
    found = rows.order_by("affiliate_id", "id").distinct("affiliate_id").values_list(*COLUMNS)
    return [Person(*row) for row in found]


def pair_up(people: Sequence[Person], accounts: Iterable[tuple[UUID, str]]) -> list[Pair]:
    """Return who looks alike, by everything that is compared."""
    by_id = {person.affiliate_id: person for person in people}
    names = [(plain_name(person.name), person.affiliate_id) for person in people]
    signs: dict[tuple[UUID, UUID], list[Sign]] = defaultdict(list)
    for sign, keys in (
        (Sign.PAYOUT, [(key, id) for id, key in accounts if id in by_id]),
        (Sign.EMAIL, [(mailbox(person.email), person.affiliate_id) for person in people]),
        (Sign.PHONE, [(person.phone, person.affiliate_id) for person in people]),
        (Sign.WEBSITE, [(site(person.website), person.affiliate_id) for person in people]),
        (Sign.NAME, names),
    ):
        for ids in _shared(keys):
            for pair in pairwise(sorted(ids)):
                signs[pair].append(sign)
    for pair in _nearly_named(names):
        if Sign.NAME not in signs[pair]:
            signs[pair].append(Sign.NAME)
    found = [Pair(by_id[one], by_id[two], tuple(why)) for (one, two), why in signs.items()]
    order = list(Sign)
    found.sort(key=lambda pair: (-len(pair.signs), order.index(pair.signs[0]), pair.newer.name))
    return found


def _shared(keys: Iterable[tuple[str, UUID]]) -> Iterator[list[UUID]]:
    """Yield who has a key in common, for each key that several have; nobody has an empty one."""
    keyed: dict[str, list[UUID]] = defaultdict(list)
    for key, affiliate_id in keys:
        keyed[key].append(affiliate_id)
    keyed.pop("", None)
    return (ids for ids in keyed.values() if len(ids) > 1)


def _nearly_named(names: Iterable[tuple[str, UUID]]) -> list[tuple[UUID, UUID]]:
    """Return pairs whose names, sorted by letters, are neighbours and differ in one letter."""
    named = sorted(pair for pair in names if len(pair[0]) >= LETTERS_MIN)
    return [
        (min(one, two), max(one, two))
        for (first, one), (second, two) in pairwise(named)
        if first != second and one_letter_apart(first, second)
    ]


def mailbox(email: str) -> str:
    """Return the mailbox of an address: capitals and what follows a plus make no other one."""
    name, at, host = email.lower().partition("@")
    return f"{name.partition('+')[0]}{at}{host}"


def site(website: str) -> str:
    """Return the host of a website, with the first name below it where many share the host."""
    parts = ADDRESS.match(website.lower())
    if parts is None:
        return ""
    host, below = parts.groups()
    if host not in SHARED_HOSTS:
        return host
    return f"{host}/{below}" if below else ""


def plain_name(name: str) -> str:
    """Return a name without capitals, accents, marks, legal forms and the order of its words."""
    folded = name.casefold()
    if folded.isascii():  # Of most names, and ten times as fast.
        spaced = folded.translate(NO_LETTERS)
    else:
        spaced = "".join(
            letter if letter.isalnum() else "" if unicodedata.combining(letter) else " "
            for letter in unicodedata.normalize("NFKD", folded)
        )
    return " ".join(sorted(word for word in spaced.split() if word not in LEGAL_FORMS))


def one_letter_apart(one: str, two: str) -> bool:
    """Return whether one letter more, less or other makes the one text of the other.

    Digits are no letters: “Shop 1” and “Shop 2” are two on purpose.
    """
    if abs(len(one) - len(two)) > 1:
        return False
    short, long = sorted((one, two), key=len)
    same = 0
    while same < len(short) and short[same] == long[same]:
        same += 1
    skip = 1 if len(short) == len(long) else 0
    other = short[same : same + skip] + long[same : same + 1]
    if any(letter.isdigit() for letter in other):
        return False
    return short[same + skip :] == long[same + 1 :]
