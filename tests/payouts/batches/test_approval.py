"""Who may approve: another member, or the same one up to a limit; with the role of this moment."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections

from commissions.models import Commission
from commissions.models import Status as CommissionStatus
from common.states import IllegalMove
from merchants.models import SYSTEM, Member
from merchants.rights import Role
from merchants.services import NotAllowed, change_role, disable_member
from merchants.tenancy import merchant_context
from payouts.models import ApprovalLimit, Batch, BatchStatus, Payout, PayoutPolicy, Withdrawal
from payouts.services import (
    BatchOutdated,
    NothingToPay,
    SelfApproval,
    approve_batch,
    cancel_batch,
    edit_batch,
    prepare_batch,
    request_withdrawal,
    set_approval_limit,
)
from payouts.services.automatic import prepare_what_is_due
from tests.cast import Company, Promoter, add_member, click_of, make_promoter, sell, settle
from tests.payouts.batches.stage import LATER, books_hold, earn, finance, prepared, set_terms
from tracking.services import record_refund

REFUSED = (IllegalMove, NothingToPay, NotAllowed, SelfApproval, BatchOutdated)


def race(company: Company, *jobs: Callable[[], Any]) -> list[str]:
    """Run the jobs at once, each in its own transaction; return what each came to."""
    barrier, outcomes = Barrier(len(jobs)), []

    def run(job: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            with merchant_context(company.id):
                job()
            outcomes.append("done")
        except REFUSED as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def limit(company: Company, amount_minor: int) -> None:
    """Let one member do both up to an amount."""
    with merchant_context(company.id):
        set_approval_limit(
            member=company.owner, currency="EUR", amount_minor=amount_minor, at=LATER
        )


def approving(member: Member, batch: Batch) -> Callable[[], Any]:
    """Return the job of approving as a member."""
    return lambda: approve_batch(member=member, batch=Batch.objects.get(id=batch.id), at=LATER)


@pytest.mark.parametrize(
    ("limit_minor", "is_allowed"), [(None, False), (999, False), (1_000, True)]
)
def test_one_member_alone_up_to_the_limit(
    acme: Company, bob: Promoter, limit_minor: int | None, is_allowed: bool
) -> None:
    earn(acme, bob)
    if limit_minor is not None:
        limit(acme, limit_minor)
    batch = prepared(acme, acme.owner)

    with merchant_context(acme.id):
        if is_allowed:
            approve_batch(member=acme.owner, batch=batch, at=LATER)
            assert batch.self_approval_minor_max == limit_minor
        else:
            with pytest.raises(SelfApproval):
                approve_batch(member=acme.owner, batch=batch, at=LATER)
            assert Batch.objects.get().status == BatchStatus.DRAFT
    assert books_hold(acme)


def test_nobody_raises_the_limit_that_keeps_them_in_check(acme: Company) -> None:
    finn = finance(acme)

    with merchant_context(acme.id), pytest.raises(NotAllowed):
        set_approval_limit(member=finn, currency="EUR", amount_minor=10**9, at=LATER)

    with merchant_context(acme.id):
        assert not ApprovalLimit.objects.exists()


def test_putting_back_above_the_limit_needs_a_second_member(acme: Company, bob: Promoter) -> None:
    dave = make_promoter(acme, "Dave")
    for promoter in (bob, dave):
        earn(acme, promoter)
    limit(acme, 1_000)
    batch = prepared(acme, acme.owner)
    stale = Batch(**{field.attname: getattr(batch, field.attname) for field in Batch._meta.fields})

    with merchant_context(acme.id):
        edit_batch(member=acme.owner, batch=stale, take_out=[dave.affiliate.id], at=LATER)
        edit_batch(member=acme.owner, batch=batch, put_back=[dave.affiliate.id], at=LATER)
        with pytest.raises(SelfApproval):  # The amount that counts is the row's.
            approve_batch(member=acme.owner, batch=stale, at=LATER)


def test_of_twenty_approvals_by_two_members_one_counts(acme: Company, bob: Promoter) -> None:
    for promoter in (bob, make_promoter(acme, "Dave")):
        earn(acme, promoter)
    batch, otto = prepared(acme, finance(acme)), add_member(acme, "Otto", Role.OWNER)

    outcomes = race(acme, *[approving(member, batch) for member in (acme.owner, otto) * 10])

    assert outcomes == ["IllegalMove"] * 19 + ["done"]
    with merchant_context(acme.id):
        assert set(Commission.objects.values_list("status", flat=True)) == {
            CommissionStatus.RESERVED
        }
    assert books_hold(acme)


def test_a_role_that_was_revoked_in_between_counts(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)
    otto = finance(acme, "Otto")
    batch = prepared(acme, finance(acme))
    with merchant_context(acme.id):
        change_role(
            member=acme.owner, target=Member.objects.get(id=otto.id), role=Role.VIEWER, at=LATER
        )

    with merchant_context(acme.id), pytest.raises(NotAllowed):
        approve_batch(member=otto, batch=batch, at=LATER)  # As it was when the page was opened.

    with merchant_context(acme.id):
        assert Batch.objects.get().status == BatchStatus.DRAFT
    assert books_hold(acme)


def test_revoked_at_the_same_moment_it_is_approved_or_not_but_never_half(
    acme: Company, bob: Promoter
) -> None:
    earn(acme, bob)
    otto = finance(acme, "Otto")
    batch = prepared(acme, finance(acme))

    race(
        acme,
        approving(otto, batch),
        lambda: disable_member(member=acme.owner, target=Member.objects.get(id=otto.id), at=LATER),
    )

    with merchant_context(acme.id):
        approved = Batch.objects.get().status == BatchStatus.APPROVED
        expected = CommissionStatus.RESERVED if approved else CommissionStatus.APPROVED
        assert Commission.objects.get().status == expected
    assert books_hold(acme)


def test_a_refund_during_the_reservation(acme: Company, bob: Promoter) -> None:
    commission = earn(acme, bob)
    batch = prepared(acme, finance(acme))

    race(
        acme,
        approving(acme.owner, batch),
        lambda: record_refund(
            conversion=commission.conversion,
            external_id="r1",
            amount_minor=10_000,
            reason="",
            occurred_at=LATER,
            by=SYSTEM,
            at=LATER,
        ),
        lambda: settle(acme, at=LATER),
    )
    settle(acme, at=LATER)

    with merchant_context(acme.id):
        lines = Commission.objects.filter(conversion=commission.conversion)
        assert sum(line.amount_minor for line in lines) == 0
    assert books_hold(acme)


def test_a_request_and_a_batch_at_once(acme: Company, bob: Promoter) -> None:
    terms = set_terms(acme, "ON_REQUEST", automatic_minor_max=10**9)  # type: ignore[arg-type]
    assert terms.automatic_minor_max == 10**9
    earn(acme, bob)
    finn = finance(acme)

    race(
        acme,
        *[lambda: prepare_batch(member=finn, currency="EUR", at=LATER)] * 3,
        lambda: request_withdrawal(
            merchant_id=acme.id,
            affiliate_id=bob.affiliate.id,
            currency="EUR",
            destination="MONEY",  # type: ignore[arg-type]
            by=SYSTEM,
            at=LATER,
        ),
    )
    with merchant_context(acme.id):
        if not Batch.objects.exists():
            prepare_batch(member=finn, currency="EUR", at=LATER)
        payout = Payout.objects.get()
        assert Withdrawal.objects.get().payout_id == payout.id
    assert books_hold(acme)


def test_approved_or_cancelled_or_edited(acme: Company, bob: Promoter) -> None:
    dave = make_promoter(acme, "Dave")
    for promoter in (bob, dave):
        earn(acme, promoter)
    finn = finance(acme)
    batch = prepared(acme, finn)

    race(
        acme,
        approving(acme.owner, batch),
        lambda: edit_batch(
            member=finn,
            batch=Batch.objects.get(id=batch.id),
            take_out=[dave.affiliate.id],
            at=LATER,
        ),
        lambda: cancel_batch(member=finn, batch=Batch.objects.get(id=batch.id), at=LATER),
    )

    assert books_hold(acme)


# By themselves, and by a worker -------------------------------------------------------------------


def test_batches_prepare_themselves_once_a_day_and_anybody_else_approves(
    acme: Company, bob: Promoter
) -> None:
    earn(acme, bob)
    with merchant_context(acme.id):
        PayoutPolicy.objects.create(merchant_id=acme.id, prepares_itself=True)
    tomorrow = LATER + timedelta(days=1)

    assert prepare_what_is_due(merchant_id=acme.id, at=LATER) == 0  # Approved after midnight.
    assert prepare_what_is_due(merchant_id=acme.id, at=tomorrow) == 1
    assert prepare_what_is_due(merchant_id=acme.id, at=tomorrow) == 0
    with merchant_context(acme.id):
        batch = Batch.objects.get()
        assert (batch.prepared_by, batch.amount_minor) == (None, 1_000)
        approve_batch(member=acme.owner, batch=batch, at=tomorrow)
    assert books_hold(acme)


def test_nobody_prepares_for_who_did_not_ask_for_it(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)

    assert prepare_what_is_due(merchant_id=acme.id, at=LATER + timedelta(days=1)) == 0


def test_a_sale_after_the_cut_off_is_in_the_next_batch(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)
    batch = prepared(acme, finance(acme), at=LATER + timedelta(days=2), cutoff_at=LATER)
    sell(acme, click=click_of(bob))

    assert batch.amount_minor == 1_000
