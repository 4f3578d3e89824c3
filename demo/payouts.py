"""How Acme and Globex paid until lately: files for the bank, and what it said two days later."""

from datetime import datetime, timedelta
from functools import partial

from demo.cast import DANA, FARAH
from demo.history import History
from demo.people import make_iban
from merchants.rights import Role
from payouts.models import Batch, Mode, Payout, Provider, Schedule
from payouts.rails import set_rail
from payouts.services import (
    NothingToPay,
    TermsDraft,
    approve_batch,
    create_terms,
    mark_failed,
    mark_paid,
    prepare_batch,
    send_batch,
)
from programs.models import Program

ACCOUNTS = {  # What the stand-ins let in.
    Provider.PAYPAL: {
        "client_id": "paypal-client-fairlead",
        "client_secret": "paypal-secret-fairlead",
        "webhook_id": "1JE4291016473214C",
    },
    Provider.STRIPE: {
        "account": "acct_platform",
        "secret_key": "sk_test_fairlead",
        "notice_secret": "whsec_stripe",
    },
}


def prepare(history: History, at: datetime, *, provider: Provider = Provider.CSV) -> Batch | None:
    """Prepare a batch; return it, or None if nobody can be paid."""
    member = history.stage.member(Role.FINANCE)
    currency = history.stage.program.currency
    try:
        return prepare_batch(member=member, currency=currency, provider=provider, at=at)
    except NothingToPay:
        return None


def approve_and_send(history: History, batch: Batch, at: datetime) -> None:
    """Let the owner approve a batch, and hand it over a quarter of an hour later."""
    owner, finance = history.stage.member(Role.OWNER), history.stage.member(Role.FINANCE)
    batch = approve_batch(member=owner, batch=batch, at=at)
    send_batch(member=finance, batch=batch, at=at + timedelta(minutes=15))


def pay_by_file(
    history: History,
    at: datetime,
    *,
    provider: Provider = Provider.CSV,
    fail_one: bool = False,
) -> None:
    """Prepare, approve and send a batch; plan what the bank says two days later."""
    batch = prepare(history, at, provider=provider)
    if batch is None:
        return
    approve_and_send(history, batch, at + timedelta(minutes=75))
    answer = partial(_hear_from_the_bank, history, batch, fail_one)
    history.agenda.plan(at + timedelta(days=2), answer)


def _hear_from_the_bank(history: History, batch: Batch, fail_one: bool, at: datetime) -> None:
    finance = history.stage.member(Role.FINANCE)
    payouts = Payout.objects.filter(merchant_id=history.stage.id, batch=batch).order_by("id")
    in_order = list(payouts.select_related("batch"))
    failed = in_order[-1] if fail_one and len(in_order) > 1 else None
    for number, payout in enumerate(in_order, start=1):
        if payout is failed:
            reason = "Returned by the bank: account closed"
            mark_failed(member=finance, payout=payout, reason=reason, at=at)
        else:
            reference = f"BANK-{at:%Y%m%d}-{batch.number:02}{number:02}"
            mark_paid(member=finance, payout=payout, provider_ref=reference, paid_at=at, at=at)


def connect_rails(history: History, at: datetime) -> None:
    """Connect the bank, PayPal and Stripe: from now on nobody types amounts."""
    bank = {
        "name": "Acme Chandlery",
        "iban": make_iban(history.random, country="DE"),
        "bic": "MARKDEFFXXX",
        "town": "Hamburg",
        "country": "DE",
    }
    for provider, credentials in {Provider.SEPA: bank, **ACCOUNTS}.items():
        set_rail(
            member=history.stage.member(Role.OWNER),
            provider=provider,
            mode=Mode.SANDBOX,
            credentials=credentials,
            at=at,
        )


def agree_on_terms(history: History, at: datetime) -> None:
    """Pay Dana and the crew by the month, and Farah small sums as well."""
    monthly = TermsDraft(schedule=Schedule.MONTHLY, net_days=15)
    stage, member = history.stage, history.stage.member(Role.FINANCE)
    crew = Program.objects.get(merchant=stage.merchant, slug="crew")
    create_terms(member=member, program=crew, draft=monthly, at=at)
    for promoter, draft in ((DANA, monthly), (FARAH, TermsDraft(minor_min=500))):
        if standing := stage.standing(promoter):
            enrollment = standing.enrollment
            program = enrollment.program
            create_terms(member=member, program=program, enrollment=enrollment, draft=draft, at=at)
