"""The models' shares, and what buyers, bindings and other programs take away."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import WHOLE_PPM
from tracking.attribution import (
    Buyer,
    Model,
    Outcome,
    Owner,
    Policy,
    Touch,
    TouchKind,
    Verdict,
    attribute,
    judge,
    months_after,
    shares_of,
)

SALE = datetime(2026, 3, 31, 12, 0, 0, tzinfo=UTC)
PROGRAM = uuid4()
BOB, CAROL, DORA, EVE = uuid4(), uuid4(), uuid4(), uuid4()
DAY = timedelta(days=1)


def policy(model: Model = Model.LAST, **facts: object) -> Policy:
    """Return a policy with a window of 30 days."""
    return Policy(PROGRAM, window_days=30, model=model, **facts)  # type: ignore[arg-type]


def touch(
    enrollment: UUID, days: float, kind: TouchKind = TouchKind.CLICK, evidence: str = ""
) -> Touch:
    """Return a touch so many days before the sale."""
    owner = Owner(PROGRAM, enrollment, uuid4(), earning=True)
    return Touch(kind, SALE - days * DAY, evidence or str(uuid4()), owner)


def bound(enrollment: UUID, days: float, **facts: object) -> Touch:
    """Return a binding that was made so many days before the sale, by a click a day before."""
    owner = Owner(PROGRAM, enrollment, uuid4(), earning=True)
    at = SALE - days * DAY
    made: dict[str, object] = {"bound_at": at, **facts}
    return Touch(TouchKind.CUSTOMER, at - DAY, str(uuid4()), owner, **made)  # type: ignore[arg-type]


def shared(outcome: Outcome) -> dict[UUID, int]:
    """Return what each enrollment gets."""
    return {share.owner.enrollment_id: share.share_ppm for share in outcome.shares}


FOUR = [touch(BOB, 21), touch(CAROL, 14), touch(DORA, 7), touch(EVE, 0)]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Model.LAST, {EVE: 1_000_000}),
        (Model.FIRST, {BOB: 1_000_000}),
        (Model.LINEAR, {BOB: 250_000, CAROL: 250_000, DORA: 250_000, EVE: 250_000}),
        (Model.POSITION, {BOB: 400_000, CAROL: 100_000, DORA: 100_000, EVE: 400_000}),
        (Model.TIME_DECAY, {BOB: 66_667, CAROL: 133_333, DORA: 266_667, EVE: 533_333}),
    ],
)
def test_four_touches_a_week_apart(model: Model, expected: dict[UUID, int]) -> None:
    outcome = attribute(FOUR, policy=policy(model), occurred_at=SALE)

    assert shared(outcome) == expected


@pytest.mark.parametrize(
    ("model", "count", "expected"),
    [
        (Model.LINEAR, 3, [333_334, 333_333, 333_333]),
        (Model.POSITION, 1, [1_000_000]),
        (Model.POSITION, 2, [500_000, 500_000]),
        (Model.POSITION, 3, [400_000, 200_000, 400_000]),
        (Model.POSITION, 5, [400_000, 66_667, 66_667, 66_666, 400_000]),
    ],
)
def test_the_shares_of_so_many(model: Model, count: int, expected: list[int]) -> None:
    assert shares_of([SALE] * count, policy(model), SALE) == expected


def test_an_enrollment_has_one_share_of_all_its_touches() -> None:
    touches = [touch(BOB, 9), touch(CAROL, 5), touch(BOB, 1)]

    outcome = attribute(touches, policy=policy(Model.POSITION), occurred_at=SALE)

    assert shared(outcome) == {BOB: 800_000, CAROL: 200_000}


def test_a_refused_touch_has_no_share_and_no_place() -> None:
    touches = [touch(BOB, 99), touch(CAROL, 5), touch(DORA, 1)]

    outcome = attribute(touches, policy=policy(Model.LINEAR), occurred_at=SALE)

    assert shared(outcome) == {CAROL: 500_000, DORA: 500_000}
    assert [row.share_ppm for row in outcome.touches] == [0, 500_000, 500_000]


def test_what_weighs_nothing_is_no_credit() -> None:
    ancient = bound(BOB, 700)

    outcome = attribute(
        [ancient, touch(CAROL, 1)], policy=policy(Model.TIME_DECAY), occurred_at=SALE
    )

    assert shared(outcome) == {CAROL: 1_000_000}


@pytest.mark.parametrize("model", Model)
def test_links_come_before_coupons_or_after_them(model: Model) -> None:
    touches = [touch(BOB, 1), touch(CAROL, 0, TouchKind.COUPON)]

    by_link = attribute(touches, policy=policy(model), occurred_at=SALE)
    by_coupon = attribute(touches, policy=policy(model, coupon_first=True), occurred_at=SALE)

    assert shared(by_link) == {BOB: 1_000_000}
    assert shared(by_coupon) == {CAROL: 1_000_000}


def test_what_bound_a_customer_shares_like_the_click_it_was() -> None:
    touches = [bound(BOB, 100), touch(CAROL, 1)]

    assert shared(attribute(touches, policy=policy(), occurred_at=SALE)) == {CAROL: 1_000_000}
    first = attribute(touches, policy=policy(Model.FIRST), occurred_at=SALE)
    assert shared(first) == {BOB: 1_000_000}
    linear = attribute(touches, policy=policy(Model.LINEAR), occurred_at=SALE)
    assert shared(linear) == {BOB: 500_000, CAROL: 500_000}


def test_a_click_that_bound_the_customer_counts_once() -> None:
    click = touch(BOB, 2)
    owner = click.owner
    again = Touch(TouchKind.CUSTOMER, click.at, click.evidence, owner, bound_at=SALE - DAY)

    outcome = attribute(
        [click, again, touch(CAROL, 1)], policy=policy(Model.LINEAR), occurred_at=SALE
    )

    assert shared(outcome) == {BOB: 500_000, CAROL: 500_000}


def test_what_a_person_decided_stands_before_other_bindings() -> None:
    touches = [bound(BOB, 100), bound(CAROL, 5, is_assigned=True)]

    assert shared(attribute(touches, policy=policy(), occurred_at=SALE)) == {CAROL: 1_000_000}


def test_an_assigned_conversion_is_whose_a_person_said() -> None:
    carol = Owner(PROGRAM, CAROL, uuid4(), earning=False)

    outcome = attribute([touch(BOB, 1)], policy=policy(), occurred_at=SALE, assigned=carol)

    assert shared(outcome) == {CAROL: 1_000_000}
    assert [row.verdict for row in outcome.touches] == [Verdict.ACCEPTED]
    assert outcome.winner is None


@pytest.mark.parametrize(
    ("months", "bound_at", "verdict"),
    [
        (None, datetime(2020, 1, 1, tzinfo=UTC), Verdict.ACCEPTED),
        (0, SALE - DAY, Verdict.LOCK_IN_ENDED),
        (1, datetime(2026, 2, 28, 12, 0, 1, tzinfo=UTC), Verdict.LOCK_IN_ENDED),
        (12, datetime(2025, 3, 31, 12, 0, 1, tzinfo=UTC), Verdict.ACCEPTED),
        (12, datetime(2025, 3, 31, 12, 0, 0, tzinfo=UTC), Verdict.LOCK_IN_ENDED),
    ],
)
def test_a_customer_is_bound_for_so_long(
    months: int | None, bound_at: datetime, verdict: Verdict
) -> None:
    one = bound(BOB, 0, bound_at=bound_at)
    one = Touch(one.kind, bound_at, one.evidence, one.owner, bound_at=bound_at)

    assert judge(one, policy(lock_in_months=months), SALE) == verdict


def test_months_end_on_the_last_day_of_shorter_ones() -> None:
    assert months_after(datetime(2026, 1, 31, tzinfo=UTC), 1) == datetime(2026, 2, 28, tzinfo=UTC)
    assert months_after(datetime(2027, 12, 31, tzinfo=UTC), 2) == datetime(2028, 2, 29, tzinfo=UTC)


CLICK_AT = SALE - DAY  # The click of the one who is judged.


@pytest.mark.parametrize(
    ("_case", "buyer", "reactivation_days", "verdict"),
    [
        ("nobody knows them", Buyer(), None, Verdict.ACCEPTED),
        ("first seen after the click", Buyer(first_seen_at=SALE), None, Verdict.ACCEPTED),
        ("in the click's own second", Buyer(first_seen_at=CLICK_AT), None, Verdict.ACCEPTED),
        (
            "first seen before the click",
            Buyer(first_seen_at=CLICK_AT - timedelta(seconds=1)),
            None,
            Verdict.KNOWN_CUSTOMER,
        ),
        ("has bought before", Buyer(bought_at=(SALE - 9 * DAY,)), None, Verdict.KNOWN_CUSTOMER),
        ("bought later", Buyer(bought_at=(SALE + DAY,)), None, Verdict.ACCEPTED),
        ("said to be known", Buyer(said_new=False), None, Verdict.KNOWN_CUSTOMER),
        ("said to be new", Buyer(said_new=True), None, Verdict.ACCEPTED),
        ("bought 91 days ago", Buyer(bought_at=(SALE - 91 * DAY,)), 90, Verdict.ACCEPTED),
        ("bought 90 days ago", Buyer(bought_at=(SALE - 90 * DAY,)), 90, Verdict.KNOWN_CUSTOMER),
        (
            "said to be known, but long gone",
            Buyer(bought_at=(SALE - 91 * DAY,), said_new=False),
            90,
            Verdict.ACCEPTED,
        ),
        ("said to be known, since when?", Buyer(said_new=False), 90, Verdict.KNOWN_CUSTOMER),
    ],
)
def test_new_customers_only(
    _case: str, buyer: Buyer, reactivation_days: int | None, verdict: Verdict
) -> None:
    asked = policy(new_customers_only=True, reactivation_days=reactivation_days)

    assert judge(touch(BOB, 1), asked, SALE, buyer) == verdict


def test_whoever_brought_a_customer_as_new_keeps_them() -> None:
    buyer = Buyer(first_seen_at=SALE - 50 * DAY, bought_at=(SALE - 50 * DAY,), said_new=False)
    touches = [bound(BOB, 50), touch(CAROL, 1)]

    outcome = attribute(
        touches, policy=policy(new_customers_only=True), occurred_at=SALE, buyer=buyer
    )

    assert shared(outcome) == {BOB: 1_000_000}
    assert [row.verdict for row in outcome.touches] == [Verdict.ACCEPTED, Verdict.KNOWN_CUSTOMER]


def test_a_program_gives_way_to_another() -> None:
    outcome = attribute(
        [touch(BOB, 1)],
        policy=policy(),
        occurred_at=SALE,
        buyer=Buyer(belongs_elsewhere=True),
    )

    assert outcome.shares == ()
    assert [row.verdict for row in outcome.touches] == [Verdict.YIELDED]


TOUCHES = st.lists(
    st.builds(
        touch,
        st.sampled_from([BOB, CAROL, DORA, EVE]),
        st.integers(0, 40),
        st.sampled_from([TouchKind.CLICK, TouchKind.COUPON, TouchKind.REFERRAL]),
    ),
    max_size=12,
)


@given(touches=TOUCHES, model=st.sampled_from(Model), random=st.randoms(use_true_random=False))
def test_shares_sum_to_the_whole_in_every_order(
    touches: list[Touch], model: Model, random: object
) -> None:
    before = attribute(touches, policy=policy(model), occurred_at=SALE)
    random.shuffle(touches)  # type: ignore[attr-defined]
    after = attribute([*touches], policy=policy(model), occurred_at=SALE)

    assert shared(before) == shared(after)
    assert sum(shared(after).values()) == (WHOLE_PPM if after.shares else 0)
    assert all(share.share_ppm > 0 for share in after.shares)
    assert bool(after.shares) == any(row.verdict is Verdict.ACCEPTED for row in after.touches)
