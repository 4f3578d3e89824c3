"""What people at the merchants decided in the past: reviews, a suspension, payouts."""

from datetime import datetime, timedelta
from functools import partial

from affiliates.models import Status as EnrollmentStatus
from affiliates.services import move_enrollment
from commissions.services import decline_conversion, hold_conversion
from demo.agenda import Action
from demo.cast import KIM
from demo.claims import plan_claims
from demo.crew import plan_crew
from demo.extras import plan_extras
from demo.history import History
from demo.rates import plan_rates
from demo.sandbox import open_sandbox
from demo.stage import raise_sale_rate
from merchants.rights import Role
from payouts.models import Batch, Payout
from payouts.services import (
    NothingToPay,
    approve_batch,
    mark_failed,
    mark_paid,
    prepare_batch,
    send_batch,
)
from tracking.models import Conversion, ConversionStatus

ACME_PAYOUTS = ((42, False), (28, True), (14, False))  # Days ago, and whether one fails.
SAME_ADDRESS = "The customer lives at the affiliate's address."
GLOBEX_PAYOUTS_DAYS_AGO = (31, 10)


def plan_acme(history: History) -> None:
    """Plan what Alice, Mia and Finn did."""
    plan(history, 46, 9.0, partial(raise_sale_rate, history.stage))
    plan_rates(history)
    plan_extras(history)
    plan_claims(history)
    plan_crew(history)
    plan(history, 21, 16.5, partial(_suspend_kim, history))
    plan(history, 33, 11.0, partial(_decline_latest, history, "An order of our own staff."))
    plan(history, 5, 15.0, partial(_decline_latest, history, "Ordered twice by mistake."))
    for days_ago in (3, 2):
        plan(history, days_ago, 16.0, partial(_hold_latest, history, SAME_ADDRESS))
    plan(history, 18, 10.0, partial(open_sandbox, history))
    for days_ago, fails in ACME_PAYOUTS:
        plan(history, days_ago, 10.0, partial(_pay, history, fail_one=fails))
    plan(history, 1, 10.0, partial(_prepare, history))  # This one waits for Alice.


def plan_globex(history: History) -> None:
    """Plan what Gwen and Hal did."""
    plan(history, 44, 9.0, partial(raise_sale_rate, history.stage))
    for days_ago in GLOBEX_PAYOUTS_DAYS_AGO:
        plan(history, days_ago, 14.0, partial(_pay, history))


def plan(history: History, days_ago: int, hour: float, action: Action) -> None:
    """Plan an action for an hour of a past day."""
    history.agenda.plan(history.day(days_ago) + timedelta(hours=hour), action)


def _suspend_kim(history: History, at: datetime) -> None:
    standing = history.stage.standing(KIM)
    assert standing is not None  # She joined long before.
    move_enrollment(
        enrollment=standing.enrollment,
        to=EnrollmentStatus.SUSPENDED,
        by=history.stage.acting(Role.MANAGER),
        at=at,
        reason="Bids on our name in search engines, although the terms forbid it.",
    )


def _latest_pending(history: History) -> Conversion | None:
    pending = Conversion.objects.filter(
        merchant_id=history.stage.id,
        program=history.stage.program,
        status=ConversionStatus.PENDING,
        goal__code="sale",
    )
    return pending.order_by("-occurred_at").first()


def _decline_latest(history: History, reason: str, at: datetime) -> None:
    if conversion := _latest_pending(history):
        by = history.stage.acting(Role.MANAGER)
        decline_conversion(conversion=conversion, reason=reason, by=by, at=at)


def _hold_latest(history: History, reason: str, at: datetime) -> None:
    if conversion := _latest_pending(history):
        by = history.stage.acting(Role.MANAGER)
        hold_conversion(conversion=conversion, reason=reason, by=by, at=at)


def _prepare(history: History, at: datetime) -> Batch | None:
    member = history.stage.member(Role.FINANCE)
    try:
        return prepare_batch(member=member, currency=history.stage.program.currency, at=at)
    except NothingToPay:
        return None


def _pay(history: History, at: datetime, *, fail_one: bool = False) -> None:
    """Prepare, approve and send a batch; plan what the bank says two days later."""
    batch = _prepare(history, at)
    if batch is None:
        return
    owner, finance = history.stage.member(Role.OWNER), history.stage.member(Role.FINANCE)
    batch = approve_batch(member=owner, batch=batch, at=at + timedelta(minutes=75))
    send_batch(member=finance, batch=batch, at=at + timedelta(minutes=90))
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
