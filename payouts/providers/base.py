"""What a provider is: the shapes that the folders beside this file fill.

A provider makes bytes and reads answers. It knows nothing of batches' states, ledger or retries:
payouts/sending decides what an answer means, and calls providers outside any transaction.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from django.utils.functional import Promise

from payouts.models import Batch, MethodKind, Payout, Rail

StrOrPromise = str | Promise


class NoAnswer(Exception):
    """A question to a provider brought nothing that could be used; it may be asked again."""


class NotGenuine(Exception):
    """A notice that its provider did not send, or that cannot be proved to be theirs."""


class NotWritable(Exception):
    """A file cannot say it: the message names the payout and why, for the member who sends."""


class BadCredentials(Exception):
    """The provider does not accept the rail's credentials; says what it said."""


@dataclass(frozen=True, slots=True)
class Credential:
    """One thing that a rail must know: drives the form, the API and the check of what comes."""

    name: str
    label: StrOrPromise
    is_secret: bool = True  # Never shown again; the others may be.
    is_required: bool = True
    pattern: str = r"[^\x00-\x1f]{1,2000}"  # The whole value matches.
    help: StrOrPromise = ""


# Files --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class File:
    """What is handed to a bank: made once, stored with its hash."""

    name: str
    content: bytes = field(repr=False)
    media_type: str


class Declared(ABC):
    """What every provider says of itself."""

    kinds: ClassVar[frozenset[MethodKind]]  # Methods that it pays to.
    currencies: ClassVar[frozenset[str] | None] = None  # None: every one.
    credentials: ClassVar[tuple[Credential, ...]] = ()  # None of them: it needs no rail.

    def pays(self, *, kind: MethodKind, currency: str) -> bool:
        """Return whether it can pay such a method in such a currency."""
        return kind in self.kinds and (self.currencies is None or currency in self.currencies)

    def refuses(self, payout: Payout) -> str:
        """Return why such a payout can never be paid here, or nothing; it fails, unsent, then."""
        if not self.pays(kind=MethodKind(payout.method.kind), currency=payout.currency):
            return "The provider cannot pay this method in this currency."
        return ""

    def require_whole(self, credentials: Mapping[str, str]) -> None:
        """Return quietly if credentials whose parts are well-formed fit together.

        :raises BadValue: naming the one that does not.
        """
        return

    def masked(self, credentials: Mapping[str, str]) -> str:
        """Return what people recognise a rail by, and thieves cannot use."""
        shown = [
            credentials[each.name]
            for each in self.credentials
            if not each.is_secret and credentials.get(each.name)
        ]
        return " ".join(shown)[:120]


class FileProvider(Declared):
    """Makes a file that somebody takes to a bank."""

    @abstractmethod
    def make_file(
        self,
        *,
        batch: Batch,
        payouts: Sequence[Payout],
        rail: Rail | None,
        at: datetime,
        of_day: int,
    ) -> File:
        """Return the file of a batch: the same bytes for the same arguments.

        `payouts`, of which it refuses none, are in their order, with `affiliate` and `method`;
        details are revealed here and nowhere else. The file is made `at` that moment, as the
        provider's file `of_day`, from 1.

        :raises NotWritable: if one of the payouts, or the rail, cannot be written.
        """


# Calls --------------------------------------------------------------------------------------------


class Fate(StrEnum):
    """What became of one payout, in the words all providers are translated into."""

    PENDING = "PENDING"  # Theirs by now, and neither paid nor refused.
    PAID = "PAID"
    FAILED = "FAILED"  # Not paid, and it will not be.
    RETURNED = "RETURNED"  # It went out and has come back.


@dataclass(frozen=True, slots=True)
class News:
    """What a provider says of one payout. It may be said in any order, and again.

    Either `payout_id`, which we sent with it, or `provider_ref` says which payout is meant.
    """

    fate: Fate
    payout_id: UUID | None = None
    provider_ref: str = ""  # Theirs, of this one payout: the proof once it is PAID.
    reason: str = ""
    at: datetime | None = None  # When it happened for them, if they say.


@dataclass(frozen=True, slots=True)
class Accepted:
    """They have it: each payout of the call is theirs by now, unless news say otherwise."""

    provider_ref: str = ""  # Theirs, of the whole call; "" where they give none.
    news: tuple[News, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """They said no in a way that proves that nothing was done of what they just read.

    `of_any_send`: it also proves that no earlier sending of the same key was carried out, as their
    memory of keys is asked before anything that could be refused.
    """

    reason: str
    of_any_send: bool = False


@dataclass(frozen=True, slots=True)
class NotNow:
    """Nothing was done, provably, but the same call may succeed later: 429, no connection."""

    reason: str
    after: timedelta | None = None  # If they said when.


@dataclass(frozen=True, slots=True)
class Unclear:
    """Everything else: it may have been done."""

    reason: str


Outcome = Accepted | Rejected | NotNow | Unclear


@dataclass(frozen=True, slots=True)
class Found:
    """They know the call. Payouts of it that no news name are on their way."""

    provider_ref: str = ""
    news: tuple[News, ...] = ()


@dataclass(frozen=True, slots=True)
class NotFound:
    """They say that they do not know the call, now. Believed only when said twice, in time."""

    reason: str = ""


Trace = Found | NotFound | Unclear


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt as its provider sees it, away from the database.

    `body` is what `compose` made when the attempt was written, and never anything else.
    """

    key: UUID  # The same for every repeat.
    body: bytes = field(repr=False)
    payout_ids: tuple[UUID, ...]
    currency: str
    started_at: datetime
    at: datetime  # Now.
    provider_ref: str  # "" until they gave one.
    progress: Mapping[str, Any]  # What a call of several steps has reached.
    keep: Callable[[Mapping[str, Any]], None]  # Stores progress, committed when it returns.


@dataclass(frozen=True, slots=True)
class Listed:
    """A payment as the provider's own list has it, for reconciliation."""

    provider_ref: str
    amount_minor: int
    currency: str
    fate: Fate
    payout_id: UUID | None = None  # If the list repeats what we sent.
    at: datetime | None = None


class ApiProvider(Declared):
    """Moves money when it is called. Nothing here opens a transaction or keeps state in rows."""

    chunk: ClassVar[int] = 1  # Payouts for each call.
    lot: ClassVar[int] = 1  # Calls that are written, made and noted together, several at a time.
    remembers: ClassVar[timedelta]  # For so long the same key pays once at the most.
    # No question but the same call once more tells whether they know it; `look_up` has no answer.
    asks_by_sending: ClassVar[bool] = False
    may_return_for: ClassVar[timedelta] = timedelta(days=45)  # After that it stays paid.
    has_list: ClassVar[bool] = True  # Of what it paid, for reconciliation.

    @abstractmethod
    def check(self, rail: Rail) -> str:
        """Ask something harmless; return how the provider names the account.

        :raises BadCredentials: if it does not let us in.
        :raises NoAnswer: if it cannot be asked now.
        """

    @abstractmethod
    def compose(self, rail: Rail, payouts: Sequence[Payout], *, key: UUID) -> bytes:
        """Return the exact bytes to be sent for these payouts, in UTF-8; the same each time.

        They come with `affiliate` and `method`; details are revealed here and nowhere else.
        """

    @abstractmethod
    def submit(self, rail: Rail, call: Call) -> Outcome:
        """Send the call's bytes with its key, whether or not they were sent before.

        Raises nothing that it can foresee: what is not certain is Unclear.
        """

    @abstractmethod
    def look_up(self, rail: Rail, call: Call) -> Trace:
        """Ask whether they know a call whose answer never came. Changes nothing there."""

    @abstractmethod
    def poll(self, rail: Rail, call: Call) -> list[News]:
        """Return what is known by now of the payouts of a call that they accepted.

        :raises NoAnswer: if they cannot be asked now.
        """

    @abstractmethod
    def listing(
        self, rail: Rail, *, since: datetime, until: datetime, known: Sequence[str]
    ) -> Iterator[Listed]:
        """Return every payment of the account in that time, ours or not.

        `known` are the `provider_ref` of our calls of that time, where no list is complete.

        :raises NoAnswer: if they cannot be asked now; the list is worthless then.
        """

    @abstractmethod
    def verify_notice(
        self, rail: Rail, *, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> str:
        """Return the notice's id: what arrives twice has the same. Names of headers: lower case.

        :raises NotGenuine: if the provider did not send it to this rail, or not lately.
        :raises NoAnswer: if that cannot be told now.
        """

    @abstractmethod
    def read_notice(self, rail: Rail, body: bytes) -> list[News]:
        """Return what a verified notice says of payouts; nothing, if it is of something else."""
