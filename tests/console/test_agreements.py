"""Terms of tiers and contracts, who accepted them, and proposals, as members see them."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse

from affiliates.terms import contract_in_force
from commissions.models import Proposal, ProposalStatus, Side
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Terms
from programs.services import create_tier, publish_terms
from tests.cast import NOON, Company, Promoter
from tests.console.conftest import TODAY, words
from tests.proposals import propose

OFFER = {"rate": "15%", "message": "You are good at it.", "answer_days": "14"}


def url(name: str, company: Company) -> str:
    return reverse(f"console:{name}", args=[company.program.id])


def publish(acme: Company, body: str) -> Terms:
    with merchant_context(acme.id):
        return publish_terms(program=acme.program, body=body, summary="", by=SYSTEM, at=NOON)


def test_the_first_terms_start_with_the_four_sections(acme: Company, alice: Client) -> None:
    page = alice.get(url("terms-publish", acme)).content.decode()

    for section in (
        "1. What you are paid",
        "2. What counts as a referral",
        "3. How it is measured",
        "4. How we support you",
        "10% of each sale",
    ):
        assert section in page


def test_a_tier_gets_terms_of_its_own(acme: Company, alice: Client) -> None:
    publish(acme, "Everybody's.")
    with merchant_context(acme.id):
        gold = create_tier(program=acme.program, name="Gold", by=SYSTEM, at=NOON)
    address = f"{url('terms-publish', acme)}?tier={gold.id}"

    assert "Everybody" in alice.get(address).content.decode()
    alice.post(address, {"summary": "", "body": "Gold's."})

    page = words(alice.get(f"{url('program-terms', acme)}?version=2").content)
    assert "Version 2 In force For Gold. Gold's." in page
    assert "Everybody's." in words(alice.get(url("program-terms", acme)).content)
    assert alice.get(f"{url('terms-publish', acme)}?tier=x").status_code == 404


def test_a_contract_holds_for_one_and_ends(acme: Company, bob: Promoter, alice: Client) -> None:
    publish(acme, "Everybody's.")
    address = reverse("console:affiliate-contract", args=[bob.enrollment.id])

    soon = (TODAY + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    answer = alice.post(address, {"summary": "", "body": "Bob's own.", "accept_by": soon})

    assert answer.status_code == 302
    listed = words(alice.get(url("program-acceptances", acme)).content)
    assert "1 of 1 has not accepted what is in force." in listed
    assert "Version 2 own contract Not yet" in listed
    alice.post(reverse("console:affiliate-contract-end", args=[bob.enrollment.id]))
    with merchant_context(acme.id):
        bob.enrollment.refresh_from_db()
        terms = contract_in_force(bob.enrollment)
        assert terms is not None
        assert terms.body == "Everybody's."


def test_a_date_that_has_passed_is_refused(acme: Company, alice: Client) -> None:
    answer = alice.post(
        url("terms-publish", acme), {"summary": "", "body": "x", "accept_by": "2020-01-01T00:00"}
    )

    assert answer.status_code == 422
    assert "This lies in the past." in words(answer.content)


def test_a_rate_is_proposed_and_taken_back(acme: Company, bob: Promoter, alice: Client) -> None:
    address = reverse("console:proposal-create", args=[bob.enrollment.id])
    with merchant_context(acme.id):
        goal = acme.program.goals.get(code="sale")

    alice.post(address, OFFER | {"goal": str(goal.id)})

    with merchant_context(acme.id):
        found = Proposal.objects.get()
    assert (found.rate_bps, found.offered_by) == (1_500, Side.MERCHANT)
    again = alice.post(address, OFFER | {"goal": str(goal.id)})
    assert "One for this goal waits for an answer already." in words(again.content)
    assert "Bob 15% of each sale The merchant Waits" in words(
        alice.get(url("program-proposals", acme)).content
    )
    alice.post(reverse("console:proposal-withdraw", args=[found.id]))
    with merchant_context(acme.id):
        found.refresh_from_db()
    assert found.status == ProposalStatus.WITHDRAWN


def test_what_an_affiliate_proposes_is_signed(acme: Company, bob: Promoter, alice: Client) -> None:
    found = propose(acme, bob, side=Side.AFFILIATE, message="<b>More</b>")
    page = alice.get(reverse("console:proposal", args=[found.id])).content.decode()
    assert "&lt;b&gt;More&lt;/b&gt;" in page

    empty = alice.post(reverse("console:proposal-accept", args=[found.id]), {"signed_name": ""})
    assert empty.status_code == 422
    alice.post(reverse("console:proposal-accept", args=[found.id]), {"signed_name": "Alice"})

    text = words(alice.get(reverse("console:proposal", args=[found.id])).content)
    assert "Signed by Alice" in text
    assert "Acme pays Bob in Acme Partners from the agreement on: 15% of each sale." in text
    exceptions = words(alice.get(url("program-proposals", acme)).content)
    assert "Bob 15% of each sale until it is changed" in exceptions
