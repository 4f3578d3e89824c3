"""The command palette by keyboard, and a merge from its dry run to its end, at two widths."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.accessibility import wrong_with
from tests.e2e.browser import Person, chromium, needs_chromium
from tests.e2e.outside import Outsider
from tests.e2e.test_pages import look

pytestmark = [*needs_chromium, pytest.mark.e2e]
WIDTHS = pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (390, "dark")], ids=["a desk", "a phone at night"]
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one browser for both widths."""
    with chromium() as found:
        yield found


def sign_in(browser: Browser, demo: dict[str, Any], width: int, scheme: Any) -> Person:
    """Return the demo merchant's owner, signed in."""
    alice, merchant = Person(browser, width=width), demo["merchant"]
    alice.page.emulate_media(color_scheme=scheme)
    alice.sign_in(
        demo["app_url"], email=merchant["owner_email"], password=merchant["owner_password"]
    )
    return alice


@WIDTHS
def test_the_palette_finds_and_goes_there(
    outsider: Outsider, browser: Browser, width: int, scheme: Any
) -> None:
    alice = sign_in(browser, outsider.demo, width, scheme)
    page = alice.page
    page.goto(f"{outsider.demo['app_url']}/console/conversions/")

    page.keyboard.press("Control+k")
    page.locator("#palette-text:focus").wait_for()
    page.keyboard.type("currenc")
    page.locator("#palette-options [role=option]", has_text="Currency rates").first.wait_for()
    wrong = wrong_with(page)
    options = page.locator("#palette-options [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    chosen = page.locator("#palette-options [aria-selected=true]")

    assert wrong == []
    assert (chosen.count(), chosen.get_attribute("id")) == (
        1,
        options.first.get_attribute("id"),
    )
    assert page.locator("#palette-text").get_attribute("aria-activedescendant") == "palette-1"
    target = chosen.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{target}")
    page.keyboard.press("Control+k")
    page.locator("#palette[open]").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#palette[open]").count() == 0
    alice.leave()


def strangers(outsider: Outsider) -> list[Any]:
    """Return approved enrollments of affiliates whom no other test here knows."""
    demo = outsider.demo
    known = {demo["affiliate"]["id"], demo["other_affiliate"]["id"]}
    path = f"enrollments?status=approved&program={demo['program']['id']}"
    rows = outsider.api("GET", path).json["data"]
    return [row for row in rows if row["affiliate"] not in known]


@WIDTHS
def test_a_merge_is_shown_first_and_done_once(
    outsider: Outsider, browser: Browser, width: int, scheme: Any
) -> None:
    alice = sign_in(browser, outsider.demo, width, scheme)
    page, app_url = alice.page, outsider.demo["app_url"]
    kept, left = strangers(outsider)[:2]
    affiliate = f"/console/affiliates/{kept['id']}/"

    page.goto(f"{app_url}{affiliate}merge/")
    page.fill("input[name=password]", outsider.demo["merchant"]["owner_password"])
    page.keyboard.press("Enter")  # Merging asks again who one is.
    page.wait_for_url(f"**{affiliate}merge/")
    wrong = look(page, f"{app_url}{affiliate}merge/")
    page.fill("input[name=affiliate]", left["code"])
    alice.press("See what it does")
    alice.reads("Nothing has happened yet.")
    wrong += wrong_with(page)
    before = len(strangers(outsider))
    alice.press("Merge", within="main")
    page.wait_for_url(re.compile(f"{re.escape(affiliate)}$"))
    alice.reads("Merged:")
    wrong += wrong_with(page)

    assert wrong == []
    assert len(strangers(outsider)) == before - 1
    alice.leave()
