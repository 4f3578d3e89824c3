"""Mails about payouts that failed, about what lacks before one is paid, and forms that expire."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from common.clock import now
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from payouts.directory import merchants_with_payout_mails
from payouts.failure_mails import TOGETHER
from payouts.mails import tell_of_payouts
from payouts.models import PayoutStatus, TaxFormKind
from payouts.paper_mails import tell_of_expiry
from payouts.services.filling import ASKED_EVERY
from payouts.services.settle import Failed, Returned, settle_failed, settle_returned
from payouts.tax.directory import forms_that_expire
from tests.cast import Company, Promoter, make_promoter
from tests.payouts.batches.stage import LATER, earn, finance, pay_all, payout_of, prepared, sent
from tests.payouts.tax.signing import sign

BOB, ALICE, FINN = "bob@example.com", "alice@acme.example", "finn@acme.example"


def told() -> list[tuple[str, str]]:
    """Return whom what was told since the last time, and forget it."""
    found = sorted((message.to[0], message.subject) for message in mail.outbox)
    mail.outbox.clear()
    return found


def test_a_failed_payout_is_told_to_its_affiliate_and_once_to_members(
    acme: Company, bob: Promoter
) -> None:
    earn(acme, bob)
    dave = make_promoter(acme, "Dave")
    earn(acme, dave)
    sent(acme, finance(acme))
    tell_of_payouts(merchant_id=acme.id, at=LATER)  # Of the batch: nothing is left to say.
    news = [Failed(payout_of(acme, one).id, "Account closed\n<b>now</b>") for one in (bob, dave)]
    for _time in ("once", "and again"):
        with merchant_context(acme.id):
            settle_failed(merchant_id=acme.id, news=news, by=SYSTEM, at=LATER)

    assert merchants_with_payout_mails(at=LATER) == [acme.id]
    assert tell_of_payouts(merchant_id=acme.id, at=LATER) == 2
    bodies = [message.body for message in mail.outbox]
    subject = "Your payout from Acme did not arrive"
    assert told() == [(BOB, subject), ("dave@example.com", subject)]
    assert all("Acme could not pay you €10.00. The money is still yours" in one for one in bodies)
    assert all("Why: Account closed\n<b>now</b>" in one for one in bodies)

    assert tell_of_payouts(merchant_id=acme.id, at=LATER + TOGETHER) == 1
    members = mail.outbox[0].body
    subject = "Payouts of batch 1 did not arrive"
    assert told() == [(ALICE, subject), (FINN, subject)]
    assert "2 payouts of batch 1 failed or came back: €20.00 together." in members
    assert "Bob, €10.00, FL-1-1: Account closed" in members
    assert tell_of_payouts(merchant_id=acme.id, at=LATER + 2 * TOGETHER) == 0


def test_money_that_came_back_is_told(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)
    batch = sent(acme, finance(acme))
    pay_all(acme, batch)
    payout = payout_of(acme, bob)
    with merchant_context(acme.id):
        news = [Returned(payout.id, "", LATER)]
        settle_returned(merchant_id=acme.id, news=news, by=SYSTEM, at=LATER)

    tell_of_payouts(merchant_id=acme.id, at=LATER + TOGETHER)

    assert payout_of(acme, bob).status == PayoutStatus.RETURNED
    text = next(message.body for message in mail.outbox if message.to == [BOB])
    assert "€10.00 that Acme paid you came back." in text
    assert "Why:" not in text
    assert [to for to, _subject in told()] == [ALICE, BOB, FINN]


def test_whoever_lacks_something_is_asked_for_it_once_a_month(acme: Company, bob: Promoter) -> None:
    dora, finn = make_promoter(acme, "Dora", method=False), finance(acme)
    for promoter in (bob, dora):
        earn(acme, promoter)
    asked = ("dora@example.com", "Acme cannot pay you yet")

    for at, expected in (
        (LATER, [asked]),
        (LATER + timedelta(days=1), []),
        (LATER + ASKED_EVERY, [asked]),
    ):
        earn(acme, bob, at=at)
        prepared(acme, finn, at=at)
        tell_of_payouts(merchant_id=acme.id, at=at)
        texts = [message.body for message in mail.outbox]
        assert [one for one in told() if one[0] != ALICE] == expected
        assert sum("Please say where your money should go." in text for text in texts) == len(
            expected
        )


@pytest.mark.parametrize(
    ("_case", "days", "expected"),
    [
        ("in 31 days", 31, []),
        ("in 30 days", 30, [(BOB, "Your tax form expires")]),
        ("today", 0, [(BOB, "Your tax form expires")]),
        ("yesterday", -1, []),
    ],
)
def test_a_form_that_expires_is_told_of_once(
    bob: Promoter, _case: str, days: int, expected: list[tuple[str, str]]
) -> None:
    form = sign(bob, TaxFormKind.W8BEN)
    assert form.expires_on is not None
    on = form.expires_on - timedelta(days=days)
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)

    for _time in ("once", "and again"):
        for affiliate_id, profile_id in forms_that_expire(at=at, limit=10):
            tell_of_expiry(affiliate_id=affiliate_id, profile_id=profile_id, at=now())

    assert told() == expected
