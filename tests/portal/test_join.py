"""The join page: what it shows to whom, and how one gets in."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from affiliates.directory import affiliate_of
from affiliates.models import Affiliate, Application, Enrollment, Status, TermsAcceptance
from affiliates.services import invite_affiliate, move_enrollment
from affiliates.terms import set_contract
from merchants.models import SYSTEM
from merchants.tenancy import OPS, merchant_context
from programs.models import JoinMode, Program
from programs.models import Status as ProgramStatus
from programs.services import move_program, publish_terms, update_program
from tests.cast import NOON, Company, Promoter, make_user
from tests.portal.people import browser_of, errors_of, text_of
from tracking.models import Link
from users.models import User

PAGE = "/join/acme/partners/"
ACCOUNT = {"name": "Dave", "email": "dave@example.com", "password1": "a long pass phrase 7"}


def change(company: Company, **changes: Any) -> None:
    """Change the company's program."""
    with merchant_context(company.id):
        program = Program.objects.get(id=company.program.id)
        update_program(program=program, changes=changes, by=SYSTEM, at=NOON)


def move(company: Company, to: ProgramStatus) -> None:
    """Move the company's program."""
    with merchant_context(company.id):
        move_program(program=company.program, to=to, by=SYSTEM, at=NOON)


def publish(company: Company, body: str = "Be kind.") -> None:
    """Publish a version of the program's terms."""
    with merchant_context(company.id):
        publish_terms(program=company.program, body=body, summary="", by=SYSTEM, at=NOON)


def enrollments(company: Company) -> list[Enrollment]:
    """Return everybody who stands in the company's program."""
    with merchant_context(company.id):
        return list(Enrollment.objects.select_related("affiliate").order_by("created_at"))


def invite(company: Company, email: str) -> Enrollment:
    """Invite an address into the program."""
    with merchant_context(company.id):
        return invite_affiliate(
            program=company.program, name="Invited", email=email, by=SYSTEM, at=NOON
        )


# What it shows ------------------------------------------------------------------------------------


def test_it_says_the_offer_the_rates_and_the_dates(acme: Company, client: Client) -> None:
    change(acme, summary="Earn with boots.", payout_minor_min=5_000)

    page = client.get(PAGE)

    said = text_of(page)
    assert page.status_code == 200
    assert "Earn with boots." in said
    assert "10% of each sale" in said
    assert "within 30 days after a click" in said
    assert "sure after 30 days" in said
    assert "from €50.00 on" in said
    assert "You would earn a month €200.00" in said
    assert '<meta property="og:description" content="Earn with boots.">' in page.content.decode()


def test_without_a_sentence_of_its_own_the_offer_is_made_of_the_rates(
    acme: Company, client: Client
) -> None:
    assert "Promote Acme and earn 10% of each sale." in text_of(client.get(PAGE))


@pytest.mark.parametrize("path", ["/join/acme/nothing/", "/join/nobody/partners/"])
def test_an_unknown_address_is_a_404(acme: Company, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path, ACCOUNT).status_code == 404


def test_a_draft_has_no_page(acme: Company, client: Client) -> None:
    with merchant_context(acme.id):
        Program.objects.update(status=ProgramStatus.DRAFT)

    assert client.get(PAGE).status_code == 404


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (ProgramStatus.PAUSED, "taking a break"),
        (ProgramStatus.ENDED, "has ended"),
    ],
)
def test_a_closed_program_says_so_and_takes_nobody(
    acme: Company, client: Client, status: ProgramStatus, words: str
) -> None:
    move(acme, status)

    page = client.get(PAGE)
    posted = client.post(PAGE, ACCOUNT)

    assert words in text_of(page)
    assert re.findall(r'<form[^>]* action="([^"]*)"', page.content.decode()) == ["/language/"]
    assert posted.status_code == 302
    assert not User.objects.filter(email="dave@example.com").exists()


# With an account ----------------------------------------------------------------------------------


def test_who_is_signed_in_joins_with_one_click(acme: Company) -> None:
    publish(acme)
    dave = make_user("Dave")
    browser = browser_of(dave)

    answer = browser.post(PAGE, {"name": "Dave's Blog", "terms": "on", "terms_version": "1"})

    assert (answer.status_code, answer["Location"]) == (302, "/portal/")
    (enrollment,) = enrollments(acme)
    assert (enrollment.status, enrollment.affiliate.name) == (Status.APPROVED, "Dave's Blog")
    with merchant_context(acme.id):
        acceptance = TermsAcceptance.objects.select_related("terms").get()
        code = Link.objects.get(enrollment=enrollment).code
    assert (acceptance.terms.version, acceptance.user_id) == (1, dave.id)
    assert (acceptance.ip, acceptance.user_agent) == ("203.0.113.7", "Browser/1")
    assert f"/c/{code}" in browser.get("/portal/").content.decode()


def test_an_affiliate_of_another_merchant_joins_with_the_same_account(
    acme: Company, globex: Company, bob: Promoter
) -> None:
    browser = browser_of(bob.user)

    assert "Name" not in text_of(browser.get("/join/globex/partners/"))
    answer = browser.post("/join/globex/partners/", {})

    assert answer["Location"] == "/portal/"
    (enrollment,) = enrollments(globex)
    assert enrollment.affiliate_id == bob.affiliate.id
    assert Affiliate.objects.using(OPS).count() == 1


def test_the_terms_must_be_accepted(acme: Company) -> None:
    publish(acme)
    browser = browser_of(make_user("Dave"))

    answer = browser.post(PAGE, {"name": "Dave's Blog", "terms_version": "1"})

    assert answer.status_code == 422
    assert errors_of(answer) == ["Accept the terms to join."]
    assert 'value="Dave&#x27;s Blog"' in answer.content.decode()
    assert enrollments(acme) == []


def test_terms_that_changed_meanwhile_must_be_read_again(acme: Company) -> None:
    publish(acme)
    publish(acme, "Be kinder.")
    browser = browser_of(make_user("Dave"))

    answer = browser.post(PAGE, {"name": "Dave", "terms": "on", "terms_version": "1"})

    assert answer.status_code == 422
    (error,) = errors_of(answer)
    assert "Look at version 2" in error
    assert 'name="terms_version" value="2"' in answer.content.decode()
    assert enrollments(acme) == []


def test_joining_twice_changes_nothing(acme: Company, bob: Promoter) -> None:
    browser = browser_of(bob.user)

    assert "You are in" in text_of(browser.get(PAGE))
    assert browser.post(PAGE, {}).status_code == 302
    assert len(enrollments(acme)) == 1


def test_an_unverified_address_joins_nothing(acme: Company) -> None:
    from allauth.account.models import EmailAddress

    dave = make_user("Dave")
    EmailAddress.objects.update(verified=False)

    answer = browser_of(dave).post(PAGE, {"name": "Dave"})

    assert answer.status_code == 422
    assert "Verify your e-mail address first" in text_of(answer)
    assert (affiliate_of(dave), enrollments(acme)) == (None, [])


# By application -----------------------------------------------------------------------------------


def test_an_application_waits_with_its_answers(acme: Company) -> None:
    change(acme, join_mode=JoinMode.APPLICATION)
    browser = browser_of(make_user("Dave"))

    answer = browser.post(
        PAGE,
        {"name": "Dave", "website": "dave.example", "channels": "My blog", "message": "Hi!"},
    )

    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert "We are looking at it" in text_of(browser.get(PAGE))
    (enrollment,) = enrollments(acme)
    with merchant_context(acme.id):
        answers = Application.objects.get().answers
        assert not Link.objects.exists()
    assert enrollment.status == Status.APPLIED
    assert enrollment.affiliate.website == "https://dave.example"
    assert answers == {"website": "https://dave.example", "channels": "My blog", "message": "Hi!"}


def test_an_application_says_which_answer_is_missing_and_keeps_the_rest(acme: Company) -> None:
    change(acme, join_mode=JoinMode.APPLICATION)
    browser = browser_of(make_user("Dave"))

    answer = browser.post(PAGE, {"name": "Dave", "website": "not a site", "channels": ""})

    assert answer.status_code == 422
    assert errors_of(answer) == ["Enter a valid URL.", "This question must be answered."]
    assert 'value="not a site"' in answer.content.decode()
    assert enrollments(acme) == []


def test_who_was_rejected_reads_why_and_applies_again(acme: Company) -> None:
    change(acme, join_mode=JoinMode.APPLICATION)
    browser = browser_of(make_user("Dave"))
    form = {"name": "Dave", "website": "dave.example", "channels": "My blog"}
    browser.post(PAGE, form)
    (enrollment,) = enrollments(acme)
    with merchant_context(acme.id):
        move_enrollment(
            enrollment=enrollment, to=Status.REJECTED, by=SYSTEM, at=NOON, reason="No posts yet."
        )

    assert "No posts yet." in text_of(browser.get(PAGE))
    browser.post(PAGE, form)

    assert [row.status for row in enrollments(acme)] == [Status.APPLIED]
    with merchant_context(acme.id):
        assert Application.objects.count() == 2


# By invitation ------------------------------------------------------------------------------------


def test_nobody_joins_uninvited(acme: Company, client: Client) -> None:
    change(acme, join_mode=JoinMode.INVITATION)
    browser = browser_of(make_user("Dave"))

    assert "By invitation" in text_of(client.get(PAGE))
    assert "none was sent to dave@example.com" in text_of(browser.get(PAGE))
    assert browser.post(PAGE, {"name": "Dave"}).status_code == 302
    assert client.post(PAGE, ACCOUNT).status_code == 302
    assert enrollments(acme) == []


def test_the_invited_accept(acme: Company) -> None:
    change(acme, join_mode=JoinMode.INVITATION)
    invited = invite(acme, "dave@example.com")
    dave = make_user("Dave")
    browser = browser_of(dave)

    assert "You are invited" in text_of(browser.get(PAGE))
    answer = browser.post(PAGE, {})

    assert answer["Location"] == "/portal/"
    (enrollment,) = enrollments(acme)
    assert (enrollment.id, enrollment.status) == (invited.id, Status.APPROVED)
    found = affiliate_of(dave)
    assert found is not None
    assert found.id == invited.affiliate_id


def test_an_affiliate_accepts_an_invitation_with_their_own_account(
    acme: Company, globex: Company, bob: Promoter
) -> None:
    change(globex, join_mode=JoinMode.INVITATION)
    invite(globex, "bob@example.com")

    answer = browser_of(bob.user).post("/join/globex/partners/", {})

    assert answer["Location"] == "/portal/"
    (enrollment,) = enrollments(globex)
    assert (enrollment.affiliate_id, enrollment.status) == (bob.affiliate.id, Status.APPROVED)


def test_the_portal_of_an_affiliate_shows_invitations(
    acme: Company, globex: Company, bob: Promoter
) -> None:
    invite(globex, "bob@example.com")
    browser = browser_of(bob.user)

    assert "Globex invites you." in text_of(browser.get("/portal/"))
    assert "Globex invites you." in text_of(browser.get("/portal/programs/"))


def test_an_invitation_that_is_ones_own_can_be_declined(acme: Company, globex: Company) -> None:
    invite(acme, "dave@example.com")
    invited = invite(globex, "dave@example.com")
    browser = browser_of(make_user("Dave"))
    browser.post(PAGE, {})
    browser.post("/join/globex/partners/", {})
    with merchant_context(globex.id):
        Enrollment.objects.filter(id=invited.id).update(status=Status.INVITED)

    page = browser.post(f"/portal/programs/{invited.id}/decline/", follow=True)

    assert "The invitation is declined." in text_of(page)
    assert [row.status for row in enrollments(globex)] == [Status.DECLINED]
    assert "You declined the invitation" in text_of(browser.get("/join/globex/partners/"))


# Without an account -------------------------------------------------------------------------------


def test_a_visitor_signs_up_verifies_and_joins_without_typing_twice(
    acme: Company, client: Client
) -> None:
    change(acme, join_mode=JoinMode.APPLICATION)
    publish(acme)
    typed = {**ACCOUNT, "website": "dave.example", "channels": "My blog", "message": ""}

    answer = client.post(PAGE, {**typed, "terms": "on", "terms_version": "1"})
    (code,) = re.findall(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", mail.outbox[0].body)
    confirmed = client.post(answer["Location"], {"code": code})

    dave = User.objects.get(email="dave@example.com")
    assert (dave.name, dave.check_password(ACCOUNT["password1"])) == ("Dave", True)
    assert confirmed["Location"] == PAGE
    assert enrollments(acme) == []
    page = client.get(PAGE).content.decode()
    for kept in ('value="Dave"', 'value="dave.example"', ">\nMy blog</textarea>", "checked"):
        assert kept in page
    client.post(PAGE, {**typed, "terms": "on", "terms_version": "1"})
    assert [row.status for row in enrollments(acme)] == [Status.APPLIED]


def test_a_known_address_is_not_given_away(acme: Company, client: Client) -> None:
    make_user("Dave")

    answer = client.post(PAGE, ACCOUNT)
    stranger = Client().post(PAGE, {**ACCOUNT, "email": "nobody@example.com"})

    assert answer["Location"] == stranger["Location"]
    assert User.objects.filter(email="dave@example.com").count() == 1
    assert enrollments(acme) == []


def test_a_bad_sign_up_keeps_everything_but_the_password(acme: Company, client: Client) -> None:
    answer = client.post(PAGE, {**ACCOUNT, "email": "dave@", "password1": "12345678"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter a valid email address." in errors_of(answer)
    assert 'value="Dave"' in page
    assert 'value="dave@"' in page
    assert "12345678" not in page
    assert not User.objects.filter(name="Dave").exists()


def test_who_has_an_account_signs_in_and_finds_what_was_typed(
    acme: Company, client: Client
) -> None:
    change(acme, join_mode=JoinMode.APPLICATION)
    dave = make_user("Dave")

    answer = client.post(PAGE, {**ACCOUNT, "password1": "", "channels": "My blog", "sign_in": "1"})

    assert answer["Location"] == f"/accounts/login/?next={PAGE}"
    client.force_login(dave, backend="django.contrib.auth.backends.ModelBackend")
    assert "My blog</textarea>" in client.get(PAGE).content.decode()
    assert "You were about to join" in text_of(client.get("/portal/"))


def test_what_was_typed_for_one_program_is_not_shown_on_another(
    acme: Company, globex: Company, client: Client
) -> None:
    client.post(PAGE, {**ACCOUNT, "sign_in": "1"})

    assert 'value="Dave"' in client.get(PAGE).content.decode()
    assert 'value="Dave"' not in client.get("/join/globex/partners/").content.decode()


def test_the_checklist_is_put_away_for_good(bob: Promoter, carol: Promoter) -> None:
    browser = browser_of(bob.user)
    assert "What to do next" in text_of(browser.get("/portal/"))

    answer = browser.post("/portal/checklist/hide/", follow=True)

    assert "What to do next" not in text_of(answer)
    assert "What to do next" in text_of(browser_of(carol.user).get("/portal/"))


def test_who_is_invited_accepts_the_contract_that_came_with_it(acme: Company) -> None:
    publish(acme, "Everybody's terms.")
    dave = make_user("Dave")
    with merchant_context(acme.id):
        enrollment = invite(acme, dave.email)
        contract = set_contract(
            enrollment=enrollment, body="Dave's own terms.", summary="", by=SYSTEM, at=NOON
        )
    browser = browser_of(dave)

    page = browser.get(PAGE).content.decode()
    answer = browser.post(PAGE, {"terms": "on", "terms_version": str(contract.version)})

    assert "Dave&#x27;s own terms." in page
    assert "Everybody&#x27;s terms." not in page
    assert answer.headers["Location"] == "/portal/"
    with merchant_context(acme.id):
        accepted = TermsAcceptance.objects.get()
    assert (accepted.terms_id, accepted.user_id) == (contract.id, dave.id)
    assert "New terms" not in text_of(browser.get("/portal/"))


def test_who_is_invited_does_not_join_by_everybodys_terms(acme: Company) -> None:
    publish(acme, "Everybody's terms.")
    dave = make_user("Dave")
    with merchant_context(acme.id):
        enrollment = invite(acme, dave.email)
    browser = browser_of(dave)
    with merchant_context(acme.id):
        set_contract(enrollment=enrollment, body="Own.", summary="", by=SYSTEM, at=NOON)

    answer = browser.post(PAGE, {"terms": "on", "terms_version": "1"})

    assert answer.status_code == 422
    assert [row.status for row in enrollments(acme)] == [Status.INVITED]
