"""Two affiliates after one company: the second is told of a conflict, and not with whom."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.accessibility import wrong_with
from tests.e2e.browser import Person, chromium, needs_chromium
from tests.e2e.outside import Outsider
from tests.e2e.test_messages import enter

pytestmark = [*needs_chromium, pytest.mark.e2e]
DOMAIN = "tidewatch.example"


@pytest.fixture(scope="module")
def browser() -> Any:
    """Run one browser for all of these."""
    with chromium() as found:
        yield found


def register(person: Person, app: str, company: str) -> None:
    """Register the company on the portal's page."""
    person.open(f"{app}/portal/deals/new/")
    person.page.get_by_role("textbox", name="Company", exact=True).fill(company)
    person.page.get_by_role("textbox", name="Domain").fill(DOMAIN)
    assert wrong_with(person.page) == []
    person.press("Register")


def test_a_company_is_registered_twice_and_given_to_the_first(
    outsider: Outsider, browser: Browser
) -> None:
    app, demo = outsider.demo["app_url"], outsider.demo
    bob = enter(browser, outsider, demo["affiliate"]["email"], width=390)
    register(bob, app, "Tide Watch")
    bob.reads("Registered. The merchant answers.")

    dana = enter(browser, outsider, "dana@driftfilms.example", width=390)
    register(dana, app, "Tide Watch Ltd")
    dana.reads("There is a conflict")
    assert "Bob" not in dana.page.locator("main").inner_text()
    assert wrong_with(dana.page) == []

    alice = enter(browser, outsider, demo["merchant"]["owner_email"], width=1280)
    alice.open(f"{app}/console/deals/?q={DOMAIN}")
    assert wrong_with(alice.page) == []
    alice.page.get_by_role("link", name="Tide Watch", exact=True).click()
    alice.press("Approve")
    alice.page.get_by_role("dialog").get_by_role("button", name="Approve deal").click()
    alice.reads("Approved. Nobody else gets the company meanwhile.")
    alice.page.get_by_role("link", name="Dana").first.click()
    alice.reads("Another affiliate has registered it")
    expect(alice.page.get_by_role("button", name="Approve")).to_have_count(0)
    alice.press("Reject")
    alice.page.get_by_role("textbox", name="Reason").first.fill("We are talking to them already.")
    alice.page.get_by_role("dialog").get_by_role("button", name="Reject deal").click()
    alice.reads("Rejected. The affiliate reads why.")
    assert wrong_with(alice.page) == []

    dana.open(f"{app}/portal/deals/")
    dana.page.get_by_role("link", name="Tide Watch Ltd").first.click()
    dana.reads("We are talking to them already.")
    bob.open(f"{app}/portal/deals/")
    bob.reads("yours until")
    for person in (bob, dana, alice):
        person.leave()
