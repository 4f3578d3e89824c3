"""The demo shop's pages: what they show, refuse and add up."""

import re

import pytest

from demo.shop.basket import lines_of, total
from tests.demo.shop import CUSTOMER, EDGE, Visitor


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "Things that hold"),
        ("/products/anchor-lamp", "Fresnel lens"),
        ("/cart", "Your basket is empty"),
        ("/friends", "/?ref=bob"),
        ("/letter", "Four letters a year"),
        ("/healthz", '"ok"'),
        ("/static/shop.css", "--yellow"),
    ],
)
def test_serves_pages(visitor: Visitor, path: str, words: str) -> None:
    page = visitor.ask("GET", path)

    assert page.status == 200
    assert words in page.text
    assert f"script-src 'self' {EDGE};" in page.headers["Content-Security-Policy"]


def test_every_page_carries_the_snippet_and_none_an_inline_script(visitor: Visitor) -> None:
    page = visitor.ask("GET", "/")

    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page.text, re.DOTALL)
    assert [content for _attributes, content in scripts] == ["", ""]
    assert f'src="{EDGE}/fl.js?program=p-1"' in scripts[0][0]
    assert "data-consent" not in scripts[0][0]  # The program says it.
    assert "style=" not in page.text


def test_head_has_no_body(visitor: Visitor) -> None:
    assert visitor.ask("HEAD", "/").text == ""


REFUSED = [
    ("an unknown page", "GET", "/nothing", None, {}, 404),
    ("a file outside", "GET", "/static/../server.py", None, {}, 404),
    ("an unknown order", "GET", "/thanks/guess", None, {}, 404),
    ("paying for nothing", "GET", "/checkout", None, {}, 404),
    ("an article we do not have", "POST", "/cart", "slug=boat&quantity=1", {}, 400),
    ("a quantity that is none", "POST", "/cart", "slug=halyard&quantity=-1", {}, 400),
    ("too large a form", "POST", "/cart", "x" * 20_000, {}, 413),
    ("too many fields", "POST", "/cart", "a=1&" * 60, {}, 400),
    (
        "another site's form",
        "POST",
        "/cart",
        "slug=halyard",
        {"Origin": "http://evil.example"},
        403,
    ),
    ("no readable length", "POST", "/cart", None, {"Content-Length": "many"}, 411),
    ("another method", "PUT", "/cart", None, {}, 501),
]


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [r[1:] for r in REFUSED],
    ids=[r[0] for r in REFUSED],
)
def test_refuses_rubbish(
    visitor: Visitor, method: str, path: str, body: str | None, headers: dict[str, str], status: int
) -> None:
    assert visitor.send(method, path, body, headers).status == status


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": " "}, "Tell us your name"),
        ({"email": "mara"}, "Tell us an e-mail address"),
        ({"coupon": "FREE"}, "We do not know this coupon"),
    ],
)
def test_says_what_is_wrong_and_keeps_what_was_typed(
    visitor: Visitor, wrong: dict[str, str], message: str
) -> None:
    visitor.ask("POST", "/cart", slug="anchor-lamp", quantity="1")

    page = visitor.ask("POST", "/checkout", **(CUSTOMER | {"coupon": "BOB10"} | wrong))

    assert page.status == 422
    assert message in page.text
    assert visitor.orders() == []


def test_nothing_typed_becomes_markup(visitor: Visitor) -> None:
    visitor.ask("POST", "/cart", slug="anchor-lamp", quantity="1")
    evil = '"><script>alert(1)</script>'

    form = visitor.ask("POST", "/checkout", name=evil, email=evil, coupon=evil)
    placed = visitor.ask("POST", "/checkout", name=evil, email="mara@example.com")
    thanks = visitor.ask("GET", placed.headers["Location"])

    assert "<script>alert" not in form.text + thanks.text


def test_friends_are_named_safely(visitor: Visitor) -> None:
    assert "Bob’s &lt;knots&gt;" in visitor.ask("GET", "/friends").text


@pytest.mark.parametrize(
    ("quantities", "percent", "expected"),
    [
        # Goods, discount, shipping, tax, total.
        ({"fender-line": 1}, 0, (1_990, 0, 590, 318, 2_580)),
        ({"anchor-lamp": 1, "fender-line": 2}, 10, (22_880, 2_288, 0, 3_288, 20_592)),
        ({"unknown": 1}, 0, (0, 0, 0, 0, 0)),
    ],
)
def test_totals(quantities: dict[str, int], percent: int, expected: tuple[int, ...]) -> None:
    sums = total(lines_of(quantities), discount_percent=percent)

    assert (
        sums.goods_minor,
        sums.discount_minor,
        sums.shipping_minor,
        sums.tax_minor,
        sums.total_minor,
    ) == expected
