"""What does not agree between a provider's list and ours, for one day. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any
from uuid import UUID

from payouts.models import FindingKind, PayoutStatus
from payouts.providers.base import Fate, Listed

MOVED = (PayoutStatus.SUBMITTED, PayoutStatus.PAID, PayoutStatus.RETURNED)
OUT = (PayoutStatus.SUBMITTED, PayoutStatus.PAID)  # Theirs must know it.
NO_MONEY = (Fate.FAILED, Fate.RETURNED)


@dataclass(frozen=True, slots=True)
class Ours:
    """A payout as it is compared."""

    id: UUID
    provider_ref: str
    reference: str
    status: str
    amount_minor: int
    currency: str
    is_of_day: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not agree."""

    kind: FindingKind
    reference: str
    currency: str
    payout_id: UUID | None = None
    ours_minor: int | None = None
    theirs_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing a day."""

    differences: list[Difference]
    totals: list[dict[str, Any]]


def compare(ours: Sequence[Ours], theirs: Sequence[Listed], *, day: date) -> Comparison:
    """Return what does not agree. `theirs` may reach beyond the day; what was judged is not."""
    by_id = {row.id: row for row in ours}
    by_ref = {row.provider_ref: row for row in ours if row.provider_ref}
    pairs: dict[UUID, list[Listed]] = defaultdict(list)
    strangers: list[Listed] = []
    for each in {each.provider_ref: each for each in theirs}.values():  # Pages may overlap.
        row = by_id.get(each.payout_id) if each.payout_id else None
        row = row or by_ref.get(each.provider_ref)
        if row is not None:
            pairs[row.id].append(each)
        elif _is_of(day, each) and each.fate not in NO_MONEY:
            strangers.append(each)
    differences = [_unknown_to_us(each) for each in strangers]
    for row in ours:
        differences += _judge(row, pairs[row.id], day)
    return Comparison(differences, _totals(ours, pairs, strangers))


def _judge(row: Ours, listed: Sequence[Listed], day: date) -> list[Difference]:
    """Return what does not agree about one payout."""
    if not listed:
        if row.is_of_day and row.status in OUT:
            return [_about(row, FindingKind.UNKNOWN_TO_THEM, ours_minor=row.amount_minor)]
        return []
    if not row.is_of_day and not any(_is_of(day, each) for each in listed):
        return []  # Another day's.
    found = [_amount_differs(row, each) for each in listed if _differs(row, each)]
    if any(each.fate is Fate.PAID for each in listed) and row.status not in MOVED:
        found.append(_about(row, FindingKind.STATUS, theirs_minor=_money(listed)))
    if len({each.provider_ref for each in listed if each.fate not in NO_MONEY}) > 1:
        found.append(
            _about(
                row,
                FindingKind.TWICE,
                ours_minor=row.amount_minor,
                theirs_minor=_money(listed),
            )
        )
    return found


def _differs(row: Ours, each: Listed) -> bool:
    return (each.amount_minor, each.currency) != (row.amount_minor, row.currency)


def _amount_differs(row: Ours, each: Listed) -> Difference:
    is_number = each.amount_minor != row.amount_minor
    return _about(
        row,
        FindingKind.AMOUNT,
        ours_minor=row.amount_minor if is_number else None,  # The currencies differ.
        theirs_minor=each.amount_minor,
    )


def _about(
    row: Ours, kind: FindingKind, *, ours_minor: int | None = None, theirs_minor: int | None = None
) -> Difference:
    return Difference(
        kind=kind,
        reference=row.reference,
        currency=row.currency,
        payout_id=row.id,
        ours_minor=ours_minor,
        theirs_minor=theirs_minor,
    )


def _unknown_to_us(each: Listed) -> Difference:
    return Difference(
        kind=FindingKind.UNKNOWN_TO_US,
        reference=each.provider_ref,
        currency=each.currency,
        theirs_minor=each.amount_minor,
    )


def _is_of(day: date, each: Listed) -> bool:
    return each.at is None or each.at.astimezone(UTC).date() == day


def _money(listed: Iterable[Listed]) -> int:
    return sum(each.amount_minor for each in listed if each.fate not in NO_MONEY)


def _totals(
    ours: Sequence[Ours], pairs: dict[UUID, list[Listed]], strangers: Sequence[Listed]
) -> list[dict[str, Any]]:
    """Return the day's sums per currency: ours, and theirs for the same payouts and strangers."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: {"ours": 0, "theirs": 0, "items": 0})
    for row in ours:
        if row.is_of_day and row.status in OUT:
            sums[row.currency]["ours"] += row.amount_minor
            sums[row.currency]["items"] += 1
            for each in pairs[row.id]:
                sums[each.currency]["theirs"] += _money([each])
    for each in strangers:
        sums[each.currency]["theirs"] += each.amount_minor
    return [
        {
            "currency": currency,
            "ours_minor": found["ours"],
            "theirs_minor": found["theirs"],
            "items": found["items"],
        }
        for currency, found in sorted(sums.items())
    ]
