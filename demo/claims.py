"""Claims at Acme: one credited, one refused, two that wait, the first of them not for long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from commissions.models import Claim, ClaimStatus
from commissions.services import ClaimDraft, credit_claim, refuse_claim, submit_claim
from demo.cast import BOB, DANA, HUGO, INES
from demo.characters import Promoter
from demo.history import History
from merchants.models import acting_user
from merchants.rights import Role
from programs.models import Goal


@dataclass(frozen=True, slots=True)
class Story:
    """A claim before it is one; days count back from now."""

    promoter: Promoter
    days_ago: int
    order_id: str
    message: str
    amount_minor: int | None = None
    answered_days_ago: int | None = None
    refusal: str = ""


STORIES = (
    Story(
        BOB,
        24,
        "WEB-7731",
        "A reader wrote to me that he ordered the anchor lamp on the telephone, after reading my "
        "test. He gave your people my code.",
        amount_minor=18_900,
        answered_days_ago=21,
    ),
    Story(
        HUGO,
        19,
        "WEB-7790",
        "Bought within the hour by somebody who came from my table, says my own counter.",
        answered_days_ago=17,
        refusal="Paid with the voucher of a friend, who was credited; and no click of yours is "
        "near the order.",
    ),
    Story(
        DANA,
        13,
        "WEB-7852",
        "Two of my viewers bought oilskins on the boat fair and showed film 33 at the stand. They "
        "were told that it would be put down to me.",
        amount_minor=43_800,
    ),
    Story(
        INES,
        3,
        "WEB-7910",
        "My story of Sunday led to your shop; the order is not among my conversions.",
    ),
)


def plan_claims(history: History) -> None:
    """Plan who claims what, and what Mia answers."""
    for story in STORIES:
        _plan(history, story.days_ago, partial(_submit, history, story))
        if story.answered_days_ago is not None:
            _plan(history, story.answered_days_ago, partial(_answer, history, story))


def _plan(history: History, days_ago: int, action: partial[None]) -> None:
    history.agenda.plan(history.day(days_ago) + timedelta(hours=11), action)


def _submit(history: History, story: Story, at: datetime) -> None:
    standing = history.stage.standing(story.promoter)
    if standing is None:
        return
    goal = Goal.objects.get(
        merchant=history.stage.merchant, program=history.stage.program, code="sale"
    )
    draft = ClaimDraft(
        goal=goal,
        order_id=story.order_id,
        happened_on=(at - timedelta(days=2)).date(),
        message=story.message,
        amount_minor=story.amount_minor,
    )
    by = acting_user(history.people.user(story.promoter.person))
    submit_claim(enrollment=standing.enrollment, draft=draft, by=by, at=at)


def _answer(history: History, story: Story, at: datetime) -> None:
    claim = Claim.objects.filter(
        merchant_id=history.stage.id, order_id=story.order_id, status=ClaimStatus.OPEN
    ).first()
    if claim is None:
        return
    by = history.stage.acting(Role.MANAGER)
    if story.refusal:
        refuse_claim(claim=claim, reason=story.refusal, by=by, at=at)
    else:
        answer = "He named you on the telephone, and our note of the call says so."
        credit_claim(claim=claim, by=by, at=at, answer=answer)
