"""Joining in the console: questions, review rules, and the applications that wait."""

from typing import Any

import pytest
from django.urls import reverse

from affiliates.models import Application, Enrollment, Status
from affiliates.services import ApplicationDraft, Consent, create_affiliate
from merchants.tenancy import merchant_context
from programs.answers import asked
from programs.models import FormField, JoinMode, Program, ReviewRule, Stage
from programs.questions import questions_of
from tests.cast import NOON, Company, make_user
from tests.console.conftest import SignIn
from tests.console.joining import store_rule
from tests.portal.people import text_of
from tracking.models import Link
from tracking.services import join_program

EVIL = "<script>alert(1)</script><b onclick=x>&"


def apply(company: Company, name: str, **answers: Any) -> Enrollment:
    """Let somebody apply to the company's program."""
    with merchant_context(company.id):
        Program.objects.update(join_mode=JoinMode.APPLICATION)
        program = Program.objects.select_related("merchant").get(id=company.program.id)
        questions = asked(questions_of(program))
    user = make_user(name)
    return join_program(
        program=program,
        affiliate=create_affiliate(name=name, email=user.email, user=user),
        consent=Consent(user=user, terms_version=None),
        application=ApplicationDraft(answers, questions),
        at=NOON,
    )


def url(company: Company, name: str, *arguments: object) -> str:
    """Return the address of a page of the company's program."""
    return reverse(f"console:{name}", args=[company.program.id, *arguments])


def test_a_question_is_made_changed_moved_and_taken_away(acme: Company, sign_in: SignIn) -> None:
    browser = sign_in(acme.owner.user)
    said = {"label": "How big is your list?", "kind": "CHOICE", "options": "Small\nBig\n"}

    browser.post(url(acme, "question-create"), said)
    browser.post(url(acme, "question-move", "how_big_is_your_list"), {"to": "up"})
    browser.post(url(acme, "question-edit", "website"), {"label": "Your site", "kind": "URL"})
    browser.post(url(acme, "question-remove", "phone"))
    after = {"label": "And now?", "kind": "TEXT", "is_required": "on"}
    browser.post(f"{url(acme, 'question-create')}?stage=QUESTIONNAIRE", after)

    with merchant_context(acme.id):
        asked_now = [row.label for row in questions_of(acme.program)]
        (later,) = FormField.objects.filter(stage=Stage.QUESTIONNAIRE)
    assert asked_now == [
        "Your site",
        "How you will promote Acme",
        "How big is your list?",
        "Message",
    ]
    assert (later.label, later.is_required) == ("And now?", True)
    assert "Small, Big" in text_of(browser.get(url(acme, "program-form")))


def test_a_question_that_cannot_be_asked_is_told(acme: Company, sign_in: SignIn) -> None:
    browser = sign_in(acme.owner.user)

    page = browser.post(url(acme, "question-create"), {"label": "Which?", "kind": "CHOICE"})
    gone = browser.get(url(acme, "question-edit", "nothing"))

    assert page.status_code == 422
    assert "two answers at least" in text_of(page)
    assert gone.status_code == 404


def test_when_the_rejected_may_return_is_said(acme: Company, sign_in: SignIn) -> None:
    sign_in(acme.owner.user).post(url(acme, "reapply-edit"), {"reapply_days": ""})

    with merchant_context(acme.id):
        assert Program.objects.get(id=acme.program.id).reapply_days is None


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"looks_at": "COUNTRY", "values": "DE, XX"}, "“XX” is not known here."),
        ({"looks_at": "AUDIENCE"}, "Say how many at least."),
        ({"looks_at": "NUMBER", "field_code": "website", "minimum": "1"}, "is a number"),
        ({"looks_at": "EMAIL_DOMAIN"}, "Name one at least."),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    acme: Company, sign_in: SignIn, said: dict[str, str], wrong: str
) -> None:
    facts = {"verdict": "APPROVE", "reason": "Why."} | said

    page = sign_in(acme.owner.user).post(url(acme, "review-rule-create"), facts)

    assert page.status_code == 422
    assert wrong in text_of(page)


def test_rules_are_made_and_tried_on_the_past(acme: Company, sign_in: SignIn) -> None:
    apply(acme, "Dave", website="https://dave.example")
    browser = sign_in(acme.owner.user)
    said = {"looks_at": "EMAIL_DOMAIN", "values": "example.com", "verdict": "REJECT"}

    browser.post(url(acme, "review-rule-create"), said | {"reason": "Not yours."})
    page = text_of(browser.get(url(acme, "program-review")))

    with merchant_context(acme.id):
        assert ReviewRule.objects.get().values == ["example.com"]
    assert "Reject: 1" in page
    assert "Not yours." in page


# The queue ----------------------------------------------------------------------------------------


def test_applicants_are_gone_through_one_by_one(acme: Company, sign_in: SignIn) -> None:
    with merchant_context(acme.id):
        store_rule(acme)
    dave, erin = apply(acme, "Dave", website="https://dave.example"), apply(acme, "Erin")
    browser = sign_in(acme.owner.user)

    listed = text_of(browser.get(reverse("console:applications")))
    page = browser.get(reverse("console:application", args=[dave.id]))
    approved = browser.post(
        reverse("console:application-approve", args=[dave.id]), {"message": "Welcome!"}
    )
    refused = browser.post(reverse("console:application-reject", args=[erin.id]), {})
    rejected = browser.post(
        reverse("console:application-reject", args=[erin.id]), {"reason": "Too small."}
    )

    assert "Dave" in listed
    assert "Erin" in listed
    assert "https://dave.example" in text_of(page)
    assert "1 of 2" in text_of(page)
    assert "A person decides: Look." in text_of(page)
    assert approved["Location"] == reverse("console:application", args=[erin.id])
    assert refused.status_code == 422
    assert rejected["Location"] == reverse("console:applications")
    with merchant_context(acme.id):
        told = dict(Application.objects.values_list("enrollment__affiliate__name", "message"))
        status = dict(Enrollment.objects.values_list("affiliate__name", "status"))
        assert Link.objects.get().enrollment_id == dave.id
        assert not Application.objects.exclude(decided_by=acme.owner).exists()
    assert told == {"Dave": "Welcome!", "Erin": ""}
    assert status == {"Dave": Status.APPROVED, "Erin": Status.REJECTED}


def test_several_are_approved_at_once(acme: Company, sign_in: SignIn) -> None:
    dave, erin, fred = (apply(acme, name) for name in ("Dave", "Erin", "Fred"))
    browser = sign_in(acme.owner.user)

    page = browser.post(
        reverse("console:applications-approve"),
        {"selected": [str(dave.id), str(erin.id), "nonsense"]},
        follow=True,
    )

    assert "2 approved." in text_of(page)
    with merchant_context(acme.id):
        waiting = Enrollment.objects.filter(status=Status.APPLIED)
        assert [row.id for row in waiting] == [fred.id]


def test_what_an_applicant_writes_is_inert(acme: Company, sign_in: SignIn) -> None:
    with merchant_context(acme.id):
        store_rule(acme, looks_at="ANSWER", field_code="channels", values=(EVIL,), reason=EVIL)
    evil = apply(acme, "Dave", channels=EVIL, message=EVIL, website=EVIL)
    browser = sign_in(acme.owner.user)

    for page in (
        reverse("console:application", args=[evil.id]),
        reverse("console:applications"),
        url(acme, "program-review"),
    ):
        shown = browser.get(page)
        assert shown.status_code == 200
        assert b"<script>alert" not in shown.content
        assert b"<b onclick" not in shown.content
