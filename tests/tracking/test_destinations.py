"""Destinations: links lead to the program's own hosts and nowhere else, whatever is written."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.addresses import Address, places_of, read_address
from tracking.destinations import (
    address_of,
    host_of,
    read_allowed,
    read_deep_link,
    read_stored,
)

LANDING = "https://shop.acme.example/"
PLACES = places_of(LANDING, ("blog.acme.example", "Test.Acme.example:8443", "bücher.example"))
LONG = "https://shop.acme.example/" + "a" * 2_000


def where(deep_link: str, *, stored_url: str = "") -> str:
    """Return the address that a click with this deep link leads to."""
    chosen = chosen_for(deep_link, stored_url=stored_url)
    assert chosen is not None
    return address_of(chosen)


def chosen_for(deep_link: str, *, stored_url: str = "") -> Address | None:
    """Return what a link without destinations of its program leads to."""
    return (
        read_deep_link(deep_link, PLACES)
        or read_allowed(stored_url, PLACES)
        or read_stored(LANDING)
    )


@pytest.mark.parametrize(
    ("deep_link", "expected"),
    [
        ("https://shop.acme.example/shoes", "https://shop.acme.example/shoes"),
        ("https://shop.acme.example", "https://shop.acme.example/"),
        ("http://shop.acme.example/shoes", "http://shop.acme.example/shoes"),
        ("HTTPS://SHOP.ACME.example/Shoes", "https://shop.acme.example/Shoes"),
        ("https://shop.acme.example:443/shoes", "https://shop.acme.example/shoes"),
        ("https://shop.acme.example:/shoes", "https://shop.acme.example/shoes"),
        ("https://blog.acme.example/a?b=c&d=%20e#f", "https://blog.acme.example/a?b=c&d=%20e#f"),
        ("https://test.acme.example:8443/", "https://test.acme.example:8443/"),
        ("https://bücher.example/ü?q=ß", "https://xn--bcher-kva.example/%C3%BC?q=%C3%9F"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
        ("https://shop.acme.example/red shoes", "https://shop.acme.example/red%20shoes"),
        ("https://shop.acme.example//evil.example", "https://shop.acme.example//evil.example"),
        (
            "https://shop.acme.example/?next=//evil.example",
            "https://shop.acme.example/?next=//evil.example",
        ),
        ("https://shop.acme.example/@evil.example", "https://shop.acme.example/@evil.example"),
    ],
)
def test_a_deep_link_to_an_allowed_place_is_followed(deep_link, expected):
    assert where(deep_link) == expected


ATTACKS = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example",
    "https://evil.example",
    "https://evil.example/shop.acme.example",
    "https://evil.example?shop.acme.example",
    "https://evil.example#@shop.acme.example",
    "https://evil.example\\@shop.acme.example",
    "https://evil.example\\.shop.acme.example",
    "https://shop.acme.example\\@evil.example",
    "https://shop.acme.example@evil.example",
    "https://shop.acme.example:443@evil.example",
    "https://shop.acme.example:pw@evil.example/",
    "https://user@shop.acme.example/",
    "https://@shop.acme.example/",
    "https://shop.acme.example%40evil.example",
    "https://shop.acme.example%2eevil.example",
    "https://shop.acme.example.evil.example",
    "https://shop.acme.example.",
    "https://evilshop.acme.example",
    "https://sub.shop.acme.example",
    "https://acme.example",
    "https://shop.acme.example:8443/",
    "https://shop.acme.example:80/",
    "https://test.acme.example/",
    "https://shop.acme.example:99999/",
    "https://shop.acme.example:-1/",
    "https://shop.acme.example:4４3/",
    "https://shop.acme.example:443:443/",
    "https://[::1]/",
    "https://[shop.acme.example]/",
    "https://[::1/",
    "https://2130706433/",
    "javascript:alert(1)",
    "javascript://shop.acme.example/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "ftp://shop.acme.example/",
    "file://shop.acme.example/etc/passwd",
    "intent://shop.acme.example/#Intent;scheme=http;end",
    "mailto:bob@shop.acme.example",
    "shop.acme.example",
    "/shoes",
    "?x",
    "#x",
    "",
    " ",
    "\0",
    "https://",
    "https://.",
    "https://shop.acme.example\r\nSet-Cookie: a=b",
    "https://shop.acme.example/\r\n\r\n<script>",
    "https://shop.acme.example\t.evil.example",
    "ht\ntps://shop.acme.example/",
    "https://evil.example\u2028shop.acme.example",
    "https://shop.acme.example\x85/",
    "https://shоp.acme.example/",  # A Cyrillic о.
    "https://shop.acme.exämple/",
    "https://shop。acme。example.evil.example/",
    "https://shop.acme.example／evil.example/",
    "https://shop.acme.example℀evil.example/",
    "https://xn--a.example/",
    "https://xn--\ud800.example/",
    "https://b" + "ü" * 70 + ".example/",
    LONG,
]


@pytest.mark.parametrize("deep_link", ATTACKS)
def test_anything_else_leads_to_the_landing_page(deep_link):
    assert where(deep_link) == LANDING


@pytest.mark.parametrize("deep_link", ATTACKS)
def test_anything_else_leads_to_the_links_own_page_if_it_has_one(deep_link):
    assert where(deep_link, stored_url=f"{LANDING}sale") == f"{LANDING}sale"


@pytest.mark.parametrize("stored_url", ATTACKS)
def test_a_stored_page_that_is_not_allowed_any_more_is_not_used(stored_url):
    assert where("", stored_url=stored_url) == LANDING


@given(st.text(max_size=60))
def test_no_text_leads_elsewhere(text):
    for deep_link in (text, f"https://{text}", f"https://shop.acme.example{text}"):
        chosen = chosen_for(deep_link)

        assert chosen is not None
        assert chosen.place in PLACES
        assert address_of(chosen).isascii()
        assert address_of(chosen).isprintable()


@pytest.mark.parametrize(
    ("host", "allowed", "refused"),
    [
        ("Shop.Example", "https://shop.example/", "https://shop.example:8443/"),
        ("shop.example:8443", "https://shop.example:8443/", "https://shop.example/"),
        ("https://shop.example/path", "https://shop.example/", "https://path/"),
        ("127.0.0.1:8002", "http://127.0.0.1:8002/cart", "http://127.0.0.1/"),
    ],
)
def test_the_list_is_exact_and_a_port_must_be_listed(host, allowed, refused):
    places = places_of(LANDING, (host,))

    assert read_allowed(allowed, places)
    assert not read_allowed(refused, places)


@pytest.mark.parametrize("entry", ["", " ", "*", "*.example", "a b", "user@shop.example", "//"])
def test_an_entry_that_is_no_host_allows_nothing(entry):
    assert places_of(LANDING, (entry,)) == {"shop.acme.example"}


def test_the_landing_pages_own_port_is_allowed():
    assert places_of("http://127.0.0.1:8002/", ()) == {"127.0.0.1:8002"}


def test_takes_an_address_apart():
    assert read_address("https://shop.example:8443/a/{sub1}?b={c}#d") == Address(
        "https", "shop.example:8443", "/a/{sub1}", "b={c}", "d"
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Blog.example:8080/post?x", "blog.example"),
        ("http://127.0.0.1:8002/", "127.0.0.1"),
        ("android-app://com.example.app/", "com.example.app"),
        ("about:blank", ""),
        ("https://[::1", ""),
        ("<script>", ""),
        ("", ""),
        ("https://" + "a" * 300 + "/", ""),
    ],
)
def test_names_the_host_of_a_referrer(url, host):
    assert host_of(url) == host


def test_no_referrer_fills_the_memory():
    for number in range(20):
        assert host_of(f"https://blog.example/{number}" + "x" * 400_000) == "blog.example"

    tracemalloc.start()
    for number in range(100, 120):
        host_of(f"https://blog.example/{number}" + "x" * 400_000)
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 200_000


# The address that is sent ------------------------------------------------------------------------

OWN = [("fl_click", "TOKEN"), ("via", "bob")]


@pytest.mark.parametrize(
    ("destination", "passed", "expected"),
    [
        ("https://a.example", [], "https://a.example/?fl_click=TOKEN&via=bob"),
        ("https://a.example/?", [], "https://a.example/?fl_click=TOKEN&via=bob"),
        ("https://a.example/p#f", [], "https://a.example/p?fl_click=TOKEN&via=bob#f"),
        ("https://a.example/?x=1#f", [], "https://a.example/?x=1&fl_click=TOKEN&via=bob#f"),
        ("https://a.example/?x=%26&y", [], "https://a.example/?x=%26&y&fl_click=TOKEN&via=bob"),
        (
            "https://a.example/?via=eve&x=1&fl_click=old",
            [],
            "https://a.example/?x=1&fl_click=TOKEN&via=bob",
        ),
        ("https://a.example/?v%69a=eve", [], "https://a.example/?fl_click=TOKEN&via=bob"),
        (
            "https://a.example/",
            [("utm_source", "x y&z"), ("n", ""), ("via", "eve")],
            "https://a.example/?utm_source=x%20y%26z&n=&fl_click=TOKEN&via=bob",
        ),
        (
            "https://a.example/?utm_source=mail",
            [("utm_source", "mine"), ("utm_id", "7")],
            "https://a.example/?utm_source=mail&utm_id=7&fl_click=TOKEN&via=bob",
        ),
        (
            "https://a.example/",
            [("a", "1\r\nX: y"), ("ü", "ß"), ("a", "2")],
            "https://a.example/?a=1%0D%0AX%3A%20y&%C3%BC=%C3%9F&a=2&fl_click=TOKEN&via=bob",
        ),
    ],
)
def test_parameters_join_and_ours_are_the_only_ones_of_their_name(destination, passed, expected):
    read = read_address(destination)

    assert read is not None
    assert address_of(read, passed=passed, own=OWN) == expected


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        ("https://a.example/{sub1}?s={sub1}#{sub1}", "https://a.example/x%26y?s=x%26y#x%26y"),
        ("https://a.example/?a={sub2}", "https://a.example/?a="),
        ("https://a.example/?a={unknown}&b={SUB1}", "https://a.example/?a={unknown}&b={SUB1}"),
        ("https://a.example/?a={tricky}", "https://a.example/?a=%7Bsub1%7D"),
        ("https://a.example/?a={{sub1}}", "https://a.example/?a={x%26y}"),
        ("https://a.example/?u={address}", "https://a.example/?u=%2F%2Fevil.example%3F%23"),
    ],
)
def test_macros_are_filled_once_and_encoded(destination, expected):
    macros = {"sub1": "x&y", "sub2": "", "tricky": "{sub1}", "address": "//evil.example?#"}
    read = read_address(destination)

    assert read is not None
    assert address_of(read, macros=macros) == expected


def test_a_macro_cannot_be_a_host():
    assert read_address("https://{sub1}/") is None
    assert read_address("https://shop.acme.example{sub1}/") is None
