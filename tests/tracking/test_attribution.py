"""attribute: which touches count, who wins, and why the others do not."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tracking.attribution import Outcome, Owner, Policy, Touch, TouchKind, Verdict, attribute

SALE = datetime(2026, 3, 31, 12, 0, 0, tzinfo=UTC)
PROGRAM = uuid4()
POLICY = Policy(PROGRAM, window_days=30)
BOB, CAROL = uuid4(), uuid4()


def touch(
    enrollment: UUID | None = BOB,
    *,
    at: datetime = SALE - timedelta(days=1),
    kind: TouchKind = TouchKind.CLICK,
    program: UUID = PROGRAM,
    earning: bool = True,
) -> Touch:
    """Return a touch of an approved enrollment, a day before the sale."""
    owner = Owner(program, enrollment, uuid4(), earning) if enrollment else None
    return Touch(kind, at, str(uuid4()), owner)


def winners(outcome: Outcome) -> list[tuple[UUID, int]]:
    """Return who is credited, and with how much."""
    return [(share.owner.enrollment_id, share.share_ppm) for share in outcome.shares]


@pytest.mark.parametrize(
    ("_case", "one", "verdict"),
    [
        ("a day before", touch(), Verdict.ACCEPTED),
        ("the very same second", touch(at=SALE + timedelta(microseconds=999_999)), "accepted"),
        ("a second later", touch(at=SALE + timedelta(seconds=1)), Verdict.AFTER_THE_EVENT),
        ("as the window opens", touch(at=SALE - timedelta(days=30)), Verdict.ACCEPTED),
        (
            "just before the window",
            touch(at=SALE - timedelta(days=30, microseconds=1)),
            Verdict.OUTSIDE_WINDOW,
        ),
        ("of a suspended enrollment", touch(earning=False), Verdict.NOT_ENROLLED),
        ("of another program", touch(program=uuid4()), Verdict.OTHER_PROGRAM),
        ("unreadable", touch(None), Verdict.UNKNOWN),
    ],
)
def test_each_touch_is_judged(_case: str, one: Touch, verdict: Verdict) -> None:
    outcome = attribute([one], policy=POLICY, occurred_at=SALE)

    assert [item.verdict for item in outcome.touches] == [verdict]
    assert winners(outcome) == ([(BOB, 1_000_000)] if verdict == "accepted" else [])


def test_the_last_click_wins() -> None:
    early, late = touch(BOB, at=SALE - timedelta(days=9)), touch(CAROL)

    assert winners(attribute([late, early], policy=POLICY, occurred_at=SALE)) == [
        (CAROL, 1_000_000)
    ]


def test_a_click_is_stronger_than_a_coupon_used_later() -> None:
    coupon = touch(CAROL, kind=TouchKind.COUPON, at=SALE)

    assert winners(attribute([coupon, touch(BOB)], policy=POLICY, occurred_at=SALE)) == [
        (BOB, 1_000_000)
    ]


def test_a_coupon_wins_when_no_click_counts() -> None:
    stale = touch(BOB, at=SALE - timedelta(days=99))
    coupon = touch(CAROL, kind=TouchKind.COUPON, at=SALE)

    outcome = attribute([coupon, stale], policy=POLICY, occurred_at=SALE)

    assert winners(outcome) == [(CAROL, 1_000_000)]
    assert [item.verdict for item in outcome.touches] == [Verdict.OUTSIDE_WINDOW, "accepted"]


def test_nothing_is_credited_to_nobody() -> None:
    assert attribute([], policy=POLICY, occurred_at=SALE) == Outcome((), ())


def bound(enrollment: UUID, *, at: datetime, bound_at: datetime, earning: bool = True) -> Touch:
    """Return what bound a customer."""
    owner = Owner(PROGRAM, enrollment, uuid4(), earning)
    return Touch(TouchKind.CUSTOMER, at, str(uuid4()), owner, bound_at=bound_at)


YEAR_BEFORE = SALE - timedelta(days=365)


@pytest.mark.parametrize(
    ("_case", "one", "verdict"),
    [
        (
            "a year ago, fresh then",
            bound(BOB, at=YEAR_BEFORE, bound_at=YEAR_BEFORE + timedelta(days=30)),
            Verdict.ACCEPTED,
        ),
        (
            "stale when it bound",
            bound(BOB, at=YEAR_BEFORE, bound_at=YEAR_BEFORE + timedelta(days=31)),
            Verdict.OUTSIDE_WINDOW,
        ),
        (
            "bound in the second of the sale",
            bound(BOB, at=SALE, bound_at=SALE + timedelta(microseconds=999_999)),
            Verdict.ACCEPTED,
        ),
        (
            "bound after the sale",
            bound(BOB, at=SALE, bound_at=SALE + timedelta(seconds=1)),
            Verdict.AFTER_THE_EVENT,
        ),
        (
            "clicked after it bound",
            bound(BOB, at=YEAR_BEFORE + timedelta(seconds=1), bound_at=YEAR_BEFORE),
            Verdict.AFTER_THE_EVENT,
        ),
        (
            "suspended since",
            bound(BOB, at=YEAR_BEFORE, bound_at=YEAR_BEFORE, earning=False),
            Verdict.NOT_ENROLLED,
        ),
    ],
)
def test_a_binding_is_judged_when_it_bound(_case: str, one: Touch, verdict: Verdict) -> None:
    outcome = attribute([one], policy=POLICY, occurred_at=SALE)

    assert [item.verdict for item in outcome.touches] == [verdict]


def test_of_bindings_the_earliest_wins() -> None:
    late = bound(CAROL, at=SALE - timedelta(days=9), bound_at=SALE - timedelta(days=8))
    early = bound(BOB, at=SALE - timedelta(days=20), bound_at=SALE - timedelta(days=10))

    outcome = attribute([late, early], policy=POLICY, occurred_at=SALE)

    assert winners(outcome) == [(BOB, 1_000_000)]
    assert outcome.winner == early


@pytest.mark.parametrize("strongest", range(4))
def test_the_strongest_kind_wins_whenever_it_was(strongest: int) -> None:
    owners = [uuid4() for _kind in TouchKind]
    touches = [
        touch(owner, kind=kind, at=SALE - timedelta(days=9 - place))
        for place, (owner, kind) in enumerate(zip(owners, TouchKind, strict=True))
    ]

    outcome = attribute(touches[strongest:], policy=POLICY, occurred_at=SALE)

    assert winners(outcome) == [(owners[strongest], 1_000_000)]


def test_what_its_row_says_against_a_coupon_is_the_verdict() -> None:
    owner = Owner(PROGRAM, BOB, uuid4(), earning=True)
    used_up = Touch(TouchKind.COUPON, SALE, "BOB10", owner, refusal=Verdict.COUPON_USED_UP)

    outcome = attribute([used_up], policy=POLICY, occurred_at=SALE)

    assert [item.verdict for item in outcome.touches] == [Verdict.COUPON_USED_UP]
    assert outcome.winner is None
