"""The merchant's own product: a signed call for each payout, confirmed at once or later."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from affiliates.models import Affiliate
from common.addresses import place_of
from common.clock import now
from demo.providers.merchant import SECRET, FakeMerchant
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import (
    Attempt,
    Destination,
    MethodKind,
    Notice,
    Provider,
    Withdrawal,
    WithdrawalStatus,
)
from payouts.providers import api_provider
from payouts.providers.base import BadCredentials, NoAnswer
from payouts.sending.notices import process_some
from payouts.sending.resolve import resolve_some
from payouts.sending.submit import submit_some
from payouts.services import approve_batch, mark_failed, mark_paid, prepare_batch, send_batch
from tests.cast import Company, add_member
from tests.payouts.sending import stage
from tests.payouts.sending.stage import Sent, connect

SETTLING = timedelta(seconds=settings.PAYOUT_SETTLE_SECONDS)


def hand_to_product(
    admin: psycopg.Connection, company: Company, product: FakeMerchant, number: int
) -> Sent:
    """Hand over a batch of withdrawals to the balance in the product."""
    at = now()
    rail = connect(company, Provider.BALANCE, url=product.endpoint, secret=SECRET)
    stage._make_payees(admin, company, MethodKind.MANUAL, [{}] * number, at)
    finn = add_member(company, "Finn", Role.FINANCE)
    with merchant_context(company.id):
        Withdrawal.objects.bulk_create(
            Withdrawal(
                merchant=company.merchant,
                affiliate=affiliate,
                currency="EUR",
                destination=Destination.BALANCE,
                expected_minor=1_000,
                status=WithdrawalStatus.APPROVED,
                status_changed_at=at,
                requested_at=at,
            )
            for affiliate in Affiliate.objects.filter(name__startswith="Payee ")
        )
        batch = prepare_batch(member=finn, currency="EUR", at=at, provider=Provider.BALANCE)
        approve_batch(member=company.owner, batch=batch, at=at)
        send_batch(member=finn, batch=batch, at=at)
    return Sent(company, rail, batch, at)


def submit_all(sent: Sent) -> None:
    """Send until there is nothing more to be sent."""
    while submit_some(merchant_id=sent.company.id, at=sent.at):
        pass


def deliver(sent: Sent, product: FakeMerchant) -> list[int]:
    """Bring the product's notices to the rail's address and read them; return the statuses."""
    path = reverse("rails:notice", args=["balance", sent.rail.notice_token])
    statuses = [
        Client().post(path, body, content_type="application/json", headers=headers).status_code
        for headers, body in product.notices
    ]
    process_some(merchant_id=sent.company.id, at=sent.at + timedelta(minutes=1))
    return statuses


def test_each_payout_is_credited_once_and_proved(admin, acme, product):
    sent = hand_to_product(admin, acme, product, 5)

    submit_all(sent)

    assert product.paid() == dict.fromkeys(sent.ids(), 1)
    assert {payout.provider_ref for payout in sent.payouts()} == {r.theirs for r in product.book}
    assert (sent.standing(), sent.books()) == ({"PAID": 5}, [])


def test_the_call_is_signed_as_standard_webhooks_say(admin, acme, product):
    sent = hand_to_product(admin, acme, product, 1)
    seen = []
    answer = product.answer
    product.answer = lambda request: (seen.append(request), answer(request))[1]

    submit_all(sent)

    (request,) = seen
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode()
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    mac = hmac.new(key, signed + request.body, hashlib.sha256)
    assert request.headers["webhook-signature"] == "v1," + base64.b64encode(mac.digest()).decode()
    (payout,) = sent.payouts()
    assert json.loads(request.body)["data"] == {
        "payout": str(payout.id),
        "reference": payout.reference,
        "affiliate": {"id": str(payout.affiliate_id), "email": "payee0@example.com"},
        "amount_minor": 1_000,
        "currency": "EUR",
    }


@pytest.mark.parametrize("kind", ["refuse", "reset_before", "fail_after", "reset_after"])
def test_whatever_goes_wrong_each_is_credited_once(admin, acme, product, kind):
    product.fail(kind, path="/credits", times=3)
    sent = hand_to_product(admin, acme, product, 4)

    submit_all(sent)
    assert sent.standing() == {"PAID": 1, "UNKNOWN": 3}
    product.clock_offset = SETTLING.total_seconds()
    resolve_some(merchant_id=acme.id, at=sent.at + SETTLING + timedelta(seconds=1))

    assert product.paid() == dict.fromkeys(sent.ids(), 1)
    assert (sent.standing(), sent.books()) == ({"PAID": 4}, [])


def test_a_repeat_has_the_same_id_and_the_same_bytes(admin, acme, product):
    product.fail("fail_after", path="/credits")
    sent = hand_to_product(admin, acme, product, 1)
    seen = []
    answer = product.answer
    product.answer = lambda request: (seen.append(request), answer(request))[1]

    submit_all(sent)
    resolve_some(merchant_id=acme.id, at=sent.at + SETTLING + timedelta(seconds=1))

    first, again = seen
    assert first.body == again.body
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] < again.headers["webhook-timestamp"]


def test_what_the_product_refuses_is_payable_again(admin, acme, product):
    product.says = "failed"
    sent = hand_to_product(admin, acme, product, 2)

    submit_all(sent)

    assert (sent.standing(), sent.books(), product.book) == ({"FAILED": 2}, [], [])
    assert {payout.status_reason for payout in sent.payouts()} == {"The account is closed."}
    with merchant_context(acme.id):
        assert set(Withdrawal.objects.values_list("status", flat=True)) == {"APPROVED"}


def test_a_product_may_answer_later(admin, acme, product):
    product.says = "pending"
    sent = hand_to_product(admin, acme, product, 3)
    submit_all(sent)
    assert sent.standing() == {"SUBMITTED": 3}

    one, two, three = sent.ids()
    product.tell(one, "paid", reference="C-1")
    product.tell(two, "failed", reason="No such account.")
    product.tell(three, "paid", reference="C-3")
    product.tell(three, "returned", reason="Closed since.")

    assert deliver(sent, product) == [200] * 4
    assert sent.standing() == {"FAILED": 1, "PAID": 1, "RETURNED": 1}
    assert sent.books() == []


def test_a_notice_that_is_forged_or_old_is_not_stored(admin, acme, product):
    product.says = "pending"
    sent = hand_to_product(admin, acme, product, 1)
    submit_all(sent)
    product.tell(sent.ids()[0], "paid")
    (headers, body) = product.notices.pop()

    stale = {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}
    product.notices += [
        (headers, body.replace(b'"paid"', b'"PAID"')),
        ({**headers, "webhook-signature": "v1,AAAA"}, body),
        ({**headers, "webhook-timestamp": "soon"}, body),
        (stale, body),
        ({}, body),
    ]

    assert deliver(sent, product) == [401] * 5
    assert sent.standing() == {"SUBMITTED": 1}
    with merchant_context(acme.id):
        assert not Notice.objects.exists()


def test_a_check_credits_nobody(acme, product):
    rail = connect(acme, Provider.BALANCE, url=product.endpoint, secret=SECRET)
    rail.check_due_at = now()

    assert api_provider("BALANCE").check(rail) == place_of(product.url)
    assert product.book == []


def test_a_check_says_what_is_wrong(acme, product):
    wrong = "whsec_" + base64.b64encode(b"y" * 32).decode()
    rail = connect(acme, Provider.BALANCE, url=product.endpoint, secret=wrong)
    rail.check_due_at = now()

    with pytest.raises(BadCredentials):
        api_provider("BALANCE").check(rail)
    product.fail("refuse", path="/credits")
    with pytest.raises(NoAnswer):
        api_provider("BALANCE").check(rail)


def test_an_endpoint_that_moved_inside_is_not_called(admin, acme, product, monkeypatch):
    sent = hand_to_product(admin, acme, product, 1)
    monkeypatch.setattr(settings, "OUTGOING_HOSTS", frozenset())

    submit_all(sent)

    assert (product.calls, sent.standing()) == ({}, {"SUBMITTING": 1})
    with merchant_context(acme.id):
        assert "https://" in Attempt.objects.get().answer


def test_the_merchant_may_also_answer_through_its_api(admin, acme, product):
    product.fail("hang", path="/credits", seconds=0.1)
    product.says = "pending"
    sent = hand_to_product(admin, acme, product, 2)
    submit_all(sent)
    assert sent.standing() == {"SUBMITTED": 1, "UNKNOWN": 1}

    one, two = sent.payouts()
    with merchant_context(acme.id):
        mark_paid(member=acme.owner, payout=one, provider_ref="C-1", paid_at=sent.at, at=sent.at)
        mark_failed(member=acme.owner, payout=two, reason="No such account.", at=sent.at)

    assert (sent.standing(), sent.books()) == ({"FAILED": 1, "PAID": 1}, [])
