"""Affiliates: found, decided on, invited."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from affiliates.care.tags import tag_enrollment
from affiliates.models import Affiliate, Enrollment, Status
from affiliates.services import ApplicationDraft, Consent, create_affiliate
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import JoinMode, Program
from programs.services import publish_terms, update_program
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, make_user, sell
from tests.console.clicks import store_clicks
from tests.console.conftest import words
from tracking.models import Coupon, Link
from tracking.services import join_program

LIST = reverse("console:affiliates")


def url(name: str, enrollment: Enrollment) -> str:
    return reverse(f"console:{name}", args=[enrollment.id])


@pytest.fixture
def applicant(acme: Company) -> Enrollment:
    """Return Dora's application, with terms accepted from a known address."""
    with merchant_context(acme.id):
        program = Program.objects.get()
        changes = {"join_mode": JoinMode.APPLICATION}
        update_program(program=program, changes=changes, by=SYSTEM, at=NOON)
        publish_terms(program=program, body="Be fair.", summary="", by=SYSTEM, at=NOON)
    user = make_user("Dora")
    affiliate = create_affiliate(
        name="Dora", email=user.email, user=user, website="https://dora.example"
    )
    return join_program(
        program=program,
        affiliate=affiliate,
        consent=Consent(user=user, terms_version=1, ip="198.51.100.7"),
        application=ApplicationDraft({"channels": "A newsletter", "message": "Hello there"}),
        at=NOON,
    )


def status_of(company: Company, enrollment: Enrollment) -> str:
    with merchant_context(company.id):
        return Enrollment.objects.get(id=enrollment.id).status


def names(client: Client, **query: str) -> list[str]:
    table = client.get(LIST, query).context["table"]
    return [row.record.affiliate.name for row in table.page.object_list]


def test_the_list_shows_what_each_brought(acme: Company, bob: Promoter, alice: Client) -> None:
    sell(acme, click=click_of(bob))
    store_clicks(acme, bob, at=NOON, count=3)

    page = words(alice.get(LIST).content)

    assert f"Bob bob@example.com {acme.program.name} Approved" in page
    assert "3 1 €10.00" in page


def test_the_list_is_found_by_part_of_a_name_or_address(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    make_promoter(acme, "Bertha")

    assert names(alice, q="ERTH") == ["Bertha"]
    assert names(alice, q="bob@exam") == ["Bob"]
    assert names(alice, q="nobody") == []


def test_the_list_is_filtered_by_status_and_program(
    acme: Company, bob: Promoter, applicant: Enrollment, alice: Client
) -> None:
    assert names(alice, status="APPLIED") == ["Dora"]
    assert set(names(alice, program=str(acme.program.id))) == {"Bob", "Dora"}
    assert names(alice, program="00000000-0000-0000-0000-000000000000") == []


def test_an_application_shows_answers_and_the_accepted_terms(
    applicant: Enrollment, alice: Client
) -> None:
    page = words(alice.get(url("affiliate", applicant)).content)

    assert "Channels A newsletter" in page
    assert "Message Hello there" in page
    assert "Version 1" in page
    assert "dora@example.com · 198.51.100.7" in page


def test_approving_lets_the_applicant_in_with_a_first_link(
    acme: Company, applicant: Enrollment, alice: Client
) -> None:
    alice.post(url("affiliate-approve", applicant))

    assert status_of(acme, applicant) == Status.APPROVED
    with merchant_context(acme.id):
        assert Link.objects.filter(enrollment=applicant).count() == 1
    assert "Affiliate: approved" in words(alice.get(url("affiliate", applicant)).content)


def test_rejecting_needs_a_reason_and_shows_it(
    acme: Company, applicant: Enrollment, alice: Client
) -> None:
    without = alice.post(url("affiliate-reject", applicant), {"reason": " "})
    assert without.status_code == 422
    assert status_of(acme, applicant) == Status.APPLIED

    alice.post(url("affiliate-reject", applicant), {"reason": "No audience"})

    assert status_of(acme, applicant) == Status.REJECTED
    assert "Rejected No audience" in words(alice.get(url("affiliate", applicant)).content)


def test_a_suspended_affiliate_is_reinstated(acme: Company, bob: Promoter, alice: Client) -> None:
    alice.post(url("affiliate-suspend", bob.enrollment), {"reason": "Brand bidding"})
    assert status_of(acme, bob.enrollment) == Status.SUSPENDED

    alice.post(url("affiliate-reinstate", bob.enrollment))

    assert status_of(acme, bob.enrollment) == Status.APPROVED


def test_a_decision_that_comes_too_late_changes_nothing(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    answer = alice.post(
        url("affiliate-reject", bob.enrollment), {"reason": "Too late"}, follow=True
    )

    assert "Nothing was changed: meanwhile it became “approved”." in words(answer.content)
    assert status_of(acme, bob.enrollment) == Status.APPROVED


def test_an_invitation_is_mailed_with_the_programs_page(
    acme: Company, alice: Client, mailoutbox: list
) -> None:
    facts = {"program": str(acme.program.id), "email": "New@Example.com", "name": "Nell"}

    answer = alice.post(reverse("console:affiliate-invite"), facts)

    with merchant_context(acme.id):
        enrollment = Enrollment.objects.select_related("affiliate").get()
        assert (enrollment.status, enrollment.affiliate.email) == ("INVITED", "new@example.com")
    assert answer.headers["Location"] == url("affiliate", enrollment)
    [mail] = mailoutbox
    assert mail.subject == f"Acme invites you to {acme.program.name}"
    assert f"/join/{acme.merchant.slug}/{acme.program.slug}/" in mail.body


def test_an_invited_affiliate_cannot_be_approved_over_their_head(
    acme: Company, alice: Client
) -> None:
    facts = {"program": str(acme.program.id), "email": "new@example.com", "name": "Nell"}
    alice.post(reverse("console:affiliate-invite"), facts)
    with merchant_context(acme.id):
        enrollment = Enrollment.objects.get()

    alice.post(url("affiliate-approve", enrollment))

    assert status_of(acme, enrollment) == Status.INVITED


def test_who_is_in_is_not_invited_again(
    acme: Company, bob: Promoter, alice: Client, mailoutbox: list
) -> None:
    facts = {"program": str(acme.program.id), "email": "BOB@example.com", "name": "Bob"}

    answer = alice.post(reverse("console:affiliate-invite"), facts)

    assert "This address is in the program" in words(answer.content)
    assert mailoutbox == []
    assert Affiliate.objects.using("ops").count() == 1


def test_a_coupon_is_given_once_in_upper_case(acme: Company, bob: Promoter, alice: Client) -> None:
    dora = make_promoter(acme, "Dora")

    alice.post(url("coupon-create", bob.enrollment), {"code": "bob10"})
    taken = alice.post(url("coupon-create", dora.enrollment), {"code": "BOB10"})
    bad = alice.post(url("coupon-create", dora.enrollment), {"code": "a b"})

    with merchant_context(acme.id):
        assert Coupon.objects.get().code == "BOB10"
    assert "Another affiliate of the program has this code." in words(taken.content)
    assert "Use 3 to 40 letters, digits, - and _." in words(bad.content)


def test_the_page_shows_the_balance(acme: Company, bob: Promoter, alice: Client) -> None:
    sell(acme, click=click_of(bob))

    page = words(alice.get(url("affiliate", bob.enrollment)).content)

    assert "Pending €10.00 Payable €0.00 In payout €0.00 Paid €0.00" in page


def test_an_empty_list_says_what_to_do(acme: Company, alice: Client) -> None:
    page = words(alice.get(LIST).content)

    assert "No affiliates yet" in page
    assert "Invite somebody" in page


def test_the_filtered_list_is_a_file(acme: Company, bob: Promoter, alice: Client) -> None:
    dora = make_promoter(acme, "Dora")
    with merchant_context(acme.id):
        for name in ("Sailing", "Favourite"):
            tag_enrollment(enrollment=dora.enrollment, name=name, by=SYSTEM, at=NOON)

    answer = alice.get(f"{reverse('console:affiliates-export')}?q=dora")

    (row,) = csv.DictReader(io.StringIO(answer.content.decode()))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="affiliates.csv"'
    assert (row["name"], row["code"], row["status"]) == ("Dora", dora.enrollment.code, "APPROVED")
    assert (row["program"], row["tags"]) == ("Acme Partners", "Favourite, Sailing")
