"""Partnerships: shared goals, the plan, reviews with frozen figures, sheets, and who is told."""

from datetime import date, timedelta

import pytest
from django.core import mail

from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import Event
from merchants.tenancy import affiliate_context, merchant_context
from messaging.models import Side
from partnerships.directory import merchants_to_look_at
from partnerships.goals import note_reading, progress_of
from partnerships.mails import remind
from partnerships.models import Item, ItemStatus, Partnership, Review, ReviewStatus, SheetKind
from partnerships.plan import ItemDraft, add_item, move_item
from partnerships.reviews import (
    freeze_due_reviews,
    hold_review,
    months_after,
    plan_review,
    quarter_before,
)
from partnerships.selectors import (
    goals_of,
    partnerships_of_affiliate,
    records_of,
    sheets_by_quarter,
)
from partnerships.services import (
    NotPartner,
    begin_partnership,
    end_partnership,
    fill_sheet,
    write_comment,
)
from tests.cast import NOON, Company, Promoter, click_of, sell
from tests.messaging.writing import affiliate_of, merchant_of
from tests.partnerships.making import begin, goal

DAY = timedelta(days=1)


def test_it_is_begun_once_ended_and_taken_up_again(acme: Company, bob: Promoter) -> None:
    found, again = begin(acme, bob), begin(acme, bob, at=NOON + DAY)
    by = merchant_of(acme)

    with merchant_context(acme.id):
        ended = end_partnership(partnership=found, by=by.actor, at=NOON + DAY)
        with pytest.raises(NotPartner):
            add_item(partnership=ended, draft=ItemDraft(title="T"), by=by, at=NOON)
        taken_up = begin_partnership(
            enrollment=bob.enrollment, member=acme.owner, by=by.actor, at=NOON + 2 * DAY
        )
        types = Event.objects.filter(subject_id=found.id).order_by("id")

        assert list(types.values_list("type", flat=True)) == [
            "partnership.begun",
            "partnership.ended",
            "partnership.begun",
        ]
        assert Partnership.objects.count() == 1
    assert found.id == again.id == taken_up.id
    assert taken_up.ended_at is None


def test_a_goal_counts_sales_day_by_day_against_its_checkpoints(
    acme: Company, bob: Promoter
) -> None:
    found = begin(acme, bob)
    for day in (0, 0, 9):
        sell(acme, click=click_of(bob), at=NOON + day * DAY + timedelta(hours=1))
    steps = ((date(2026, 3, 5), 2), (date(2026, 3, 8), 3))
    goal(found, acme, metric="CONVERSIONS", amount=4, checkpoints=steps)

    with merchant_context(acme.id):
        [one] = progress_of(found, goals_of(found), at=NOON + 10 * DAY)

    assert [(step.reached, step.is_met) for step in one.steps] == [
        (2, True),
        (2, False),
        (None, None),
    ]
    assert (one.reached, one.is_reached, one.is_behind) == (3, False, False)


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        (((date(2026, 3, 5), 5), (date(2026, 3, 5), 6)), "not_in_order"),
        (((date(2026, 3, 5), 9), (date(2026, 3, 8), 6)), "not_in_order"),
        (((date(2026, 3, 5), 900),), "not_in_order"),
        (((date(2027, 3, 5), 9),), "not_in_order"),
    ],
)
def test_checkpoints_that_cannot_be_are_refused(
    acme: Company, bob: Promoter, steps: object, code: str
) -> None:
    found = begin(acme, bob)

    with pytest.raises(BadValue) as refused:
        goal(found, acme, checkpoints=steps)

    assert refused.value.code == code
    with merchant_context(acme.id):
        assert goals_of(found) == []


def test_a_goal_by_hand_is_noted_by_either_side(acme: Company, bob: Promoter) -> None:
    found = begin(acme, bob)
    wanted, by = goal(found, acme, metric="BY_HAND", amount=10), affiliate_of(bob)

    with merchant_context(acme.id):
        for amount in (3, 4):
            note_reading(goal=wanted, day=NOON.date(), amount=amount, by=by, at=NOON + DAY)
        with pytest.raises(BadValue):
            note_reading(goal=wanted, day=NOON.date() + 3 * DAY, amount=9, by=by, at=NOON)
        [one] = progress_of(found, goals_of(found), at=NOON + DAY)

    assert one.days == [(NOON.date(), 4)]


def test_a_review_freezes_its_quarter_for_good(acme: Company, bob: Promoter) -> None:
    found, by = begin(acme, bob), merchant_of(acme)
    sell(acme, click=click_of(bob))
    with merchant_context(acme.id):
        planned_on = date(2026, 4, 10)
        review = plan_review(partnership=found, planned_on=planned_on, by=by.actor, at=NOON)
        moved = plan_review(partnership=found, planned_on=planned_on + DAY, by=by.actor, at=NOON)
    on_the_day = NOON + 40 * DAY

    early = freeze_due_reviews(merchant_id=acme.id, at=NOON + 30 * DAY)
    frozen = freeze_due_reviews(merchant_id=acme.id, at=on_the_day)
    again = freeze_due_reviews(merchant_id=acme.id, at=on_the_day + DAY)
    sell(acme, click=click_of(bob), at=NOON + timedelta(hours=3))
    with merchant_context(acme.id):
        held = hold_review(
            review=Review.objects.select_related("partnership__enrollment__program").get(),
            by=by.actor,
            at=on_the_day + DAY,
        )
        upcoming = Review.objects.get(status=ReviewStatus.PLANNED)
        with pytest.raises(IllegalMove):
            hold_review(review=held, by=by.actor, at=on_the_day + DAY)

    assert moved.id == review.id == held.id
    assert (early, frozen, again) == (0, 1, 0)
    assert (held.first_on, held.last_on) == (date(2026, 1, 1), date(2026, 3, 31))
    assert held.snapshot is not None
    assert held.snapshot["figures"]["conversions"] == 1
    assert held.snapshot["figures"]["revenue_minor"] == 10_000
    assert held.snapshot_at == on_the_day
    assert upcoming.planned_on == date(2026, 7, 12)


def test_days_of_quarters_and_months() -> None:
    assert quarter_before(date(2026, 1, 2)) == (date(2025, 10, 1), date(2025, 12, 31))
    assert months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_after(date(2026, 1, 31), 12) == date(2027, 1, 31)


def test_what_was_promised_keeps_its_history(acme: Company, bob: Promoter) -> None:
    found = begin(acme, bob)
    merchant, affiliate = merchant_of(acme), affiliate_of(bob)
    draft = ItemDraft(kind="COMMITMENT", title="A film", side=Side.AFFILIATE)

    with merchant_context(acme.id):
        item = add_item(partnership=found, draft=draft, by=merchant, at=NOON)
        item = Item.objects.select_related("partnership").get(id=item.id)
        move_item(item=item, to=ItemStatus.DONE, note="", by=affiliate, at=NOON + DAY)
        with pytest.raises(IllegalMove):
            move_item(item=item, to=ItemStatus.DONE, note="", by=affiliate, at=NOON + DAY)
        move_item(item=item, to=ItemStatus.NOT_DONE, note="Broken", by=merchant, at=NOON + 2 * DAY)
        moves = list(item.moves.order_by("id").values_list("status", "note", "side"))
        records = {row.side: (row.done, row.not_done) for row in records_of(found)}

    assert moves == [
        ("OPEN", "", "MERCHANT"),
        ("DONE", "", "AFFILIATE"),
        ("NOT_DONE", "Broken", "MERCHANT"),
    ]
    assert records == {Side.MERCHANT: (0, 0), Side.AFFILIATE: (0, 1)}


def test_a_sheet_keeps_each_quarter(acme: Company, bob: Promoter) -> None:
    found, by = begin(acme, bob), affiliate_of(bob)
    kind = SheetKind.DISCOVERY
    with merchant_context(acme.id):
        for text, at in (("A", NOON), ("A", NOON), ("B", NOON + DAY), ("C", NOON + 60 * DAY)):
            fill_sheet(partnership=found, kind=kind, answers={"audience": text}, by=by, at=at)
        with pytest.raises(BadValue):
            fill_sheet(partnership=found, kind=kind, answers={"x": "y"}, by=by, at=NOON)
        kept = sheets_by_quarter(found, kind)

    assert {day: row.answers["audience"] for day, row in kept.items()} == {
        date(2026, 4, 1): "C",
        date(2026, 1, 1): "B",
    }


def test_both_sides_are_told_once_of_what_is_due(acme: Company, bob: Promoter) -> None:
    found, by = begin(acme, bob), merchant_of(acme)
    with merchant_context(acme.id):
        plan_review(partnership=found, planned_on=date(2026, 3, 8), by=by.actor, at=NOON)
        draft = ItemDraft(title="A film", side=Side.AFFILIATE, due_on=date(2026, 3, 4))
        add_item(partnership=found, draft=draft, by=by, at=NOON)

    assert merchants_to_look_at(at=NOON) == [acme.id]
    first = remind(merchant_id=acme.id, at=NOON)
    told = sorted((one.to[0], one.subject) for one in mail.outbox)
    second = remind(merchant_id=acme.id, at=NOON)
    mail.outbox.clear()
    third = remind(merchant_id=acme.id, at=NOON + 3 * DAY)
    overdue = sorted((one.to[0], one.subject) for one in mail.outbox)

    assert (first, second, third) == (2, 0, 1)
    alice, bobs = acme.owner.user.email, bob.user.email
    assert told == [
        (alice, "Review with Bob soon"),
        (bobs, "Due soon, with Acme: A film"),
        (bobs, "Review with Acme soon"),
    ]
    assert overdue == [
        (alice, "Overdue, with Bob: A film"),
        (bobs, "Overdue, with Acme: A film"),
    ]


def test_affiliates_read_their_own_alone(acme: Company, bob: Promoter, carol: Promoter) -> None:
    found = begin(acme, bob)
    with merchant_context(acme.id):
        write_comment(
            partnership=found, about=SheetKind.CUSTOMER, body="Hi", by=affiliate_of(bob), at=NOON
        )

    with affiliate_context(bob.affiliate.id):
        assert [row.id for row in partnerships_of_affiliate(bob.affiliate.id)] == [found.id]
    with affiliate_context(carol.affiliate.id):
        assert not Partnership.objects.exists()
        assert not Item.objects.exists()
