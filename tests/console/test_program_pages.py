"""What a program says: its blocks, how it is promoted, its log, targets, policies, directory."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from affiliates.friction import remind_of_policies
from affiliates.models import FrictionReport, Task
from interfaces.portal.change_mails import mail_changes
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Conduct, PageBlock, Policy, Program, ProgramChange
from programs.services import publish_terms
from programs.services.pages import blocks_of
from programs.services.plans import list_program
from tests.cast import NOON, Company, Promoter, make_user
from tests.console.clicks import store_clicks
from tests.console.conftest import words
from tests.console.program_pages import store_page, store_policy
from tests.portal.people import browser_of

HTML = "<script>alert(1)</script><b onmouseover=x>"
INERT = "&lt;script&gt;alert(1)&lt;/script&gt;"


def url(name: str, company: Company, *ids: object) -> str:
    return reverse(f"console:{name}", args=[company.program.id, *ids])


def public(company: Company) -> str:
    return Client().get("/join/acme/partners/").content.decode()


def test_each_preset_is_told_before_it_is_made_and_made_as_told(
    acme: Company, alice: Client
) -> None:
    address = reverse("console:program-create")
    choice = words(alice.get(address).content)
    told = words(alice.get(f"{address}?preset=LEADS").content)
    facts = {"name": "Leads", "landing_url": "https://acme.example/", "currency": "EUR"}
    answer = alice.post(address, {**facts, "preset": "LEADS", "join_mode": "APPLICATION"})

    assert "Software by subscription" in choice
    assert "From scratch" in choice
    assert "Qualified lead : €25.00 per qualified lead" in told
    assert answer.status_code == 302
    with merchant_context(acme.id):
        codes = [goal.code for goal in Program.objects.get(name="Leads").goals.order_by("id")]
    assert codes == ["lead", "qualified_lead", "sale"]


def test_blocks_are_written_put_in_order_shown_and_taken_away(acme: Company, alice: Client) -> None:
    new = url("block-create", acme)
    alice.post(f"{new}?kind=QUOTE", {"title": "Dana", "body": "They pay on time."})
    alice.post(f"{new}?kind=FAQ", {"title": "Asked", "body": "When?\nSoon.\n\nHow much?\nMuch."})
    with merchant_context(acme.id):
        quote, faq = blocks_of(acme.program)
        assert [tuple(part) for part in faq.parts] == [("When?", "Soon."), ("How much?", "Much.")]
    alice.post(url("block-move", acme, faq.id), {"to": "up"})

    page = public(acme)
    assert page.index("How much?") < page.index("They pay on time.")
    alice.post(url("block-remove", acme, quote.id))
    assert "They pay on time." not in public(acme)


@pytest.mark.parametrize(
    "address", ["http://cdn.example/a.png", "javascript:alert(1)", "https://x@y/", "https://a;b/c"]
)
def test_a_picture_is_at_a_plain_https_address_or_refused(
    acme: Company, alice: Client, address: str
) -> None:
    facts = {"title": "A boat", "image_url": address}

    answer = alice.post(f"{url('block-create', acme)}?kind=IMAGE", facts)

    assert answer.status_code == 422
    with merchant_context(acme.id):
        assert not PageBlock.objects.exists()


def test_a_page_allows_the_hosts_of_its_pictures_alone(acme: Company, alice: Client) -> None:
    facts = {"title": "A boat", "image_url": "https://cdn.example/boat.png"}
    alice.post(f"{url('block-create', acme)}?kind=IMAGE", facts)

    answer = Client().get("/join/acme/partners/")

    policy = answer.headers["Content-Security-Policy"]
    assert "img-src 'self' https://cdn.example data:" in policy
    assert "script-src 'self';" in policy


def test_conduct_is_said_shown_logged_and_mailed_once(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    facts = {
        "method_BRAND_BIDDING": "FORBIDDEN",
        "method_CONTENT": "ALLOWED",
        "keywords": "acme, akme",
        "language_0": "de",
        "text_0": "Werbung",
        "tells": "on",
    }
    alice.post(url("conduct-edit", acme), facts)
    alice.post(url("conduct-edit", acme), facts)

    with merchant_context(acme.id):
        assert Conduct.objects.get().disclosures == {"de": "Werbung"}
        assert ProgramChange.objects.count() == 1
    for page in (
        public(acme),
        browser_of(bob.user).get(f"/portal/programs/{bob.enrollment.id}/").content.decode(),
    ):
        assert "Search advertising on the brand" in page
        assert "acme, akme" in page
        assert '<dd lang="de">“Werbung”</dd>' in page
    assert mail_changes(merchant_id=acme.id, at=NOON) == 1
    assert mail_changes(merchant_id=acme.id, at=NOON) == 0
    assert [(row.to, row.subject) for row in mail.outbox] == [
        (["bob@example.com"], "News of Acme Partners")
    ]


def test_new_terms_and_news_stand_in_the_log_of_who_was_in(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    with merchant_context(acme.id):
        later = NOON + timedelta(hours=1)
        publish_terms(program=acme.program, body="Be kind.", summary="", by=SYSTEM, at=later)
    alice.post(url("news-tell", acme), {"title": "Summer sale", "body": HTML})

    console = alice.get(url("program-changes", acme)).content.decode()
    portal = browser_of(bob.user).get(f"/portal/programs/{bob.enrollment.id}/").content.decode()

    for page in (console, portal):
        assert "Version 1 of the terms" in page
        assert "Summer sale" in page
        assert INERT in page
        assert "<script>alert" not in page


def test_targets_say_how_far_they_are(acme: Company, bob: Promoter, alice: Client) -> None:
    store_clicks(acme, bob, at=NOON, count=3)
    facts = {"metric": "CLICKS", "amount": "62", "first_on": "2026-03-01", "last_on": "2026-03-31"}
    alice.post(url("target-create", acme), facts)

    page = words(alice.get(url("program-targets", acme)).content)
    overview = words(alice.get(url("program", acme)).content)

    for said in (page, overview):
        assert "Behind 3 of 62" in said
        assert "4 would be even pace by today; 29 days are left." in said


def test_a_target_that_cannot_be_is_refused(acme: Company, alice: Client) -> None:
    facts = {"metric": "REVENUE", "amount": "5,00", "first_on": "2026-03-02"}

    assert alice.post(url("target-create", acme), facts).status_code == 422
    answer = alice.post(url("target-create", acme), {**facts, "last_on": "2026-03-01"})
    assert answer.status_code == 422


def test_an_owner_is_reminded_of_a_policy_once(acme: Company) -> None:
    policy = store_policy(acme, review_on=date(2026, 3, 10))
    due = NOON + timedelta(days=8)

    counts = [remind_of_policies(merchant_id=acme.id, at=at) for at in (NOON, due, due)]

    assert counts == [0, 1, 0]
    with merchant_context(acme.id):
        task = Task.objects.get()
        assert (task.assignee_id, task.due_on) == (acme.owner.id, date(2026, 3, 10))
        assert policy.title in task.title


def test_who_meets_a_policy_in_the_way_says_so_and_is_answered(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    policy = store_policy(acme, body=HTML)
    affiliate = browser_of(bob.user)
    sent = affiliate.post(
        f"/portal/programs/{bob.enrollment.id}/friction/", {"policy": policy.id, "body": HTML}
    )
    with merchant_context(acme.id):
        report = FrictionReport.objects.get()
    page = alice.get(url("program-policies", acme)).content.decode()
    alice.post(url("friction-answer", acme, report.id), {"answer": "We look at it."})
    alice.post(url("friction-answer", acme, report.id), {"answer": "Another."})
    back = affiliate.get(f"/portal/programs/{bob.enrollment.id}/").content.decode()

    assert sent.status_code == 302
    assert INERT in page
    assert "<script>alert" not in page
    assert "We look at it." in back
    assert "Another." not in back
    assert INERT in back
    assert "<script>alert" not in back


def test_a_review_counts_from_today_and_an_ended_policy_is_read_no_more(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    ids = store_page(acme, bob)
    alice.post(url("policy-reviewed", acme, ids["policy_id"]), {"review_on": "2026-12-01"})
    with merchant_context(acme.id):
        assert Policy.objects.get().review_on == date(2026, 12, 1)
    alice.post(url("policy-archive", acme, ids["policy_id"]))

    page = browser_of(bob.user).get(f"/portal/programs/{bob.enrollment.id}/").content.decode()

    assert "A rule is in my way" not in page


def test_the_directory_shows_who_opted_in_and_is_open(
    acme: Company, globex: Company, bob: Promoter, alice: Client
) -> None:
    affiliate = browser_of(bob.user)
    before = affiliate.get("/portal/directory/").content.decode()
    for company, country in ((acme, "DE"), (globex, "US")):
        with merchant_context(company.id):
            list_program(
                program=company.program, category="RETAIL", countries=[country], by=SYSTEM, at=NOON
            )

    found = {
        query: affiliate.get(f"/portal/directory/{query}").content.decode()
        for query in ("", "?q=glob", "?country=US", "?category=TRAVEL")
    }

    assert "No program is listed yet" in before
    assert "Acme Partners" in found[""]
    assert "10% of each sale" in found[""]
    for query in ("?q=glob", "?country=US"):
        assert "Globex Partners" in found[query]
        assert "Acme Partners" not in found[query]
    assert "Nothing fits" in found["?category=TRAVEL"]
    newcomer = browser_of(make_user("Nele"))  # Who promotes nothing yet.
    assert 'href="/portal/directory/"' in newcomer.get("/portal/").content.decode()
    assert "Acme Partners" in newcomer.get("/portal/directory/").content.decode()
    alice.post(url("program-listing", acme), {"category": "RETAIL"})
    assert "Acme Partners" not in affiliate.get("/portal/directory/").content.decode()


def test_whom_to_bring_is_said_to_affiliates(acme: Company, bob: Promoter, alice: Client) -> None:
    facts = {"summary": f"Boat owners {HTML}", "countries": ["DE"], "not_for": "Rowers"}
    alice.post(url("customers-edit", acme), facts)

    page = browser_of(bob.user).get(f"/portal/programs/{bob.enrollment.id}/").content.decode()

    assert "Boat owners" in page
    assert "Germany" in page
    assert "Rowers" in page
    assert "<script>alert" not in page
