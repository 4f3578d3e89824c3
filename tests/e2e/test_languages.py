"""The portal's main paths in each language, as somebody goes who reads nothing else."""

from typing import Any

import pytest
from django.utils.translation import to_locale
from playwright.sync_api import Browser, expect

from stack import translations
from tests.e2e.accessibility import wrong_with
from tests.e2e.browser import Person, chromium, needs_chromium
from tests.e2e.outside import Outsider

pytestmark = [*needs_chromium, pytest.mark.e2e]

PATHS = (
    *(
        "",
        "links/",
        "links/new/",
        "clicks/",
        "conversions/",
        "earnings/",
        "payouts/",
        "claims/new/",
    ),
    *("programs/", "directory/", "payout-method/", "tax/", "documents/", "profile/", "people/"),
    *("reach/", "notifications/"),
)
NAMES = {"zh-hans": "简体中文", "zh-hant": "繁體中文"}


@pytest.fixture(scope="module")
def browser() -> Any:
    """Run one browser for all of these."""
    with chromium() as found:
        yield found


def english_of(locale: str) -> list[str]:
    """Return what a page in another language must not say: our longer sentences in English."""
    stored = translations.read(translations.catalogues()[locale])
    texts = (row.id if isinstance(row.id, str) else row.id[1] for row in stored)
    return [text for text in texts if text.count(" ") >= 3 and "%" not in text]


@pytest.mark.parametrize(("code", "width"), [("zh-hans", 1280), ("zh-hant", 390)])
def test_the_portal_speaks_each_language(
    outsider: Outsider, browser: Browser, code: str, width: int
) -> None:
    app, demo = outsider.demo["app_url"], outsider.demo
    bob = Person(browser, width=width)
    bob.open(f"{app}/accounts/login/")
    bob.press(NAMES[code])
    expect(bob.page.locator("html")).to_have_attribute("lang", code)
    bob.page.fill("input[name=login]", demo["affiliate"]["email"])
    bob.page.fill("input[name=password]", demo["affiliate"]["password"])
    bob.page.locator("form button[type=submit]", has_not_text=NAMES[code]).first.click()
    bob.page.wait_for_url(lambda url: "/accounts/login" not in url)
    english = english_of(to_locale(code))

    for path in PATHS:
        bob.open(f"{app}/portal/{path}")
        assert wrong_with(bob.page) == [], path
        expect(bob.page.locator("html")).to_have_attribute("lang", code)
        said = bob.page.locator("body").inner_text()
        assert [text for text in english if text in said] == [], path

    bob.leave()


def test_a_menu_changes_the_language_and_stays_on_the_page(
    outsider: Outsider, browser: Browser
) -> None:
    app, demo = outsider.demo["app_url"], outsider.demo
    bob = Person(browser)
    bob.sign_in(app, email=demo["affiliate"]["email"], password=demo["affiliate"]["password"])
    bob.open(f"{app}/portal/earnings/")
    bob.page.locator("details.ui-account summary").click()
    bob.press("繁體中文")
    bob.page.wait_for_url(f"{app}/portal/earnings/")
    expect(bob.page.locator("html")).to_have_attribute("lang", "zh-hant")
    expect(bob.page.locator("h1")).to_have_text("收益")
    bob.page.locator("details.ui-account summary").click()
    bob.press("English")
    expect(bob.page.locator("h1")).to_have_text("Earnings")
    bob.leave()
