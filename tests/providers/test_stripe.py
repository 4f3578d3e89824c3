"""Stripe: what answers mean, who signs notices, what the list says."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from common.clock import now
from demo.providers.stripe import FakeStripe
from payouts.models import Provider, Rail
from payouts.providers.base import (
    Accepted,
    BadCredentials,
    Call,
    Fate,
    Found,
    NotFound,
    NotGenuine,
    NotNow,
    Outcome,
    Rejected,
    Unclear,
)
from payouts.providers.stripe import Stripe
from tests.payouts.sending.stage import CREDENTIALS

STRIPE = Stripe()


@pytest.fixture
def rail(make_rail: Callable[..., Rail]) -> Rail:
    """Return a rail to the stand-in."""
    return make_rail(Provider.STRIPE, CREDENTIALS[Provider.STRIPE])


def call_of(payout_id: UUID | None = None, *, destination: str = "acct_bob", **more: Any) -> Call:
    """Return a call for 12.50 EUR."""
    payout_id = payout_id or uuid4()
    body = (
        f"amount=1250&currency=eur&destination={destination}"
        f"&transfer_group=payout_{payout_id}&metadata%5Bpayout%5D={payout_id}"
    )
    known = {"key": uuid4(), "provider_ref": "", "progress": {}, "keep": lambda _progress: None}
    moments = {"started_at": now(), "at": now()}
    return Call(
        body=body.encode(), payout_ids=(payout_id,), currency="EUR", **{**known, **moments, **more}
    )


def test_the_same_key_is_the_same_transfer(stripe: FakeStripe, rail: Rail) -> None:
    call = call_of()

    first, again = STRIPE.submit(rail, call), STRIPE.submit(rail, call)

    assert isinstance(first, Accepted)
    assert first == again
    assert (first.news[0].fate, first.news[0].payout_id) == (Fate.PAID, call.payout_ids[0])
    assert [(row.payee, row.amount_minor) for row in stripe.book] == [("acct_bob", 1_250)]


def test_a_key_is_forgotten_after_a_day_and_the_group_still_finds_it(
    stripe: FakeStripe, rail: Rail
) -> None:
    call = call_of()
    STRIPE.submit(rail, call)
    stripe.clock_offset = 25 * 3600

    trace = STRIPE.look_up(rail, call)

    assert isinstance(trace, Found)
    assert trace.provider_ref == stripe.book[0].theirs
    assert isinstance(STRIPE.look_up(rail, call_of()), NotFound)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "refuse", "status": 500}, Unclear),
        ({"kind": "refuse", "status": 409}, Unclear),
        ({"kind": "refuse", "status": 302}, Unclear),
        ({"kind": "refuse", "status": 429}, NotNow),
        ({"kind": "refuse", "status": 401}, NotNow),
        ({"kind": "refuse", "status": 402}, Rejected),
        ({"kind": "reset_before"}, Unclear),
        ({"kind": "reset_after"}, Unclear),
        ({"kind": "fail_after"}, Unclear),
    ],
)
def test_only_what_proves_it_is_believed(
    stripe: FakeStripe, rail: Rail, fault: dict[str, Any], expected: type[Outcome]
) -> None:
    stripe.fail(**fault, path="/v1/transfers")

    assert isinstance(STRIPE.submit(rail, call_of()), expected)


def test_nobody_there_means_that_nothing_was_sent(stripe: FakeStripe, rail: Rail) -> None:
    stripe.stop()

    assert isinstance(STRIPE.submit(rail, call_of()), NotNow)


def test_no_such_account_is_a_refusal(stripe: FakeStripe, rail: Rail) -> None:
    outcome = STRIPE.submit(rail, call_of(destination="acct_missing"))

    assert outcome == Rejected("Stripe: 400 resource_missing", of_any_send=True)
    assert stripe.book == []


def test_the_same_key_with_other_bytes_says_nothing_of_the_first(
    stripe: FakeStripe, rail: Rail
) -> None:
    key = uuid4()
    STRIPE.submit(rail, call_of(key=key))

    assert isinstance(STRIPE.submit(rail, call_of(key=key)), Unclear)
    assert len(stripe.book) == 1


def test_a_check_wants_the_key_of_this_account(stripe: FakeStripe, rail: Rail) -> None:
    assert STRIPE.check(rail) == "acct_platform"

    stripe.account = "acct_another"
    with pytest.raises(BadCredentials, match="another account"):
        STRIPE.check(rail)


def test_the_list_is_read_page_by_page_with_what_was_taken_back(
    stripe: FakeStripe, rail: Rail, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payouts.providers import stripe as module

    monkeypatch.setattr(module, "PAGE", 2)
    calls = [call_of() for _n in range(5)]
    refs = [STRIPE.submit(rail, call).provider_ref for call in calls]  # type: ignore[union-attr]
    stripe.reverse(refs[0])
    since, until = now() - timedelta(hours=1), now() + timedelta(hours=1)

    listed = list(STRIPE.listing(rail, since=since, until=until, known=[]))

    assert [row.provider_ref for row in listed] == refs[::-1]
    assert [row.payout_id for row in listed] == [call.payout_ids[0] for call in calls[::-1]]
    assert [row.fate for row in listed] == [Fate.PAID] * 4 + [Fate.RETURNED]
    assert {(row.amount_minor, row.currency) for row in listed} == {(1_250, "EUR")}


def test_a_genuine_notice_is_read(stripe: FakeStripe, rail: Rail) -> None:
    call = call_of()
    STRIPE.submit(rail, call)
    stripe.reverse(stripe.book[0].theirs)
    headers, body = stripe.notices[-1]

    external_id = STRIPE.verify_notice(
        rail, headers={name.lower(): text for name, text in headers.items()}, body=body, at=now()
    )
    (news,) = STRIPE.read_notice(rail, body)

    assert external_id == json.loads(body)["id"]
    assert (news.fate, news.payout_id) == (Fate.RETURNED, call.payout_ids[0])


def test_changed_old_and_foreign_notices_are_not_genuine(stripe: FakeStripe, rail: Rail) -> None:
    body = b'{"id": "evt_1"}'
    header = stripe.sign(body)["Stripe-Signature"]
    at = now()

    def verify(text: str, content: bytes, later: timedelta = timedelta(0)) -> str:
        return STRIPE.verify_notice(
            rail, headers={"stripe-signature": text}, body=content, at=at + later
        )

    assert verify(header, body) == "evt_1"
    for text, content, later in (
        (header, b'{"id": "evt_2"}', timedelta(0)),
        (header, body, timedelta(minutes=6)),
        (header, body, timedelta(minutes=-6)),
        ("", body, timedelta(0)),
        (header.replace("v1=", "v0="), body, timedelta(0)),
    ):
        with pytest.raises(NotGenuine):
            verify(text, content, later)


def test_notices_of_another_mode_say_nothing(stripe: FakeStripe, rail: Rail) -> None:
    STRIPE.submit(rail, call_of())
    event = json.loads(stripe.notices[0][1]) | {"livemode": True}

    assert STRIPE.read_notice(rail, json.dumps(event).encode()) == []
