"""reassign_conversion, reassign_customer and rederive: by hand, with a reason, never an edit."""

from datetime import timedelta

import pytest

from commissions.accrual import rederive
from commissions.models import Commission, Kind, Status
from commissions.services import approve_due, reassign_conversion, reassign_customer
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from programs.models import Program
from tests.cast import NOON, Company, Promoter, click_of, make_promoter
from tests.commissions.test_traps import give_back, pay
from tests.facts import again, credited, sale, settled
from tracking.models import Conversion, Customer

LATER = NOON + timedelta(days=60)


def net(company: Company) -> dict[str, int]:
    """Return what each affiliate has earned in all, after checking the books."""
    found: dict[str, int] = {}
    with merchant_context(company.id):
        assert check_money(company.id) == []
        kept = Commission.objects.exclude(status=Status.DECLINED)
        for name, amount in kept.values_list("affiliate__name", "amount_minor"):
            found[name] = found.get(name, 0) + amount
    return found


def give(company: Company, conversion: Conversion, to: Promoter, reason: str = "By phone") -> None:
    """Reassign a conversion."""
    with merchant_context(company.id):
        reassign_conversion(
            conversion=conversion, enrollment=to.enrollment, reason=reason, by=SYSTEM, at=LATER
        )


def test_what_waits_goes_over(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    conversion = settled(acme, sale(click_token=click_of(bob)))

    for _time in range(2):
        give(acme, conversion, dora)

    assert net(acme) == {"Bob": 0, "Dora": 1_000}
    assert credited(acme) == [("o-1", "Dora")]
    with merchant_context(acme.id):
        lines = Commission.objects.order_by("amount_minor").values_list("kind", "status")
        assert list(lines) == [
            (Kind.ADJUSTMENT, Status.PENDING),
            (Kind.EARNING, Status.PENDING),
            (Kind.ADJUSTMENT, Status.PENDING),
        ]
        assert again(acme, conversion).trace["assigned"]["reason"] == "By phone"
        event = Event.objects.filter(type="conversion.reassigned").first()
        assert event.data["was"] == [str(bob.enrollment.id)]


def test_what_was_paid_is_answered_and_the_new_one_earns(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    conversion = settled(acme, sale(click_token=click_of(bob)))
    pay(acme)

    give(acme, conversion, dora)

    assert net(acme) == {"Bob": 0, "Dora": 1_000}
    with merchant_context(acme.id):
        owed = Commission.objects.get(amount_minor__lt=0)
        assert (owed.enrollment_id, owed.status) == (bob.enrollment.id, Status.APPROVED)
    approve_due(merchant_id=acme.id, at=LATER)
    give_back(acme, conversion, 5_000)
    assert net(acme) == {"Bob": 0, "Dora": 500}


def test_nobodys_becomes_somebodys(acme: Company, bob: Promoter) -> None:
    conversion = settled(acme, sale())

    give(acme, conversion, bob)
    row = again(acme, conversion)

    assert (row.status, row.reason, net(acme)) == ("PENDING", "on_hold", {"Bob": 1_000})
    approve_due(merchant_id=acme.id, at=LATER)
    assert again(acme, conversion).status == "APPROVED"


def test_it_needs_a_reason_and_the_same_program(
    acme: Company, globex: Company, bob: Promoter, carol: Promoter
) -> None:
    conversion = settled(acme, sale(click_token=click_of(bob)))

    with pytest.raises(BadValue, match="Say why"):
        give(acme, conversion, bob, reason=" ")
    with pytest.raises(BadValue, match="not in the program"):
        give(acme, conversion, carol)


def test_tests_stay_whose_they_are(acme: Company, bob: Promoter) -> None:
    conversion = settled(acme, sale(click_token=click_of(bob)), is_test=True)

    with pytest.raises(IllegalMove):
        give(acme, conversion, bob)


def test_a_customer_goes_over_with_what_is_open(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    settled(acme, sale("paid", customer="c-1", click_token=click_of(bob), at=NOON))
    pay(acme)
    settled(acme, sale("open", customer="c-1", at=NOON + timedelta(days=1)))
    with merchant_context(acme.id):
        customer = Customer.objects.get()
        moved = reassign_customer(
            customer=customer,
            program=acme.program,
            enrollment=dora.enrollment,
            reason="Hers",
            by=SYSTEM,
            at=LATER,
        )
    settled(acme, sale("next", customer="c-1", at=LATER + timedelta(days=1)))

    assert len(moved) == 1
    assert credited(acme) == [("next", "Dora"), ("open", "Dora"), ("paid", "Bob")]
    assert net(acme) == {"Bob": 1_000, "Dora": 2_000}


def test_a_changed_policy_reaches_what_is_open_and_leaves_what_was_paid(
    acme: Company, bob: Promoter
) -> None:
    dora = make_promoter(acme, "Dora")
    clicks = [click_of(bob, at=NOON - timedelta(days=1)), click_of(dora)]
    for order in ("paid", "open"):
        report = sale(order, click_token=clicks[1], earlier_tokens=(clicks[0],))
        conversion = settled(acme, report)
        if order == "paid":
            pay(acme)
    with merchant_context(acme.id):
        Program.objects.filter(id=acme.program.id).update(attribution_model="FIRST")
        ids = list(Conversion.objects.values_list("id", flat=True))
        changes = rederive(acme.id, ids, at=LATER, by=SYSTEM, reason="policy")
        twice = rederive(acme.id, ids, at=LATER, by=SYSTEM, reason="policy")

    assert {(row.conversion_id, row.amount_minor) for row in changes} == {
        (conversion.id, 1_000),
        (conversion.id, -1_000),
    }
    assert twice == []
    assert credited(acme) == [("open", "Bob"), ("paid", "Dora")]
