"""A policy does not hold for one affiliate until a day: granted on a page, read in the portal."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from affiliates.models import PolicyWaiver
from affiliates.waivers import end_waiver, grant_waiver, waivers_of, waivers_of_program
from common.refusals import BadValue
from merchants.models import SYSTEM, Event
from merchants.tenancy import affiliate_context, merchant_context
from programs.models import Policy
from programs.services.policies import archive_policy
from tests.cast import NOON, Company, Promoter, make_promoter
from tests.console.program_pages import store_policy
from tests.portal.people import browser_of, text_of

TODAY = NOON.date()
HTML = "<b>x</b>"


def granted(company: Company, promoter: Promoter, policy: Policy, last_on: date) -> PolicyWaiver:
    """Return a waiver of the policy for the promoter."""
    with merchant_context(company.id):
        return grant_waiver(
            policy=policy,
            enrollment=promoter.enrollment,
            reason=f"Agreed by mail. {HTML}",
            last_on=last_on,
            by=company.owner,
            at=NOON,
        )


def test_it_holds_to_its_last_day_and_no_longer(acme: Company, bob: Promoter) -> None:
    policy = store_policy(acme)
    first = granted(acme, bob, policy, TODAY)
    second = granted(acme, bob, policy, TODAY + timedelta(days=1))

    with merchant_context(acme.id):
        assert list(waivers_of_program(acme.program.id, on=TODAY)) == [second]
        assert list(waivers_of(bob.enrollment, on=TODAY + timedelta(days=1))) == [second]
        assert list(waivers_of(bob.enrollment, on=TODAY + timedelta(days=2))) == []
        first.refresh_from_db()
        assert first.ended_at == NOON
        end_waiver(waiver=second, by=acme.owner, at=NOON)
        end_waiver(waiver=second, by=acme.owner, at=NOON)
        assert list(waivers_of(bob.enrollment, on=TODAY)) == []
        events = Event.objects.filter(subject_id=bob.enrollment.id, type__startswith="policy.waiv")
        assert [event.type for event in events.order_by("id")] == [
            "policy.waived",
            "policy.waived",
            "policy.waiver_ended",
        ]


def test_what_cannot_be_waived(acme: Company, bob: Promoter) -> None:
    policy = store_policy(acme)

    with pytest.raises(BadValue, match="from today on"):
        granted(acme, bob, policy, TODAY - timedelta(days=1))
    with merchant_context(acme.id):
        archive_policy(policy=policy, by=SYSTEM, at=NOON)
    with pytest.raises(BadValue, match="not in the program"):
        granted(acme, bob, policy, TODAY)

    with merchant_context(acme.id):
        assert not PolicyWaiver.objects.exists()


def test_a_member_grants_it_and_its_affiliate_alone_reads_it(
    acme: Company, bob: Promoter, carol: Promoter
) -> None:
    policy, dora = store_policy(acme), make_promoter(acme, "Dora")
    alice = Client()
    alice.force_login(acme.owner.user)
    address = reverse("console:waiver-grant", args=[acme.program.id, policy.id])
    facts = {"affiliate": bob.enrollment.code, "last_on": "2190-01-01", "reason": f"Agreed {HTML}"}

    stranger = alice.post(address, facts | {"affiliate": carol.enrollment.code})
    done = alice.post(address, facts)

    assert (stranger.status_code, done.status_code) == (422, 302)
    policies = alice.get(reverse("console:program-policies", args=[acme.program.id]))
    assert "Does not hold for Bob until" in text_of(policies)
    assert HTML not in policies.content.decode()
    page = browser_of(bob.user).get(f"/portal/programs/{bob.enrollment.id}/")
    assert "“No bidding on our name” does not hold for you until" in text_of(page)
    assert HTML not in page.content.decode()
    other = browser_of(dora.user).get(f"/portal/programs/{dora.enrollment.id}/")
    assert "does not hold for you" not in text_of(other)
    with affiliate_context(dora.affiliate.id):
        assert not PolicyWaiver.objects.exists()
