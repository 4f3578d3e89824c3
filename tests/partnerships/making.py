"""A partnership of the cast, and things of it."""

from datetime import date, datetime
from uuid import UUID

from merchants.models import acting_user
from merchants.tenancy import merchant_context
from messaging.models import Side
from partnerships.goals import GoalDraft, set_goal
from partnerships.models import Partnership, SharedGoal
from partnerships.plan import ItemDraft, add_item
from partnerships.reviews import plan_review
from partnerships.selectors import partnerships_of, people_of
from partnerships.services import begin_partnership
from tests.cast import NOON, Company, Promoter
from tests.messaging.writing import merchant_of


def begin(company: Company, promoter: Promoter, *, at: datetime = NOON) -> Partnership:
    """Make a partner of the promoter."""
    with merchant_context(company.id):
        made = begin_partnership(
            enrollment=promoter.enrollment,
            member=company.owner,
            by=acting_user(company.owner.user),
            at=at,
        )
        return partnerships_of(company.id).get(id=made.id)


def goal(
    partnership: Partnership,
    company: Company,
    *,
    metric: str = "CLICKS",
    at: datetime = NOON,
    **facts: object,
) -> SharedGoal:
    """Set a goal of 100 until the end of May."""
    draft = {
        "title": "Many clicks",
        "amount": 100,
        "starts_on": at.date(),
        "due_on": date(2026, 5, 31),
    }
    with merchant_context(company.id):
        return set_goal(
            partnership=partnership,
            draft=GoalDraft(metric=metric, **{**draft, **facts}),  # type: ignore[arg-type]
            by=merchant_of(company),
            at=at,
        )


def store_partnership(company: Company, promoter: Promoter) -> dict[str, UUID | str]:
    """Store a partnership with a goal, a review and an item; return their ids."""
    found = begin(company, promoter)
    by = merchant_of(company)
    wanted = goal(found, company, metric="BY_HAND")
    with merchant_context(company.id):
        review = plan_review(partnership=found, planned_on=date(2026, 4, 10), by=by.actor, at=NOON)
        draft = ItemDraft(title="Newsletter", side=Side.AFFILIATE, due_on=date(2026, 3, 20))
        item = add_item(partnership=found, draft=draft, by=by, at=NOON)
        person = people_of(found)[0]
    return {
        "partnership_id": found.id,
        "shared_goal_id": wanted.id,
        "review_id": review.id,
        "item_id": item.id,
        "person_id": person.id,
        "sheet": "discovery",
    }
