"""Signatures of notices: one byte, one secret or one second off, and they prove nothing."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from payouts.providers.base import NotGenuine
from payouts.providers.signatures import (
    require_rsa_sha256,
    require_standard,
    require_stripe,
    standard_signature,
)

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
NOW = int(AT.timestamp())
BODY = b'{"id": "evt_1"}'
STRIPE = "whsec_5c0ffee"
STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def v1(secret: str = STRIPE, *, seconds: str = str(NOW), body: bytes = BODY) -> str:
    """Return a v1 signature as Stripe makes it: the whole secret is the key."""
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("_case", "header"),
    [
        ("one signature", f"t={NOW},v1={v1()}"),
        ("several, one of them ours", f"t={NOW},v1={'0' * 64},v1={v1()}"),
        ("other schemes beside it", f"t={NOW},v0={'0' * 64},v1={v1()}"),
        ("299 s old", f"t={NOW - 299},v1={v1(seconds=str(NOW - 299))}"),
    ],
)
def test_stripe_is_believed(_case, header):
    require_stripe(header, BODY, secrets=[STRIPE], at=AT)


def test_stripe_is_believed_with_either_secret_while_one_is_rolled():
    require_stripe(f"t={NOW},v1={v1('whsec_old')}", BODY, secrets=[STRIPE, "whsec_old"], at=AT)


@pytest.mark.parametrize(
    ("_case", "header"),
    [
        ("nothing", ""),
        ("no signature", f"t={NOW}"),
        ("no time", f"v1={v1()}"),
        ("two times", f"t={NOW},t={NOW},v1={v1()}"),
        ("another secret", f"t={NOW},v1={v1('whsec_other')}"),
        ("another body", f"t={NOW},v1={v1(body=BODY + b' ')}"),
        ("another scheme", f"t={NOW},v0={v1()}"),
        ("301 s old", f"t={NOW - 301},v1={v1(seconds=str(NOW - 301))}"),
        ("301 s ahead", f"t={NOW + 301},v1={v1(seconds=str(NOW + 301))}"),
        ("no number", f"t=now,v1={v1(seconds='now')}"),
        ("a number that is none to us", f"t=١٢,v1={v1(seconds='١٢')}"),
    ],
)
def test_stripe_is_not_believed(_case, header):
    with pytest.raises(NotGenuine):
        require_stripe(header, BODY, secrets=[STRIPE], at=AT)


def headers(**changes: str) -> dict[str, str]:
    """Return the headers of a message of Standard Webhooks."""
    signature = standard_signature(STANDARD, id="msg_1", seconds=NOW, body=BODY)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(NOW),
        "webhook-signature": signature,
    } | {name.replace("_", "-"): value for name, value in changes.items()}


def test_standard_webhooks_are_signed_as_their_specification_shows():
    body = b'{"test": 2432232314}'

    signature = standard_signature(
        STANDARD, id="msg_p5jXN8AQM9LWM0D4loKWxJek", seconds=1614265330, body=body
    )

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_standard_webhooks_are_believed_and_named():
    both = f"v1,AAAA {headers()['webhook-signature']}"

    assert require_standard(headers(), BODY, secret=STANDARD, at=AT) == "msg_1"
    assert require_standard(headers(webhook_signature=both), BODY, secret=STANDARD, at=AT)


@pytest.mark.parametrize(
    ("_case", "changes", "body", "at"),
    [
        ("another body", {}, BODY + b" ", AT),
        ("another id", {"webhook_id": "msg_2"}, BODY, AT),
        ("no id", {"webhook_id": ""}, BODY, AT),
        ("no signature", {"webhook_signature": ""}, BODY, AT),
        ("301 s later", {}, BODY, AT + timedelta(seconds=301)),
        ("301 s earlier", {}, BODY, AT - timedelta(seconds=301)),
        ("another time", {"webhook_timestamp": str(NOW + 1)}, BODY, AT),
        ("no number", {"webhook_timestamp": "-1"}, BODY, AT),
    ],
)
def test_standard_webhooks_are_not_believed(_case, changes, body, at):
    with pytest.raises(NotGenuine):
        require_standard(headers(**changes), body, secret=STANDARD, at=at)


def test_rsa_is_believed_for_these_bytes_alone():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    proof = base64.b64encode(key.sign(BODY, padding.PKCS1v15(), hashes.SHA256())).decode()

    require_rsa_sha256(proof, BODY, key=key.public_key())

    for signature, body in [(proof, BODY + b" "), (proof[:-4] + "AAA=", BODY), ("", BODY)]:
        with pytest.raises(NotGenuine):
            require_rsa_sha256(signature, body, key=key.public_key())
