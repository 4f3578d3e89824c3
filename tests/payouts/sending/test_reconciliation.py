"""Each day's comparison with a provider: it heals what it can, and what differs blocks the rail."""

from datetime import date, timedelta

import pytest

from common.refusals import BadValue
from common.states import IllegalMove
from demo.providers.base import Payment
from merchants.models import Event
from merchants.rights import Role
from merchants.services import NotAllowed
from merchants.tenancy import merchant_context
from payouts.models import Finding, Payout, Provider, Reconciliation
from payouts.reconciliation import reconcile, reconcile_rails, resolve_finding
from payouts.sending.submit import submit_some
from payouts.services import RailBlocked
from payouts.services.handing_over import open_rail
from tests.cast import add_member
from tests.payouts.sending.stage import Sent, hand_over

TOMORROW = timedelta(days=1)


def day_of(sent: Sent) -> date:
    """Return the day on which the batch was sent."""
    return sent.at.date()


def compare(sent: Sent) -> Reconciliation:
    """Compare the day of the batch, on the next."""
    return reconcile(rail=sent.rail, day=day_of(sent), at=sent.at + TOMORROW)


def findings(sent: Sent) -> list[Finding]:
    """Return what does not agree and is open."""
    with merchant_context(sent.company.id):
        return list(Finding.objects.filter(resolved_at=None).order_by("id"))


def submitted(admin, company, number: int = 3) -> Sent:
    """Send a batch over Stripe."""
    sent = hand_over(admin, company, Provider.STRIPE, number)
    submit_some(merchant_id=company.id, at=sent.at)
    return sent


def test_equal_books_leave_a_row_with_equal_sums(admin, acme, stripe):
    sent = submitted(admin, acme)

    row = compare(sent)

    assert (findings(sent), row.error) == ([], "")
    assert row.totals == [
        {"currency": "EUR", "ours_minor": 3_003, "theirs_minor": 3_003, "items": 3}
    ]


def test_what_they_paid_and_nobody_sent_blocks_the_rail(admin, acme, stripe):
    sent = submitted(admin, acme)
    stripe.transfers.append({**stripe.transfers[0], "id": "tr_nobody", "metadata": {}})
    stripe.transfers[-1]["transfer_group"] = "payout_of_nobody"

    compare(sent)

    (found,) = findings(sent)
    assert (found.kind, found.reference, found.theirs_minor) == (
        "UNKNOWN_TO_US",
        "tr_nobody",
        stripe.transfers[0]["amount"],
    )
    with merchant_context(acme.id), pytest.raises(RailBlocked):
        open_rail(sent.batch)
    with merchant_context(acme.id):
        assert Event.objects.get(type="rail.differed").data["findings"] == 1


def test_what_they_do_not_know_blocks_the_rail(admin, acme, stripe):
    sent = submitted(admin, acme)
    gone = stripe.transfers.pop()

    row = compare(sent)

    (found,) = findings(sent)
    assert (found.kind, str(found.payout_id)) == ("UNKNOWN_TO_THEM", gone["metadata"]["payout"])
    assert row.totals[0]["ours_minor"] - row.totals[0]["theirs_minor"] == found.ours_minor


def test_another_amount_is_found(admin, acme, stripe):
    sent = submitted(admin, acme, 1)
    stripe.transfers[0]["amount"] = 999

    compare(sent)

    (found,) = findings(sent)
    assert (found.kind, found.ours_minor, found.theirs_minor) == ("AMOUNT", 1_000, 999)


def test_paid_twice_is_found(admin, acme, stripe):
    sent = submitted(admin, acme, 1)
    stripe.transfers.append({**stripe.transfers[0], "id": "tr_again"})
    stripe.pay(Payment(sent.ids()[0], "tr_again", "x", 1_000, "EUR"))

    compare(sent)

    assert [found.kind for found in findings(sent)] == ["TWICE"]


def test_what_nobody_told_is_applied_and_is_no_difference(admin, acme, stripe):
    sent = submitted(admin, acme)
    stripe.reverse(stripe.transfers[0]["id"])

    compare(sent)

    assert (findings(sent), sent.books()) == ([], [])
    assert sent.standing() == {"PAID": 2, "RETURNED": 1}


def test_a_day_that_cannot_be_compared_says_why_and_is_compared_later(admin, acme, stripe):
    sent = submitted(admin, acme, 1)
    stripe.fail("refuse", method="GET")
    assert compare(sent).error

    reconcile_rails(merchant_id=acme.id, at=sent.at + TOMORROW)
    calls = stripe.calls["GET /v1/transfers"]
    reconcile_rails(merchant_id=acme.id, at=sent.at + TOMORROW)

    with merchant_context(acme.id):
        (row,) = Reconciliation.objects.all()
    assert (row.day, row.error) == (day_of(sent), "")
    assert stripe.calls["GET /v1/transfers"] == calls  # Once a day is compared, it is done.


def test_a_finding_is_resolved_with_a_reason_and_does_not_come_back(admin, acme, stripe):
    sent = submitted(admin, acme, 1)
    stripe.transfers[0]["amount"] = 999
    compare(sent)
    (found,) = findings(sent)
    viewer = add_member(acme, "Vera", Role.VIEWER)

    with merchant_context(acme.id):
        with pytest.raises(NotAllowed):
            resolve_finding(member=viewer, finding=found, reason="R", at=sent.at)
        with pytest.raises(BadValue):
            resolve_finding(member=acme.owner, finding=found, reason=" ", at=sent.at)
        resolve_finding(member=acme.owner, finding=found, reason="Their fee.", at=sent.at)
        with pytest.raises(IllegalMove):
            resolve_finding(member=acme.owner, finding=found, reason="Again.", at=sent.at)
    compare(sent)

    assert findings(sent) == []
    with merchant_context(acme.id):
        assert open_rail(sent.batch) == sent.rail
        assert Event.objects.get(type="finding.resolved").data["reason"] == "Their fee."
        assert Payout.objects.get().status == "PAID"
