"""Whose terms hold: an affiliate's own contract, else its tier's, else the program's."""

from datetime import timedelta

import pytest

from affiliates.models import Enrollment, TermsAcceptance
from affiliates.services import Consent, TermsNotAccepted, accept_terms, move_to_tier
from affiliates.terms import acceptance_standing, contract_in_force, end_contract, set_contract
from common.refusals import BadValue
from merchants.models import SYSTEM, Event
from merchants.tenancy import affiliate_context, merchant_context
from programs.models import Terms
from programs.selectors import terms_in_force
from programs.services import create_tier, publish_terms
from reports.affiliate_programs import acceptances_of, memberships_of
from tests.cast import NOON, Company, Promoter, make_promoter


def publish(acme: Company, body: str, **facts: object) -> Terms:
    """Publish terms of Acme's program."""
    with merchant_context(acme.id):
        return publish_terms(
            program=acme.program,
            body=body,
            summary="",
            by=SYSTEM,
            at=NOON,
            **facts,  # type: ignore[arg-type]
        )


def in_force(acme: Company, promoter: Promoter) -> str:
    """Return the text that holds for a promoter."""
    with merchant_context(acme.id):
        terms = contract_in_force(Enrollment.objects.get(id=promoter.enrollment.id))
        return terms.body if terms else ""


def contract(acme: Company, promoter: Promoter, body: str = "Bob's own.") -> Terms:
    """Give a promoter a contract."""
    with merchant_context(acme.id):
        row = Enrollment.objects.select_related("program").get(id=promoter.enrollment.id)
        return set_contract(enrollment=row, body=body, summary="", by=SYSTEM, at=NOON)


def accept(promoter: Promoter, version: int) -> None:
    """Let a promoter accept a version."""
    consent = Consent(user=promoter.user, terms_version=version, ip="203.0.113.7")
    accept_terms(enrollment=promoter.enrollment, consent=consent, at=NOON)


def test_the_narrowest_terms_hold(acme: Company, bob: Promoter) -> None:
    dave = make_promoter(acme, "Dave")
    assert in_force(acme, bob) == ""
    publish(acme, "Everybody's.")
    with merchant_context(acme.id):
        gold = create_tier(program=acme.program, name="Gold", by=SYSTEM, at=NOON)
        move_to_tier(enrollment=bob.enrollment, tier=gold, by=SYSTEM, at=NOON)
    assert in_force(acme, bob) == "Everybody's."

    publish(acme, "Gold's.", tier=gold)
    assert in_force(acme, bob) == "Gold's."
    contract(acme, bob)
    assert in_force(acme, bob) == "Bob's own."

    publish(acme, "Everybody's, anew.")
    assert in_force(acme, bob) == "Bob's own."
    assert in_force(acme, dave) == "Everybody's, anew."
    with merchant_context(acme.id):
        newest = terms_in_force(acme.program)
        assert newest is not None
        assert newest.body == "Everybody's, anew."
        end_contract(enrollment=bob.enrollment, by=SYSTEM, at=NOON)
        end_contract(enrollment=bob.enrollment, by=SYSTEM, at=NOON)
        assert Event.objects.filter(type="enrollment.contract_changed").count() == 2
    assert in_force(acme, bob) == "Gold's."


def test_what_is_in_force_is_accepted_anew(acme: Company, bob: Promoter) -> None:
    first = publish(acme, "Everybody's.")
    accept(bob, first.version)
    own = contract(acme, bob)

    with affiliate_context(bob.affiliate.id):
        row = Enrollment.objects.select_related("program").get(id=bob.enrollment.id)
        (membership,) = memberships_of([row], at=NOON)
        assert membership.terms == own
        assert membership.has_news
    with pytest.raises(TermsNotAccepted):
        accept(bob, first.version)
    accept(bob, own.version)

    with affiliate_context(bob.affiliate.id):
        (membership,) = memberships_of([row], at=NOON)
        assert not membership.has_news
        assert len(acceptances_of(row)) == 2
    with merchant_context(acme.id):
        end_contract(enrollment=bob.enrollment, by=SYSTEM, at=NOON)
    with affiliate_context(bob.affiliate.id):
        (membership,) = memberships_of([row], at=NOON)
        assert not membership.has_news  # The first version was accepted before.
        assert len(acceptances_of(row)) == 2  # What was accepted stays readable.


def test_the_merchant_sees_who_accepted_and_who_did_not(acme: Company, bob: Promoter) -> None:
    dave = make_promoter(acme, "Dave")
    terms = publish(acme, "Everybody's.", accept_by=NOON + timedelta(days=14))
    accept(bob, terms.version)

    with merchant_context(acme.id):
        rows = {row.id: row.has_accepted for row in acceptance_standing(acme.program)}

    assert rows == {bob.enrollment.id: True, dave.enrollment.id: False}


def test_nobody_reads_anothers_contract(acme: Company, bob: Promoter, carol: Promoter) -> None:
    dave = make_promoter(acme, "Dave")
    own = contract(acme, bob)

    with affiliate_context(bob.affiliate.id):
        assert Terms.objects.filter(id=own.id).exists()
    for other in (dave, carol):
        with affiliate_context(other.affiliate.id):
            assert not Terms.objects.filter(id=own.id).exists()


def test_terms_that_cannot_be_are_refused(acme: Company, globex: Company) -> None:
    with merchant_context(globex.id):
        theirs = create_tier(program=globex.program, name="Gold", by=SYSTEM, at=NOON)
    with pytest.raises(BadValue, match="another program"):
        publish(acme, "x", tier=theirs)
    with pytest.raises(BadValue, match="past"):
        publish(acme, "x", accept_by=NOON)

    with merchant_context(acme.id):
        assert not Terms.objects.exists()
        assert not TermsAcceptance.objects.exists()
