"""How people come in, climb and agree, as a browser shows it, at a desk and on a phone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import wrong_with
from tests.e2e.browser import Person, chromium, needs_chromium
from tests.e2e.outside import Outsider, wait_for

pytestmark = [*needs_chromium, pytest.mark.e2e]
DESK, PHONE = 1280, 390
WORKER_MS = 150_000  # Ladders are climbed every ten seconds; machines may be slow.


@pytest.fixture(scope="module")
def browser() -> Any:
    """Run one browser for all of these."""
    with chromium() as found:
        yield found


@pytest.fixture
def enter(browser: Browser, outsider: Outsider) -> Callable[..., Person]:
    """Return the way to sign somebody in."""

    def sign_in(email: str, *, width: int = DESK) -> Person:
        person = Person(browser, width=width)
        password = outsider.demo["merchant"]["owner_password"]  # The whole cast's.
        person.sign_in(outsider.demo["app_url"], email=email, password=password)
        return person

    return sign_in


def whole(page: Page) -> None:
    """Check that the page is named, and spills over nowhere."""
    assert wrong_with(page) == [], page.url


def whole_either_way(page: Page) -> None:
    """Check the page as it is now at a desk and on a phone."""
    before = page.viewport_size
    assert before is not None
    for width in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": before["height"]})
        whole(page)
    page.set_viewport_size(before)


def until(page: Page, *, has_rows: bool) -> None:
    """Load the page again until its table has rows, or none: a worker is at it."""

    def look() -> bool:
        page.reload()
        rows = page.locator("main tbody tr:not(.ui-table-empty)")
        return (rows.count() > 0) is has_rows

    wait_for(look, seconds=WORKER_MS / 1000)


@pytest.mark.parametrize(
    ("width", "applicant", "name"),
    [
        (DESK, "nele@neap.example", "Nele Neap"),
        (PHONE, "sven@spar.example", "Sven Spar"),
    ],
    ids=["a desk", "a phone"],
)
def test_from_a_new_question_to_a_link(
    outsider: Outsider, enter: Callable[..., Person], width: int, applicant: str, name: str
) -> None:
    app, program = outsider.demo["app_url"], outsider.demo["program"]["id"]
    question = f"What do you sail, {width}?"
    alice = enter(outsider.demo["merchant"]["owner_email"], width=width)
    alice.open(f"{app}/console/programs/{program}/form/new/")
    alice.page.get_by_label("Question", exact=True).fill(question)
    alice.page.get_by_label("Kind of answer").select_option("CHOICE")
    alice.page.get_by_label("Answers to choose from").fill("A dinghy\nA ketch")
    whole(alice.page)
    alice.press("Save question")
    alice.reads(question)
    whole(alice.page)

    applying = enter(applicant, width=width)
    applying.open(f"{app}/join/acme/partners/")
    applying.page.get_by_label(question).select_option("A ketch")
    applying.page.locator("input[name=website]").fill("https://sails.example")
    applying.page.get_by_label("How you will promote Acme").fill("By <b>word</b> of mouth")
    if applying.page.locator("input[name=terms]").count():
        applying.page.locator("input[name=terms]").check()
    whole(applying.page)
    applying.page.locator("#join form button[type=submit]").last.click()
    applying.reads("We are looking at it")
    whole(applying.page)

    alice.open(f"{app}/console/affiliates/applications/")
    whole(alice.page)
    alice.follow(name)
    alice.reads("A ketch")
    alice.reads("By <b>word</b> of mouth")
    whole(alice.page)
    alice.page.keyboard.press("a")
    dialog = alice.page.locator("dialog[open]")
    dialog.get_by_label("Message").fill("Welcome aboard.")
    dialog.get_by_role("button", name="Approve", exact=True).click()
    alice.reads(f"Approved: {name}.")

    applying.open(f"{app}/portal/links/")
    expect(applying.page.locator("main")).to_contain_text("Acme Partners")
    whole(applying.page)
    applying.leave()
    alice.leave()


def test_whoever_joins_an_open_program_has_a_link_at_once(
    outsider: Outsider, enter: Callable[..., Person]
) -> None:
    app = outsider.demo["app_url"]
    uwe = enter("uwe@ullage.example", width=PHONE)
    uwe.open(f"{app}/join/globex/referrals/")
    whole_either_way(uwe.page)
    uwe.page.locator("input[name=terms]").check()
    uwe.page.locator("#join form button[type=submit]").last.click()

    uwe.page.wait_for_url(f"{app}/portal/")
    uwe.reads("You are in. Your link is ready.")
    whole_either_way(uwe.page)
    uwe.open(f"{app}/portal/links/")
    expect(uwe.page.locator("main")).to_contain_text("Globex Referrals")
    uwe.leave()


def test_figures_lift_and_let_fall(outsider: Outsider, enter: Callable[..., Person]) -> None:
    app = outsider.demo["app_url"]
    rows = outsider.api("GET", "programs").json["data"]
    crew = next(row["id"] for row in rows if row["slug"] == "crew")
    alice = enter(outsider.demo["merchant"]["owner_email"])
    alice.open(f"{app}/console/programs/{crew}/tiers/new/")
    alice.page.get_by_label("Name", exact=True).fill("Shanty singers")
    alice.page.locator("input[name=target_conversions]").fill("1")
    whole_either_way(alice.page)
    alice.press("Save tier")
    alice.reads("Shanty singers")

    climb(alice, app, crew)
    path = f"{app}/console/affiliates/?program={crew}&tier={tier_of(outsider, crew)['id']}"
    alice.open(path)
    until(alice.page, has_rows=True)
    whole_either_way(alice.page)
    somebody = one_in(outsider, tier_of(outsider, crew))
    affiliate = outsider.api("GET", f"affiliates/{somebody['affiliate']}").json
    lifted = enter(affiliate["email"], width=PHONE)
    lifted.open(f"{app}/portal/programs/{somebody['id']}/rates/")
    lifted.reads("Your tier: Shanty singers")
    whole_either_way(lifted.page)

    tier = tier_of(outsider, crew)
    targets = [{"metric": "conversions", "minimum": 100_000}]
    outsider.api("PATCH", f"programs/{crew}/tiers/{tier['id']}", {"targets": targets})
    climb(alice, app, crew, period="MONTH")
    climb(alice, app, crew)
    alice.open(path)
    until(alice.page, has_rows=False)
    alice.leave()
    lifted.page.reload()
    expect(lifted.page.locator("main")).not_to_contain_text("Your tier: Shanty singers")
    lifted.leave()


def climb(alice: Person, app: str, program: str, *, period: str = "LIFETIME") -> None:
    """Switch the ladder on, without grace or lock; everybody is looked at anew."""
    alice.open(f"{app}/console/programs/{program}/tiers/ladder/")
    page = alice.page
    page.locator("select[name=period]").select_option(period)
    page.locator("input[name=is_automatic]").check()
    page.locator("input[name=grace_days]").fill("0")
    page.locator("input[name=lock_days]").fill("0")
    whole_either_way(page)
    alice.press("Save")
    alice.reads("Saved.")


def tier_of(outsider: Outsider, program: str) -> dict[str, Any]:
    """Return the program's newest tier."""
    tiers: list[dict[str, Any]] = outsider.api("GET", f"programs/{program}/tiers").json["data"]
    return tiers[0]


def one_in(outsider: Outsider, tier: dict[str, Any]) -> dict[str, Any]:
    """Return an enrollment in the tier."""
    path = f"enrollments?program={tier['program']}&status=approved"
    rows: list[dict[str, Any]] = outsider.api("GET", path).json["data"]
    return next(row for row in rows if row["tier"] == tier["id"])


def test_a_countered_rate_is_what_the_next_sale_earns(
    outsider: Outsider, enter: Callable[..., Person]
) -> None:
    app = outsider.demo["app_url"]
    rows = outsider.api("GET", "affiliates?email=lena@leewardlife.example").json["data"]
    enrollment = next(
        row["id"]
        for row in rows[0]["enrollments"]
        if row["program"] == outsider.demo["program"]["id"]
    )
    alice = enter(outsider.demo["merchant"]["owner_email"])
    alice.open(f"{app}/console/affiliates/{enrollment}/proposals/new/")
    alice.page.locator("select[name=goal]").select_option(label="Sale")
    alice.page.locator("input[name=rate]").fill("11 %")
    whole_either_way(alice.page)
    alice.press("Propose")
    alice.reads("It waits for their answer")
    whole_either_way(alice.page)

    lena = enter("lena@leewardlife.example", width=PHONE)
    lena.open(f"{app}/portal/proposals/{alice.page.url.rstrip('/').rpartition('/')[2]}/")
    lena.page.locator("input[name=rate]").fill("14")
    lena.page.locator("textarea[name=message]").fill("<script>alert(1)</script>")
    whole_either_way(lena.page)
    lena.press("Propose")
    lena.reads("Acme has not answered yet")
    answer = lena.page.url.rstrip("/").rpartition("/")[2]
    whole_either_way(lena.page)
    lena.leave()

    alice.open(f"{app}/console/proposals/{answer}/")
    alice.reads("<script>alert(1)</script>")
    whole_either_way(alice.page)
    alice.page.locator("input[name=signed_name]").fill("Alice Anchor")
    alice.press("Accept and sign")
    alice.reads("Agreed.")
    alice.leave()

    _visited, click_id = outsider.click("leeward")
    sold = outsider.settled(outsider.convert(click_id=click_id, amount_minor=20_000).json["id"])
    of_lena = [row for row in sold["commissions"] if row["enrollment"] == enrollment]
    assert [row["amount_minor"] for row in of_lena] == [2_800]


@pytest.mark.parametrize("width", [DESK, PHONE], ids=["a desk", "a phone"])
def test_many_are_tagged_after_they_were_counted(
    outsider: Outsider, enter: Callable[..., Person], width: int
) -> None:
    app, tag = outsider.demo["app_url"], f"Seen at {width}"
    mia = enter("mia@acme.example", width=width)
    mia.open(f"{app}/console/affiliates/?status=APPROVED&q=example")
    mia.page.locator("input[name=selected]").first.check()
    mia.press("Add a tag")
    mia.page.locator("input[name=tag_name]").fill(tag)
    whole(mia.page)
    mia.press("Show what would happen")
    mia.reads("Stay as they are")
    whole(mia.page)
    mia.press("Do this to 1 affiliate")

    mia.page.wait_for_url(re.compile("/affiliates/jobs/"))
    expect(mia.page.get_by_role("link", name="To the affiliates")).to_be_visible(timeout=WORKER_MS)
    whole(mia.page)
    # The page comes anew by itself when it is over, with the way back.
    mia.page.get_by_role("link", name="To the affiliates").click()
    mia.page.wait_for_url(re.compile("/console/affiliates/([?]|$)"))
    mia.open(f"{app}/console/affiliates/?status=APPROVED&q=example")
    expect(mia.page.locator("tbody").get_by_text(tag).first).to_be_visible()
    mia.leave()
