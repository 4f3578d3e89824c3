"""fl.js in a browser: it remembers a click on the merchant's site, and only with consent."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium in $CHROMIUM or PATH"),
]

SNIPPET = (Path(__file__).parents[2] / "assets" / "js" / "fl.js").read_text(encoding="utf-8")
SHOP, EDGE = "https://shop.acme.example", "https://edge.example"
CLICK, LATER, REPORTED = "A" * 38, "B" * 38, "C" * 38


class Shop:
    """A merchant's pages with the snippet on them, in one visitor's browser."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.context = context
        self.reports: list[tuple[dict[str, str], dict[str, object]]] = []
        self.answer_status = 201
        self.options = ""
        self.body = ""
        self.before = ""
        context.route(f"{SHOP}/**", self._serve_page)
        context.route(f"{EDGE}/fl.js", self._serve_snippet)
        context.route(f"{EDGE}/t", self._take_report)

    def visit(
        self, path: str = "/", *, options: str = "", body: str = "", before: str = ""
    ) -> None:
        """Open a page whose snippet has these options; return when the snippet is ready."""
        self.options, self.body, self.before = options, body, before
        self.page.goto(f"{SHOP}{path}")
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
    def stored(self) -> list[str]:
        """Return everything that is on the device: cookies' and storage's values."""
        copies = self.page.evaluate("Object.values(localStorage)")
        return [*self.cookies.values(), *(json.loads(copy)["click"] for copy in copies)]

    def _serve_page(self, route: Route) -> None:
        script = f'<script src="{EDGE}/fl.js" {self.options}></script>'
        html = f"<!doctype html><title>Shop</title>{self.before}{script}<body>{self.body}"
        route.fulfill(body=html, content_type="text/html")

    def _serve_snippet(self, route: Route) -> None:
        route.fulfill(body=SNIPPET, content_type="text/javascript")

    def _take_report(self, route: Route) -> None:
        headers = {
            "access-control-allow-origin": "*",
            "access-control-allow-headers": "*, authorization",
        }
        if route.request.method == "OPTIONS":
            route.fulfill(status=204, headers=headers)
            return
        self.reports.append((route.request.headers, route.request.post_data_json))
        content = json.dumps({"click_id": REPORTED} if self.answer_status == 201 else {})
        route.fulfill(status=self.answer_status, headers=headers, body=content)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def shop(browser: Browser) -> Iterator[Shop]:
    context = browser.new_context()
    yield Shop(context)
    context.close()


@pytest.fixture(autouse=True)
def clean_database() -> None:
    """These pages need no database."""


GRANTED = 'data-consent="granted"'


def test_without_consent_nothing_is_stored_and_the_address_remembers(shop):
    shop.visit(f"/?fl_click={CLICK}&via=bob&utm_source=x")

    assert shop.click() == CLICK
    assert shop.stored == []
    assert shop.address == f"/?fl_click={CLICK}&via=bob&utm_source=x"


def test_consent_stores_the_click_and_tidies_the_address(shop):
    shop.visit(f"/cart?fl_click={CLICK}&via=bob&sub1=a&sub10=b&utm_source=x#top")
    shop.consent(True)

    assert shop.click() == CLICK
    assert shop.stored == [CLICK, CLICK]
    assert shop.address == "/cart?utm_source=x#top"


def test_the_cookie_is_first_party_and_lasts_thirty_days(shop):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)

    (cookie,) = shop.context.cookies()
    days = (cookie["expires"] - shop.page.evaluate("Date.now()") / 1000) / 86_400
    assert cookie["domain"] == "shop.acme.example"
    assert (cookie["path"], cookie["sameSite"], cookie["secure"]) == ("/", "Lax", True)
    assert days == pytest.approx(30, abs=0.01)


def test_the_next_page_knows_it(shop):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)
    shop.visit("/checkout")

    assert shop.click() == CLICK


def test_a_later_click_takes_over_without_asking_again(shop):
    shop.visit(f"/?fl_click={CLICK}")
    shop.consent(True)
    shop.visit(f"/?fl_click={LATER}")

    assert shop.click() == LATER
    assert shop.stored == [LATER, LATER]
    assert shop.address == "/"


def test_refusing_deletes_what_was_stored(shop):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)
    shop.consent(False)
    known = shop.click()
    shop.visit("/checkout")

    assert known == CLICK
    assert shop.stored == []
    assert shop.click() is None


def test_consent_that_was_given_before_the_script_came_counts(shop):
    queue = '<script>(window.fairlead = window.fairlead || []).push(["consent", true])</script>'
    shop.visit(f"/?fl_click={CLICK}", before=queue)

    assert shop.stored == [CLICK, CLICK]


def test_a_program_without_cookies_stores_nothing_even_with_consent(shop):
    shop.visit(f"/?fl_click={CLICK}", options='data-consent="never"')
    shop.consent(True)

    assert shop.click() == CLICK
    assert shop.stored == []


def test_global_privacy_control_is_an_objection_to_storing_unasked(browser):
    context = browser.new_context()
    context.add_init_script(
        "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"
    )
    shop = Shop(context)
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)

    assert shop.click() == CLICK
    assert shop.stored == []
    context.close()


def test_the_copy_serves_where_the_cookie_is_lost_until_it_is_too_old(shop):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)
    shop.context.clear_cookies()
    shop.visit("/checkout")
    with_copy = shop.click()
    shop.context.clear_cookies()
    shop.page.evaluate(
        "localStorage.setItem('fl_click', JSON.stringify({click: fairlead.click(), until: 1}))"
    )
    shop.visit("/checkout")

    assert with_copy == CLICK
    assert shop.click() is None


@pytest.mark.parametrize("text", ["", "short", "x" * 39, "%3Cscript%3E", "A" * 37 + "%3B"])
def test_what_is_no_click_is_not_taken_for_one(shop, text):
    shop.visit(f"/?fl_click={text}", options=GRANTED)

    assert shop.click() is None
    assert shop.stored == []


def test_blocked_storage_breaks_nothing(browser):
    context = browser.new_context()
    context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"])
             Object.defineProperty(window, name, {get() { throw new DOMException("no") }});
           Object.defineProperty(document, "cookie", {
             get() { throw new DOMException("no") }, set() { throw new DOMException("no") }});"""
    )
    shop = Shop(context)
    errors: list[str] = []
    shop.page.on("pageerror", lambda error: errors.append(str(error)))
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED, body="<form data-fairlead></form>")
    shop.consent(True)

    assert shop.click() == CLICK
    assert shop.page.eval_on_selector("input[name=fl_click]", "field => field.value") == CLICK
    assert shop.address == f"/?fl_click={CLICK}"
    assert errors == []
    context.close()


FORMS = """
<form id=asked data-fairlead></form><form id=other></form>
<form id=filled data-fairlead><input name=fl_click value=old></form>
"""


def values_of(shop: Shop, form: str) -> list[str]:
    """Return the values of a form's click fields."""
    values: list[str] = shop.page.eval_on_selector_all(
        f"#{form} input[name=fl_click]", "fields => fields.map(field => field.value)"
    )
    return values


def test_forms_that_ask_for_it_carry_the_click_without_any_consent(shop):
    shop.visit(f"/?fl_click={CLICK}", body=FORMS)

    assert values_of(shop, "asked") == [CLICK]
    assert values_of(shop, "other") == []
    assert values_of(shop, "filled") == [CLICK]
    assert shop.stored == []


def test_forms_added_later_carry_it_too_and_once(shop):
    shop.visit(f"/?fl_click={CLICK}")
    shop.page.evaluate("document.body.insertAdjacentHTML('beforeend', `" + FORMS + "`)")
    shop.page.evaluate("document.getElementById('other').dataset.fairlead = ''")
    shop.page.evaluate("new Promise(done => setTimeout(done, 50))")

    assert values_of(shop, "asked") == [CLICK]
    assert values_of(shop, "other") == [CLICK]


def test_without_a_click_forms_stay_as_they_are(shop):
    shop.visit("/", body=FORMS)

    assert values_of(shop, "asked") == []


REPORTS = f'{GRANTED} data-key="fl_pk_1" data-program="partners"'


def test_a_visit_by_referral_code_alone_is_reported(shop):
    shop.visit("/shoes?via=bob&sub1=a&utm_source=x", options=REPORTS)

    ((headers, said),) = shop.reports
    assert headers["authorization"] == "Bearer fl_pk_1"
    assert said == {
        "program": "partners",
        "code": "bob",
        "url": f"{SHOP}/shoes",
        "referrer": "",
        "subs": {"sub1": "a"},
    }
    assert shop.click() == REPORTED
    assert shop.stored == [REPORTED, REPORTED]
    assert shop.address == "/shoes?utm_source=x"


@pytest.mark.parametrize(
    ("_case", "path", "options"),
    [
        ("the edge has counted it", f"/?via=bob&fl_click={CLICK}", REPORTS),
        ("no code", "/", REPORTS),
        ("no key", "/?via=bob", GRANTED),
        ("no program", "/?via=bob", 'data-key="fl_pk_1"'),
    ],
)
def test_nothing_else_is_reported(shop, _case, path, options):
    shop.visit(path, options=options)

    assert shop.reports == []


def test_a_report_that_fails_breaks_nothing(shop):
    shop.answer_status = 503
    shop.visit("/?via=bob", options=REPORTS)

    assert shop.click() is None
    assert len(shop.reports) == 1
    assert shop.address == "/?via=bob"
