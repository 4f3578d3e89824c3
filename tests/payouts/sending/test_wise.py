"""Wise: a group is funded once, and everything before the money can be done again."""

from datetime import timedelta
from itertools import count

import psycopg
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.test import Client
from django.urls import reverse

from demo.providers.wise import FakeWise
from merchants.tenancy import merchant_context
from payouts.models import Attempt, AttemptStatus, MethodKind, Notice, Payout, Provider
from payouts.providers import api_provider
from payouts.providers.base import BadCredentials, NoAnswer
from payouts.sending.notices import process_some
from payouts.sending.poll import poll_some
from payouts.sending.resolve import resolve_some
from payouts.sending.submit import submit_some
from tests.cast import IBAN, Company
from tests.payouts.sending.stage import Sent, connect, hand_over

SETTLING = timedelta(seconds=settings.PAYOUT_SETTLE_SECONDS)
WISE = {"profile": "12345678", "token": "wise-token-of-fairlead"}
GROUPS = "/v3/profiles/12345678/batch-groups"
PAYMENTS = "/v3/profiles/12345678/batch-payments"


def hand_to_wise(admin: psycopg.Connection, company: Company, number: int, **more: str) -> Sent:
    """Hand over a batch to people with an e-mail address at Wise."""
    return hand_over(
        admin,
        company,
        Provider.WISE,
        number,
        kind=MethodKind.WISE,
        details=[{"email": f"payee{n}@example.com"} for n in range(number)],
        credentials={**WISE, **more},
    )


def converge(sent: Sent) -> timedelta:
    """Let the worker do its rounds, hour after hour, until nothing is open; return the time."""
    for hour in count(1):
        at = sent.at + SETTLING + timedelta(hours=hour)
        submit_some(merchant_id=sent.company.id, at=at)
        resolve_some(merchant_id=sent.company.id, at=at)
        poll_some(merchant_id=sent.company.id, at=at)
        if set(sent.standing()) <= {"PAID", "FAILED"} or hour > 24:
            return at - sent.at
    raise AssertionError


def attempt_of(sent: Sent) -> Attempt:
    """Return the only attempt as it is now."""
    with merchant_context(sent.company.id):
        return Attempt.objects.get(batch=sent.batch)


def funded_once(wise: FakeWise) -> bool:
    """Whether each group was paid for once, and each transfer is in the book once."""
    return set(wise.known.fundings.values()) == {1} and set(wise.paid().values()) <= {1}


def test_a_batch_is_one_group_funded_once(admin, acme, wise):
    sent = hand_to_wise(admin, acme, 5)

    submit_some(merchant_id=acme.id, at=sent.at)
    assert sent.standing() == {"SUBMITTED": 5}
    converge(sent)

    assert wise.paid() == dict.fromkeys(sent.ids(), 1)
    assert funded_once(wise)
    assert {row.amount_minor for row in wise.book} == {1_000, 1_001, 1_002, 1_003, 1_004}
    assert {payout.provider_ref for payout in sent.payouts()} == {row.theirs for row in wise.book}
    assert (sent.standing(), sent.books()) == ({"PAID": 5}, [])


def test_a_large_batch_is_cut_into_groups(admin, acme, wise):
    sent = hand_to_wise(admin, acme, 230)

    while submit_some(merchant_id=acme.id, at=sent.at):
        pass
    converge(sent)

    assert (len(wise.known.groups), len(wise.known.fundings)) == (3, 3)
    assert wise.paid() == dict.fromkeys(sent.ids(), 1)
    assert sent.books() == []


def test_euro_go_to_an_iban(admin, acme, wise):
    account = {"iban": IBAN, "town": "Berlin", "country": "DE"}
    sent = hand_over(
        admin, acme, Provider.WISE, 1, kind=MethodKind.BANK, details=[account], credentials=WISE
    )

    submit_some(merchant_id=acme.id, at=sent.at)

    (recipient,) = wise.known.recipients.values()
    assert (recipient["type"], recipient["details"]["IBAN"]) == ("iban", IBAN)
    assert [row.payee for row in wise.book] == [IBAN]


def test_one_payee_whom_they_refuse_fails_alone(admin, acme, wise):
    sent = hand_over(
        admin,
        acme,
        Provider.WISE,
        3,
        kind=MethodKind.WISE,
        details=[
            {"email": "a@example.com", "holder": "Mononym"},
            {"email": "b@example.com"},
            {"email": "c@example.com"},
        ],
        credentials=WISE,
    )

    submit_some(merchant_id=acme.id, at=sent.at)
    converge(sent)

    failed = next(payout for payout in sent.payouts() if payout.status == "FAILED")
    assert "full name" in failed.status_reason
    assert (sent.standing(), sent.books()) == ({"FAILED": 1, "PAID": 2}, [])
    assert len(wise.book) == 2


FAULTS = [
    (kind, method, path)
    for method, path in [
        ("POST", "/v1/accounts"),
        ("POST", "/v3/profiles/12345678/quotes"),
        ("POST", GROUPS),
        ("GET", GROUPS),
        ("PATCH", GROUPS),
        ("POST", PAYMENTS),
    ]
    for kind in ("refuse", "reset_before", "fail_after", "reset_after")
]


@pytest.mark.parametrize(("kind", "method", "path"), FAULTS)
def test_whatever_goes_wrong_each_is_paid_once(admin, acme, wise, kind, method, path):
    wise.fail(kind, method=method, path=path)
    sent = hand_to_wise(admin, acme, 3)

    submit_some(merchant_id=acme.id, at=sent.at)
    converge(sent)

    assert wise.paid() == dict.fromkeys(sent.ids(), 1)
    assert funded_once(wise)
    assert (sent.standing(), sent.books()) == ({"PAID": 3}, [])


@pytest.mark.parametrize("kind", ["fail_after", "reset_after"])
def test_a_transfer_whose_answer_was_lost_is_found_again(admin, acme, wise, kind):
    wise.fail(kind, path=f"{GROUPS}/", times=2)
    sent = hand_to_wise(admin, acme, 3)

    submit_some(merchant_id=acme.id, at=sent.at)
    converge(sent)

    assert len(wise.known.transfers) == 3
    assert wise.paid() == dict.fromkeys(sent.ids(), 1)
    assert (sent.standing(), sent.books()) == ({"PAID": 3}, [])


def test_too_little_money_waits_for_more(admin, acme, wise):
    wise.balance_minor = 100
    sent = hand_to_wise(admin, acme, 3)

    submit_some(merchant_id=acme.id, at=sent.at)
    assert (wise.book, attempt_of(sent).status) == ([], AttemptStatus.SENDING)
    assert "insufficient" in attempt_of(sent).answer
    wise.balance_minor = 1_000_000
    converge(sent)

    assert wise.paid() == dict.fromkeys(sent.ids(), 1)
    assert (sent.standing(), sent.books()) == ({"PAID": 3}, [])


def test_a_quote_that_expired_is_replaced(admin, acme, wise):
    wise.quote_seconds = -1
    sent = hand_to_wise(admin, acme, 2)

    submit_some(merchant_id=acme.id, at=sent.at)
    assert wise.known.transfers == []
    wise.quote_seconds = 1_800
    converge(sent)

    assert wise.paid() == dict.fromkeys(sent.ids(), 1)
    assert (sent.standing(), sent.books()) == ({"PAID": 2}, [])


def test_funding_is_signed_where_a_second_factor_is_wanted(admin, acme, wise):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    wise.second_factor = key.public_key()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    sent = hand_to_wise(admin, acme, 2, signing_key=pem)

    submit_some(merchant_id=acme.id, at=sent.at)
    converge(sent)

    assert wise.paid() == dict.fromkeys(sent.ids(), 1)


def test_without_the_second_factor_nothing_is_paid_and_it_says_why(admin, acme, wise):
    wise.second_factor = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    sent = hand_to_wise(admin, acme, 2)

    submit_some(merchant_id=acme.id, at=sent.at)

    assert (wise.book, sent.standing()) == ([], {"SUBMITTING": 2})
    assert "403" in attempt_of(sent).answer


# Notices -----------------------------------------------------------------------------------------


def post(sent: Sent, headers: dict[str, str], body: bytes, token: str = "") -> int:
    """Post a notice to the rail's address as a provider would; return the status."""
    path = reverse("rails:notice", args=["wise", token or sent.rail.notice_token])
    return (
        Client().post(path, body, content_type="application/json", headers={**headers}).status_code
    )


def read_notices(sent: Sent) -> None:
    """Do what the worker does with notices."""
    while process_some(merchant_id=sent.company.id, at=sent.at + timedelta(minutes=1)):
        pass


def test_notices_in_any_order_and_twice_lead_to_the_same(admin, acme, wise):
    sent = hand_to_wise(admin, acme, 3)
    submit_some(merchant_id=acme.id, at=sent.at)

    for headers, body in [*reversed(wise.notices), *wise.notices]:
        assert post(sent, headers, body) == 200
    read_notices(sent)

    with merchant_context(acme.id):
        assert Notice.objects.count() == len(wise.notices) == 6  # Twice each: kept once.
        assert not Notice.objects.filter(processed_at=None).exists()
    assert (sent.standing(), sent.books()) == ({"PAID": 3}, [])


def test_money_that_comes_back_weeks_later_is_booked_back(admin, acme, wise):
    sent = hand_to_wise(admin, acme, 2)
    submit_some(merchant_id=acme.id, at=sent.at)
    converge(sent)
    returning = wise.book[0]

    wise.notices.clear()
    wise.move(returning.theirs, "bounced_back", "processing", "outgoing_payment_sent")
    wise.move(returning.theirs, "bounced_back", "processing", "cancelled", "funds_refunded")
    for headers, body in reversed(wise.notices):
        assert post(sent, headers, body) == 200
    read_notices(sent)

    assert (sent.standing(), sent.books()) == ({"PAID": 1, "RETURNED": 1}, [])
    with merchant_context(acme.id):
        payout = Payout.objects.get(status="RETURNED")
    assert str(payout.id) == returning.ours


def test_a_return_that_nobody_told_is_found_by_asking(admin, acme, wise):
    sent = hand_to_wise(admin, acme, 2)
    submit_some(merchant_id=acme.id, at=sent.at)
    converge(sent)

    wise.move(wise.book[0].theirs, "bounced_back", "cancelled", "funds_refunded")
    poll_some(merchant_id=acme.id, at=sent.at + timedelta(days=14))

    assert (sent.standing(), sent.books()) == ({"PAID": 1, "RETURNED": 1}, [])


@pytest.mark.parametrize(
    ("_case", "change", "status"),
    [
        ("one byte of the body", lambda h, b: (h, b.replace(b"processing", b"processinG")), 401),
        ("no signature", lambda h, b: ({"X-Delivery-Id": "1"}, b), 401),
        ("a signature that is none", lambda h, b: ({"X-Signature-SHA256": "%%"}, b), 401),
        ("nothing", lambda h, b: (h, b""), 400),
        ("too much", lambda h, b: (h, b" " * 300_000), 413),
    ],
)
def test_what_is_not_proved_is_not_stored(admin, acme, wise, _case, change, status):
    sent = hand_to_wise(admin, acme, 1)
    submit_some(merchant_id=acme.id, at=sent.at)

    assert post(sent, *change(*wise.notices[0])) == status

    with merchant_context(acme.id):
        assert not Notice.objects.exists()


def test_a_notice_for_another_profile_is_not_ours(admin, acme, wise):
    sent = hand_to_wise(admin, acme, 1)
    submit_some(merchant_id=acme.id, at=sent.at)
    body = wise.notices[0][1].replace(b"12345678", b"87654321")

    assert post(sent, wise.sign(body), body) == 401
    assert post(sent, wise.sign(body), body, token="nobody") == 404


def test_a_notice_that_is_earlier_than_the_answer_waits(admin, acme, wise):
    sent = hand_to_wise(admin, acme, 1)
    submit_some(merchant_id=acme.id, at=sent.at)
    with merchant_context(acme.id):  # As if its answer were still on its way.
        Payout.objects.filter(batch=sent.batch).update(provider_ref="")

    for headers, body in wise.notices:
        post(sent, headers, body)
    process_some(merchant_id=acme.id, at=sent.at + timedelta(seconds=10))
    with merchant_context(acme.id):
        assert Notice.objects.filter(processed_at=None).count() == 2
        Payout.objects.filter(batch=sent.batch).update(provider_ref=wise.book[0].theirs)
    process_some(merchant_id=acme.id, at=sent.at + timedelta(minutes=1))

    assert sent.standing() == {"PAID": 1}


# The account -------------------------------------------------------------------------------------


def test_a_check_names_the_account(acme, wise):
    assert api_provider("WISE").check(connect(acme, Provider.WISE, **WISE)) == "Acme Ltd"


@pytest.mark.parametrize("wrong", [{"token": "another-token-of-nobody"}, {"profile": "87654321"}])
def test_a_check_says_what_is_wrong(acme, wise, wrong):
    with pytest.raises(BadCredentials):
        api_provider("WISE").check(connect(acme, Provider.WISE, **{**WISE, **wrong}))


def test_a_check_that_brings_nothing_says_so(acme, wise):
    wise.fail("reset_before", method="GET")

    with pytest.raises(NoAnswer):
        api_provider("WISE").check(connect(acme, Provider.WISE, **WISE))
