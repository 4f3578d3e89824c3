"""Acme's partnership with Bob: goals, a plan, a review that was held and the next one."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from demo.cast import BOB
from demo.history import History
from merchants.models import acting_user
from merchants.rights import Role
from messaging.models import Side
from messaging.services import Writer, as_affiliate, as_member
from partnerships.goals import GoalDraft, note_reading, set_goal
from partnerships.models import Item, ItemKind, ItemStatus, Partnership, SheetKind
from partnerships.plan import ItemDraft, add_item, move_item
from partnerships.reviews import hold_review, plan_review, write_notes
from partnerships.selectors import partnerships_of
from partnerships.services import add_affiliate_user, begin_partnership, fill_sheet, write_comment

BEGUN_DAYS_AGO: Final = 30
ITEMS: Final = (  # Which kind, what, whose, due in days, and whether it was done.
    (ItemKind.COMMITMENT, "Two anchor lamps to test over the winter", Side.MERCHANT, -16, True),
    (ItemKind.COMMITMENT, "Guide to splicing, with our mooring rope", Side.AFFILIATE, -8, True),
    (ItemKind.COMMITMENT, "Draft of the winter page", Side.MERCHANT, -3, False),
    (ItemKind.PLAN, "Test of three cabin heaters", Side.AFFILIATE, 12, None),
    (ItemKind.PLAN, "Landing page for his readers", Side.MERCHANT, 20, None),
)
CUSTOMER: Final = {
    "who": "People with a boat of 6 to 10 metres, mostly for two. They sail from April to October.",
    "problem": "Wet, cold, and too much gear that breaks after a season.",
    "where": "Guides in winter, harbour forums, the boat fair in Hamburg.",
    "not_for": "Racers: they buy for weight, and send it back.",
}
DISCOVERY: Final = {
    "audience": "9,000 readers a month; half of them own a boat, a third wants one.",
    "closing": "Free shipping in the week before a long weekend.",
    "next": "One guide without any product, and the link only at its end.",
}
NOTES: Final = "Sales doubled after the guide. Returns are low. The winter page comes too late."


def plan_partnerships(history: History) -> None:
    """Plan what Mia and Bob set out to do together."""
    begun = history.day(BEGUN_DAYS_AGO) + timedelta(hours=9)
    history.agenda.plan(begun, partial(_begin, history))
    history.agenda.plan(history.day(6) + timedelta(hours=10), partial(_review, history))


def _sides(history: History) -> tuple[Writer, Writer]:
    member = history.stage.member(Role.MANAGER)
    user = history.people.user(BOB.person)
    standing = history.stage.standing(BOB)
    assert standing is not None
    affiliate = standing.enrollment.affiliate
    return as_member(member, acting_user(member.user)), as_affiliate(
        affiliate, acting_user(user), user
    )


def _begin(history: History, at: datetime) -> None:
    standing = history.stage.standing(BOB)
    if standing is None:
        return
    mia, bob = _sides(history)
    made = begin_partnership(
        enrollment=standing.enrollment,
        member=history.stage.member(Role.MANAGER),
        by=mia.actor,
        at=at,
    )
    found = partnerships_of(made.merchant_id).get(id=made.id)
    add_affiliate_user(partnership=found, user_id=history.people.user(BOB.person).id, duty="Editor")
    _set_goals(found, mia, bob, at)
    fill_sheet(partnership=found, kind=SheetKind.CUSTOMER, answers=CUSTOMER, by=mia, at=at)
    fill_sheet(partnership=found, kind=SheetKind.DISCOVERY, answers=DISCOVERY, by=bob, at=at)
    write_comment(
        partnership=found,
        about=SheetKind.CUSTOMER,
        body="Many of mine rent a mooring: they buy ropes first, lamps later.",
        by=bob,
        at=at + timedelta(hours=3),
    )
    _add_items(history, found, at)
    plan_review(
        partnership=found,
        planned_on=history.day(6).date(),
        by=mia.actor,
        at=at,
    )


def _set_goals(found: Partnership, mia: Writer, bob: Writer, at: datetime) -> None:
    first, last = at.date(), at.date() + timedelta(days=89)
    thirds = [first + timedelta(days=days) for days in (14, 29, 59)]
    sales = GoalDraft(
        title="A hundred and twenty sales this season",
        metric="CONVERSIONS",
        amount=120,
        starts_on=first,
        due_on=last,
        checkpoints=list(zip(thirds, (25, 55, 90), strict=True)),
    )
    set_goal(partnership=found, draft=sales, by=mia, at=at)
    guides = GoalDraft(
        title="Guides that show our gear", metric="BY_HAND", amount=6, starts_on=first, due_on=last
    )
    goal = set_goal(partnership=found, draft=guides, by=mia, at=at)
    for days, amount in ((4, 1), (18, 2), (25, 3)):
        day = first + timedelta(days=days)
        note_reading(goal=goal, day=day, amount=amount, by=bob, at=at + timedelta(days=days))


def _add_items(history: History, found: Partnership, at: datetime) -> None:
    mia, bob = _sides(history)
    for kind, title, side, due_in, done in ITEMS:
        due_on = history.day(-due_in).date()
        draft = ItemDraft(kind=kind, title=title, side=side, due_on=due_on)
        item = add_item(partnership=found, draft=draft, by=mia, at=at)
        if done is not None:
            to = ItemStatus.DONE if done else ItemStatus.NOT_DONE
            by, settled = (mia if side == Side.MERCHANT else bob), history.day(-due_in - 1)
            settled = max(settled + timedelta(hours=11), at)
            move_item(item=item, to=to, note="", by=by, at=min(settled, history.now))
    Item.objects.filter(partnership=found).update(reminded_at=at, overdue_told_at=at)


def _review(history: History, at: datetime) -> None:
    found = partnerships_of(history.stage.id).first()
    if found is None:
        return
    mia, bob = _sides(history)
    review = plan_review(partnership=found, planned_on=at.date(), by=mia.actor, at=at)
    review.partnership = found
    write_notes(review=review, notes=NOTES, agenda=review.agenda)
    hold_review(review=review, by=mia.actor, at=at)
    review.refresh_from_db()
    for title, side, due_in in (
        ("Send the three heaters for the test", Side.MERCHANT, 3),
        ("Dates of the guides until spring", Side.AFFILIATE, 9),
    ):
        due_on = history.day(-due_in).date()
        draft = ItemDraft(title=title, side=side, due_on=due_on, review=review)
        add_item(partnership=found, draft=draft, by=bob, at=at)
