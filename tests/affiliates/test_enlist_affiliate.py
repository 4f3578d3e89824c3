"""enlist_affiliate and adopt_invitation: one person is one affiliate, invited or not."""

import threading

from django.db import connections

from affiliates.directory import affiliate_of
from affiliates.models import Affiliate, Enrollment, Status
from affiliates.services import adopt_invitation, enlist_affiliate, invite_affiliate
from merchants.models import SYSTEM
from merchants.tenancy import OPS, merchant_context
from tests.cast import NOON, Company, Promoter, make_user


def invite(company: Company, email: str) -> Enrollment:
    """Invite an address as the company would."""
    with merchant_context(company.id):
        return invite_affiliate(
            program=company.program, name="Invited Ltd", email=email, by=SYSTEM, at=NOON
        )


def test_a_newcomer_becomes_an_affiliate_once() -> None:
    dave = make_user("Dave")

    first = enlist_affiliate(user=dave, email_verified=True, name="Dave's Blog")
    again = enlist_affiliate(user=dave, email_verified=True, name="Another name")

    assert (first.name, first.email) == ("Dave's Blog", "dave@example.com")
    assert again == first == affiliate_of(dave)


def test_two_requests_at_once_make_one_affiliate() -> None:
    dave = make_user("Dave")

    def enlist() -> None:
        enlist_affiliate(user=dave, email_verified=True, name="Dave")
        connections.close_all()

    threads = [threading.Thread(target=enlist) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Affiliate.objects.using(OPS).count() == 1


def test_the_invited_take_their_invitation_over(acme: Company) -> None:
    invited = invite(acme, "dave@example.com")
    dave = make_user("Dave")

    affiliate = enlist_affiliate(user=dave, email_verified=True, name="Dave")

    assert (affiliate.id, affiliate.name) == (invited.affiliate_id, "Invited Ltd")


def test_an_unverified_address_takes_nothing_over(acme: Company) -> None:
    invited = invite(acme, "dave@example.com")
    dave = make_user("Dave")

    affiliate = enlist_affiliate(user=dave, email_verified=False, name="Dave")

    assert affiliate.id != invited.affiliate_id


def test_who_is_an_affiliate_already_adopts_an_invitation(globex: Company, bob: Promoter) -> None:
    invited = invite(globex, "bob@example.com")

    adopt_invitation(program=globex.program, affiliate=bob.affiliate, email="bob@example.com")
    adopt_invitation(program=globex.program, affiliate=bob.affiliate, email="bob@example.com")

    with merchant_context(globex.id):
        enrollment = Enrollment.objects.get(id=invited.id)
        assert (enrollment.affiliate_id, enrollment.status) == (bob.affiliate.id, Status.INVITED)
        assert Enrollment.objects.count() == 1


def test_an_invitation_to_another_address_is_not_adopted(globex: Company, bob: Promoter) -> None:
    invited = invite(globex, "eve@example.com")

    adopt_invitation(program=globex.program, affiliate=bob.affiliate, email="bob@example.com")

    with merchant_context(globex.id):
        assert Enrollment.objects.get().affiliate_id == invited.affiliate_id
