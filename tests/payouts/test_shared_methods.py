"""One account, several affiliates: found by a keyed hash, held, and cleared by a member."""

from datetime import timedelta

import pytest

from affiliates.models import Status as EnrollmentStatus
from affiliates.services import move_enrollment
from commissions.services import approve_due
from common.refusals import BadValue
from merchants.models import SYSTEM, Event
from merchants.rights import Role
from merchants.services import NotAllowed
from merchants.tenancy import merchant_context
from payouts.left_out import LeftOut
from payouts.methods import (
    NotShared,
    clear_method,
    set_payout_method,
    shared_account,
    shared_methods,
)
from payouts.models import MethodClearance, MethodKind
from payouts.services import propose_batch
from tests.cast import (
    NOON,
    Company,
    Promoter,
    add_member,
    bank_account,
    click_of,
    make_promoter,
    sell,
)

LATER = NOON + timedelta(days=40)


@pytest.fixture
def bert(acme: Company, bob: Promoter) -> Promoter:
    """Return somebody who is paid to Bob's account, under another name."""
    bert = make_promoter(acme, "Bert", method=False)
    share(bert)
    return bert


def share(promoter: Promoter) -> None:
    """Let the promoter be paid to Bob's account."""
    details = bank_account("Bob") | {"holder": promoter.affiliate.name}
    set_payout_method(affiliate=promoter.affiliate, kind=MethodKind.BANK, details=details, at=NOON)


def test_both_are_found_and_nobody_else(acme: Company, bob: Promoter, bert: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    everybody = [row.affiliate.id for row in (bob, bert, dora)]

    with merchant_context(acme.id):
        assert shared_methods(acme.id, everybody) == {bob.affiliate.id, bert.affiliate.id}
        assert shared_methods(acme.id, [dora.affiliate.id]) == set()
        assert shared_account(acme.id, dora.affiliate.id) is None


def test_their_payouts_are_held(acme: Company, bob: Promoter, bert: Promoter) -> None:
    for promoter in (bob, bert):
        sell(acme, click=click_of(promoter))
    approve_due(merchant_id=acme.id, at=LATER)

    with merchant_context(acme.id):
        proposal = propose_batch(merchant_id=acme.id, currency="EUR", at=LATER)

        assert not proposal.items
        assert {row.reason for row in proposal.left_out} == {LeftOut.METHOD_SHARED}


def test_a_suspended_affiliate_who_comes_back_under_another_name_is_found(
    acme: Company, bob: Promoter, bert: Promoter
) -> None:
    with merchant_context(acme.id):
        move_enrollment(
            enrollment=bob.enrollment,
            to=EnrollmentStatus.SUSPENDED,
            by=SYSTEM,
            at=NOON,
            reason="Fraud",
        )

        assert shared_methods(acme.id, [bert.affiliate.id]) == {bert.affiliate.id}


def test_another_merchants_affiliates_are_not_seen(
    acme: Company, globex: Company, bob: Promoter
) -> None:
    carl = make_promoter(globex, "Carl", method=False)
    share(carl)

    with merchant_context(acme.id):
        assert shared_methods(acme.id, [bob.affiliate.id]) == set()


def test_a_member_clears_one_of_them_for_this_account_alone(
    acme: Company, bob: Promoter, bert: Promoter
) -> None:
    both = [bob.affiliate.id, bert.affiliate.id]
    with merchant_context(acme.id):
        first = clear_method(
            member=acme.owner, affiliate_id=bert.affiliate.id, reason="Brothers", at=LATER
        )
        again = clear_method(
            member=acme.owner, affiliate_id=bert.affiliate.id, reason="Twice", at=LATER
        )

        assert first == again
        assert (again.reason, MethodClearance.objects.count()) == ("Brothers", 1)
        assert shared_methods(acme.id, both) == {bob.affiliate.id}
        shared = shared_account(acme.id, bert.affiliate.id)
        assert shared is not None
        assert [row.name for row in shared.others] == ["Bob"]
        assert shared.clearance == first
        assert Event.objects.filter(type="payout_method.cleared").count() == 1


def test_an_account_of_ones_own_needs_no_word(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id), pytest.raises(NotShared):
        clear_method(member=acme.owner, affiliate_id=bob.affiliate.id, reason="Why", at=LATER)


def test_it_needs_a_reason_and_the_right(acme: Company, bob: Promoter, bert: Promoter) -> None:
    ann = add_member(acme, "Ann", Role.MANAGER)
    with merchant_context(acme.id):
        with pytest.raises(BadValue):
            clear_method(member=acme.owner, affiliate_id=bert.affiliate.id, reason=" ", at=LATER)
        with pytest.raises(NotAllowed):
            clear_method(member=ann, affiliate_id=bert.affiliate.id, reason="Why", at=LATER)

        assert not MethodClearance.objects.exists()
