"""Forms and links carry the click to where it is needed."""

from urllib.parse import parse_qs, urlsplit

from tests.tracking.snippet.shop import (
    CASHIER,
    CLICK,
    FORMS,
    GRANTED,
    IN_A_BROWSER,
    SHOP,
    Shop,
    kept,
    values_of,
)

pytestmark = IN_A_BROWSER


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
