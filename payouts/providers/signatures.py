"""How it is proved that a notice is genuine: over its raw bytes, in constant time. Pure."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from payouts.providers.base import NotGenuine

TOLERANCE = timedelta(minutes=5)
SECRET_PREFIX = "whsec_"  # noqa: S105 - the words all such secrets begin with.


def require_recent(seconds: str, at: datetime) -> None:
    """Check a Unix time that somebody signed.

    :raises NotGenuine: if it is none, or more than five minutes from `at` in either direction.
    """
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        raise NotGenuine("the time is no number")
    if abs(at - datetime.fromtimestamp(int(seconds), tz=UTC)) > TOLERANCE:
        raise NotGenuine("the time is not now")


# Stripe -------------------------------------------------------------------------------------------


def require_stripe(header: str, body: bytes, *, secrets: Iterable[str], at: datetime) -> None:
    """Check `Stripe-Signature`: t=…,v1=…; the whole text of a secret is the key.

    :raises NotGenuine: unless one of its v1 was made with one of the secrets, lately.
    """
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _sign, value in pairs if name == "t"]
    given = [value for name, _sign, value in pairs if name == "v1"]
    if len(times) != 1 or not given:
        raise NotGenuine("no time or no signature")
    require_recent(times[0], at)
    signed = times[0].encode() + b"." + body
    for secret in secrets:
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        if any(_same(expected, each) for each in given):
            return
    raise NotGenuine("the signature does not fit")


# Standard Webhooks --------------------------------------------------------------------------------


def standard_signature(secret: str, *, id: str, seconds: int, body: bytes) -> str:
    """Return the `webhook-signature` of a body; what follows `whsec_` is the key in base64."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    mac = hmac.new(key, f"{id}.{seconds}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def require_standard(headers: Mapping[str, str], body: bytes, *, secret: str, at: datetime) -> str:
    """Check the headers of Standard Webhooks and return the message's id.

    :raises NotGenuine: unless one of its signatures was made with the secret, lately.
    """
    id, seconds = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not id or len(id) > 140 or "." in id:
        raise NotGenuine("no message id")
    require_recent(seconds, at)
    expected = standard_signature(secret, id=id, seconds=int(seconds), body=body)
    if not any(_same(expected, each) for each in headers.get("webhook-signature", "").split()):
        raise NotGenuine("the signature does not fit")
    return id


# RSA ----------------------------------------------------------------------------------------------


def require_rsa_sha256(signature: str, content: bytes, *, key: RSAPublicKey) -> None:
    """Check a signature in base64 (PKCS #1 v1.5, SHA-256).

    :raises NotGenuine: if it does not fit.
    """
    try:
        key.verify(
            base64.b64decode(signature, validate=True), content, padding.PKCS1v15(), hashes.SHA256()
        )
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise NotGenuine("the signature does not fit") from error


def rsa_key(pem: str) -> RSAPublicKey:
    """Return a public key from its PEM.

    :raises ValueError: if it is none.
    """
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey):
        raise ValueError("no RSA key")
    return key


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
