"""A person at a browser: opens pages, signs in, presses what is written on the page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.outside import BROWSER

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
# Chromium without a window calls itself HeadlessChrome, and clicks of robots are not credited.
USER_AGENT = BROWSER["User-Agent"]
needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium in $CHROMIUM or PATH"),
]


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """Run Chromium without a window, with further arguments."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, *arguments]
        )
        yield browser
        browser.close()


class Person:
    """One person with a browser profile of their own. Errors on any page fail the test."""

    def __init__(self, browser: Browser, *, width: int = 1280) -> None:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            accept_downloads=True,
            user_agent=USER_AGENT,
        )
        self.page: Page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console",
            lambda message: self.errors.append(message.text) if message.type == "error" else None,
        )

    def open(self, url: str) -> None:
        """Go to an address."""
        self.page.goto(url)

    def sign_in(self, app_url: str, *, email: str, password: str) -> None:
        """Sign in by the form."""
        self.open(f"{app_url}/accounts/login/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", password)
        self.press("Sign In")
        self.page.wait_for_url(lambda url: "/accounts/login" not in url)

    def press(self, label: str, *, within: str = "body") -> None:
        """Press the button with exactly this label."""
        self.page.locator(within).get_by_role("button", name=label, exact=True).first.click()

    def follow(self, label: str) -> None:
        """Follow the first link with this text."""
        self.page.get_by_role("link", name=label).first.click()

    def reads(self, text: str) -> None:
        """Wait until the page says this."""
        self.page.get_by_text(text).first.wait_for()

    def leave(self) -> None:
        """Close the browser profile; nothing may have gone wrong on any page."""
        self.page.context.close()
        assert self.errors == []
