"""What a system calls things: the shape of its table, and what a reading may say no with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final
from uuid import UUID

from tracking.models import Outcome, ReportedStatus


class Word(StrEnum):
    """What a parameter means to us. Its name in a system is the key of that system's table."""

    TOKEN = auto()  # The program's secret.
    CLICK = auto()
    EXTERNAL_ID = auto()
    GOAL = auto()
    AMOUNT = auto()
    CURRENCY = auto()
    STATUS = auto()
    COUPON = auto()
    REFERRAL = auto()
    CUSTOMER = auto()
    COUNTRY = auto()
    IS_NEW = auto()
    TAX = auto()
    SHIPPING = auto()
    DISCOUNT = auto()
    ITEMS = auto()
    QUANTITY = auto()  # Of a step.
    METADATA = auto()  # An object of notes.
    REFUND_ID = auto()
    REFUND_AMOUNT = auto()
    REASON = auto()
    TIME = auto()
    TEST = auto()
    NOTE = auto()  # Kept with the conversion under its own name.
    PERSONAL = auto()  # About a person or device: neither kept nor shown.
    IGNORED = auto()  # Known, and of no use here.


class Refused(Exception):
    """A call that stores nothing: `parameter` as the caller named it (empty: none), and why."""

    def __init__(self, code: str, message: str, *, parameter: str = "", value: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.parameter = parameter
        self.value = value  # As said, where an answer repeats it.


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a call that was understood."""

    outcome: Outcome
    conversion_id: UUID | None = None
    order_id: str = ""
    reason: str = ""  # Why nothing new was stored, or what could not be done; a code.
    ignored: tuple[str, ...] = ()  # Parameters that mean nothing here.


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, ready to be sent."""

    status: int
    body: str
    media_type: str = "application/json"
    is_strange: bool = False  # It came with the token of no program.


class Said:
    """A call in our words: of several parameters for one word the first of the table counts."""

    def __init__(self, words: Mapping[str, tuple[str, object]], ignored: tuple[str, ...]) -> None:
        self._words = words
        self.ignored = ignored

    def __contains__(self, word: Word) -> bool:
        return word in self._words

    def text(self, word: Word) -> str:
        """Return what was said for a word, stripped; empty if nothing was."""
        value = self._words.get(word, ("", ""))[1]
        return value.strip() if isinstance(value, str) else ""

    def value(self, word: Word) -> object:
        """Return what was said for a word, of whatever kind; None if nothing was."""
        return self._words.get(word, ("", None))[1]

    def name(self, word: Word) -> str:
        """Return the parameter that said it."""
        return self._words.get(word, ("", ""))[0]


Require = Callable[[Said], None]
Statuses = Mapping[str, ReportedStatus | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """One system: what its parameters and words mean, and how it is answered."""

    name: str  # In the intake log.
    path: str
    example: str  # A query as the system would send it; {click_id}, {order_id} … to be filled.
    words: Mapping[str, Word]
    statuses: Statuses  # None: pending, which is where a conversion stands anyway.
    require: Require  # Raises Refused when what the system demands is missing.
    accepted: Callable[[Taken], Reply]
    refused: Callable[[Refused], Reply]
    prefixes: tuple[str, ...] = ()  # Parameters that begin so are notes.
    goal_words: Mapping[str, str] | None = None  # If set, the only goals that can be named.
    counts_goals: bool = False  # Goals may be numbered from 1, in the order they were made.
    derives_id_from: tuple[Word, ...] = ()  # Without an external id; empty: one is needed.
    knows_clicks: bool = False  # A click id that we never gave is refused, not merely noted.


COMMON: Final[Mapping[str, Word]] = {  # Ours, and in force whatever system is spoken.
    "token": Word.TOKEN,
    "currency": Word.CURRENCY,
    "test": Word.TEST,
}


def named(names: str, word: Word) -> dict[str, Word]:
    """Return rows of a table: these names, separated by spaces, all mean the word."""
    return dict.fromkeys(names.split(), word)


def numbered(stem: str, last: int, word: Word, *, first: int = 1) -> dict[str, Word]:
    """Return rows of a table: stem1, stem2 and so on."""
    return {f"{stem}{number}": word for number in range(first, last + 1)}


STATUS_OF_CODE: Final = {
    "token_missing": 401,
    "unknown_token": 401,
    "address_not_allowed": 403,
    "method_not_allowed": 405,
    "too_large": 413,
    "throttled": 429,
    "internal_error": 500,
    "unavailable": 503,
}


def status_of(refusal: Refused) -> int:
    """Return the HTTP status of a refusal, in systems that have no rule of their own."""
    return STATUS_OF_CODE.get(refusal.code, 422)
