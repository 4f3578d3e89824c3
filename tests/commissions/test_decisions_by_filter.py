"""Decisions about what a filter finds: few lines at once, many by a worker, each of them posted."""

from datetime import timedelta

import pytest

from commissions.models import Commission, Status
from commissions.models.decisions import Decision, DecisionStatus
from commissions.selectors import commissions_of, commissions_to_review
from commissions.services import approve_due, decline_conversion
from commissions.services import decisions_by_filter as deciding
from commissions.services.decisions_by_filter import (
    decide_lines,
    preview_decision,
    run_decisions,
)
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from programs.models import AfterHold, Program
from tests.cast import NOON, Company, Promoter, click_of, sell

LATER = NOON + timedelta(days=40)


@pytest.fixture
def five(acme: Company, bob: Promoter) -> None:
    """Sell five times for 100.00; decline one of these."""
    sales = [sell(acme, click=click_of(bob), external_id=f"S-{number}") for number in range(5)]
    with merchant_context(acme.id):
        decline_conversion(conversion=sales[0], reason="Fake", by=SYSTEM, at=NOON)


def statuses(company: Company) -> list[str]:
    """Return the statuses of all lines, after checking the books."""
    with merchant_context(company.id):
        assert check_money(company.id) == []
        return sorted(Commission.objects.values_list("status", flat=True))


def test_a_dry_run_counts_and_writes_nothing(acme: Company, five: None) -> None:
    with merchant_context(acme.id):
        found = preview_decision(commissions_of(acme.id), to=Status.APPROVED)

        assert (found.chosen, found.count, found.skipped) == (5, 4, 1)
        assert [(row.currency, row.amount_minor) for row in found.totals] == [("EUR", 4_000)]
    assert statuses(acme) == ["DECLINED"] + ["PENDING"] * 4


def test_few_lines_move_at_once(acme: Company, five: None) -> None:
    with merchant_context(acme.id):
        lines = preview_decision(commissions_of(acme.id), to=Status.APPROVED).movable
        moved = decide_lines(
            merchant_id=acme.id, lines=lines, to=Status.APPROVED, by=SYSTEM, at=NOON
        )

        assert moved == 4
        assert not Decision.objects.exists()
    assert statuses(acme) == ["APPROVED"] * 4 + ["DECLINED"]


def test_many_lines_are_left_to_a_worker(
    acme: Company, five: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "AT_ONCE_MAX", 3)
    with merchant_context(acme.id):
        lines = preview_decision(commissions_of(acme.id), to=Status.DECLINED).movable
        found = decide_lines(
            merchant_id=acme.id, lines=lines, to=Status.DECLINED, by=SYSTEM, at=NOON, reason="Fake"
        )
        assert isinstance(found, Decision)
        # Meanwhile somebody approves one of them.
        first = commissions_of(acme.id).get(id=found.line_ids[0])
        decide_lines(
            merchant_id=acme.id,
            lines=commissions_of(acme.id).filter(id=first.id),
            to=Status.APPROVED,
            by=SYSTEM,
            at=NOON,
        )
    assert statuses(acme) == ["APPROVED", "DECLINED"] + ["PENDING"] * 3

    worked = [run_decisions(merchant_id=acme.id, at=NOON, limit=3) for _round in range(3)]

    assert worked == [3, 1, 0]
    assert statuses(acme) == ["APPROVED"] + ["DECLINED"] * 4
    with merchant_context(acme.id):
        found.refresh_from_db()
        assert (found.status, found.done_count, found.moved_count) == (DecisionStatus.DONE, 4, 3)
        assert Commission.objects.filter(status_reason="Fake").count() == 4


def test_where_a_person_decides_the_end_of_a_hold_approves_nothing(
    acme: Company, five: None
) -> None:
    with merchant_context(acme.id):
        Program.objects.update(after_hold=AfterHold.REVIEW)

    assert approve_due(merchant_id=acme.id, at=LATER) == 0

    assert statuses(acme) == ["DECLINED"] + ["PENDING"] * 4
    with merchant_context(acme.id):
        assert commissions_to_review(commissions_of(acme.id), at=NOON).count() == 0
        waiting = commissions_to_review(commissions_of(acme.id), at=LATER)
        assert waiting.count() == 4
        decide_lines(merchant_id=acme.id, lines=waiting, to=Status.APPROVED, by=SYSTEM, at=LATER)
    assert statuses(acme) == ["APPROVED"] * 4 + ["DECLINED"]
