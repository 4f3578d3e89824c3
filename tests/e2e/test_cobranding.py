"""A page and a flyer with Bob's name: made, approved, and clicked through to credited orders."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.accessibility import wrong_with
from tests.e2e.browser import Person, chromium, needs_chromium
from tests.e2e.outside import Outsider, wait_for

pytestmark = [*needs_chromium, pytest.mark.e2e]
DESK, PHONE = 1280, 390


@pytest.fixture(scope="module")
def browser() -> Any:
    """Run one browser for all of these."""
    with chromium() as found:
        yield found


def fill_in(bob: Person, app: str, template: str) -> None:
    """Put Bob's name into a template, and send it to the merchant."""
    bob.open(f"{app}/portal/cobranding/")
    bob.follow(template)
    bob.page.get_by_role("textbox", name="Name").fill("Bob on boats")
    bob.page.get_by_role("textbox", name="Your words").fill("I splice nothing else.")
    bob.press("Save the draft")
    bob.reads("Saved as a draft.")
    assert wrong_with(bob.page) == [], template
    bob.press("Send it to the merchant")
    bob.reads("The merchant looks at it now.")


def approve_all(alice: Person, app: str) -> None:
    """Approve what Bob made."""
    alice.open(f"{app}/console/cobranding/")
    assert wrong_with(alice.page) == []
    for _piece in range(2):
        row = alice.page.get_by_role("row", name=re.compile("Bob on boats.*Approve", re.DOTALL))
        row.first.get_by_role("button", name="Approve").click()
        alice.reads("It is in use.")


def buy(visitor: Person, shop: str) -> str:
    """Buy a lamp in the shop where the visitor is; return the order's id."""
    visitor.press("Yes, remember")
    visitor.follow("Anchor lamp")
    visitor.press("Add to basket")
    visitor.open(f"{shop}/checkout")
    visitor.page.fill("input[name=name]", "Vera Visitor")
    visitor.page.fill("input[name=email]", "vera@visitors.example")
    visitor.press("Place the order")
    visitor.page.wait_for_url(re.compile("/thanks|/orders/|/order/"))
    order = re.search(r"[A-Z]{2,}-?[0-9A-Z-]+", visitor.page.inner_text("main"))
    assert order
    return order.group(0)


def credited_to(outsider: Outsider, order: str) -> list[str]:
    """Return whom the order is credited to, once it is attributed."""

    def ask() -> list[str] | None:
        rows = outsider.api("GET", f"conversions?external_id={order}").json["data"]
        found = rows and rows[0]["commissions"] and rows[0]["credits"]
        return [row["enrollment"] for row in found] if found else None

    return wait_for(ask)


def test_a_page_and_a_flyer_bring_credited_orders(outsider: Outsider, browser: Browser) -> None:
    demo = outsider.demo
    app, password = demo["app_url"], demo["merchant"]["owner_password"]  # The whole cast's.
    bob, alice = Person(browser, width=PHONE), Person(browser, width=DESK)
    bob.sign_in(app, email=demo["affiliate"]["email"], password=password)
    alice.sign_in(app, email=demo["merchant"]["owner_email"], password=password)
    for template in ("Spring page", "Flyer for the jetty"):
        fill_in(bob, app, template)
    approve_all(alice, app)

    bob.open(f"{app}/portal/cobranding/")
    bob.follow("Spring page")
    page = bob.page.get_by_label("Address of your page").input_value()
    bob.open(f"{app}/portal/cobranding/")
    bob.follow("Flyer for the jetty")
    href = bob.page.get_by_role("link", name="Download the flyer").get_attribute("href")
    flyer = bob.page.request.get(f"{app}{href}").body()
    found = re.search(rb"/URI \((\S+/c/[^)]+)\)", flyer)
    assert flyer.startswith(b"%PDF-")
    assert found
    visitor = Person(browser, width=PHONE)
    visitor.open(page)
    visitor.reads("Bob on boats recommends")
    assert wrong_with(visitor.page) == []
    expect(visitor.page.locator("main img").first).to_be_visible()
    visitor.follow("See the ropes")
    orders = [buy(visitor, demo["shop_url"])]
    visitor.leave()
    scanner = Person(browser, width=PHONE)
    scanner.open(found[1].decode())
    orders.append(buy(scanner, demo["shop_url"]))
    scanner.leave()

    for order in orders:
        assert credited_to(outsider, order) == [demo["affiliate"]["enrollment_id"]]
    bob.page.reload()
    expect(bob.page.locator("main")).to_contain_text("Conversions")
    for person in (alice, bob):
        person.leave()
