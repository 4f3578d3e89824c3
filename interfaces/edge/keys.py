"""Publishable keys: whose browser pages may report visits."""

import asyncio
import time
from typing import Final, LiteralString

from common.secrets import hash_key
from interfaces.edge.database import Away, Session
from merchants.models import KEY_PREFIXES, KeyKind

KNOWN_SECONDS = 60.0
UNKNOWN_SECONDS = 10.0
CACHED_MAX = 10_000
ANSWER_SECONDS = 2.0

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
        self._known: dict[str, tuple[str, float]] = {}  # Hash → merchant or nothing, until when.

    async def merchant_of(self, text: str) -> str:
        """Return the merchant's id, or nothing if the key is not in force.

        :raises Away: if PostgreSQL must be asked and does not answer.
        """
        if not text.startswith(KEY_PREFIXES[KeyKind.PUBLISHABLE]):
            return ""
        digest = hash_key(text)
        merchant_id, until = self._known.get(digest, ("", 0.0))
        if until > time.monotonic():
            return merchant_id
        try:
            merchant_id = await self._ask(digest)
        except Away:
            if not merchant_id:
                raise
        self._remember(digest, merchant_id)
        return merchant_id

    async def _ask(self, digest: str) -> str:
        question = self._session.run(MERCHANT_OF_KEY, [digest, KeyKind.PUBLISHABLE.value])
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                rows = await asyncio.shield(question)
        except TimeoutError as error:
            raise Away("no answer in time") from error
        return str(rows[0][0]) if rows else ""

    def _remember(self, digest: str, merchant_id: str) -> None:
        if len(self._known) >= CACHED_MAX:
            self._known.clear()
        seconds = KNOWN_SECONDS if merchant_id else UNKNOWN_SECONDS
        self._known[digest] = (merchant_id, time.monotonic() + seconds)
