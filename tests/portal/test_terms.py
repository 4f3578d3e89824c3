"""Your terms: what is paid now, what comes, what was; and notices until they are read."""

from datetime import timedelta

import pytest
from django.urls import reverse

from commissions.models import Level, RateNotice, Reward
from commissions.notices import note_rate_changes
from commissions.services import Rate, RuleDraft, create_rule, set_rate
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Goal
from tests.cast import make_promoter
from tests.portal.conftest import TODAY, Story
from tests.portal.people import browser_of, text_of

STEPS = [{"from": 1, "rate_bps": 1_000}, {"from": 21, "rate_bps": 1_500}]
VOLUME = {"period": "MONTH", "counts": "CONVERSIONS", "mode": "ONWARDS", "steps": STEPS}


@pytest.fixture
def changing(story: Story) -> Story:
    """Let the rate of sales go from 10 % to 12 % on 26 April, and tell everybody."""
    with merchant_context(story.company.id):
        goal = Goal.objects.get(program=story.company.program, code="sale")
        rate = Rate(Reward.PERCENT, rate_bps=1_200)
        later = TODAY + timedelta(days=10)
        set_rate(goal=goal, rate=rate, by=SYSTEM, at=TODAY, valid_from=later)
    while note_rate_changes(merchant_id=story.company.id, at=TODAY):
        pass
    return story


def page(story: Story) -> str:
    """Return Bob's terms as he reads them."""
    url = reverse("portal:terms", args=[story.promoter.enrollment.id])
    return text_of(browser_of(story.promoter.user).get(url))


def test_now_and_what_comes_are_told_apart(changing: Story) -> None:
    text = page(changing)

    assert "What you are paid now 10% of each sale since 2 Mar 2025" in text
    assert "What comes" in text
    assert "12% of each sale from 26 Apr 2026" in text


def test_a_change_is_announced_until_it_was_read(changing: Story) -> None:
    browser = browser_of(changing.promoter.user)
    url = reverse("portal:terms", args=[changing.promoter.enrollment.id])

    assert "From 26 Apr: 12% of each sale" in text_of(browser.get("/portal/"))
    assert "From 26 Apr: 12% of each sale" in text_of(browser.get(url))
    browser.post(f"{url}seen/")

    assert "Your rates change" not in text_of(browser.get(url))
    assert "From 26 Apr" not in text_of(browser.get("/portal/"))
    with merchant_context(changing.company.id):
        assert RateNotice.objects.filter(seen_at=None).count() == 0


def test_ones_own_agreement_comes_first_and_says_how_far_one_is(story: Story) -> None:
    dave = make_promoter(story.company, "Dave")
    with merchant_context(story.company.id):
        goal = Goal.objects.get(program=story.company.program, code="sale")
        draft = RuleDraft(
            reward=Reward.VOLUME,
            details=VOLUME,
            level=Level.ENROLLMENT,
            goal=goal,
            enrollment=story.promoter.enrollment,
        )
        create_rule(
            program=story.company.program, draft=draft, by=SYSTEM, at=TODAY - timedelta(hours=1)
        )

    text = page(story)

    assert "In this order: the first that fits a sale, pays it." in text
    assert text.index("Agreed with you") < text.index("10% of each sale since")
    assert "Sale this month 1 of 21 until 15%" in text
    other = reverse("portal:terms", args=[dave.enrollment.id])
    assert "Agreed with you" not in text_of(browser_of(dave.user).get(other))
