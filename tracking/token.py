"""Click tokens: a click's id and link, signed, so that they speak for themselves.

    token = base64url( uuidv7 (16 bytes) ‖ link number (4, big-endian) ‖ keyed blake2b (8) )

38 characters without padding. A token says when and through which link by itself, so attribution
does not depend on the click's row having arrived.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from hmac import compare_digest
from typing import NamedTuple
from uuid import UUID

from common.ids import time_of

TOKEN_LENGTH = 38
MAC_BYTES = 8
PURPOSE = b"fairlead click"  # So that a key used for something else could not forge a click.
LOOKS_LIKE_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}", re.ASCII)

KeyRing = Mapping[int, bytes]


class ClickToken(NamedTuple):
    """What a genuine token says."""

    click_id: UUID
    link_number: int

    @property
    def at(self) -> datetime:
        """Return when the click happened; its id says so."""
        return time_of(self.click_id)


def make_token(click_id: UUID, link_number: int, keys: KeyRing) -> str:
    """Return the token of a click, signed with the highest-numbered key of the ring.

    :raises OverflowError: if the link number does not fit 4 bytes.
    """
    body = click_id.bytes + link_number.to_bytes(4, "big")
    return _encode(body + _mac(body, keys[max(keys)]))


def read_token(text: str, keys: KeyRing) -> ClickToken | None:
    """Return what the token says, or None unless some key of the ring made exactly this text."""
    if not isinstance(text, str) or not LOOKS_LIKE_TOKEN.fullmatch(text):
        return None
    data = urlsafe_b64decode(text + "==")
    if _encode(data) != text:  # Spare bits set: another spelling of the same bytes.
        return None
    body, mac = data[:-MAC_BYTES], data[-MAC_BYTES:]
    if not any(compare_digest(mac, _mac(body, key)) for key in keys.values()):
        return None
    return ClickToken(UUID(bytes=body[:16]), int.from_bytes(body[16:], "big"))


def _mac(body: bytes, key: bytes) -> bytes:
    return blake2b(body, digest_size=MAC_BYTES, key=key, person=PURPOSE).digest()


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
