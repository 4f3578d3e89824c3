"""The snippet on the demo shop, in a browser: whatever the visitor allows, the sale is credited."""

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser import (
    ARGUMENTS,
    CHROMIUM,
    USER_AGENT,
    Person,
    chromium,
    needs_chromium,
)
from tests.e2e.outside import Outsider, wait_for

pytestmark = [*needs_chromium, pytest.mark.e2e]

PRIVACY_CONTROL = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"
BLOCK_COOKIES = {"profile": {"default_content_setting_values": {"cookies": 2}}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Person]:
    """Return somebody whose pages may show no error."""
    person = Person(browser, width=900)
    yield person
    person.leave()


def choose_lamp(page: Page) -> None:
    """Put a lamp into the basket, from any page of the shop."""
    page.get_by_role("link", name="Lamps").first.click()
    page.get_by_role("link", name="Anchor lamp").first.click()
    page.get_by_role("button", name="Add to basket").click()
    page.wait_for_url("**/cart*")


def pay(page: Page, *, email: str = "vera@visitors.example") -> str:
    """Fill the checkout in and return the number of the order."""
    page.wait_for_url("**/checkout*")
    page.fill("main input[name=name]", "Vera Visitor")
    page.fill("main input[name=email]", email)
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_url("**/thanks/*")
    order = re.search(r"AC-[0-9A-Z]+", page.inner_text("main"))
    assert order
    return order.group(0)


def buy(page: Page) -> str:
    """Buy a lamp, from any page of the shop."""
    choose_lamp(page)
    page.get_by_role("link", name="Check out").click()
    return pay(page)


def conversion_of(outsider: Outsider, external_id: str) -> dict[str, Any]:
    """Return what was reported under this number, once the worker has looked at it."""

    def ask() -> dict[str, Any] | None:
        rows = outsider.api("GET", f"conversions?external_id={external_id}").json["data"]
        return rows[0] if rows and rows[0]["status"] != "received" else None

    return wait_for(ask)


def credited(outsider: Outsider, order: str) -> list[str]:
    """Return the enrollments that an order is credited to."""
    return [credit["enrollment"] for credit in conversion_of(outsider, order)["credits"]]


def kept_by_snippet(page: Page) -> list[str]:
    """Return the names under which the snippet keeps something on the device."""
    copies: list[str] = page.evaluate("Object.keys(localStorage)")
    names = [cookie["name"] for cookie in page.context.cookies()] + copies
    return sorted(name for name in names if name.startswith("fl_"))


def test_who_agrees_is_remembered_and_asked_again_on_the_second_domain(
    visitor: Person, outsider: Outsider
) -> None:
    demo, page = outsider.demo, visitor.page
    visitor.open(demo["affiliate"]["link_url"])
    visitor.press("Yes, remember")
    page.wait_for_function("!location.search")
    remembered = kept_by_snippet(page)
    choose_lamp(page)

    visitor.follow("pay at the cashier’s")
    page.wait_for_url("http://localhost:*/checkout*")
    in_address = re.search(r"fl_click=([\w-]{38})", page.url)
    visitor.press("No")
    order = pay(page)

    assert remembered == ["fl_click", "fl_click", "fl_touches"]
    assert in_address
    assert credited(outsider, order) == [demo["affiliate"]["enrollment_id"]]
    # Neither the edge nor anybody else set a cookie where the shop's page was not at home.
    known = {(cookie["domain"], cookie["name"]) for cookie in page.context.cookies()}
    assert known == {
        ("127.0.0.1", "basket"),
        ("127.0.0.1", "fl_click"),
        ("127.0.0.1", "fl_touches"),
    }


def test_who_refuses_keeps_nothing_and_the_sale_is_credited_by_the_form(
    visitor: Person, outsider: Outsider
) -> None:
    visitor.open(outsider.demo["affiliate"]["link_url"])
    visitor.press("No")

    order = buy(visitor.page)

    assert kept_by_snippet(visitor.page) == []
    assert credited(outsider, order) == [outsider.demo["affiliate"]["enrollment_id"]]


def test_who_objects_to_all_sites_is_not_asked_and_nothing_is_kept(
    visitor: Person, outsider: Outsider
) -> None:
    page = visitor.page
    page.context.add_init_script(PRIVACY_CONTROL)
    visitor.open(outsider.demo["affiliate"]["link_url"])
    page.evaluate("fairlead.consent(true)")
    banner_hidden = page.locator(".consent").is_hidden()

    order = buy(page)

    assert banner_hidden
    assert kept_by_snippet(page) == []
    assert credited(outsider, order) == [outsider.demo["affiliate"]["enrollment_id"]]


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Return the profile of somebody whose browser is told to keep nothing of any site."""
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(BLOCK_COOKIES))
    return tmp_path


@pytest.mark.parametrize("scripts", [True, False])
def test_where_cookies_and_storage_are_blocked_the_sale_is_credited_even_without_scripts(
    browser: Browser, outsider: Outsider, profile: Path, scripts: bool
) -> None:
    context = browser.browser_type.launch_persistent_context(
        profile,
        executable_path=CHROMIUM,
        args=ARGUMENTS,
        user_agent=USER_AGENT,
        java_script_enabled=scripts,
    )
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    banner = page.locator(".consent")  # It cannot remember any answer either.
    page.add_locator_handler(banner, lambda: banner.get_by_text("Yes, remember").click())
    page.goto(outsider.demo["affiliate"]["link_url"])

    order = buy(page)

    assert context.cookies() == []
    assert credited(outsider, order) == [outsider.demo["affiliate"]["enrollment_id"]]
    context.close()
    assert errors == []


def test_a_link_of_an_earlier_system_counts(visitor: Person, outsider: Outsider) -> None:
    affiliate = outsider.demo["affiliate"]
    visitor.open(f"{outsider.demo['shop_url']}/friends")
    visitor.press("No")
    visitor.follow(affiliate["name"])
    visitor.page.wait_for_url("**/?ref=*&fl_click=*")

    order = buy(visitor.page)

    assert kept_by_snippet(visitor.page) == []
    assert credited(outsider, order) == [affiliate["enrollment_id"]]


def test_a_form_that_a_script_adds_binds_the_customer_whose_later_sale_needs_nothing(
    visitor: Person, browser: Browser, outsider: Outsider
) -> None:
    email = f"{uuid.uuid4().hex}@readers.example"
    visitor.open(outsider.demo["affiliate"]["link_url"])
    visitor.press("No")
    visitor.follow("Our letter")
    visitor.page.fill("footer input[name=email]", email)
    visitor.press("Send me the letter")
    visitor.page.wait_for_url("**/letter/thanks*")

    def is_told() -> bool:
        (reader, *_others) = visitor.page.request.get(
            f"{outsider.demo['shop_url']}/letters"
        ).json()["data"]
        return bool(reader["reported"])

    wait_for(is_told)
    elsewhere = Person(browser)
    elsewhere.open(outsider.demo["shop_url"])
    choose_lamp(elsewhere.page)
    elsewhere.follow("Check out")
    order = pay(elsewhere.page, email=email)
    elsewhere.leave()

    assert credited(outsider, order) == [outsider.demo["affiliate"]["enrollment_id"]]


def test_what_a_page_tracks_waits_until_somebody_else_confirms_it(
    visitor: Person, outsider: Outsider
) -> None:
    signup = uuid.uuid4().hex
    visitor.open(outsider.demo["affiliate"]["link_url"])
    visitor.page.evaluate(
        "signup => fairlead.track('signup', {external_id: signup, customer: 'c-track'})", signup
    )

    conversion = conversion_of(outsider, signup)

    assert (conversion["goal"], conversion["status"], conversion["reason"]) == (
        "signup",
        "pending",
        "unverified",
    )
    assert credited(outsider, signup) == [outsider.demo["affiliate"]["enrollment_id"]]
    assert conversion["commissions"] == []
