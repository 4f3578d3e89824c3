"""The join page with a program's own questions, from the page and from a merchant's own site."""

from typing import Any

from django.test import Client

from affiliates.models import Affiliate, Application, FunnelCount
from merchants.models import SYSTEM
from merchants.tenancy import OPS, merchant_context
from programs.models import JoinMode, Program
from programs.services import QuestionDraft, add_question
from tests.cast import NOON, Company, make_user
from tests.portal.people import browser_of, errors_of, text_of

PAGE = "/join/acme/partners/"
PERSON = {
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
}
EVIL = '"><script>alert(1)</script>'


def ask(company: Company, label: str, **facts: Any) -> None:
    """Let the company's program take applications, and ask one more question."""
    with merchant_context(company.id):
        Program.objects.update(join_mode=JoinMode.APPLICATION)
        draft = QuestionDraft(label, **facts)
        add_question(program=company.program, draft=draft, by=SYSTEM, at=NOON)


def ask_how(company: Company) -> None:
    """Ask how, and what they sell of those who have a shop."""
    options = ("Blog", "Shop")
    ask(company, "How?", code="how", kind="CHOICES", options=options, is_required=True)
    condition = {"shown_if_code": "how", "shown_if_values": ("Shop",)}
    ask(company, "What do you sell?", code="what", is_required=True, **condition)


def said(**answers: Any) -> dict[str, Any]:
    """Return what Dave types, the usual answered."""
    return {"name": "Dave", "website": "dave.example", "channels": "Blog", **answers}


def test_questions_are_asked_and_kept_with_their_answers(acme: Company) -> None:
    ask_how(acme)
    browser = browser_of(make_user("Dave"))

    shown = browser.get(PAGE)
    missing = browser.post(PAGE, said(how=["Blog", "Shop"]))
    browser.post(PAGE, said(how=["Blog"], what="Boots", phone="+49 30 1234567"))

    assert b'data-shown-if="how"' in shown.content
    assert errors_of(missing) == ["This question must be answered."]
    with merchant_context(acme.id):
        written = Application.objects.get()
    assert written.answers == {
        "website": "https://dave.example",
        "channels": "Blog",
        "phone": "+49301234567",
        "how": ["Blog"],
    }
    assert [row["label"] for row in written.questions][-2:] == ["How?", "What do you sell?"]
    assert Affiliate.objects.using(OPS).get(name="Dave").phone == "+49301234567"


def test_what_a_merchant_writes_into_a_question_is_inert(acme: Company) -> None:
    ask(acme, EVIL, code="evil", help=EVIL, kind="CHOICE", options=(EVIL, "b"))

    shown = browser_of(make_user("Dave")).get(PAGE)

    assert shown.status_code == 200
    assert b"<script>alert" not in shown.content


def test_a_form_of_another_site_leads_on_with_what_was_typed(acme: Company) -> None:
    ask_how(acme)
    outsider = Client(enforce_csrf_checks=True, **PERSON)

    page = outsider.post(
        f"{PAGE}form/", said(how=["Shop"], what=EVIL, email="dave@example.com", terms="on")
    )

    shown = page.content.decode()
    assert page.status_code == 200
    assert "One step left" in text_of(page)
    assert 'value="dave@example.com"' in shown
    assert 'value="dave.example"' in shown
    assert "<script>alert" not in shown
    assert "sessionid" not in page.cookies
    assert outsider.get(f"{PAGE}form/")["Location"] == PAGE


# The way in ---------------------------------------------------------------------------------------


def test_people_who_come_and_begin_are_counted_and_crawlers_are_not(acme: Company) -> None:
    person, crawler = Client(**PERSON), Client(HTTP_USER_AGENT="Googlebot/2.1")

    for browser in (person, person, crawler):
        browser.get(PAGE)
        browser.head(PAGE)
    person.post(f"{PAGE}started/")
    crawler.post(f"{PAGE}started/")

    with merchant_context(acme.id):
        counts = dict(FunnelCount.objects.values_list("step", "count"))
    assert counts == {"VISITED": 2, "STARTED": 1}
    assert person.post("/join/acme/nothing/started/").status_code == 404
