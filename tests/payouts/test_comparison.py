"""Reconciliation, the pure part: what agrees, and each way in which two books may not."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from payouts.comparison import Comparison, Ours, compare
from payouts.models import FindingKind, PayoutStatus
from payouts.providers.base import Fate, Listed

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE = uuid4()


def ours(
    id: UUID = ONE, *, status: str = PayoutStatus.PAID, amount_minor: int = 1_250, of_day=True
) -> Ours:
    """Return a payout of ours: 12.50 EUR, paid that day."""
    return Ours(id, "T-1" if id == ONE else "", "FL-1-1", status, amount_minor, "EUR", of_day)


def theirs(ref: str = "T-1", **changes: object) -> Listed:
    """Return the same payment in their list."""
    facts = {
        "provider_ref": ref,
        "amount_minor": 1_250,
        "currency": "EUR",
        "fate": Fate.PAID,
        "payout_id": ONE,
        "at": NOON,
    }
    return Listed(**{**facts, **changes})  # type: ignore[arg-type]


def kinds(found: Comparison) -> list[str]:
    """Return the kinds of what does not agree."""
    return [each.kind for each in found.differences]


def test_equal_books_agree():
    found = compare([ours()], [theirs()], day=DAY)

    assert found.differences == []
    assert found.totals == [
        {"currency": "EUR", "ours_minor": 1_250, "theirs_minor": 1_250, "items": 1}
    ]


@pytest.mark.parametrize(
    ("_case", "mine", "listed", "expected"),
    [
        ("found by their name alone", [ours()], [theirs(payout_id=None)], []),
        ("paid, and unknown to them", [ours()], [], ["UNKNOWN_TO_THEM"]),
        ("on its way, and unknown to them", [ours(status="SUBMITTED")], [], ["UNKNOWN_TO_THEM"]),
        ("nobody knows yet", [ours(status="UNKNOWN")], [], []),
        ("failed, and unknown to them", [ours(status="FAILED")], [], []),
        ("unknown to us", [], [theirs()], ["UNKNOWN_TO_US"]),
        ("unknown to us, and on its way", [], [theirs(fate=Fate.PENDING)], ["UNKNOWN_TO_US"]),
        ("unknown to us, and failed", [], [theirs(fate=Fate.FAILED)], []),
        ("unknown to us, of another day", [], [theirs(at=NOON - timedelta(days=1))], []),
        ("another amount", [ours()], [theirs(amount_minor=1_249)], ["AMOUNT"]),
        ("another currency", [ours()], [theirs(currency="USD")], ["AMOUNT"]),
        ("paid what failed here", [ours(status="FAILED")], [theirs()], ["STATUS"]),
        ("paid what was not sent", [ours(status="RESERVED")], [theirs()], ["STATUS"]),
        ("paid, and came back", [ours(status="RETURNED")], [theirs(fate=Fate.RETURNED)], []),
        ("sent, and still on its way", [ours()], [theirs(fate=Fate.PENDING)], []),
        ("twice", [ours()], [theirs(), theirs("T-2")], ["TWICE"]),
        ("listed twice by one name", [ours()], [theirs(), theirs()], []),
        ("a second time that failed", [ours()], [theirs(), theirs("T-2", fate=Fate.FAILED)], []),
        ("another day's of ours", [ours(of_day=False)], [theirs(at=NOON - timedelta(days=1))], []),
        ("begun before midnight", [ours(of_day=False)], [theirs(amount_minor=1)], ["AMOUNT"]),
        ("made after midnight", [ours()], [theirs(at=NOON + timedelta(hours=12, minutes=1))], []),
    ],
)
def test_each_difference_is_told_apart(_case, mine, listed, expected):
    assert kinds(compare(mine, listed, day=DAY)) == expected


def test_a_difference_names_both_amounts():
    (found,) = compare([ours()], [theirs(), theirs("T-2")], day=DAY).differences

    assert (found.kind, found.reference) == (FindingKind.TWICE, "FL-1-1")
    assert (found.payout_id, found.ours_minor, found.theirs_minor) == (ONE, 1_250, 2_500)


def test_sums_are_kept_apart_by_currency():
    found = compare([ours()], [theirs(), theirs("X", payout_id=None, currency="USD")], day=DAY)

    assert found.totals == [
        {"currency": "EUR", "ours_minor": 1_250, "theirs_minor": 1_250, "items": 1},
        {"currency": "USD", "ours_minor": 0, "theirs_minor": 1_250, "items": 0},
    ]
