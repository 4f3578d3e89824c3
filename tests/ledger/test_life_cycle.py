"""A commission's whole life, in any order of steps: every invariant of the ledger holds at each.

And a ledger that is broken on purpose is found out.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

import ledger.services
from commissions.accrual import rederive
from commissions.accrual.trace import earned_draft
from commissions.models import Commission, Kind, Status
from commissions.services import (
    approve_due,
    decide_commission,
    decline_conversion,
    hold_conversion,
    moves,
    reassign_conversion,
    release_conversion,
)
from common.ids import new_id
from common.states import IllegalMove
from ledger.models import Journal, Posting
from ledger.services import Draft
from merchants.models import SYSTEM
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Batch, Payout, PayoutStatus
from payouts.selectors import check_money
from payouts.services import (
    NothingToPay,
    approve_batch,
    cancel_batch,
    mark_failed,
    mark_paid,
    prepare_batch,
    send_batch,
)
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter
from tests.facts import sale, tell, work
from tests.forget import forget_facts
from tracking.models import Conversion, Credit, ReportedStatus
from tracking.services import TooMuchRefunded, record_refund, record_status

LATER = NOON + timedelta(days=60)


@dataclass
class Stage:
    """Who plays, and what is known of the books so far."""

    company: Company
    promoters: list[Promoter]
    finn: Any
    admin: psycopg.Connection[Any]
    sales: int = 0
    postings: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)


stage: Stage  # The present one: Hypothesis makes machines without arguments.
PLACE = st.integers(0, 3)  # Of what is at hand: the oldest first.


class LifeCycle(RuleBasedStateMachine):
    """Every step that people, systems and the worker may take."""

    def __init__(self) -> None:
        super().__init__()
        forget_facts(stage.admin)
        stage.postings.clear()

    @rule(whose=st.integers(0, 1), amount_minor=st.integers(1, 20_000), is_late=st.booleans())
    def earn(self, whose: int, amount_minor: int, is_late: bool) -> None:
        """Report a sale, or report an old one again."""
        stage.sales += 1
        click = click_of(stage.promoters[whose])
        at = NOON + timedelta(hours=2 if is_late else 1)
        report = sale(f"o-{stage.sales}", click_token=click, amount_minor=amount_minor, at=at)
        for _time in range(2):
            tell(stage.company, report)
        work(stage.company, at=LATER)
        _post_again(0)

    @rule(place=PLACE, amount_minor=st.integers(1, 12_000))
    def refund(self, place: int, amount_minor: int) -> None:
        """Take back a part; twice is once."""
        with _one(Conversion, place) as row, suppress(TooMuchRefunded):
            for _time in range(2):
                record_refund(
                    conversion=row,
                    external_id=f"r-{amount_minor}",
                    amount_minor=amount_minor,
                    reason="",
                    occurred_at=LATER,
                    by=SYSTEM,
                    at=LATER,
                )
        work(stage.company, at=LATER)

    @rule(place=PLACE, status=st.sampled_from(ReportedStatus))
    def say(self, place: int, status: ReportedStatus) -> None:
        """Let a system say something of an order: a dispute, a loss."""
        with _one(Conversion, place) as row:
            record_status(
                program=stage.company.program,
                goal="sale",
                order_id=row.external_id,
                status=status,
                occurred_at=LATER,
                by=SYSTEM,
                at=LATER,
            )
        work(stage.company, at=LATER)

    @rule(place=PLACE, what=st.sampled_from(["hold", "release", "decline"]))
    def decide(self, place: int, what: str) -> None:
        """Decide on a conversion."""
        with _one(Conversion, place) as row, suppress(IllegalMove):
            if what == "hold":
                hold_conversion(conversion=row, reason="Odd", by=SYSTEM, at=LATER)
            elif what == "release":
                release_conversion(conversion=row, by=SYSTEM, at=LATER)
            else:
                decline_conversion(conversion=row, reason="No", by=SYSTEM, at=LATER)

    @rule(place=PLACE, to=st.sampled_from([Status.APPROVED, Status.HELD, Status.DECLINED]))
    def decide_line(self, place: int, to: Status) -> None:
        """Decide on one line."""
        with _one(Commission, place) as row, suppress(IllegalMove):
            decide_commission(commission=row, to=to, by=SYSTEM, at=LATER)

    @rule()
    def approve(self) -> None:
        """Let the hold end."""
        approve_due(merchant_id=stage.company.id, at=LATER)

    @rule()
    def reserve(self) -> None:
        """Prepare and approve a batch."""
        with merchant_context(stage.company.id), suppress(NothingToPay):
            batch = prepare_batch(member=stage.finn, currency="EUR", at=LATER)
            approve_batch(member=stage.company.owner, batch=batch, at=LATER)

    @rule(cancels=st.booleans())
    def hand_over(self, cancels: bool) -> None:
        """Hand the oldest batch over, or cancel it."""
        with _one(Batch, 0, status="APPROVED") as batch:
            if cancels:
                cancel_batch(member=stage.finn, batch=batch, at=LATER)
            else:
                send_batch(member=stage.finn, batch=batch, at=LATER)

    @rule(arrives=st.booleans())
    def end(self, arrives: bool) -> None:
        """Pay what is on its way, or let it fail."""
        with _one(Payout, 0, status=PayoutStatus.SUBMITTED) as payout:
            if arrives:
                ref = str(payout.id)
                mark_paid(
                    member=stage.finn, payout=payout, provider_ref=ref, paid_at=LATER, at=LATER
                )
            else:
                mark_failed(member=stage.finn, payout=payout, reason="Closed", at=LATER)

    @rule(place=PLACE, whose=st.integers(0, 1))
    def reassign(self, place: int, whose: int) -> None:
        """Give a conversion to somebody, whatever became of it."""
        enrollment = stage.promoters[whose].enrollment
        with _one(Conversion, place) as row, suppress(IllegalMove):
            reassign_conversion(
                conversion=row, enrollment=enrollment, reason="Said so", by=SYSTEM, at=LATER
            )

    @rule()
    def redecide(self) -> None:
        """Decide everything anew: nothing has changed."""
        with merchant_context(stage.company.id):
            ids = list(Conversion.objects.values_list("id", flat=True))
            changes = rederive(stage.company.id, ids, at=LATER, by=SYSTEM, reason="test")
            assert changes == []

    @rule(place=PLACE)
    def post_again(self, place: int) -> None:
        """Post what was posted: a duplicate is nothing."""
        _post_again(place)

    @invariant()
    def the_books_hold(self) -> None:
        """Balanced, as the commissions say by status, and never below zero by conversion."""
        with merchant_context(stage.company.id):
            assert check_money(stage.company.id) == []

    @invariant()
    def nothing_was_edited(self) -> None:
        """What was posted before is there as it was."""
        with merchant_context(stage.company.id):
            rows = Posting.objects.values_list("id", "account_id", "amount_minor")
            now = {id: (account, amount) for id, account, amount in rows}
        assert stage.postings.items() <= now.items()
        stage.postings = now

    @invariant()
    def shares_are_the_whole_and_signs_are_right(self) -> None:
        """Split credits sum to the whole; only what corrects is negative; currencies are one."""
        with merchant_context(stage.company.id):
            sums: dict[UUID, int] = {}
            for credit in Credit.objects.select_related("conversion"):
                left = sums.setdefault(credit.conversion_id, credit.conversion.amount_minor)
                sums[credit.conversion_id] = left - credit.amount_minor
            assert not any(sums.values())
            negative = Commission.objects.filter(amount_minor__lt=0)
            assert not negative.exclude(kind__in=[Kind.REVERSAL, Kind.ADJUSTMENT]).exists()
            assert not Posting.objects.exclude(currency="EUR").exists()


@contextmanager
def _one(model: Any, place: int, **which: Any) -> Iterator[Any]:
    """Give one row of the merchant, in its context; leave quietly if there is none."""
    with suppress(_NoSuch), merchant_context(stage.company.id):
        rows = list(model.objects.filter(**which).order_by("id")[place : place + 1])
        if not rows:
            rows = list(model.objects.filter(**which).order_by("id")[:1])
        yield rows[0] if rows else _Nobody()


def _post_again(place: int) -> None:
    with _one(Commission, place) as row:
        draft = earned_draft(row)
        if Journal.objects.filter(source=draft.source).exists():
            assert not moves.post(merchant_id=stage.company.id, drafts=[draft], at=LATER)


class _NoSuch(Exception):
    """There is no such row yet."""


class _Nobody:
    """Whatever is asked of it, it is not there."""

    def __getattr__(self, name: str) -> Any:
        raise _NoSuch(name)


LIMITS: dict[str, Any] = {
    "deadline": None,
    "stateful_step_count": 14,
    "suppress_health_check": list(HealthCheck),
}


@pytest.fixture
def staged(acme: Company, bob: Promoter, admin: psycopg.Connection[Any]) -> Stage:
    """Set the stage."""
    global stage
    finn = add_member(acme, "Finn", Role.FINANCE)
    stage = Stage(acme, [bob, make_promoter(acme, "Dora")], finn, admin)
    return stage


def test_every_invariant_holds_at_every_step(staged: Stage) -> None:
    run_state_machine_as_test(LifeCycle, settings=settings(max_examples=12, **LIMITS))


sound_post = ledger.services.post


def skips_a_posting(drafts: Sequence[Draft]) -> list[Draft]:
    """Leave out the last posting of each journal."""
    return [draft._replace(entries=draft.entries[:-1]) for draft in drafts]


def skips_a_journal(drafts: Sequence[Draft]) -> list[Draft]:
    """Leave out the last journal."""
    return list(drafts[:-1])


def wrong_sign(drafts: Sequence[Draft]) -> list[Draft]:
    """Take for give."""
    return [
        draft._replace(
            entries=tuple(
                entry._replace(amount_minor=-entry.amount_minor) for entry in draft.entries
            ),
        )
        for draft in drafts
    ]


def not_idempotent(drafts: Sequence[Draft]) -> list[Draft]:
    """Post again what was posted."""
    known = set(Journal.objects.values_list("source", flat=True))
    return [
        draft._replace(source=f"again:{new_id()}") if draft.source in known else draft
        for draft in drafts
    ]


def mixes_currencies(drafts: Sequence[Draft]) -> list[Draft]:
    """Post half of it in dollars."""
    return [
        draft._replace(entries=(draft.entries[0]._replace(currency="USD"), *draft.entries[1:]))
        for draft in drafts
    ]


@pytest.mark.parametrize(
    "breaks", [skips_a_posting, skips_a_journal, wrong_sign, not_idempotent, mixes_currencies]
)
def test_a_broken_ledger_is_found_out(
    staged: Stage,
    monkeypatch: pytest.MonkeyPatch,
    breaks: Callable[[Sequence[Draft]], list[Draft]],
) -> None:
    def broken(*, merchant_id: UUID, drafts: Sequence[Draft], at: datetime) -> int:
        return sound_post(merchant_id=merchant_id, drafts=breaks(drafts), at=at)

    for module in list(sys.modules.values()):
        if getattr(module, "post", None) is sound_post:
            monkeypatch.setattr(module, "post", broken)
    bounded = settings(
        max_examples=30, phases=[Phase.generate], derandomize=True, database=None, **LIMITS
    )

    with pytest.raises((AssertionError, ValueError, ExceptionGroup)):
        run_state_machine_as_test(LifeCycle, settings=bounded)
