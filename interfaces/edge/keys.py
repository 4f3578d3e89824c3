"""Publishable keys: whose browser pages may report visits."""

import asyncio
import re
import time
from typing import Final, LiteralString

from common.secrets import hash_key
from interfaces.edge.database import Away, Row, Session
from merchants.models import KEY_PREFIXES, KeyKind

KNOWN_SECONDS = 60.0
UNKNOWN_SECONDS = 10.0
CACHED_MAX = 10_000
ASKING_MAX = 20  # Questions at once; whoever guesses keys must not keep the others waiting.
ANSWER_SECONDS = 2.0
FORM = re.compile(re.escape(KEY_PREFIXES[KeyKind.PUBLISHABLE]) + r"[\w-]{43}", re.ASCII)

MERCHANT_OF_KEY: Final[LiteralString] = """
SELECT key.merchant_id::text
FROM merchants_apikey AS key
JOIN merchants_member AS member
    ON (member.merchant_id, member.id) = (key.merchant_id, key.member_id)
JOIN users_user AS person ON person.id = member.user_id
WHERE key.key_hash = %s AND key.kind = %s AND key.revoked_at IS NULL
    AND member.disabled_at IS NULL AND person.is_active
"""


class PublishableKeys:
    """Merchants by key, remembered for a minute, and for longer while PostgreSQL is away."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, tuple[str, float]] = {}  # Hash → merchant, until when.
        self._unknown: dict[str, float] = {}  # Hash → until when.
        self._asking = 0

    async def merchant_of(self, text: str) -> str:
        """Return the merchant's id, or nothing if the key is not in force.

        :raises Away: if PostgreSQL must be asked and does not answer.
        """
        if not FORM.fullmatch(text):
            return ""
        digest = hash_key(text)
        merchant_id, until = self._known.get(digest, ("", 0.0))
        if until > time.monotonic():
            return merchant_id
        if self._unknown.get(digest, 0.0) > time.monotonic():
            return ""
        try:
            merchant_id = await self._ask(digest)
        except Away:
            if not merchant_id:
                raise
        self._remember(digest, merchant_id)
        return merchant_id

    async def _ask(self, digest: str) -> str:
        if self._asking >= ASKING_MAX:
            raise Away("too many keys are being looked up")
        self._asking += 1
        question = asyncio.ensure_future(
            self._session.run(MERCHANT_OF_KEY, [digest, KeyKind.PUBLISHABLE.value])
        )
        question.add_done_callback(self._asked)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                rows = await asyncio.shield(question)
        except TimeoutError as error:
            raise Away("no answer in time") from error
        return str(rows[0][0]) if rows else ""

    def _asked(self, question: asyncio.Future[list[Row]]) -> None:
        self._asking -= 1
        if not question.cancelled():
            question.exception()  # Whoever waited has it; nobody may have waited.

    def _remember(self, digest: str, merchant_id: str) -> None:
        now = time.monotonic()
        if merchant_id:  # Apart, so that guessed keys never push out the real ones.
            self._known[digest] = (merchant_id, now + KNOWN_SECONDS)
            return
        self._known.pop(digest, None)
        if len(self._unknown) >= CACHED_MAX:
            self._unknown.clear()
        self._unknown[digest] = now + UNKNOWN_SECONDS
