"""Branch scores: commission per thousand credited clicks of the last seven days."""

from datetime import timedelta

import pytest

from commissions import tasks
from commissions.services import score_branches
from merchants.tenancy import merchant_context
from tests.cast import NOON, click_of, make_promoter, sell
from tracking.models import Branch, Link, SmartRule
from tracking.services import create_link


@pytest.fixture
def smart(acme, bob):
    """Return a smart link of Bob's with one branch to his first link."""
    with merchant_context(acme.id):
        link = create_link(enrollment=bob.enrollment, code="smart")
        Link.objects.filter(id=link.id).update(smart_rule=SmartRule.BEST)
        Branch.objects.create(merchant_id=acme.id, link=link, target=bob.link)
    return link


def clicked(admin, promoter, credited: int, *, days_ago: int = 0) -> None:
    admin.execute(
        "INSERT INTO reports_dailyclicks (merchant_id, day, link_id, program_id, enrollment_id,"
        " affiliate_id, clicks, human, credited, uniques)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0)",
        [
            promoter.link.merchant_id,
            (NOON - timedelta(days=days_ago)).date(),
            promoter.link.id,
            promoter.link.program_id,
            promoter.enrollment.id,
            promoter.affiliate.id,
            credited * 2,
            credited,
            credited,
        ],
    )


def score(acme) -> int:
    with merchant_context(acme.id):
        return Branch.objects.get().score


def test_a_score_is_commission_per_thousand_credited_clicks(acme, bob, smart, admin):
    clicked(admin, bob, 300)
    clicked(admin, bob, 200, days_ago=3)
    clicked(admin, bob, 9_999, days_ago=8)
    for _ in range(3):  # 10 % of 100.00 each.
        sell(acme, click=click_of(bob))

    changed = score_branches(merchant_id=acme.id, at=NOON + timedelta(hours=2))

    assert changed == 1
    assert score(acme) == 3 * 1_000 * 1_000 // 500
    assert score_branches(merchant_id=acme.id, at=NOON + timedelta(hours=2)) == 0


def test_what_is_older_than_a_week_counts_no_more(acme, bob, smart, admin):
    clicked(admin, bob, 100)
    sell(acme, click=click_of(bob))
    score_branches(merchant_id=acme.id, at=NOON + timedelta(hours=2))
    before = score(acme)

    score_branches(merchant_id=acme.id, at=NOON + timedelta(days=9))

    assert (before, score(acme)) == (10_000, 0)


def test_without_clicks_there_is_no_score_and_others_sales_do_not_count(acme, bob, smart, admin):
    dave = make_promoter(acme, "Dave")
    sell(acme, click=click_of(dave))
    sell(acme, click=click_of(bob))

    assert score_branches(merchant_id=acme.id, at=NOON + timedelta(hours=2)) == 0
    assert score(acme) == 0


def test_the_task_goes_through_merchants_with_such_links(acme, bob, smart, admin, monkeypatch):
    clicked(admin, bob, 100)
    sell(acme, click=click_of(bob))
    monkeypatch.setattr(tasks, "now", lambda: NOON + timedelta(hours=2))

    tasks.score_branches()

    assert score(acme) == 10_000
