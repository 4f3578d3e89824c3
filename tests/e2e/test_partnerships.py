"""A quarterly review, from its frozen figures to an action that is done, as browsers show it."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import wrong_with
from tests.e2e.browser import Person, chromium, needs_chromium
from tests.e2e.outside import Outsider

pytestmark = [*needs_chromium, pytest.mark.e2e]
DESK, PHONE = 1280, 390
ACTION = "Photographs of the winter page"


@pytest.fixture(scope="module")
def browser() -> Any:
    """Run one browser for all of these."""
    with chromium() as found:
        yield found


def enter(browser: Browser, outsider: Outsider, email: str, *, width: int) -> Person:
    """Return somebody of the cast, signed in."""
    person = Person(browser, width=width)
    password = outsider.demo["merchant"]["owner_password"]  # The whole cast's.
    person.sign_in(outsider.demo["app_url"], email=email, password=password)
    return person


def whole(page: Page) -> None:
    """Check that the page is named, and spills over nowhere."""
    assert wrong_with(page) == [], page.url


def test_a_review_is_frozen_held_and_its_action_done(outsider: Outsider, browser: Browser) -> None:
    app, affiliate = outsider.demo["app_url"], outsider.demo["affiliate"]
    alice = enter(browser, outsider, outsider.demo["merchant"]["owner_email"], width=DESK)
    alice.open(f"{app}/console/partnerships/")
    whole(alice.page)
    alice.page.locator("main table a").first.click()
    alice.page.get_by_role("link", name="Prepare").click()
    alice.press("Freeze the figures now")
    alice.reads("The figures are frozen: both sides talk about the same ones.")
    whole(alice.page)

    alice.page.get_by_text("Add an action").click()
    alice.page.get_by_label("What is to be done").fill(ACTION)
    alice.page.get_by_label("Who does it").select_option("AFFILIATE")
    alice.page.get_by_role("button", name="Add action").click()
    alice.reads(ACTION)
    alice.page.get_by_role("button", name="It was held").first.click()
    alice.page.get_by_role("dialog").get_by_role("button", name="It was held").click()
    alice.reads("Held. The next review is planned.")
    whole(alice.page)

    bob = enter(browser, outsider, affiliate["email"], width=PHONE)
    bob.open(f"{app}/portal/partnerships/")
    whole(bob.page)
    bob.page.locator("main table a").first.click()
    bob.page.get_by_role("link", name="Reviews").click()
    whole(bob.page)
    bob.page.get_by_role("row").filter(has_text="Held").first.get_by_role("link").click()
    bob.page.get_by_role("link", name=ACTION).click()
    bob.page.get_by_label("Note").fill("They are in the shared folder.")
    whole(bob.page)
    bob.page.get_by_role("button", name="Done", exact=True).click()
    bob.reads("They are in the shared folder.")

    alice.open(f"{app}/console/partnerships/")
    alice.page.locator("main table a").first.click()
    alice.page.get_by_role("link", name="Plan", exact=True).click()
    settled = alice.page.get_by_role("row").filter(has_text=ACTION)
    expect(settled).to_contain_text("Done")
    whole(alice.page)
    for person in (alice, bob):
        person.leave()
