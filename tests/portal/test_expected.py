"""Affiliates read for every line when its money is expected."""

from merchants.tenancy import merchant_context
from payouts.models import PayoutTerms, Schedule
from tests.portal.conftest import Story
from tests.portal.people import browser_of, text_of


def lines_on_hold(story: Story) -> str:
    """Return what the affiliate reads of the lines that are on hold."""
    return text_of(browser_of(story.promoter.user).get("/portal/earnings/?state=pending"))


def set_terms(story: Story, **terms: object) -> None:
    with merchant_context(story.company.id):
        PayoutTerms.objects.create(
            merchant_id=story.company.id, program=story.company.program, **terms
        )


def test_without_terms_a_line_is_expected_when_its_hold_ends(story: Story) -> None:
    assert "expected on 11 May" in lines_on_hold(story)


def test_terms_say_when(story: Story) -> None:
    set_terms(story, schedule=Schedule.MONTHLY, net_days=15)

    said = lines_on_hold(story)

    assert "expected on 16 Jun" in said
    assert "11 May" not in said


def test_what_is_paid_on_request_says_when_it_can_be_asked_for(story: Story) -> None:
    set_terms(story, schedule=Schedule.ON_REQUEST)

    assert "payable from 11 May" in lines_on_hold(story)
