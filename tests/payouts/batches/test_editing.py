"""A batch that waits can be edited: taken out is free again, put back is what it was."""

import pytest

from common.states import IllegalMove
from merchants.tenancy import merchant_context
from payouts.left_out import LeftOut
from payouts.methods import set_payout_method
from payouts.models import Exclusion, MethodKind, Payout
from payouts.services import (
    NothingInBatch,
    NotInBatch,
    approve_batch,
    edit_batch,
)
from tests.cast import Company, Promoter, make_promoter
from tests.payouts.batches.stage import LATER, books_hold, earn, finance, prepared


def left_out(company: Company) -> list[tuple[str, int, str, str]]:
    """Return who is left out: name, amount, reason and detail."""
    with merchant_context(company.id):
        rows = Exclusion.objects.order_by("affiliate__name")
        return list(rows.values_list("affiliate__name", "amount_minor", "reason", "detail"))


def test_taken_out_and_put_back(acme: Company, bob: Promoter) -> None:
    dave, finn = make_promoter(acme, "Dave"), finance(acme)
    earn(acme, bob)
    earn(acme, dave, 20_000)
    batch = prepared(acme, finn)
    who = [dave.affiliate.id]

    with merchant_context(acme.id):
        edit_batch(member=finn, batch=batch, take_out=who, reason="Asked to wait", at=LATER)
    assert (batch.items, batch.amount_minor) == (1, 1_000)
    assert left_out(acme) == [("Dave", 2_000, LeftOut.EXCLUDED, "Asked to wait")]
    assert books_hold(acme)

    with merchant_context(acme.id):
        edit_batch(member=finn, batch=batch, put_back=who, at=LATER)
        references = list(Payout.objects.order_by("id").values_list("reference", flat=True))
    assert (batch.items, batch.amount_minor) == (2, 3_000)
    assert left_out(acme) == []
    assert references == sorted(set(references))
    assert books_hold(acme)


def test_what_was_taken_out_goes_into_another_batch(acme: Company, bob: Promoter) -> None:
    dave, finn = make_promoter(acme, "Dave"), finance(acme)
    earn(acme, bob)
    earn(acme, dave)
    batch = prepared(acme, finn)
    with merchant_context(acme.id):
        edit_batch(member=finn, batch=batch, take_out=[dave.affiliate.id], at=LATER)

    assert prepared(acme, finn).items == 1
    with merchant_context(acme.id):
        with pytest.raises(NotInBatch):
            edit_batch(member=finn, batch=batch, take_out=[dave.affiliate.id], at=LATER)
        edit_batch(member=finn, batch=batch, put_back=[dave.affiliate.id], at=LATER)

    assert batch.items == 1  # It is in the other batch, so there is nothing to put back.
    assert books_hold(acme)


def test_put_back_but_still_not_payable(acme: Company, bob: Promoter) -> None:
    dave, finn = make_promoter(acme, "Dave", method=False), finance(acme)
    earn(acme, bob)
    earn(acme, dave)
    batch = prepared(acme, finn)

    with merchant_context(acme.id):
        edit_batch(member=finn, batch=batch, put_back=[dave.affiliate.id], at=LATER)
    assert left_out(acme) == [("Dave", 1_000, LeftOut.NO_METHOD, "")]

    details = {"holder": "Dave", "email": "dave@example.com"}
    set_payout_method(affiliate=dave.affiliate, kind=MethodKind.PAYPAL, details=details, at=LATER)
    with merchant_context(acme.id):
        edit_batch(member=finn, batch=batch, put_back=[dave.affiliate.id], at=LATER)
    assert batch.items == 2
    assert left_out(acme) == []


def test_an_empty_batch_is_not_approved(acme: Company, bob: Promoter) -> None:
    finn = finance(acme)
    earn(acme, bob)
    batch = prepared(acme, finn)

    with merchant_context(acme.id):
        edit_batch(member=finn, batch=batch, take_out=[bob.affiliate.id], at=LATER)
        with pytest.raises(NothingInBatch):
            approve_batch(member=acme.owner, batch=batch, at=LATER)


def test_an_approved_batch_stays_as_it_was_approved(acme: Company, bob: Promoter) -> None:
    finn = finance(acme)
    earn(acme, bob)
    batch = prepared(acme, finn)

    with merchant_context(acme.id):
        approve_batch(member=acme.owner, batch=batch, at=LATER)
        with pytest.raises(IllegalMove):
            edit_batch(member=finn, batch=batch, take_out=[bob.affiliate.id], at=LATER)

    assert books_hold(acme)
