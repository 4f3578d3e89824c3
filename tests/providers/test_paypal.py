"""PayPal: what answers mean, who signs notices, what the list says."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from common.clock import now
from demo.providers.paypal import FakePayPal
from payouts.models import Mode, Provider, Rail
from payouts.providers.base import (
    Accepted,
    BadCredentials,
    Fate,
    NotGenuine,
    NotNow,
    Outcome,
    Rejected,
    Unclear,
)
from payouts.providers.calling import Answer
from payouts.providers.paypal import PayPal, client, items
from payouts.providers.paypal.answers import outcome_of
from tests.payouts.sending.stage import CREDENTIALS

PAYPAL = PayPal()
PAYOUT = UUID("018f2f3e-0000-7000-8000-000000000001")
ISSUE = "Batch with given sender_batch_id already exists"


def known(href: str) -> dict[str, object]:
    """Return PayPal's refusal of a batch that it knows."""
    detail = {"field": "SENDER_BATCH_ID", "issue": ISSUE, "link": [{"href": href}]}
    return {"name": "USER_BUSINESS_ERROR", "details": [detail]}


@pytest.mark.parametrize(
    ("status", "data", "expected"),
    [
        (201, {"batch_header": {"payout_batch_id": "5UXD2"}}, Accepted("5UXD2")),
        (
            400,
            known("https://api.paypal.com/v1/payments/payouts/5UXD2"),
            Accepted("5UXD2"),
        ),
        (400, known("https://elsewhere.example/"), Unclear),
        (
            400,
            {"name": "VALIDATION_ERROR", "details": [{"issue": "Bad receiver"}]},
            Rejected("PayPal: 400 VALIDATION_ERROR: Bad receiver", of_any_send=True),
        ),
        (422, {"name": "INSUFFICIENT_FUNDS"}, Rejected("PayPal: 422 INSUFFICIENT_FUNDS")),
        (403, {"name": "NOT_AUTHORIZED"}, Rejected("PayPal: 403 NOT_AUTHORIZED")),
        (401, {"name": "AUTHENTICATION_FAILURE"}, NotNow("PayPal: 401 AUTHENTICATION_FAILURE")),
        (429, {"name": "RATE_LIMIT_REACHED"}, NotNow("PayPal: 429 RATE_LIMIT_REACHED")),
        (200, {}, Unclear),
        (201, None, Unclear),
        (500, {"name": "INTERNAL_SERVER_ERROR"}, Unclear),
        (503, None, Unclear),
        (302, None, Unclear),
        (408, None, Unclear),
        (409, {"name": "RESOURCE_CONFLICT"}, Unclear),
    ],
)
def test_only_what_proves_it_is_believed(
    status: int, data: object, expected: Outcome | type[Outcome]
) -> None:
    outcome = outcome_of(Answer(status, {}, data))

    assert outcome == expected or outcome.__class__ is expected


def test_they_say_when_to_come_again() -> None:
    outcome = outcome_of(Answer(429, {"retry-after": "17"}, None))

    assert outcome == NotNow("PayPal: 429 no reason", timedelta(seconds=17))


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        ("SUCCESS", Fate.PAID),
        ("PENDING", Fate.PENDING),
        ("UNCLAIMED", Fate.PENDING),
        ("ONHOLD", Fate.PENDING),
        ("FAILED", Fate.FAILED),
        ("BLOCKED", Fate.FAILED),
        ("RETURNED", Fate.RETURNED),
        ("REFUNDED", Fate.RETURNED),
        ("REVERSED", Fate.RETURNED),
        ("SOMETHING_NEW", Fate.PENDING),
    ],
)
def test_states_of_items(status: str, fate: Fate) -> None:
    item = {
        "payout_item_id": "8AELMXH8UB2P8",
        "transaction_status": status,
        "payout_item": {"sender_item_id": str(PAYOUT)},
    }

    news = items.news_of(item)

    assert (news.fate, news.payout_id, news.provider_ref) == (fate, PAYOUT, "8AELMXH8UB2P8")


@pytest.fixture
def rail(make_rail: Callable[..., Rail]) -> Rail:
    """Return a rail to the stand-in."""
    return make_rail(Provider.PAYPAL, CREDENTIALS[Provider.PAYPAL])


def create(fake: FakePayPal, rail: Rail, *receivers: str) -> tuple[str, list[UUID]]:
    """Pay receivers; return the batch's id and the payouts'."""
    ids = [uuid4() for _receiver in receivers]
    body = {
        "sender_batch_header": {"sender_batch_id": str(uuid4())},
        "items": [
            {
                "amount": {"value": "10.00", "currency": "EUR"},
                "receiver": receiver,
                "sender_item_id": str(payout_id),
            }
            for receiver, payout_id in zip(receivers, ids, strict=True)
        ],
    }
    answer = client.ask_as(rail, "POST", "/v1/payments/payouts", body=json.dumps(body).encode())
    return str(answer.get("batch_header", "payout_batch_id")), ids


def test_a_token_is_asked_for_once_and_again_when_it_is_worthless(
    paypal: FakePayPal, rail: Rail
) -> None:
    ref, _ids = create(paypal, rail, "a@example.com")
    list(items.pages_of(rail, ref))
    assert paypal.calls["POST /v1/oauth2/token"] == 1

    paypal.tokens.clear()
    list(items.pages_of(rail, ref))

    assert paypal.calls["POST /v1/oauth2/token"] == 2


def test_a_check_names_the_app_or_says_that_it_is_not_let_in(
    paypal: FakePayPal, rail: Rail
) -> None:
    assert PAYPAL.check(rail) == "APP-80W284485P519543T"

    paypal.client_secret = "another"

    with pytest.raises(BadCredentials, match="401 invalid_client"):
        PAYPAL.check(rail)


def test_a_genuine_notice_is_read(paypal: FakePayPal, rail: Rail) -> None:
    _ref, (payout_id,) = create(paypal, rail, "unclaimed@example.com")
    _headers, body = paypal.notices[0]

    external_id = PAYPAL.verify_notice(rail, headers=lower(paypal.sign(body)), body=body, at=now())
    (news,) = PAYPAL.read_notice(rail, body)

    assert external_id == json.loads(body)["id"]
    assert (news.fate, news.payout_id) == (Fate.PENDING, payout_id)
    assert news.reason == "PayPal: UNCLAIMED"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("paypal-transmission-id", "another"),
        ("paypal-transmission-time", "2026-03-02T12:00:00Z"),
        ("paypal-transmission-sig", "AAAA"),
        ("paypal-transmission-sig", ""),
        ("paypal-auth-algo", "none"),
        ("paypal-cert-url", "http://127.0.0.1:1/v1/notifications/certs/CERT-1"),
        ("paypal-cert-url", "https://paypal.com.example/v1/notifications/certs/CERT-1"),
        ("paypal-cert-url", ""),
    ],
)
def test_a_notice_with_a_changed_header_is_not_genuine(
    paypal: FakePayPal, rail: Rail, name: str, value: str
) -> None:
    body = b'{"id": "WH-1"}'
    headers = lower(paypal.sign(body)) | {name: value}

    with pytest.raises(NotGenuine):
        PAYPAL.verify_notice(rail, headers=headers, body=body, at=now())


def test_a_notice_with_one_byte_changed_or_for_another_webhook_is_not_genuine(
    paypal: FakePayPal, rail: Rail
) -> None:
    headers = lower(paypal.sign(b'{"id": "WH-1"}'))
    with pytest.raises(NotGenuine):
        PAYPAL.verify_notice(rail, headers=headers, body=b'{"id": "WH-2"}', at=now())

    paypal.webhook_id = "ANOTHER"
    headers = lower(paypal.sign(b'{"id": "WH-1"}'))
    with pytest.raises(NotGenuine):
        PAYPAL.verify_notice(rail, headers=headers, body=b'{"id": "WH-1"}', at=now())


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://api.paypal.com/v1/notifications/certs/CERT-1", True),
        ("https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1", True),
        ("http://api.paypal.com/v1/notifications/certs/CERT-1", False),
        ("https://api.paypal.com:8443/v1/notifications/certs/CERT-1", False),
        ("https://api.paypal.com.example/v1/notifications/certs/CERT-1", False),
        ("https://apipaypal.com/v1/notifications/certs/CERT-1", False),
        ("https://a@api.paypal.com/v1/notifications/certs/CERT-1", False),
        ("https://api.paypal.com/v1/notifications/certs/../../x", False),
        ("https://api.paypal.com/redirect?to=https://example.com", False),
    ],
)
def test_certificates_come_from_paypal_alone(
    rail: Rail, url: str, may: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payouts.providers.paypal import notices

    monkeypatch.setitem(notices.settings.PROVIDER_URLS, "PAYPAL", "")

    assert notices._may_be_asked(rail, url) is may


def test_the_list_has_our_batches_and_what_somebody_else_paid(
    paypal: FakePayPal, rail: Rail
) -> None:
    ours, ids = create(paypal, rail, "a@example.com", "unclaimed@example.com", "failed@example.com")
    create(paypal, rail, "stranger@example.com")
    since, until = now() - timedelta(days=40), now() + timedelta(days=1)

    listed = list(PAYPAL.listing(rail, since=since, until=until, known=[ours]))

    assert [(row.payout_id, row.fate, row.amount_minor) for row in listed[:3]] == [
        (ids[0], Fate.PAID, 1_000),
        (ids[1], Fate.PENDING, 1_000),
        (ids[2], Fate.FAILED, 1_000),
    ]
    assert [(row.payout_id, row.fate, row.amount_minor) for row in listed[3:]] == [
        (None, Fate.PAID, 1_000)
    ]


def lower(headers: dict[str, str]) -> dict[str, str]:
    """Return headers as the interface hands them on."""
    return {name.lower(): value for name, value in headers.items()}


def test_modes_have_addresses_of_their_own(rail: Rail, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setitem(settings.PROVIDER_URLS, "PAYPAL", "")
    assert client.address(rail) == "https://api-m.sandbox.paypal.com"
    rail.mode = Mode.LIVE

    assert client.address(rail) == "https://api-m.paypal.com"
    assert datetime.now(UTC) > rail.created_at
