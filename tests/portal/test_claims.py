"""Claims in the portal: asked in a form, listed with their answers, withdrawn."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from commissions.models import Claim, ClaimStatus
from commissions.services import refuse_claim
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tests.cast import make_company, make_promoter
from tests.portal.conftest import TODAY, Story
from tests.portal.people import browser_of, errors_of, text_of

SAID = {
    "order_id": "4711",
    "happened_on": "2026-04-10",
    "amount": "80,00",
    "message": "She told me.",
}


def what(story: Story, goal: str = "sale") -> str:
    """Return how the form names what is missing."""
    return f"{story.promoter.enrollment.id}:{goal}"


def test_a_claim_is_asked_and_shown_with_its_deadline(story: Story) -> None:
    browser = browser_of(story.promoter.user)

    answer = browser.post(
        reverse("portal:claim-create"), {**SAID, "missing": what(story)}, follow=True
    )

    text = text_of(answer)
    assert "Claim for order 4711" in text
    assert "due by 30 Apr" in text
    assert "€80.00" in text
    assert "4711" in text_of(browser.get(reverse("portal:claims")))


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"order_id": ""}, "This field is required."),
        ({"happened_on": "2027-01-01"}, "This day is still to come."),
        ({"amount": "eighty"}, "Write an amount in EUR."),
        ({"order_id": "M-1"}, "You have asked for this order; the answer is still due."),
        ({"order_id": "ORDER-777001"}, "This order is among your conversions already."),
    ],
)
def test_what_is_wrong_stands_beside_the_field(
    story: Story, wrong: dict[str, str], error: str
) -> None:
    answer = browser_of(story.promoter.user).post(
        reverse("portal:claim-create"), {**SAID, "missing": what(story), **wrong}
    )

    assert answer.status_code == 422
    assert errors_of(answer) == [error]


def test_nobody_claims_in_anothers_name(story: Story) -> None:
    dave = make_promoter(story.company, "Dave")

    answer = browser_of(dave.user).post(
        reverse("portal:claim-create"), {**SAID, "missing": what(story)}
    )

    assert answer.status_code == 422
    with merchant_context(story.company.id):
        assert Claim.objects.count() == 1


def test_the_answer_is_read(story: Story) -> None:
    with merchant_context(story.company.id):
        refuse_claim(claim=story.claim, reason="Order M-1 was cancelled.", by=SYSTEM, at=TODAY)

    page = browser_of(story.promoter.user).get(reverse("portal:claim", args=[story.claim.id]))

    text = text_of(page)
    assert "Refused" in text
    assert "Order M-1 was cancelled." in text
    assert "Withdraw" not in text


def test_a_late_answer_is_called_late(story: Story) -> None:
    with time_machine.travel(TODAY + timedelta(days=15), tick=True):
        page = browser_of(story.promoter.user).get(reverse("portal:claim", args=[story.claim.id]))

    assert "The answer is overdue." in text_of(page)


def test_a_claim_is_withdrawn(story: Story) -> None:
    browser = browser_of(story.promoter.user)

    browser.post(reverse("portal:claim-withdraw", args=[story.claim.id]))
    again = browser.post(reverse("portal:claim-withdraw", args=[story.claim.id]), follow=True)

    assert "It was answered a moment ago." in text_of(again)
    with merchant_context(story.company.id):
        assert Claim.objects.get().status == ClaimStatus.WITHDRAWN


def test_the_conversions_lead_there(story: Story) -> None:
    browser = browser_of(story.promoter.user)
    erin = make_promoter(make_company("Initech", "Ivan"), "Erin")

    assert "Missing sales" in text_of(browser.get(reverse("portal:conversions")))
    fresh = text_of(browser_of(erin.user).get(reverse("portal:conversions")))
    assert "A sale is missing?" in fresh
