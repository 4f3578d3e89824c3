"""The portal's pages say exactly what the rows say."""

from datetime import timedelta

from affiliates.services import ApplicationDraft, Consent
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from payouts.services import mark_failed, prepare_batch
from programs.services import publish_terms
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell
from tests.portal.conftest import TODAY, Story
from tests.portal.people import browser_of, figures_of, text_of
from tracking.models import Link
from tracking.services import create_coupon, create_link, join_program


def test_home_tells_what_is_earned_on_its_way_and_paid(story: Story) -> None:
    page = browser_of(story.promoter.user).get("/portal/")

    said = text_of(page)
    assert figures_of(page) == {
        "Earned this month": "€4.67",
        "On its way to you": "€4.67",
        "Paid": "€10.00",
    }
    assert "€4.67 is payable from 11 May" in said
    assert f"/c/{story.promoter.link.code}" in page.content.decode()
    assert "What to do next" not in said


def test_each_figure_leads_to_lines_that_add_up_to_it(story: Story) -> None:
    browser = browser_of(story.promoter.user)

    for query, lines, total in [
        ("month=2026-04&currency=EUR", 2, "€4.67"),
        ("state=on_its_way&currency=EUR", 2, "€4.67"),
        ("state=paid&currency=EUR", 1, "€10.00"),
        ("state=declined", 1, "€6.00"),
        ("", 3, "€14.67"),
    ]:
        said = text_of(browser.get(f"/portal/earnings/?{query}"))
        assert f"{lines} line{'s' if lines > 1 else ''} in all: {total}" in said, query


def test_earnings_by_state_are_the_sums_of_their_lines(story: Story) -> None:
    page = browser_of(story.promoter.user).get("/portal/earnings/")

    assert figures_of(page) == {
        "Pending": "€4.67",
        "Approved": "€0.00",
        "In payout": "€0.00",
        "Paid": "€10.00",
    }
    assert "Taken back: the customer was refunded" in text_of(page)
    assert "−€3.33" in text_of(page)


def test_a_draft_batch_promises_nothing_and_a_failed_payout_gives_back(
    today: None, acme: Company, bob: Promoter
) -> None:
    from commissions.services import approve_due
    from merchants.rights import Role
    from payouts.models import Payout
    from payouts.services import approve_batch, send_batch
    from tests.cast import add_member

    sell(acme, click=click_of(bob))
    approve_due(merchant_id=acme.id, at=TODAY)
    finn = add_member(acme, "Finn", Role.FINANCE)
    browser = browser_of(bob.user)
    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=TODAY)

    assert "No payouts yet" in text_of(browser.get("/portal/payouts/"))
    assert figures_of(browser.get("/portal/earnings/"))["Approved"] == "€10.00"
    with merchant_context(acme.id):
        batch = approve_batch(member=acme.owner, batch=batch, at=TODAY)
        send_batch(member=finn, batch=batch, at=TODAY)
        payout = Payout.objects.get()
    assert figures_of(browser.get("/portal/earnings/"))["In payout"] == "€10.00"
    assert "On its way" in text_of(browser.get("/portal/payouts/"))
    with merchant_context(acme.id):
        mark_failed(member=finn, payout=payout, reason="Account closed", at=TODAY)
    assert figures_of(browser.get("/portal/earnings/"))["Approved"] == "€10.00"
    assert "Account closed" in text_of(browser.get(f"/portal/payouts/{payout.id}/"))


def test_conversions_are_listed_with_what_they_earn_now(story: Story) -> None:
    said = text_of(browser_of(story.promoter.user).get("/portal/conversions/"))

    assert "€96.00 €4.67" in said
    assert "€60.00 €0.00" in said
    assert "€100.00 €10.00" in said
    assert "Declined by the merchant" in said


def test_why_tells_touch_rate_hold_and_take_back(story: Story) -> None:
    page = browser_of(story.promoter.user).get(f"/portal/conversions/{story.refunded.id}/")

    said = text_of(page)
    assert "Your link was clicked" in said
    assert "10% of each sale. 10% of €80.00 = €8.00" in said
    assert "Payable from 11 May" in said
    assert "Taken back: −€3.33" in said
    assert "In all €4.67" in said


def test_a_paid_conversion_names_its_payout(story: Story) -> None:
    page = browser_of(story.promoter.user).get(f"/portal/conversions/{story.paid.id}/")

    assert f"Paid with {story.payout.reference}" in text_of(page)
    assert f"/portal/payouts/{story.payout.id}/" in page.content.decode()


def test_a_statement_has_lines_that_add_up_and_hides_the_account(story: Story) -> None:
    page = browser_of(story.promoter.user).get(f"/portal/payouts/{story.payout.id}/")

    said = text_of(page)
    assert "1 line" in said
    assert "Total €10.00" in said
    assert "DE89 … 3000" in said
    assert "BANK-1" in said
    assert "12 Apr 2026" in said
    assert "DE89370400440532013000" not in page.content.decode()


def test_clicks_by_day_and_each_with_its_verdict(story: Story) -> None:
    browser = browser_of(story.promoter.user)

    page = browser.get("/portal/clicks/")
    every = text_of(browser.get("/portal/clicks/?show=all"))

    assert figures_of(page) == {"Clicks by people": "2", "Counted": "1"}
    assert "1–2 of 2" in text_of(page)
    assert "sub1=post-7" in every
    assert "Not counted the link is archived" in every
    assert "Not counted a bot" in every
    assert "forum.example" in every
    assert "198.51.100" not in every
    assert figures_of(browser.get("/portal/clicks/?days=all"))["Clicks by people"] == "9"


def test_links_are_listed_with_all_that_they_brought(story: Story) -> None:
    with merchant_context(story.company.id):
        create_link(enrollment=story.promoter.enrollment, code="quiet-one", name="Quiet")
        create_coupon(enrollment=story.promoter.enrollment, code="BOB10")

    page = browser_of(story.promoter.user).get("/portal/links/")
    said = text_of(page)

    assert f"/c/{story.promoter.link.code} Acme Partners Acme Works 9 3 €14.67" in said
    assert "Quiet /c/quiet-one Acme Partners Acme Works 0 0 €0.00" in said
    assert 'value="BOB10"' in page.content.decode()  # In a field, to be copied.


def test_one_program_or_all_of_them(story: Story, globex: Company) -> None:
    bob = story.promoter
    join_program(
        program=globex.program,
        affiliate=bob.affiliate,
        consent=Consent(user=bob.user, terms_version=None),
        application=ApplicationDraft(),
        at=NOON,
    )
    with merchant_context(globex.id):
        link = Link.objects.get(affiliate_id=bob.affiliate.id)
    there = Promoter(bob.user, bob.affiliate, bob.enrollment, link)
    sell(globex, click=click_of(there, at=TODAY - timedelta(days=2)), at=TODAY - timedelta(days=1))
    browser = browser_of(bob.user)

    everything = figures_of(browser.get("/portal/earnings/"))
    acme_only = browser.get(f"/portal/earnings/?program={story.company.program.id}")
    globex_only = browser.get(f"/portal/earnings/?program={globex.program.id}")

    assert everything["Pending"] == "€14.67"
    assert "4 lines in all: €24.67" in text_of(browser.get("/portal/earnings/"))
    assert "3 lines in all: €14.67" in text_of(acme_only)
    assert "1 line in all: €10.00" in text_of(globex_only)


def test_currencies_are_never_mixed(story: Story) -> None:
    from tests.cast import make_company

    initech = make_company("Initech", "Ivan", currency="JPY")
    bob = story.promoter
    join_program(
        program=initech.program,
        affiliate=bob.affiliate,
        consent=Consent(user=bob.user, terms_version=None),
        application=ApplicationDraft(),
        at=NOON,
    )
    with merchant_context(initech.id):
        link = Link.objects.get(affiliate_id=bob.affiliate.id)
    there = Promoter(bob.user, bob.affiliate, bob.enrollment, link)
    sell(initech, click=click_of(there, at=TODAY - timedelta(days=2)), at=TODAY - timedelta(days=1))

    said = text_of(browser_of(bob.user).get("/portal/earnings/"))

    assert "4 lines in all: €14.67 · ¥1,000" in said


def test_a_newcomer_is_told_what_to_do(today: None, acme: Company) -> None:
    dave = make_promoter(acme, "Dave", method=False)
    browser = browser_of(dave.user)

    said = text_of(browser.get("/portal/"))

    assert "What to do next" in said
    assert "Say where we pay you" in said
    for path, teaching in [
        ("clicks", "No clicks yet"),
        ("conversions", "No conversions yet"),
        ("earnings", "Nothing earned yet"),
        ("payouts", "No payouts yet"),
        ("payout-method", "Say where we pay you"),
    ]:
        assert teaching in text_of(browser.get(f"/portal/{path}/"))


def test_new_terms_are_announced_and_accepted_once(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        publish_terms(program=acme.program, body="Be kind.", summary="", by=SYSTEM, at=NOON)
    browser = browser_of(bob.user)
    path = f"/portal/programs/{bob.enrollment.id}/"

    assert "New terms for Acme Partners" in text_of(browser.get("/portal/"))
    old = browser.post(f"{path}terms/", {"version": "0"}, follow=True)
    new = browser.post(f"{path}terms/", {"version": "1"}, follow=True)

    assert "The terms changed meanwhile" in text_of(old)
    assert "The terms are accepted" in text_of(new)
    assert "Accept these terms" not in text_of(new)
    assert "New terms" not in text_of(browser.get("/portal/"))
