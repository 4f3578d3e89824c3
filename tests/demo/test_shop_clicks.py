"""A click finds its way through the demo shop, without scripts, cookies or one site alone."""

import re
from html import unescape
from urllib.parse import urlsplit

from tests.demo.shop import CLICK, CUSTOMER, Page, Program, Visitor


def test_a_click_id_of_the_address_travels_with_the_visitor(visitor: Visitor) -> None:
    page = visitor.ask("GET", f"/?fl_click={CLICK}")
    added = visitor.ask("POST", f"/cart?fl_click={CLICK}", slug="halyard", quantity="2")
    again = visitor.ask("POST", "/cart", slug="halyard", quantity="1", fl_click=CLICK)
    rubbish = visitor.ask("GET", "/?fl_click=%22%3E%3Cscript%3E")

    assert f'href="/products/halyard?fl_click={CLICK}"' in page.text
    assert urlsplit(added.headers["Location"]).query == f"basket=halyard:2&fl_click={CLICK}"
    assert again.headers["Location"] == f"/cart?fl_click={CLICK}"
    assert 'href="/products/halyard"' in rubbish.text


def follow(visitor: Visitor, page: Page, pattern: str) -> Page:
    """Open the address that a page has at this place, as a person without scripts does."""
    found = re.search(pattern, page.text)
    assert found
    return visitor.ask("GET", unescape(found[1]))


def test_without_scripts_and_cookies_an_order_is_placed_and_its_click_reported(
    visitor: Visitor, program: Program
) -> None:
    visitor.takes_cookies = False
    home = visitor.ask("GET", f"/?fl_click={CLICK}")
    article = follow(visitor, home, r'href="(/products/anchor-lamp[^"]*)"')
    form = re.search(r'method="post" action="(/cart[^"]*)"', article.text)
    assert form
    added = visitor.ask("POST", unescape(form[1]), slug="anchor-lamp", quantity="1")
    cart = visitor.ask("GET", added.headers["Location"])
    checkout = follow(visitor, cart, r'href="(/checkout[^"]*)"')
    form = re.search(r'method="post" action="(/checkout[^"]*)"', checkout.text)
    assert form

    placed = visitor.ask("POST", unescape(form[1]), **CUSTOMER)

    assert placed.status == 303
    assert f'name="fl_click" value="{CLICK}"' in checkout.text
    ((_headers, report),) = program.calls
    assert (report["click_id"], report["amount_minor"]) == (CLICK, 18_900)
    assert "basket" not in placed.headers["Location"]


def test_the_snippets_cookie_serves_where_no_form_says_the_click(
    visitor: Visitor, program: Program
) -> None:
    visitor.takes_cookies = False
    visitor.cookie = f"fl_click={CLICK}"

    visitor.ask("POST", "/checkout?basket=halyard:1", **CUSTOMER)

    assert [report["click_id"] for _headers, report in program.calls] == [CLICK]


def test_the_cashier_is_another_site_and_gets_basket_and_click(visitor: Visitor) -> None:
    visitor.ask("POST", "/cart", slug="halyard", quantity="2")
    cart = visitor.ask("GET", f"/cart?fl_click={CLICK}")
    cashier = f"localhost:{visitor.port}"

    link = f'href="http://{cashier}/checkout?basket=halyard:2&amp;fl_click={CLICK}"'
    assert link in cart.text
    assert f'data-domains="127.0.0.1:{visitor.port},{cashier}"' in cart.text
    there = Visitor(visitor.port)
    there.cookie = "basket=anchor-lamp:1"  # Left there another day.
    page = there.send("GET", "/checkout?basket=halyard:2", None, {"Host": cashier})
    assert "€178.00" in page.text
    assert 'action="/checkout?basket=halyard:2"' in page.text


def test_under_a_name_of_its_own_the_shop_has_no_cashier(visitor: Visitor) -> None:
    visitor.ask("POST", "/cart", slug="halyard", quantity="2")

    page = visitor.send("GET", "/cart", None, {"Host": "shop.example"})

    assert "cashier" not in page.text
    assert 'data-domains="shop.example"' in page.text
