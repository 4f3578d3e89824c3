"""A broadcast to a part of the affiliates, read and answered on a phone, as browsers show it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import wrong_with
from tests.e2e.browser import Person, chromium, needs_chromium
from tests.e2e.outside import Outsider, wait_for

pytestmark = [*needs_chromium, pytest.mark.e2e]
DESK, PHONE = 1280, 390
WORKER_SECONDS = 60


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


def test_a_broadcast_is_sent_read_and_answered(outsider: Outsider, browser: Browser) -> None:
    app, affiliate = outsider.demo["app_url"], outsider.demo["affiliate"]
    alice = enter(browser, outsider, outsider.demo["merchant"]["owner_email"], width=DESK)
    alice.open(f"{app}/console/affiliates/?q={affiliate['email']}")
    alice.page.get_by_role("link", name=re.compile("^Write to")).click()
    alice.page.get_by_role("textbox", name="Subject").fill("Knots for {name}")
    alice.page.get_by_role("textbox", name="Message").fill("Your link: {link}")
    whole(alice.page)
    alice.press("Look at it")
    expect(alice.page.locator("article")).to_contain_text(affiliate["link_url"])
    whole(alice.page)

    alice.page.get_by_role("button", name="Send").first.click()
    alice.page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(alice.page.locator("main")).to_contain_text(
        "Answered", timeout=WORKER_SECONDS * 1000, use_inner_text=True
    )

    bob = enter(browser, outsider, affiliate["email"], width=PHONE)

    def arrived() -> bool:
        bob.open(f"{app}/portal/messages/")
        return bob.page.get_by_role("link", name="Knots for").count() > 0

    wait_for(arrived, seconds=WORKER_SECONDS)
    whole(bob.page)
    bob.page.get_by_role("link", name="Knots for").first.click()
    expect(bob.page.get_by_role("link", name=affiliate["link_url"])).to_be_visible()
    bob.page.get_by_role("textbox", name="Message").fill("A bowline, as ever.")
    whole(bob.page)
    bob.press("Send")
    bob.reads("A bowline, as ever.")

    alice.open(f"{app}/console/messages/?show=unread")
    alice.page.get_by_role("link", name="Knots for").first.click()
    alice.reads("A bowline, as ever.")
    whole(alice.page)
    for person in (alice, bob):
        person.leave()
