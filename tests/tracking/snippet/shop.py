"""A merchant's shop with the snippet on its pages, and clicks that it may be given."""

import base64
import json
import os
import shutil
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from interfaces.edge.snippet import BUILT, make_variant

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium in $CHROMIUM or PATH"),
]

SHOP, CASHIER, EDGE = "https://shop.acme.example", "https://pay.example", "https://edge.example"
DAY = 86_400


def click_of(days_ago: float, sign: str = "A") -> str:
    """Return what looks like a click id of that time; its signature nobody checks here."""
    made_ms = int((time.time() - days_ago * DAY) * 1_000)
    return base64.urlsafe_b64encode(made_ms.to_bytes(6)).decode() + sign * 30


IMPORTED_AT = time.time()
CLICK, LATER, REPORTED = click_of(2), click_of(1, "B"), click_of(0, "C")
OLD = click_of(31, "D")


class Shop:
    """A merchant's pages with the snippet on them, in one visitor's browser."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.context = context
        self.reports: list[tuple[dict[str, str], dict[str, object]]] = []
        self.known_codes = {"bob"}
        self.is_away = False
        self.pixels: list[dict[str, str]] = []
        self.errors: list[str] = []
        self.options = self.body = self.before = self.policy = ""
        self.program: dict[str, str] = {}
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        for site in (SHOP, CASHIER):
            context.route(f"{site}/**", self._serve_page)
        context.route(f"{EDGE}/fl.js*", self._serve_snippet)
        context.route(f"{EDGE}/t", self._take_report)
        context.route(f"{EDGE}/px.gif*", self._take_pixel)

    def visit(
        self,
        path: str = "/",
        *,
        options: str = "",
        body: str = "",
        before: str = "",
        policy: str = "",
        program: dict[str, str] | None = None,
    ) -> None:
        """Open a page whose snippet has these options; return when the snippet is ready."""
        self.options, self.body, self.before, self.policy = options, body, before, policy
        self.program = program or {}
        self.page.goto(path if path.startswith("https:") else f"{SHOP}{path}")
        self.page.evaluate("fairlead.ready")

    def click(self) -> str | None:
        """Return what the page knows as the click."""
        known: str | None = self.page.evaluate("fairlead.click()")
        return known

    def consent(self, given: bool) -> None:
        """Let the visitor decide."""
        self.page.evaluate(f"fairlead.consent({json.dumps(given)})")

    @property
    def address(self) -> str:
        """Return the page's address as the visitor sees it, from its path on."""
        return self.page.url.removeprefix(SHOP)

    @property
    def cookies(self) -> dict[str, str]:
        """Return the cookies by name."""
        return {cookie["name"]: cookie["value"] for cookie in self.context.cookies()}

    @property
    def stored(self) -> dict[str, str]:
        """Return everything that is on the device, without what is the same in two places."""
        copies = self.page.evaluate("Object.entries(localStorage)")
        return {**self.cookies, **{f"copy of {name}": text for name, text in copies}}

    def _serve_page(self, route: Route) -> None:
        script = f'<script src="{EDGE}/fl.js" {self.options}></script>'
        html = f"<!doctype html><title>Shop</title>{self.before}{script}<body>{self.body}"
        headers = {"content-security-policy": self.policy} if self.policy else {}
        route.fulfill(body=html, content_type="text/html", headers=headers)

    def _serve_snippet(self, route: Route) -> None:
        variant = make_variant(BUILT.read_bytes().rstrip(), self.program)
        route.fulfill(body=variant.plain, content_type="text/javascript")

    def _take_report(self, route: Route) -> None:
        headers = {
            "access-control-allow-origin": "*",
            "access-control-allow-headers": "*, authorization",
        }
        if self.is_away:
            route.abort()
        elif route.request.method == "OPTIONS":
            route.fulfill(status=204, headers=headers)
        else:
            said = route.request.post_data_json
            self.reports.append((route.request.headers, said))
            known = said["code"] in self.known_codes
            content = json.dumps({"click_id": REPORTED} if known else {"code": "not_found"})
            route.fulfill(status=201 if known else 404, headers=headers, body=content)

    def _take_pixel(self, route: Route) -> None:
        query = parse_qs(urlsplit(route.request.url).query)
        self.pixels.append({name: values[0] for name, values in query.items()})
        route.fulfill(status=200, content_type="image/gif", body=b"")


GRANTED = 'data-consent="granted"'
REPORTS = f'{GRANTED} data-key="fl_pk_1" data-program="partners"'
FORMS = """
<form id=asked data-fairlead></form><form id=other></form>
<form id=filled data-fairlead><input name=fl_click value=old></form>
"""
GPC = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"


def kept(*clicks: str) -> dict[str, str]:
    """Return what is on the device when these clicks are kept."""
    text = ".".join(clicks)
    return {"fl_click": clicks[0], "fl_touches": text, "copy of fl_click": text}


def values_of(shop: Shop, form: str) -> list[str]:
    """Return the values of a form's click fields."""
    values: list[str] = shop.page.eval_on_selector_all(
        f"{form} input[name=fl_click]", "fields => fields.map(field => field.value)"
    )
    return values
