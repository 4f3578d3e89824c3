"""One browser for all, one visitor's context for each test; no database."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.tracking.snippet.shop import CHROMIUM, Shop


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def shop(browser: Browser) -> Iterator[Shop]:
    context = browser.new_context()
    shop = Shop(context)
    yield shop
    context.close()
    assert shop.errors == []


@pytest.fixture(autouse=True)
def clean_database() -> None:
    """These pages need no database."""
