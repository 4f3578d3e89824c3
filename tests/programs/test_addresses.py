"""Addresses that people store, and the places they lead to."""

import pytest

from common.addresses import place_of, read_host, require_address
from common.refusals import BadValue
from programs.campaigns import MACROS, read_utm_template

ADDRESSES = [
    ("a plain one", "https://shop.example/a?b=1#c", "shop.example"),
    ("a port of its own", "https://shop.example:8443/", "shop.example:8443"),
    ("the scheme's own port", "http://shop.example:80/", "shop.example"),
    ("macros", "https://shop.example/{sub1}?c={click_id}", "shop.example"),
    ("another script", "https://bücher.example/", "xn--bcher-kva.example"),
    ("upper case", "https://SHOP.Example/", "shop.example"),
    ("an IPv6 address", "http://[2001:db8::1]:8080/", "[2001:db8::1]:8080"),
    ("no scheme", "//shop.example/", ""),
    ("another scheme", "javascript:alert(1)", ""),
    ("a file", "file:///etc/passwd", ""),
    ("a user", "https://shop.example@evil.example/", ""),
    ("a backslash", "https://shop.example\\@evil.example/", ""),
    ("a line break", "https://shop.example/\r\nSet-Cookie: a=b", ""),
    ("a tab in the scheme", "java\tscript:alert(1)", ""),
    ("no host", "https:///path", ""),
    ("an impossible port", "https://shop.example:99999/", ""),
    ("too long", "https://shop.example/" + "a" * 2_000, ""),
    ("half a character", "https://shop.example/\ud800", ""),
    ("a space", "https://shop.example/a b", ""),
    ("nothing", "", ""),
]


@pytest.mark.parametrize(("_case", "address", "place"), ADDRESSES)
def test_an_address_leads_to_a_place_or_is_none(_case: str, address: str, place: str) -> None:
    assert place_of(address) == place


def test_a_refusal_names_the_field() -> None:
    with pytest.raises(BadValue) as refused:
        require_address("javascript:alert(1)", field="landing_url")

    assert (refused.value.field, refused.value.code) == ("landing_url", "bad_address")


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("Shop.Example", "shop.example"),
        (" shop.example:8443 ", "shop.example:8443"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_host_is_read(text: str, host: str) -> None:
    assert read_host(text, field="host") == host


@pytest.mark.parametrize(
    "text", ["", "https://shop.example", "shop.example/a", "a b", "*.a.example"]
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_host(text, field="host")


@pytest.mark.parametrize(
    ("_case", "text", "found"),
    [
        ("nothing", "", ""),
        ("two parameters", "utm_source={via}&utm_medium=affiliate", None),
        ("a question mark before", "?utm_source=a", "utm_source=a"),
        (
            "every macro",
            "&".join(f"a{n}={{{name}}}" for n, name in enumerate(sorted(MACROS))),
            None,
        ),
    ],
)
def test_campaign_parameters_are_a_query(_case: str, text: str, found: str | None) -> None:
    assert read_utm_template(text, field="utm_template") == (text if found is None else found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("utm_source", "bad_query"),
        ("a=b c", "bad_query"),
        ("a=b#c", "bad_query"),
        ("{via}=a", "bad_query"),
        ("fl_click=forged", "reserved_parameter"),
        ("a=1&via=me", "reserved_parameter"),
        ("utm_source={email}", "unknown_macro"),
        ("&".join(f"a{n}=1" for n in range(21)), "bad_query"),
    ],
)
def test_other_campaign_parameters_are_refused(text: str, code: str) -> None:
    with pytest.raises(BadValue) as refused:
        read_utm_template(text, field="utm_template")

    assert (refused.value.field, refused.value.code) == ("utm_template", code)
