"""The pages for people: from our own files alone, under the strict policy, without exception."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Route, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
ORIGIN = "http://localhost"  # Chromium trusts this name without TLS.


def test_the_pages_load_nothing_from_elsewhere_and_hold_no_script() -> None:
    response = Client().get("/api/v1/docs/")

    text = response.content.decode()
    assert response.status_code == 200
    assert response.headers["Content-Security-Policy"] == settings.CONTENT_SECURITY_POLICY
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)
    assert all(link.startswith("/") for link in re.findall(r'(?:src|href)="([^"]+)"', text))


def test_the_script_is_served_as_one() -> None:
    response = Client().get("/api/v1/docs/?script=")

    assert response.headers["Content-Type"].startswith("application/javascript")
    assert "openapi.json" in response.content.decode()


def serve(route: Route) -> None:
    """Answer a browser's request by the application, or from its static files."""
    path = route.request.url.removeprefix(ORIGIN)
    if path.startswith(settings.STATIC_URL):
        found = finders.find(path.removeprefix(settings.STATIC_URL))
        assert isinstance(found, str)
        route.fulfill(path=Path(found))
        return
    response = Client().get(path)
    route.fulfill(
        status=response.status_code, headers=dict(response.headers), body=response.content
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium in $CHROMIUM or PATH")
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_work_under_the_strict_policy(browser: Browser, width: int) -> None:
    errors: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(150_000)  # Hundreds of operations are laid out, on a busy machine.
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    page.route("**/*", serve)

    page.goto(f"{ORIGIN}/api/v1/docs/")
    page.locator("#operations-tag-conversions").click()
    operation = page.locator("#operations-conversions-reportConversion")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_text("order-1001").first.wait_for()

    assert errors == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
