"""Notices of PayPal and Stripe: proved at the door, applied in any order and repeatedly."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from demo.providers.paypal import FakePayPal
from merchants.tenancy import merchant_context
from payouts.models import Notice, Provider
from payouts.sending.notices import process_some
from payouts.sending.submit import submit_some
from tests.payouts.sending.stage import Sent, hand_over

Told = tuple[dict[str, str], bytes]


def post(sent: Sent, told: Told) -> int:
    """Post a notice to the rail's address as its provider would; return the status."""
    path = reverse("rails:notice", args=[sent.rail.provider.lower(), sent.rail.notice_token])
    headers, body = told
    answer = Client().post(path, body, content_type="application/json", headers=headers)
    return answer.status_code


def signed(paypal: FakePayPal) -> list[Told]:
    """Return PayPal's notices with their proofs."""
    return [(paypal.sign(body), body) for _headers, body in paypal.notices]


def read_notices(sent: Sent) -> None:
    """Do what the worker does with notices."""
    while process_some(merchant_id=sent.company.id, at=sent.at + timedelta(minutes=1)):
        pass


def stored(sent: Sent) -> int:
    """Return how many notices were stored."""
    with merchant_context(sent.company.id):
        return Notice.objects.count()


def test_paypal_tells_in_any_order_and_twice(admin, acme, paypal):
    sent = hand_over(admin, acme, Provider.PAYPAL, 3)
    submit_some(merchant_id=acme.id, at=sent.at)

    for told in [*reversed(signed(paypal)), *signed(paypal)]:
        assert post(sent, told) == 200
    read_notices(sent)

    assert stored(sent) == len(paypal.notices) > 0
    assert (sent.standing(), sent.books()) == ({"PAID": 3}, [])


def test_stripe_tells_of_a_reversal_twice(admin, acme, stripe):
    sent = hand_over(admin, acme, Provider.STRIPE, 3)
    submit_some(merchant_id=acme.id, at=sent.at)
    stripe.reverse(stripe.transfers[0]["id"])

    for told in [*reversed(stripe.notices), *stripe.notices]:
        assert post(sent, told) == 200
    read_notices(sent)

    assert stored(sent) == len(stripe.notices)
    assert (sent.standing(), sent.books()) == ({"PAID": 2, "RETURNED": 1}, [])


def _without(name: str) -> Callable[[Told], Told]:
    return lambda told: ({k: v for k, v in told[0].items() if k.lower() != name}, told[1])


def _with(name: str, value: str) -> Callable[[Told], Told]:
    return lambda told: ({**_without(name)(told)[0], name: value}, told[1])


def _other_byte(told: Told) -> Told:
    return told[0], told[1].replace(b"a", b"b", 1)


@pytest.mark.parametrize(
    "change",
    [
        _other_byte,
        _without("paypal-transmission-sig"),
        _with("paypal-auth-algo", "none"),
        _with("paypal-transmission-id", "another"),
        _with("paypal-cert-url", "https://paypal.com.evil.example/v1/notifications/certs/C"),
        _with("paypal-cert-url", "https://169.254.169.254/v1/notifications/certs/C"),
        _with("paypal-cert-url", ""),
    ],
)
def test_what_paypal_did_not_sign_is_not_stored(admin, acme, paypal, change):
    sent = hand_over(admin, acme, Provider.PAYPAL, 1)
    submit_some(merchant_id=acme.id, at=sent.at)

    assert post(sent, change(signed(paypal)[0])) == 401
    assert stored(sent) == 0


@pytest.mark.parametrize("change", [_other_byte, _without("stripe-signature")])
def test_what_stripe_did_not_sign_is_not_stored(admin, acme, stripe, change):
    sent = hand_over(admin, acme, Provider.STRIPE, 1)
    submit_some(merchant_id=acme.id, at=sent.at)

    assert post(sent, change(stripe.notices[0])) == 401
    assert stored(sent) == 0


def test_a_notice_of_one_merchant_is_none_of_anothers(admin, acme, globex, stripe):
    sent = hand_over(admin, acme, Provider.STRIPE, 1)
    other = hand_over(
        admin, globex, Provider.STRIPE, 1, credentials={"notice_secret": "whsec_another"}
    )
    submit_some(merchant_id=acme.id, at=sent.at)
    told = stripe.notices[0]

    assert post(other, told) == 401
    assert (post(sent, told), stored(sent), stored(other)) == (200, 1, 0)


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_the_door_takes_posts_alone(method: str) -> None:
    call: Any = getattr(Client(), method)

    assert call(reverse("rails:notice", args=["stripe", "x"])).status_code == 405
