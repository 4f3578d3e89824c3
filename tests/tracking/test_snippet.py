"""fl.js in a browser: it remembers clicks on the merchant's site, and only if it may."""

import base64
import json
import os
import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from interfaces.edge.snippet import BUILT, make_variant

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
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


GRANTED = 'data-consent="granted"'
GPC = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"


def kept(*clicks: str) -> dict[str, str]:
    """Return what is on the device when these clicks are kept."""
    text = ".".join(clicks)
    return {"fl_click": clicks[0], "fl_touches": text, "copy of fl_click": text}


# Consent -----------------------------------------------------------------------------------------


def test_without_consent_nothing_is_stored_and_the_address_remembers(shop):
    shop.visit(f"/?fl_click={CLICK}&via=bob&utm_source=x")

    assert shop.click() == CLICK
    assert shop.stored == {}
    assert shop.address == f"/?fl_click={CLICK}&via=bob&utm_source=x"


def test_consent_stores_the_click_and_tidies_the_address(shop):
    shop.visit(f"/cart?fl_click={CLICK}&via=bob&sub1=a&sub10=b&utm_source=x#top")
    shop.consent(True)

    assert shop.click() == CLICK
    assert shop.stored == kept(CLICK)
    assert shop.address == "/cart?utm_source=x#top"


def test_the_cookie_is_first_party_and_lasts_thirty_days_from_the_click(shop):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)

    cookie = next(one for one in shop.context.cookies() if one["name"] == "fl_click")
    days = (cookie["expires"] - shop.page.evaluate("Date.now()") / 1000) / DAY
    assert cookie["domain"] == "shop.acme.example"
    assert (cookie["path"], cookie["sameSite"], cookie["secure"]) == ("/", "Lax", True)
    assert days == pytest.approx(28, abs=0.01)


def test_the_next_page_knows_it(shop):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)
    shop.visit("/checkout")

    assert shop.click() == CLICK


def test_refusing_at_first_keeps_the_click_in_the_page_and_nowhere_else(shop):
    shop.visit(f"/?fl_click={CLICK}", body="<form data-fairlead></form>")
    shop.consent(False)

    assert shop.click() == CLICK
    assert values_of(shop, "form") == [CLICK]
    assert shop.stored == {}
    assert shop.address == f"/?fl_click={CLICK}"


def test_withdrawing_forgets_everything(shop):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED, body="<form data-fairlead></form>")
    shop.page.evaluate("fairlead.identify('c-1')")
    shop.consent(False)

    assert shop.click() is None
    assert shop.page.evaluate("fairlead.touches()") == []
    assert shop.stored == {}
    assert values_of(shop, "form") == [""]
    assert shop.page.eval_on_selector("input[name=fl_customer]", "field => field.value") == ""
    shop.visit("/checkout")
    assert shop.click() is None


QUEUE = '<script>(window.fairlead = window.fairlead || []).push(["consent", {}])</script>'


def test_consent_that_was_given_before_the_script_came_counts(shop):
    shop.visit(f"/?fl_click={CLICK}", before=QUEUE.replace("{}", "true"))

    assert shop.stored == kept(CLICK)


def test_a_refusal_that_came_before_the_script_finds_nothing_done(shop):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED, before=QUEUE.replace("{}", "false"))

    assert shop.click() == CLICK
    assert shop.stored == {}
    assert shop.address == f"/?fl_click={CLICK}"


@pytest.mark.parametrize(
    ("options", "program"),
    [('data-consent="never"', {}), (GRANTED, {"consent": "never"})],
)
def test_a_program_without_cookies_stores_nothing_even_with_consent(shop, options, program):
    shop.visit(f"/?fl_click={CLICK}", options=options, program=program)
    shop.consent(True)

    assert shop.click() == CLICK
    assert shop.stored == {}


def test_a_program_that_gives_up_cookies_clears_those_of_before(shop):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)
    shop.visit("/", options=GRANTED, program={"consent": "never"})

    assert shop.click() is None
    assert shop.stored == {}


def test_global_privacy_control_is_an_objection_that_no_call_overrules(shop):
    shop.context.add_init_script(GPC)
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)
    shop.consent(True)

    assert shop.click() == CLICK
    assert shop.stored == {}
    assert shop.address == f"/?fl_click={CLICK}"


TCF = """<script>
window.__tcfapi = (command, version, callback) => {
  window.answer = (said) => callback({eventStatus: "useractioncomplete", ...said}, true);
  callback({eventStatus: "cmpuishown", gdprApplies: true, purpose: {consents: {}}}, true);
};
</script>"""


@pytest.mark.parametrize(
    ("said", "may_store"),
    [
        ('{"gdprApplies": true, "purpose": {"consents": {"1": true}}}', True),
        ('{"gdprApplies": true, "purpose": {"consents": {"1": false, "2": true}}}', False),
        ('{"gdprApplies": false}', True),
    ],
)
def test_a_platform_of_the_tcf_may_answer_for_the_visitor(shop, said, may_store):
    shop.visit(f"/?fl_click={CLICK}", options='data-consent="tcf"', before=TCF)
    undecided = shop.stored
    shop.page.evaluate(f"answer({said})")

    assert undecided == {}
    assert shop.stored == (kept(CLICK) if may_store else {})


def test_the_tcfs_withdrawal_forgets_everything(shop):
    shop.visit(f"/?fl_click={CLICK}", options='data-consent="tcf"', before=TCF)
    for answer in ("true", "false"):
        shop.page.evaluate(f"answer({{gdprApplies: true, purpose: {{consents: {{1: {answer}}}}}}})")

    assert shop.click() is None
    assert shop.stored == {}


GOOGLE = """<script>
window.dataLayer = [];
function gtag() { dataLayer.push(arguments); }
</script>"""


@pytest.mark.parametrize(
    ("calls", "may_store"),
    [
        ("gtag('consent', 'default', {ad_storage: 'granted'})", True),
        ("gtag('consent', 'default', {ad_storage: 'denied'})", False),
        ("gtag('consent', 'default', {analytics_storage: 'granted'})", False),
        (
            "gtag('consent', 'default', {ad_storage: 'granted'});"
            "gtag('consent', 'default', {ad_storage: 'denied', region: ['DE']})",
            False,
        ),
        (
            "gtag('consent', 'default', {ad_storage: 'denied'}); gtag('js', new Date());"
            "gtag('consent', 'update', {ad_storage: 'granted'})",
            True,
        ),
    ],
)
def test_googles_consent_mode_may_answer_for_the_visitor(shop, calls, may_store):
    before = GOOGLE + f"<script>{calls}</script>"
    shop.visit(f"/?fl_click={CLICK}", options='data-consent="google"', before=before)

    assert shop.stored == (kept(CLICK) if may_store else {})


def test_what_google_is_told_later_counts_too(shop):
    shop.visit(f"/?fl_click={CLICK}", options='data-consent="google"', before=GOOGLE)
    before = shop.stored
    shop.page.evaluate("gtag('consent', 'update', {ad_storage: 'granted'})")
    granted = shop.stored
    shop.page.evaluate("gtag('consent', 'update', {ad_storage: 'denied'})")

    assert (before, granted, shop.stored) == ({}, kept(CLICK), {})
    assert shop.page.evaluate("dataLayer.length") == 2


# Touches -----------------------------------------------------------------------------------------


def test_a_later_click_takes_over_without_asking_again(shop):
    shop.visit(f"/?fl_click={CLICK}")
    shop.consent(True)
    shop.visit(f"/?fl_click={LATER}")

    assert shop.click() == LATER
    assert shop.stored == kept(LATER, CLICK)
    assert shop.address == "/"


def test_touches_are_known_with_their_times_the_newest_first(shop):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)
    shop.visit(f"/?fl_click={LATER}", options=GRANTED)

    touches = shop.page.evaluate("fairlead.touches()")
    assert [touch["click_id"] for touch in touches] == [LATER, CLICK]
    assert [datetime.fromisoformat(touch["at"]).timestamp() for touch in touches] == [
        pytest.approx(IMPORTED_AT - days * DAY, abs=60) for days in (1, 2)
    ]


def test_only_the_last_five_are_kept(shop):
    clicks = [click_of(0.1 - number / 100, str(number)) for number in range(7)]
    for click in clicks:
        shop.visit(f"/?fl_click={click}", options=GRANTED)

    assert shop.stored == kept(*reversed(clicks[2:]))


@pytest.mark.parametrize("again", [CLICK, OLD], ids=["a click", "an old one"])
def test_an_old_tab_or_bookmark_is_no_newer_click(shop, again):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)
    shop.visit(f"/?fl_click={LATER}", options=GRANTED)
    shop.visit(f"/?fl_click={again}", options=GRANTED)

    assert shop.click() == LATER
    assert shop.stored == kept(LATER, CLICK)


def test_a_click_older_than_the_window_is_known_but_not_stored(shop):
    shop.visit(f"/?fl_click={OLD}", options=GRANTED)

    assert shop.click() == OLD
    assert shop.stored == {}
    assert shop.address == f"/?fl_click={OLD}"


def test_the_program_says_how_long_the_window_is(shop):
    shop.visit(f"/?fl_click={OLD}", options=GRANTED, program={"days": "60"})

    assert shop.stored == kept(OLD)


def test_the_copy_serves_where_cookies_are_lost_until_it_is_too_old(shop):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)
    shop.context.clear_cookies()
    shop.visit("/checkout")
    with_copy = shop.click()
    shop.context.clear_cookies()
    shop.page.evaluate(f"localStorage.setItem('fl_click', '{OLD}')")
    shop.visit("/checkout")

    assert with_copy == CLICK
    assert shop.click() is None


def test_a_cookie_that_the_merchants_server_set_is_a_touch(shop):
    cookie = {"name": "fl_click", "value": CLICK, "url": SHOP}
    shop.context.add_cookies([cookie])
    shop.visit("/checkout")

    assert shop.click() == CLICK


@pytest.mark.parametrize("text", ["", "short", "x" * 39, "%3Cscript%3E", "A" * 37 + "%3B"])
def test_what_is_no_click_is_not_taken_for_one(shop, text):
    shop.visit(f"/?fl_click={text}", options=GRANTED)

    assert shop.click() is None
    assert shop.stored == {}


# Forms and links ---------------------------------------------------------------------------------

FORMS = """
<form id=asked data-fairlead></form><form id=other></form>
<form id=filled data-fairlead><input name=fl_click value=old></form>
"""


def values_of(shop: Shop, form: str) -> list[str]:
    """Return the values of a form's click fields."""
    values: list[str] = shop.page.eval_on_selector_all(
        f"{form} input[name=fl_click]", "fields => fields.map(field => field.value)"
    )
    return values


def test_forms_that_ask_for_it_carry_the_click_without_any_consent(shop):
    shop.visit(f"/?fl_click={CLICK}", body=FORMS)

    assert values_of(shop, "#asked") == [CLICK]
    assert values_of(shop, "#other") == []
    assert values_of(shop, "#filled") == [CLICK]
    assert shop.stored == {}


def test_forms_added_later_carry_it_too_and_once(shop):
    shop.visit(f"/?fl_click={CLICK}")
    shop.page.evaluate("document.body.insertAdjacentHTML('beforeend', `" + FORMS + "`)")
    shop.page.evaluate("document.getElementById('other').dataset.fairlead = ''")
    shop.page.evaluate("new Promise(done => setTimeout(done, 50))")

    assert values_of(shop, "#asked") == [CLICK]
    assert values_of(shop, "#other") == [CLICK]


def test_a_form_that_is_sent_in_the_moment_it_is_added_carries_it(shop):
    shop.visit(f"/?fl_click={CLICK}")
    shop.page.evaluate(
        """() => {
          document.body.insertAdjacentHTML(
            "beforeend", "<form id=quick data-fairlead action=/letter><input name=action></form>");
          document.getElementById("quick").submit();
        }"""
    )
    shop.page.wait_for_url(f"{SHOP}/letter?*")

    assert parse_qs(urlsplit(shop.page.url).query)["fl_click"] == [CLICK]


def test_without_a_click_forms_stay_as_they_are(shop):
    shop.visit("/", body=FORMS)

    assert values_of(shop, "#asked") == []
    assert values_of(shop, "#filled") == ["old"]


LINKS = f"""
<a id=abroad href="{CASHIER}/checkout?basket=1#pay">Pay</a>
<a id=below href="https://www.pay.example/">Pay</a>
<a id=alike href="https://notpay.example/">Pay</a>
<a id=own href="/about">About</a>
<a id=asked href="/signup" data-fairlead><b>Sign up</b></a>
<a id=mail href="mailto:a@pay.example" data-fairlead>Write</a>
<form id=buy action="{CASHIER}/checkout"><input name=action value=x></form>
"""


def leads_to(shop: Shop, link: str) -> str:
    """Return where a link leads once it is touched."""
    shop.page.eval_on_selector(
        f"#{link}", "link => link.dispatchEvent(new Event('pointerdown', {bubbles: true}))"
    )
    address: str = shop.page.eval_on_selector(f"#{link}", "link => link.getAttribute('href')")
    return address


def test_links_and_forms_to_the_other_domain_carry_the_click(shop):
    options = f'{GRANTED} data-domains="pay.example, other.example:8443"'
    shop.visit(f"/?fl_click={CLICK}", options=options, body=LINKS)

    assert leads_to(shop, "abroad") == f"{CASHIER}/checkout?basket=1&fl_click={CLICK}#pay"
    assert leads_to(shop, "below") == f"https://www.pay.example/?fl_click={CLICK}"
    assert leads_to(shop, "alike") == "https://notpay.example/"
    assert leads_to(shop, "own") == "/about"
    assert leads_to(shop, "asked") == f"{SHOP}/signup?fl_click={CLICK}"
    assert leads_to(shop, "mail") == "mailto:a@pay.example"
    assert values_of(shop, "#buy") == [CLICK]
    assert shop.page.evaluate(f"fairlead.decorate('{CASHIER}/x')") == (
        f"{CASHIER}/x?fl_click={CLICK}"
    )


def test_the_other_domain_learns_the_click_from_the_address(shop):
    shop.visit(f"/?fl_click={CLICK}", options='data-domains="pay.example"', body=LINKS)
    shop.page.click("#abroad")
    shop.page.wait_for_url(f"{CASHIER}/**")

    assert shop.click() == CLICK
    assert shop.stored == {}


def test_the_own_domain_may_carry_it_for_those_who_did_not_agree(shop):
    options = 'data-domains="shop.acme.example"'
    shop.visit(f"/?fl_click={CLICK}", options=options, body=LINKS)
    refused = leads_to(shop, "own")
    shop.visit(f"/?fl_click={CLICK}", options=f"{options} {GRANTED}", body=LINKS)

    assert refused == f"{SHOP}/about?fl_click={CLICK}"
    assert leads_to(shop, "own") == "/about"


def test_an_application_that_changes_its_address_keeps_the_click(shop):
    shop.visit(f"/?fl_click={CLICK}")
    shop.page.evaluate("history.pushState({}, '', '/step-2')")
    shop.page.evaluate("document.body.insertAdjacentHTML('beforeend', `" + LINKS + "`)")
    before = shop.address
    shop.consent(True)

    assert leads_to(shop, "asked") == f"{SHOP}/signup?fl_click={CLICK}"
    assert (before, shop.address) == ("/step-2", "/step-2")
    assert shop.stored == kept(CLICK)


# Visits by a code alone --------------------------------------------------------------------------

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
    assert shop.stored == kept(REPORTED)
    assert shop.address == "/shoes?utm_source=x"


def test_without_consent_the_address_takes_the_reported_click_and_is_not_reported_twice(shop):
    options = 'data-key="fl_pk_1" data-program="partners"'
    shop.visit("/shoes?via=bob&utm_source=x", options=options)
    shop.page.reload()
    shop.page.evaluate("fairlead.ready")

    assert shop.address == f"/shoes?via=bob&utm_source=x&fl_click={REPORTED}"
    assert len(shop.reports) == 1
    assert shop.click() == REPORTED
    assert shop.stored == {}


@pytest.mark.parametrize(
    ("path", "codes", "address"),
    [
        ("/?ref=bob&page=2", ["bob"], "/?page=2"),
        ("/?FPR=bob", ["bob"], "/"),
        ("/#a_aid=bob", ["bob"], "/"),
        ("/?ref=homepage&fpr=bob", ["homepage", "bob"], "/?ref=homepage"),
        ("/?ref=homepage", ["homepage"], "/?ref=homepage"),
        ("/?ref=https://news.example/", [], "/?ref=https://news.example/"),
        ("/?other=bob", [], "/?other=bob"),
        ("/?ref=bob&via=bob", ["bob"], "/?ref=bob"),
    ],
)
def test_parameters_of_an_earlier_system_work_on(shop, path, codes, address):
    shop.visit(path, options=REPORTS, program={"params": "ref,fpr,a_aid"})

    assert [said["code"] for _headers, said in shop.reports] == codes
    assert shop.click() == (REPORTED if "bob" in codes else None)
    assert shop.address == address


def test_the_tag_may_name_them_itself(shop):
    shop.visit("/?aff=bob", options=f'{REPORTS} data-params="ref, aff"')

    assert shop.click() == REPORTED


@pytest.mark.parametrize(
    ("path", "options"),
    [
        (f"/?via=bob&fl_click={CLICK}", REPORTS),
        ("/", REPORTS),
        ("/?via=bob", GRANTED),
        ("/?via=bob", 'data-key="fl_pk_1"'),
    ],
    ids=["the edge has counted it", "no code", "no key", "no program"],
)
def test_nothing_else_is_reported(shop, path, options):
    shop.visit(path, options=options)

    assert shop.reports == []


def test_a_report_that_fails_breaks_nothing_and_is_made_again_with_the_next_page(shop):
    shop.is_away = True
    shop.visit("/?via=bob", options=REPORTS)
    address, known = shop.address, shop.click()
    shop.is_away = False
    shop.visit(address, options=REPORTS)

    assert (known, address) == (None, "/?via=bob")
    assert shop.click() == REPORTED


def test_a_code_that_nobody_has_leaves_the_earlier_click(shop):
    shop.visit(f"/?fl_click={CLICK}", options=REPORTS)
    shop.visit("/?via=nobody", options=REPORTS)

    assert shop.click() == CLICK
    assert shop.address == "/?via=nobody"


# track and identify ------------------------------------------------------------------------------


def wait_for_pixel(shop: Shop) -> dict[str, str]:
    """Return the one pixel that was sent."""
    deadline = time.monotonic() + 5
    while not shop.pixels and time.monotonic() < deadline:
        shop.page.wait_for_timeout(20)
    (pixel,) = shop.pixels
    return pixel


def test_track_sends_the_pixel_with_the_click_and_who_was_identified(shop):
    queue = """<script>window.fairlead = [
      ["identify", "c-1", {coupon: "BOB10"}],
      ["track", "sale", {external_id: "4711", amount: "99.90", currency: "EUR", coupon: null}],
    ]</script>"""
    shop.visit("/?via=bob", options=REPORTS, before=queue)

    assert wait_for_pixel(shop) == {
        "program": "partners",
        "goal": "sale",
        "click_id": REPORTED,  # It waited for the report.
        "external_id": "4711",
        "amount": "99.90",
        "currency": "EUR",
        "customer": "c-1",
    }


def test_the_program_may_stand_in_the_scripts_address(shop):
    script = f'<script src="{EDGE}/fl.js?program=p-1"></script>'
    shop.visit("/", before=script)
    shop.page.evaluate("fairlead.track('signup')")

    assert wait_for_pixel(shop) == {"program": "p-1", "goal": "signup"}


def test_where_connections_are_forbidden_an_image_carries_it(shop):
    policy = f"default-src 'none'; script-src {EDGE}; img-src {EDGE}"
    shop.visit("/", options='data-program="p-1"', policy=policy)
    shop.page.evaluate("fairlead.track('signup', {external_id: 'x'})")

    assert wait_for_pixel(shop)["external_id"] == "x"


def test_forms_carry_who_was_identified(shop):
    shop.visit("/", body=FORMS)
    shop.page.evaluate("fairlead.identify(42)")

    fields = shop.page.eval_on_selector_all(
        "input[name=fl_customer]", "fields => fields.map(field => [field.form.id, field.value])"
    )
    assert fields == [["asked", "42"], ["filled", "42"]]
    assert shop.stored == {}


# Hostile surroundings ----------------------------------------------------------------------------


def test_blocked_storage_breaks_nothing(shop):
    shop.context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"])
             Object.defineProperty(window, name, {get() { throw new DOMException("no") }});
           Object.defineProperty(document, "cookie", {
             get() { throw new DOMException("no") }, set() { throw new DOMException("no") }});"""
    )
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED, body="<form data-fairlead></form>")
    shop.consent(True)

    assert shop.click() == CLICK
    assert values_of(shop, "form") == [CLICK]
    assert shop.address == f"/?fl_click={CLICK}"


def test_a_policy_that_forbids_everything_else_breaks_nothing(shop):
    policy = f"default-src 'none'; script-src {EDGE}; require-trusted-types-for 'script'"
    body = "<form data-fairlead></form>"
    shop.visit(f"/?fl_click={CLICK}", options=REPORTS, body=body, policy=policy)
    stored = shop.stored
    shop.visit("/?via=bob", options=REPORTS, policy=policy)
    shop.page.evaluate("fairlead.track('signup')")

    assert stored == kept(CLICK)
    assert shop.reports == shop.pixels == []


def test_calls_that_make_no_sense_throw_nothing(shop):
    queue = '<script>window.fairlead = [["nonsense"], null, ["identify"], "x"]</script>'
    shop.visit("/", before=queue)

    assert shop.page.evaluate("fairlead.push(['nothing'], 5, undefined)") is None
    assert shop.page.evaluate("fairlead.decorate('https://[')") is None
    shop.page.evaluate("fairlead.track()")


def test_loaded_twice_it_works_once(shop):
    script = f'<script src="{EDGE}/fl.js" {REPORTS}></script>'
    shop.visit("/?via=bob", options=REPORTS, before=script, body=FORMS)

    assert len(shop.reports) == 1
    assert values_of(shop, "#asked") == [REPORTED]


def test_it_adds_one_name_to_the_page(shop):
    shop.context.add_init_script("window.before = new Set(Object.keys(window))")
    shop.visit(f"/?fl_click={CLICK}", options=REPORTS)

    assert shop.page.evaluate("Object.keys(window).filter(name => !before.has(name))") == [
        "before",
        "fairlead",
    ]


def test_added_by_another_script_it_finds_its_own_tag(shop):
    loader = f"""<script>
      const tag = document.createElement("script");
      tag.src = "{EDGE}/fl.js"; tag.type = "module"; tag.dataset.consent = "granted";
      document.head.append(tag);
    </script>"""
    shop.context.route(
        f"{SHOP}/**",
        lambda route: route.fulfill(body=f"<!doctype html>{loader}", content_type="text/html"),
    )
    shop.context.route(
        f"{EDGE}/fl.js",
        lambda route: route.fulfill(
            body=make_variant(BUILT.read_bytes().rstrip(), {}).plain,
            content_type="text/javascript",
            headers={"access-control-allow-origin": "*"},
        ),
    )
    shop.page.goto(f"{SHOP}/?fl_click={CLICK}")
    shop.page.wait_for_function("window.fairlead && fairlead.click()")

    assert shop.stored == kept(CLICK)
