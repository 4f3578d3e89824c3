"""Every page of rates, at two widths and in both themes: nothing spills, everything is named."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.accessibility import wrong_with
from tests.e2e.browser import Person, chromium, needs_chromium
from tests.e2e.outside import Outsider

pytestmark = [*needs_chromium, pytest.mark.e2e]

PROGRAM_PAGES = (
    *("rates/", "rates/rules/new/", "tiers/", "tiers/new/", "promotions/", "promotions/new/"),
    *("budgets/", "budgets/new/", "simulator/", "backtests/", "backtests/new/"),
    *("recomputes/", "recomputes/new/", "experiments/", "experiments/new/", "attribution/"),
)
CONSOLE_PAGES = (
    *("claims/", "grants/", "settings/currencies/", "settings/currencies/new/"),
    *("commissions/", "conversions/"),
)
PORTAL_PAGES = ("", "claims/", "claims/new/", "conversions/", "earnings/", "programs/")
FIRST_LINKS = {  # Pages that are found on others: the first link that leads there.
    "/console/claims/": "a[href^='/console/claims/0']",
    "/console/conversions/": "main a[href^='/console/conversions/0']",
    "/portal/claims/": "a[href^='/portal/claims/0']",
    "/portal/conversions/": "main a[href^='/portal/conversions/0']",
    "/portal/programs/": "main a[href^='/portal/programs/0']",
}
RING = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  if (one === document.body || one.checkVisibility({visibilityProperty: true}) === false) return "";
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0
    || style.boxShadow !== "none";
  return seen ? "" : one.outerHTML.slice(0, 120);
}"""


@pytest.fixture(scope="module")
def browser() -> Any:
    """Run one browser for all widths and themes."""
    with chromium() as found:
        yield found


def look(page: Page, url: str) -> list[str]:
    """Return what is wrong with a page."""
    answer = page.goto(url)
    assert answer is not None
    found = wrong_with(page)
    if answer.status != 200:
        found.append(f"status {answer.status}")
    return [f"{page.url}: {one}" for one in found]


def walk(page: Page, app_url: str, paths: list[str]) -> list[str]:
    """Look at pages, and at the first of what they lead to; return what is wrong."""
    wrong = []
    for path in paths:
        wrong += look(page, app_url + path)
        if path in FIRST_LINKS:
            link = page.locator(FIRST_LINKS[path]).first.get_attribute("href")
            wrong += look(page, app_url + str(link))
    return wrong


def pages_of_console(program_id: str) -> list[str]:
    """Return the console's pages of rates."""
    program = f"/console/programs/{program_id}/"
    return [program + path for path in PROGRAM_PAGES] + [f"/console/{p}" for p in CONSOLE_PAGES]


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (390, "dark")], ids=["a desk", "a phone at night"]
)
def test_pages_are_whole_and_named(
    outsider: Outsider, browser: Browser, width: int, scheme: Any
) -> None:
    demo = outsider.demo
    merchant, affiliate = demo["merchant"], demo["affiliate"]
    alice, bob = Person(browser, width=width), Person(browser, width=width)
    for person in (alice, bob):
        person.page.emulate_media(color_scheme=scheme)
    alice.sign_in(
        demo["app_url"], email=merchant["owner_email"], password=merchant["owner_password"]
    )
    bob.sign_in(demo["app_url"], email=affiliate["email"], password=affiliate["password"])

    console = walk(alice.page, demo["app_url"], pages_of_console(demo["program"]["id"]))
    terms = f"programs/{affiliate['enrollment_id']}/rates/"
    portal = walk(bob.page, demo["app_url"], [f"/portal/{path}" for path in (*PORTAL_PAGES, terms)])

    assert console + portal == []
    alice.leave()
    bob.leave()


def test_the_keyboard_is_enough(outsider: Outsider, browser: Browser) -> None:
    demo = outsider.demo
    merchant = demo["merchant"]
    alice = Person(browser)
    page = alice.page
    alice.sign_in(
        demo["app_url"], email=merchant["owner_email"], password=merchant["owner_password"]
    )

    unseen = []
    page.goto(f"{demo['app_url']}/console/programs/{demo['program']['id']}/budgets/")
    for _press in range(40):
        page.keyboard.press("Tab")
        unseen.append(page.evaluate(RING))
    page.get_by_role("button", name="End", exact=True).first.focus()
    page.keyboard.press("Enter")
    asked = page.locator("dialog[open]").count()
    page.keyboard.press("Escape")

    assert [one for one in unseen if one] == []
    assert (asked, page.locator("dialog[open]").count()) == (1, 0)
    page.goto(f"{demo['app_url']}/console/conversions/")
    page.get_by_text("More filters").focus()
    page.keyboard.press("Enter")
    source = page.locator("select[name=source]")
    assert source.is_visible()
    source.focus()
    page.keyboard.press("Escape")
    assert not source.is_visible()
    alice.leave()
