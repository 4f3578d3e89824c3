"""Commissions: sums of what matches, and decisions about many that say how many and how much."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from commissions.models import Commission, Kind, Status
from commissions.services import decisions_by_filter
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from programs.models import Program
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, sell
from tests.console.conftest import SignIn, words

LIST = reverse("console:commissions")
DECIDE = reverse("console:commissions-decide")
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def lines(acme: Company, bob: Promoter) -> list[Commission]:
    """Return three commissions: 10.00 and 5.00 of Bob, 20.00 of Dora."""
    dora = make_promoter(acme, "Dora")
    sales = [
        sell(acme, click=click_of(bob), external_id="S-1"),
        sell(acme, click=click_of(bob), external_id="S-2", amount_minor=5_000),
        sell(acme, click=click_of(dora), external_id="S-3", amount_minor=20_000),
    ]
    with merchant_context(acme.id):
        return [Commission.objects.get(conversion=sale) for sale in sales]


def statuses(company: Company) -> list[str]:
    with merchant_context(company.id):
        rows = Commission.objects.order_by("conversion__external_id")
        return list(rows.values_list("status", flat=True))


def test_the_sums_are_of_everything_that_matches(lines: list[Commission], alice: Client) -> None:
    assert "3 commissions · €35.00" in words(alice.get(LIST).content)
    assert "2 commissions · €15.00" in words(alice.get(LIST, {"q": "bob"}).content)
    assert "1 commission · €20.00" in words(alice.get(LIST, {"q": "S-3"}).content)
    assert "0 commissions" in words(alice.get(LIST, {"show": "PAID"}).content)


def test_each_pending_line_says_when_it_is_payable_and_why(
    lines: list[Commission], alice: Client
) -> None:
    page = words(alice.get(LIST).content)

    assert page.count("payable from 1 Apr 2026") == 3
    assert page.count("Why?") == 3


def test_a_decision_is_asked_for_with_numbers_first(
    acme: Company, lines: list[Commission], alice: Client
) -> None:
    chosen = [str(line.id) for line in lines[:2]]

    page = words(alice.post(DECIDE, {"action": "approve", "selected": chosen}).content)

    assert "Approve 2 commissions?" in page
    assert "€15.00" in page
    assert statuses(acme) == ["PENDING", "PENDING", "PENDING"]


def confirm(client: Client, action: str, query: str = "", **data: object):
    """Choose, read the question, and confirm what was read."""
    asked = client.post(f"{DECIDE}{query}", {"action": action, **data})
    said = {"confirmed": "1", "seen": asked.context["choice"].seen, "reason": "Fraud"}
    return client.post(f"{DECIDE}{query}", {"action": action, **data, **said})


def test_confirmed_only_what_was_chosen_moves(
    acme: Company, lines: list[Commission], alice: Client
) -> None:
    confirm(alice, "approve", selected=[str(line.id) for line in lines[:2]])

    assert statuses(acme) == ["APPROVED", "APPROVED", "PENDING"]
    with merchant_context(acme.id):
        assert check_money(acme.id) == []


def test_all_means_all_that_the_filter_matches(
    acme: Company, lines: list[Commission], alice: Client
) -> None:
    answer = confirm(alice, "decline", query="?q=bob", all="1")

    assert answer.headers["Location"] == f"{LIST}?q=bob"
    assert statuses(acme) == ["DECLINED", "DECLINED", "PENDING"]
    with merchant_context(acme.id):
        reasons = Commission.objects.filter(status=Status.DECLINED)
        assert set(reasons.values_list("status_reason", flat=True)) == {"Fraud"}
        assert check_money(acme.id) == []


def test_declining_needs_a_reason(acme: Company, lines: list[Commission], alice: Client) -> None:
    chosen = {"action": "decline", "selected": [str(lines[0].id)]}
    seen = alice.post(DECIDE, chosen).context["choice"].seen

    answer = alice.post(DECIDE, {**chosen, "confirmed": "1", "seen": seen, "reason": ""})

    assert answer.status_code == 422
    assert statuses(acme) == ["PENDING", "PENDING", "PENDING"]


def test_what_changed_since_it_was_read_is_asked_again(
    acme: Company, bob: Promoter, lines: list[Commission], alice: Client
) -> None:
    seen = alice.post(DECIDE, {"action": "approve", "all": "1"}).context["choice"].seen
    sell(acme, click=click_of(bob), external_id="S-4", at=NOON + timedelta(hours=2))

    answer = alice.post(DECIDE, {"action": "approve", "all": "1", "confirmed": "1", "seen": seen})

    assert answer.status_code == 409
    assert "The rows changed meanwhile." in words(answer.content)
    assert "Approve 4 commissions?" in words(answer.content)
    assert statuses(acme) == ["PENDING"] * 4


def test_lines_that_cannot_go_there_stay_and_are_counted(
    acme: Company, lines: list[Commission], alice: Client
) -> None:
    confirm(alice, "approve", selected=[str(lines[0].id)])

    page = words(alice.post(DECIDE, {"action": "decline", "all": "1"}).content)

    assert "Decline 2 commissions?" in page
    assert "1 of what you chose stays as it is" in page


def test_held_lines_are_found_and_released(
    acme: Company, lines: list[Commission], alice: Client
) -> None:
    confirm(alice, "hold", selected=[str(lines[2].id)])
    assert "1 commission · €20.00" in words(alice.get(LIST, {"show": "HELD"}).content)
    assert "Commissions held 1" in words(alice.get(reverse("console:home")).content)

    confirm(alice, "release", selected=[str(lines[2].id)])

    assert statuses(acme) == ["PENDING", "PENDING", "PENDING"]


def test_another_merchants_lines_are_not_there_to_choose(
    acme: Company, lines: list[Commission], globex: Company, sign_in: SignIn
) -> None:
    gwen = sign_in(globex.owner.user)

    answer = gwen.post(DECIDE, {"action": "approve", "selected": [str(lines[0].id)]})

    assert answer.context["choice"].chosen == 0
    assert statuses(acme) == ["PENDING", "PENDING", "PENDING"]


def test_nonsense_is_not_found(lines: list[Commission], alice: Client) -> None:
    assert alice.post(DECIDE, {"action": "steal", "all": "1"}).status_code == 404
    assert alice.post(DECIDE, {"action": "approve", "selected": ["1"]}).status_code == 404


def test_who_may_not_decide_has_nothing_to_select(
    acme: Company, lines: list[Commission], sign_in: SignIn
) -> None:
    page = sign_in(add_member(acme, "Ann", Role.VIEWER).user).get(LIST).content.decode()

    assert 'name="selected"' not in page
    assert "€35.00" in page


def test_an_empty_list_says_where_commissions_come_from(acme: Company, alice: Client) -> None:
    assert "No commission yet" in words(alice.get(LIST).content)


def test_lines_of_no_conversion_say_what_they_are_for(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    with merchant_context(acme.id):
        store_line(bob, Kind.MANUAL, 700, facts={"reason": f"For the video {EVIL}"})
        store_line(
            bob,
            Kind.BONUS,
            5_000,
            facts={
                "counts": "CONVERSIONS",
                "milestone": 100,
                "period": "MONTH",
                "period_start": "2026-03-01T00:00:00+00:00",
            },
        )
        store_line(bob, Kind.FLAT, 300, event_ref="flat:x:2026-02")

    answer = alice.get(LIST)

    page = words(answer.content)
    assert "By hand For the video" in page
    assert "Bonus 100 conversions · March 2026" in page
    assert "Flat fee February 2026" in page
    assert b"<script>alert" not in answer.content
    assert "1 commission · €50.00" in words(alice.get(LIST, {"kind": "BONUS"}).content)


def store_line(bob: Promoter, kind: Kind, amount_minor: int, **facts: Any) -> Commission:
    """Store an approved line of no conversion."""
    usual = {"event_ref": f"{kind}:1", "status": Status.APPROVED, "facts": {}}
    return Commission.objects.create(
        merchant_id=bob.enrollment.merchant_id,
        program_id=bob.enrollment.program_id,
        enrollment=bob.enrollment,
        affiliate=bob.affiliate,
        kind=kind,
        amount_minor=amount_minor,
        currency="EUR",
        status_changed_at=NOON,
        hold_until=NOON,
        earned_at=NOON,
        **(usual | facts),
    )


def test_many_are_decided_by_a_worker_with_a_page_that_shows_how_far_it_is(
    acme: Company, lines: list[Commission], alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions_by_filter, "AT_ONCE_MAX", 2)

    answer = confirm(alice, "decline", all="1")

    page = alice.get(answer.headers["Location"])
    assert "Declining 3 commissions" in words(page.content)
    assert "0 of 3" in words(page.content)
    progress = answer.headers["Location"] + "progress/"
    assert "HX-Refresh" not in alice.get(progress).headers
    assert decisions_by_filter.run_decisions(merchant_id=acme.id, at=NOON) == 3
    assert alice.get(progress).headers["HX-Refresh"] == "true"
    assert statuses(acme) == ["DECLINED"] * 3


def test_what_a_person_decides_after_the_hold_waits_in_a_queue(
    acme: Company, lines: list[Commission], alice: Client
) -> None:
    with merchant_context(acme.id):
        Program.objects.update(after_hold="REVIEW")
        Commission.objects.filter(id=lines[2].id).update(hold_until=NOON)

    assert "1 commission · €20.00" in words(alice.get(LIST, {"show": "review"}).content)
    assert "Commissions to review" in words(alice.get(reverse("console:home")).content)
