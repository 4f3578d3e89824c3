"""The affiliate's tier with what is missing, terms to accept, and proposals answered."""

from datetime import timedelta

from django.urls import reverse

from affiliates.models import TermsAcceptance
from affiliates.services import move_to_tier
from commissions.models import Proposal, ProposalStatus, Side
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Metric
from programs.services import create_tier, publish_terms, set_ladder
from tests.portal.conftest import TODAY, Story
from tests.portal.people import browser_of, text_of
from tests.proposals import propose


def terms_page(story: Story) -> str:
    """Return Bob's terms as he reads them."""
    url = reverse("portal:terms", args=[story.promoter.enrollment.id])
    return text_of(browser_of(story.promoter.user).get(url))


def test_the_next_tier_says_what_is_missing_and_until_when(story: Story) -> None:
    program = story.company.program
    with merchant_context(story.company.id):
        silver = create_tier(
            program=program, name="Silver", position=1, benefits="A badge.", by=SYSTEM, at=TODAY
        )
        create_tier(
            program=program,
            name="Gold",
            position=2,
            targets={Metric.REVENUE: 100_000, Metric.CONVERSIONS: 1},
            by=SYSTEM,
            at=TODAY,
        )
        changes = {"is_automatic": True, "period": "QUARTER"}
        set_ladder(program=program, changes=changes, by=SYSTEM, at=TODAY)
        move_to_tier(enrollment=story.promoter.enrollment, tier=silver, by=SYSTEM, at=TODAY)

    text = terms_page(story)

    assert "Your tier: Silver since 16 Apr 2026 A badge. Until Gold" in text
    assert "Revenue €904.00 more until 30 Jun" in text
    assert "Conversions reached" in text
    assert "No tier → Silver Moved by hand" in text


def test_without_tiers_nothing_is_said_of_them(story: Story) -> None:
    assert "tier" not in terms_page(story)


def test_new_terms_are_asked_for_with_their_date(story: Story) -> None:
    browser = browser_of(story.promoter.user)
    with merchant_context(story.company.id):
        terms = publish_terms(
            program=story.company.program,
            body="Be fair.",
            summary="",
            accept_by=TODAY + timedelta(days=14),
            by=SYSTEM,
            at=TODAY,
        )

    assert "Look at them and accept them until 30 Apr" in text_of(browser.get("/portal/"))
    address = reverse("portal:program", args=[story.promoter.enrollment.id])
    assert "accept it until 30 Apr 2026" in text_of(browser.get(address))
    browser.post(
        reverse("portal:terms-accept", args=[story.promoter.enrollment.id]),
        {"version": terms.version},
    )

    with merchant_context(story.company.id):
        assert TermsAcceptance.objects.get().ip == "203.0.113.7"
    assert "Look at them" not in text_of(browser.get("/portal/"))


def test_a_proposal_is_countered_and_another_accepted(story: Story) -> None:
    browser = browser_of(story.promoter.user)
    first = propose(story.company, story.promoter, rate_bps=1_200, at=TODAY)
    assert "12% of each sale" in terms_page(story)

    goal = str(first.goal_id)
    browser.post(
        reverse("portal:proposal-counter", args=[first.id]),
        {"goal": goal, "kind": "PERCENT", "rate": "17,5 %", "message": ""},
    )

    with merchant_context(story.company.id):
        second = Proposal.objects.get(status=ProposalStatus.OPEN)
    assert (second.rate_bps, second.offered_by) == (1_750, Side.AFFILIATE)
    browser.post(reverse("portal:proposal-withdraw", args=[second.id]))
    third = propose(story.company, story.promoter, rate_bps=1_500, at=TODAY)
    browser.post(reverse("portal:proposal-accept", args=[third.id]), {"signed_name": "Bob Bowline"})

    assert "What you are paid now" in terms_page(story)
    assert "15% of each sale Agreed with you" in terms_page(story)
    page = text_of(browser.get(reverse("portal:proposal", args=[third.id])))
    assert "Signed by Bob Bowline" in page
    assert "Accept and sign" not in page


def test_an_affiliate_proposes_too(story: Story) -> None:
    browser = browser_of(story.promoter.user)
    address = reverse("portal:proposal-create", args=[story.promoter.enrollment.id])
    goal = str(propose(story.company, story.promoter, at=TODAY).goal_id)

    said = {"goal": goal, "kind": "FIXED", "rate": "12.50", "message": "Please."}
    refused = text_of(browser.post(address, said))
    with merchant_context(story.company.id):
        Proposal.objects.all().move(to=ProposalStatus.WITHDRAWN, at=TODAY)
    bad = browser.post(address, said | {"rate": "much"})
    browser.post(address, said)

    assert "One for this goal waits for an answer already." in refused
    assert bad.status_code == 422
    with merchant_context(story.company.id):
        found = Proposal.objects.get(status=ProposalStatus.OPEN)
    assert (found.reward, found.fixed_minor) == ("FIXED", 1_250)
