"""What became of payouts: said twice it counts once, and what came back is booked back."""

from datetime import timedelta

import pytest

from affiliates.services import ApplicationDraft, Consent
from commissions.models import Status as CommissionStatus
from commissions.services.manual import add_line
from ledger.models import AccountKind, Posting
from merchants.models import SYSTEM
from merchants.tenancy import affiliate_context, merchant_context
from payouts.models import (
    BatchStatus,
    MerchantTax,
    Payout,
    PayoutMethod,
    PayoutPolicy,
    PayoutStatus,
)
from payouts.services import NotRetriable, ProofUsed, mark_returned, retry_payout
from payouts.services.settle import (
    Failed,
    Paid,
    Returned,
    mark_submitted,
    settle_failed,
    settle_paid,
    settle_returned,
)
from programs.models import JoinMode, Status
from programs.services import ProgramDraft, create_program, move_program
from tests.cast import Company, Promoter, make_promoter
from tests.payouts.batches.stage import (
    LATER,
    books_hold,
    earn,
    finance,
    pay_all,
    payout_of,
    prepared,
    sent,
    statuses,
)
from tracking.services import join_program


def returned(company: Company, payout: Payout) -> set[object]:
    """Note that the money came back."""
    with merchant_context(company.id):
        return settle_returned(
            merchant_id=company.id,
            news=[Returned(payout.id, "Account closed", LATER)],
            by=SYSTEM,
            at=LATER,
        )


def balance(company: Company, kind: AccountKind) -> int:
    """Return what stands on all accounts of a kind."""
    with merchant_context(company.id):
        rows = Posting.objects.filter(account__kind=kind)
        return sum(rows.values_list("amount_minor", flat=True))


def test_paid_twice_counts_once(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)
    batch = sent(acme, finance(acme))

    assert len(pay_all(acme, batch)) == 1
    assert pay_all(acme, batch) == set()
    assert balance(acme, AccountKind.PAID) == 1_000
    assert books_hold(acme)


def test_failed_after_paid_changes_nothing_and_says_so(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)
    pay_all(acme, sent(acme, finance(acme)))
    payout = payout_of(acme, bob)

    with merchant_context(acme.id):
        news = [Failed(payout.id, "No")]
        assert settle_failed(merchant_id=acme.id, news=news, by=SYSTEM, at=LATER) == set()

    assert payout_of(acme, bob).status == PayoutStatus.PAID
    assert books_hold(acme)


def test_one_proof_pays_one_payout_and_the_refusal_changes_none(
    acme: Company, bob: Promoter
) -> None:
    for promoter in (bob, make_promoter(acme, "Dave")):
        earn(acme, promoter)
    batch = sent(acme, finance(acme))

    with merchant_context(acme.id), pytest.raises(ProofUsed):
        settle_paid(
            merchant_id=acme.id,
            news=[Paid(row.id, "SAME", LATER) for row in batch.payouts.all()],
            by=SYSTEM,
            at=LATER,
        )

    assert statuses(acme) == {CommissionStatus.RESERVED}
    assert books_hold(acme)


def test_news_may_come_before_the_answer(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)
    batch = sent(acme, finance(acme))
    with merchant_context(acme.id):
        Payout.objects.update(status=PayoutStatus.SUBMITTING)  # As over a network.

    assert len(pay_all(acme, batch)) == 1
    with merchant_context(acme.id):
        ids = [payout_of(acme, bob).id]
        assert mark_submitted(merchant_id=acme.id, payout_ids=ids, by=SYSTEM, at=LATER) == set()
    assert books_hold(acme)


def test_what_came_back_is_payable_again(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)
    batch = sent(acme, finance(acme))
    pay_all(acme, batch)
    payout = payout_of(acme, bob)

    assert returned(acme, payout) == {payout.id}
    assert returned(acme, payout) == set()

    payout = payout_of(acme, bob)
    assert (payout.status, payout.returned_at) == (PayoutStatus.RETURNED, LATER)
    assert statuses(acme) == {CommissionStatus.APPROVED}
    assert (balance(acme, AccountKind.PAID), balance(acme, AccountKind.PAYABLE)) == (0, 1_000)
    with affiliate_context(bob.affiliate.id):
        assert PayoutMethod.objects.get().returns == 1
    assert books_hold(acme)
    again = prepared(acme, acme.owner, at=LATER + timedelta(days=1))
    assert again.amount_minor == 1_000
    assert books_hold(acme)


def test_a_member_notes_that_a_files_money_came_back(acme: Company, bob: Promoter) -> None:
    finn = finance(acme)
    earn(acme, bob)
    pay_all(acme, sent(acme, finn))

    with merchant_context(acme.id):
        payout = mark_returned(
            member=finn, payout=payout_of(acme, bob), reason="Closed", returned_at=LATER, at=LATER
        )
        with pytest.raises(NotRetriable):  # A file is made once.
            retry_payout(member=finn, payout=payout, at=LATER)

    assert payout.status == PayoutStatus.RETURNED
    assert books_hold(acme)


def test_withheld_tax_stands_on_an_account_of_its_own_and_comes_back(
    acme: Company, bob: Promoter
) -> None:
    with merchant_context(acme.id):  # 24 % of those who gave no form.
        MerchantTax.objects.create(
            merchant_id=acme.id, legal_name="Acme", street="S", town="T", country="US"
        )
        PayoutPolicy.objects.create(merchant_id=acme.id, withholding_bps=2_400)
    earn(acme, bob)
    batch = sent(acme, finance(acme))
    payout = payout_of(acme, bob)
    assert (payout.earned_minor, payout.withheld_minor, payout.amount_minor) == (1_000, 240, 760)

    pay_all(acme, batch)
    assert balance(acme, AccountKind.PAID) == 760
    assert balance(acme, AccountKind.WITHHELD_TAX) == 240
    assert books_hold(acme)

    returned(acme, payout)
    assert balance(acme, AccountKind.PAID) == balance(acme, AccountKind.WITHHELD_TAX) == 0
    assert books_hold(acme)


def test_what_is_on_top_is_borne_once_by_the_enrollment_with_most(
    acme: Company, bob: Promoter
) -> None:
    with merchant_context(acme.id):
        MerchantTax.objects.create(
            merchant_id=acme.id, legal_name="Acme", street="S", town="T", country="US"
        )
        PayoutPolicy.objects.create(merchant_id=acme.id, withholding_bps=2_400)
        draft = ProgramDraft(
            name="Second",
            slug="second",
            landing_url="https://shop.acme.example/",
            currency="EUR",
            join_mode=JoinMode.OPEN,
        )
        second = create_program(merchant=acme.merchant, draft=draft, by=SYSTEM, at=LATER)
        move_program(program=second, to=Status.ACTIVE, by=SYSTEM, at=LATER)
    there = join_program(
        program=second,
        affiliate=bob.affiliate,
        consent=Consent(user=bob.user, terms_version=None),
        application=ApplicationDraft(),
        at=LATER,
    )
    with merchant_context(acme.id):
        add_line(enrollment=there, amount_minor=3_000, reason="Fair", by=SYSTEM, at=LATER)
    earn(acme, bob)

    pay_all(acme, sent(acme, finance(acme)))

    with merchant_context(acme.id):
        withheld = Posting.objects.filter(account__kind=AccountKind.WITHHELD_TAX)
        rows = withheld.values_list("account__enrollment_id", "amount_minor")
        assert list(rows) == [(there.id, 960)]
    assert balance(acme, AccountKind.PAID) == 4_000 - 960
    assert books_hold(acme)


def test_a_batch_is_done_with_its_last_payout(acme: Company, bob: Promoter) -> None:
    dave = make_promoter(acme, "Dave")
    for promoter in (bob, dave):
        earn(acme, promoter)
    batch = sent(acme, finance(acme))

    with merchant_context(acme.id):
        news = [Failed(payout_of(acme, dave).id, "Closed")]
        settle_failed(merchant_id=acme.id, news=news, by=SYSTEM, at=LATER)
        batch.refresh_from_db()
        assert batch.status == BatchStatus.SENT
    pay_all(acme, batch)

    with merchant_context(acme.id):
        batch.refresh_from_db()
        assert batch.status == BatchStatus.DONE
    assert books_hold(acme)
