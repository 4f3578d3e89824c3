"""What Acme paid over PayPal and Stripe, and what waits: by real calls to their stand-ins.

The stand-ins keep their books in the data directory, where those of the stack find them later, so
that both sides still agree, except where they are to differ.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings

from demo.audit_times import date_payouts
from demo.cast import INES
from demo.history import History
from demo.payouts import approve_and_send, prepare
from demo.providers.base import Fake
from demo.providers.paypal import FakePayPal
from demo.providers.stripe import FakeStripe
from demo.stage import Standing
from merchants.models import acting_user
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Destination, Payout, Provider, Schedule
from payouts.rails import check_rails
from payouts.reconciliation import reconcile_rails
from payouts.sending.poll import poll_some
from payouts.sending.submit import submit_some
from payouts.services import (
    TermsDraft,
    approve_batch,
    create_terms,
    request_withdrawal,
)

MINUTE = timedelta(minutes=1)
APPROVED_AFTER = timedelta(minutes=75)


def pay_over_rails(history: History) -> None:
    """Play the last days: two batches over rails, one that waits to be sent, one for Alice."""
    with (
        stand_in(Provider.PAYPAL, FakePayPal) as paypal,
        stand_in(Provider.STRIPE, FakeStripe) as stripe,
    ):
        assert isinstance(paypal, FakePayPal)
        assert isinstance(stripe, FakeStripe)
        _over_paypal(history, paypal, _at(history, 9, 10))
        _over_stripe(history, stripe, _at(history, 6, 10))
        _return_to_ines(history, paypal, _at(history, 4, 8))
        _ask_for_it(history, history.stage.standing(INES), _at(history, 2, 19))
        reconcile_rails(merchant_id=history.stage.id, at=history.now)
    with merchant_context(history.stage.id):
        if waits := prepare(history, _at(history, 1, 9), provider=Provider.PAYPAL):
            owner = history.stage.member(Role.OWNER)
            approve_batch(member=owner, batch=waits, at=_at(history, 1, 10))
        prepare(history, _at(history, 1, 11))  # This one waits for Alice.
        date_payouts()


@contextmanager
def stand_in(provider: Provider, fake_of: type[Fake]) -> Iterator[Fake]:
    """Run a stand-in in this process, and let it be called."""
    fake = fake_of(store=settings.DATA_DIR / f"provider-{provider.lower()}.json")
    before = settings.PROVIDER_URLS[provider]
    settings.PROVIDER_URLS[provider] = fake.url
    try:
        with fake:
            yield fake
    finally:
        settings.PROVIDER_URLS[provider] = before


def _at(history: History, days_ago: int, hour: int) -> datetime:
    return history.day(days_ago) + timedelta(hours=hour)


def _set_clock(fake: Fake, at: datetime) -> None:
    fake.clock_offset = at.timestamp() - time.time()


def _hand_over(history: History, provider: Provider, at: datetime) -> datetime:
    """Prepare, approve and send a batch, and make its calls; return when they were made."""
    merchant_id = history.stage.id
    check_rails(merchant_id=merchant_id, at=at)
    with merchant_context(merchant_id):
        if batch := prepare(history, at, provider=provider):
            approve_and_send(history, batch, at + APPROVED_AFTER)
    called_at = at + APPROVED_AFTER + 16 * MINUTE
    submit_some(merchant_id=merchant_id, at=called_at)
    return called_at


def _over_paypal(history: History, paypal: FakePayPal, at: datetime) -> None:
    _set_clock(paypal, at + APPROVED_AFTER + 16 * MINUTE)
    called_at = _hand_over(history, Provider.PAYPAL, at)
    poll_some(merchant_id=history.stage.id, at=called_at + MINUTE)


def _over_stripe(history: History, stripe: FakeStripe, at: datetime) -> None:
    """One call gets no answer; whoever looks at Stripe pays it there by hand, and tells nobody.

    So it is unknown what became of it, and their list has a transfer that is none of ours.
    """
    _set_clock(stripe, at + APPROVED_AFTER + 16 * MINUTE)
    stripe.fail("reset_before", path="/v1/transfers")
    _hand_over(history, Provider.STRIPE, at)
    _set_clock(stripe, at + timedelta(hours=6))
    stripe.pay_by_hand(
        "acct_1DemoErikEbb", amount_minor=4_000, currency=history.stage.program.currency
    )


def _return_to_ines(history: History, paypal: FakePayPal, at: datetime) -> None:
    """Let PayPal send back what Ines got."""
    _set_clock(paypal, at)
    with merchant_context(history.stage.id):
        paid = Payout.objects.filter(
            merchant_id=history.stage.id,
            batch__provider=Provider.PAYPAL,
            affiliate__email=INES.person.email,
        )
        ids = [str(payout_id) for payout_id in paid.values_list("id", flat=True)]
    for payout_id in ids:
        paypal.move_item(payout_id, "REFUNDED")
    poll_some(merchant_id=history.stage.id, at=at + MINUTE)


def _ask_for_it(history: History, ines: Standing | None, at: datetime) -> None:
    """Pay Ines when she asks from now on, and let her ask; nobody has looked at it yet."""
    if ines is None:
        return
    draft = TermsDraft(
        schedule=Schedule.ON_REQUEST, minor_min=0, request_fee_minor=50, automatic_minor_max=0
    )
    with merchant_context(history.stage.id):
        create_terms(
            member=history.stage.member(Role.FINANCE),
            program=ines.enrollment.program,
            enrollment=ines.enrollment,
            draft=draft,
            at=at - timedelta(days=1),
        )
        request_withdrawal(
            merchant_id=history.stage.id,
            affiliate_id=ines.enrollment.affiliate_id,
            currency=history.stage.program.currency,
            destination=Destination.MONEY,
            by=acting_user(history.people.user(ines.promoter.person)),
            at=at,
        )
