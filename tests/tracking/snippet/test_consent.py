"""Nothing is kept on a device unless the visitor agreed."""

import pytest

from tests.tracking.snippet.shop import (
    CLICK,
    DAY,
    GPC,
    GRANTED,
    IMPORTED_AT,
    IN_A_BROWSER,
    kept,
    values_of,
)

pytestmark = IN_A_BROWSER


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
    days = (cookie["expires"] - IMPORTED_AT) / DAY  # The click was made two days before that.
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
