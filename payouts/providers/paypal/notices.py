"""Whether a notice is PayPal's: RSA-SHA256 over its id, time, our webhook's id and a checksum."""

import zlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID
from django.conf import settings

from common import outgoing
from payouts.models import Provider, Rail
from payouts.providers.base import NoAnswer, NotGenuine
from payouts.providers.calling import read_json, trusted_places
from payouts.providers.paypal.client import address
from payouts.providers.signatures import require_rsa_sha256

SIGNER = "paypal.com"
CERTIFICATES = "/v1/notifications/certs/"
ALGORITHM = "SHA256withRSA"


def require_genuine(rail: Rail, *, headers: Mapping[str, str], body: bytes, at: datetime) -> str:
    """Return the event's id.

    PayPal repeats a notice for three days with the time of the first, so its age says nothing;
    what keeps repeats harmless is that an id is taken once.

    :raises NotGenuine: unless PayPal signed it for the rail's webhook.
    :raises NoAnswer: if their certificate cannot be had now.
    """
    webhook_id = rail.reveal().get("webhook_id")
    if not webhook_id:
        raise NotGenuine("the rail has no webhook id")
    if headers.get("paypal-auth-algo") != ALGORITHM:
        raise NotGenuine("another algorithm")
    certificate = _certificate(rail, headers.get("paypal-cert-url", ""))
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise NotGenuine("a certificate of another time")
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or not _is_paypals(certificate):
        raise NotGenuine("a certificate of somebody else")
    parts = (
        headers.get("paypal-transmission-id", ""),
        headers.get("paypal-transmission-time", ""),
        webhook_id,
        str(zlib.crc32(body)),
    )
    signature = headers.get("paypal-transmission-sig", "")
    require_rsa_sha256(signature, "|".join(parts).encode(), key=key)
    event = read_json(body)
    if not isinstance(event, dict) or not isinstance(event.get("id"), str):
        raise NotGenuine("no event")
    return str(event["id"])[:140]


def _certificate(rail: Rail, url: str) -> x509.Certificate:
    """Fetch what signed, from PayPal only: the sender of a notice names the address."""
    if not _may_be_asked(rail, url):
        raise NotGenuine("a certificate from elsewhere")
    return _fetched(url)


def _may_be_asked(rail: Rail, url: str) -> bool:
    parts = urlsplit(url)
    if not parts.path.startswith(CERTIFICATES) or parts.query or ".." in parts.path:
        return False
    if settings.PROVIDER_URLS.get(Provider.PAYPAL):
        return url.startswith(address(rail) + "/")
    host = parts.hostname or ""
    is_theirs = host == SIGNER or host.endswith(f".{SIGNER}")
    return parts.scheme == "https" and parts.port is None and parts.username is None and is_theirs


@lru_cache(maxsize=32)
def _fetched(url: str) -> x509.Certificate:
    try:
        answer = outgoing.call("GET", url, trusted_hosts=trusted_places())
    except (outgoing.Refused, outgoing.Failed) as problem:
        raise NoAnswer(str(problem)) from problem
    if answer.status != 200:
        raise NoAnswer(f"PayPal: {answer.status} for its certificate")
    try:
        return x509.load_pem_x509_certificates(answer.body)[0]
    except (ValueError, IndexError) as problem:
        raise NotGenuine("no certificate") from problem


def _is_paypals(certificate: x509.Certificate) -> bool:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return any(str(name.value).endswith(f".{SIGNER}") for name in names)
