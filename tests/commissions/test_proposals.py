"""Proposals: offered, countered, accepted with a signature; the next sale pays the new rate."""

from datetime import timedelta

import pytest
from django.core import mail

from affiliates.services import Consent
from commissions.agreements import exceptions_of, story_of
from commissions.directory import (
    merchants_with_proposals_over,
    merchants_with_proposals_to_tell_of,
)
from commissions.models import Commission, Proposal, ProposalStatus, Rule, Side
from commissions.proposal_mails import tell_of_proposals
from commissions.services.proposals import (
    NotYourTurn,
    ProposalExists,
    Signature,
    accept,
    counter,
    decline,
    expire_proposals,
    withdraw,
)
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import SYSTEM, Event
from merchants.tenancy import affiliate_context, merchant_context
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell
from tests.proposals import propose, rate

HOUR = timedelta(hours=1)


def sign(promoter: Promoter, name: str = "Bob Bowline") -> Signature:
    """Return the promoter's signature."""
    consent = Consent(user=promoter.user, terms_version=None, ip="203.0.113.7", user_agent="B/1")
    return Signature(name=name, text="Acme pays Bob 15%.", by=consent)


def earned(company: Company, promoter: Promoter, order: str, **facts: object) -> int:
    """Return what a sale of 100.00 earns."""
    conversion = sell(company, click=click_of(promoter), external_id=order, **facts)  # type: ignore[arg-type]
    with merchant_context(company.id):
        return Commission.objects.get(conversion=conversion).amount_minor


def test_offer_counter_accept_and_the_next_sale_pays_it(acme: Company, bob: Promoter) -> None:
    before = earned(acme, bob, "o-1", at=NOON + HOUR)
    first = propose(acme, bob, rate_bps=1_200)
    with merchant_context(acme.id):
        second = counter(
            proposal=first,
            side=Side.AFFILIATE,
            draft=rate(acme, 1_500, message="I send more than that."),
            user=bob.user,
            by=SYSTEM,
            at=NOON + HOUR,
        )
        version = accept(
            proposal=second,
            side=Side.MERCHANT,
            signature=sign(bob),
            by=SYSTEM,
            at=NOON + 2 * HOUR,
        )

    assert (before, earned(acme, bob, "o-2", at=NOON + 3 * HOUR)) == (1_000, 1_500)
    with merchant_context(acme.id):
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.status, second.status) == (ProposalStatus.COUNTERED, ProposalStatus.ACCEPTED)
        assert story_of(second) == [first, second]
        assert (second.signed_name, second.signed_ip) == ("Bob Bowline", "203.0.113.7")
        assert len(second.signed_sha256) == 64
        assert second.rule_version_id == version.id
        kinds = Event.objects.filter(type__startswith="proposal.").order_by("at", "id")
        assert [row.type for row in kinds] == [
            "proposal.offered",
            "proposal.countered",
            "proposal.offered",
            "proposal.accepted",
        ]


def test_a_later_agreement_goes_before_an_earlier_one(acme: Company, bob: Promoter) -> None:
    for number, rate_bps in enumerate((1_200, 1_800)):
        at = NOON + number * HOUR
        found = propose(acme, bob, rate_bps=rate_bps, at=at)
        with merchant_context(acme.id):
            accept(
                proposal=found, side=Side.AFFILIATE, signature=sign(bob), by=SYSTEM, at=at + HOUR
            )

    assert earned(acme, bob, "o-1", at=NOON + 5 * HOUR) == 1_800


def test_what_is_agreed_begins_and_ends_when_it_says(acme: Company, bob: Promoter) -> None:
    starts_at = NOON + timedelta(days=5)
    found = propose(acme, bob, starts_at=starts_at, ends_on=(NOON + timedelta(days=10)).date())
    with merchant_context(acme.id):
        accept(proposal=found, side=Side.AFFILIATE, signature=sign(bob), by=SYSTEM, at=NOON + HOUR)
        (one,) = exceptions_of(acme.program, limit=10)

    assert earned(acme, bob, "o-1", at=NOON + timedelta(days=4)) == 1_000
    assert earned(acme, bob, "o-2", at=NOON + timedelta(days=6)) == 1_500
    assert earned(acme, bob, "o-3", at=NOON + timedelta(days=11)) == 1_000
    assert str(one.ends_on) == "2026-03-12"
    assert not one.is_over_at(NOON + timedelta(days=10))
    assert one.is_over_at(NOON + timedelta(days=11))


def test_one_waits_for_an_answer_at_a_time(acme: Company, bob: Promoter) -> None:
    propose(acme, bob)

    with pytest.raises(ProposalExists):
        propose(acme, bob, side=Side.AFFILIATE)

    with merchant_context(acme.id):
        assert Proposal.objects.count() == 1


def test_only_the_other_side_answers_and_only_once(acme: Company, bob: Promoter) -> None:
    found = propose(acme, bob)
    with merchant_context(acme.id):
        with pytest.raises(NotYourTurn):
            accept(
                proposal=found, side=Side.MERCHANT, signature=sign(bob), by=SYSTEM, at=NOON + HOUR
            )
        with pytest.raises(NotYourTurn):
            withdraw(proposal=found, side=Side.AFFILIATE, by=SYSTEM, at=NOON + HOUR)
        with pytest.raises(BadValue, match="Type your full name"):
            accept(
                proposal=found,
                side=Side.AFFILIATE,
                signature=sign(bob, " "),
                by=SYSTEM,
                at=NOON + HOUR,
            )
        decline(proposal=found, side=Side.AFFILIATE, by=SYSTEM, at=NOON + HOUR)
        with pytest.raises(IllegalMove):
            accept(
                proposal=found, side=Side.AFFILIATE, signature=sign(bob), by=SYSTEM, at=NOON + HOUR
            )

        assert not Rule.objects.filter(enrollment=bob.enrollment).exists()
        found.refresh_from_db()
        assert (found.status, found.signed_sha256) == (ProposalStatus.DECLINED, "")


def test_what_nobody_answers_expires_and_is_told(acme: Company, bob: Promoter) -> None:
    found = propose(acme, bob)
    late = NOON + timedelta(days=14)
    with merchant_context(acme.id), pytest.raises(IllegalMove):
        accept(proposal=found, side=Side.AFFILIATE, signature=sign(bob), by=SYSTEM, at=late)

    assert merchants_with_proposals_over(at=late) == [acme.id]
    assert expire_proposals(merchant_id=acme.id, at=late) == 1
    assert expire_proposals(merchant_id=acme.id, at=late) == 0

    assert merchants_with_proposals_to_tell_of() == [acme.id]
    assert tell_of_proposals(merchant_id=acme.id, at=late) == 1
    assert tell_of_proposals(merchant_id=acme.id, at=late) == 0
    to_bob, to_alice = mail.outbox
    assert to_bob.to == [bob.affiliate.email]
    assert "15% of each sale" in to_bob.body
    assert to_alice.to == [acme.owner.user.email]
    assert "Expired" in to_alice.subject


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"rate_bps": 0}, "rate_bps"),
        ({"expires_at": NOON}, "expires_at"),
        ({"expires_at": NOON + timedelta(days=91)}, "expires_at"),
        ({"ends_on": NOON.date()}, "ends_on"),
    ],
)
def test_what_cannot_be_is_refused(
    acme: Company, bob: Promoter, facts: dict[str, object], field: str
) -> None:
    with pytest.raises(BadValue) as refusal:
        propose(acme, bob, **facts)  # type: ignore[arg-type]

    assert refusal.value.field == field


def test_an_affiliate_reads_its_own_proposals_alone(
    acme: Company, bob: Promoter, carol: Promoter
) -> None:
    dave = make_promoter(acme, "Dave")
    found = propose(acme, bob)

    with affiliate_context(bob.affiliate.id):
        assert list(Proposal.objects.values_list("id", flat=True)) == [found.id]
    for other in (dave, carol):
        with affiliate_context(other.affiliate.id):
            assert not Proposal.objects.exists()
