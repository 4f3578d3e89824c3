"""Values at rest that only we may read, and keys that only their holders may know."""

import hashlib
import json
import secrets
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@lru_cache(maxsize=1)
def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def encrypt(value: dict[str, Any]) -> bytes:
    """Return the value as authenticated ciphertext (Fernet), under the newest key."""
    return _fernet().encrypt(json.dumps(value, separators=(",", ":")).encode())


def decrypt(ciphertext: bytes) -> dict[str, Any]:
    """Return what `encrypt` was given.

    :raises cryptography.fernet.InvalidToken: if no key of the ring made this ciphertext.
    """
    value: dict[str, Any] = json.loads(_fernet().decrypt(ciphertext))
    return value


def encrypt_bytes(content: bytes) -> bytes:
    """Return the content as authenticated ciphertext (Fernet), under the newest key."""
    return _fernet().encrypt(content)


def decrypt_bytes(ciphertext: bytes) -> bytes:
    """Return what `encrypt_bytes` was given.

    :raises cryptography.fernet.InvalidToken: if no key of the ring made this ciphertext.
    """
    return _fernet().decrypt(ciphertext)


def fingerprint(purpose: str, text: str) -> str:
    """Return a keyed hash in hex: equal for equal texts of one purpose, telling nothing else."""
    key = hashlib.sha256(settings.FIELD_KEYS[-1].encode()).digest()  # The oldest, which stays.
    return hashlib.blake2b(text.encode(), key=key, person=purpose.encode()[:16]).hexdigest()[:64]


def new_key(prefix: str) -> str:
    """Return a random key: the prefix, then 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def hash_key(key: str) -> str:
    """Return the stored form of a key: SHA-256 in hex. Keys are random, so no salt is needed."""
    return hashlib.sha256(key.encode()).hexdigest()
