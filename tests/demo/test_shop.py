"""The demo shop: pages, refusals, and orders that are reported once the other side answers."""

import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from demo.shop.basket import lines_of, total
from demo.shop.letters import LetterBook
from demo.shop.orders import OrderBook
from demo.shop.reporting import Reporter
from demo.shop.server import Shop
from demo.shop.settings import BadSettings, Settings, load_settings

CLICK = "AZ1x2y3z4A5b6C7d8E9f0GhIjKlMnOpQrStUvW"
EDGE = "http://127.0.0.1:9"
CUSTOMER = {"name": "Mara", "email": "mara@example.com"}


@dataclass
class Program:
    """The affiliate program's server, as far as the shop can tell: it records what it is told."""

    url: str
    status: int = 201
    calls: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """Run a server in a thread."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def program() -> Iterator[Program]:
    """Serve `POST /api/v1/conversions` on a real socket."""

    class Recorder(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            recorded.calls.append((dict(self.headers) | {"path": self.path}, body))
            self.send_response(recorded.status)
            self.end_headers()
            self.wfile.write(b'{"id": "c-1"}')

        def log_message(self, format: str, *values: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    recorded = Program(f"http://127.0.0.1:{server.server_port}")
    with serving(server):
        yield recorded


@pytest.fixture
def settings_of_shop(program: Program, tmp_path: Path) -> Settings:
    """Return the settings of a shop in a directory of its own."""
    return Settings(
        app_url=program.url,
        edge_url=EDGE,
        api_key="fl_sk_test",
        publishable_key="fl_pk_test",
        program_id="p-1",
        currency="EUR",
        orders_path=tmp_path / "shop.sqlite3",
        coupons={"BOB10": 10},
        friends={"bob": "Bob’s <knots>"},
    )


@pytest.fixture
def visitor(settings_of_shop: Settings) -> Iterator["Visitor"]:
    """Open the shop on a real socket and send somebody in."""
    book = OrderBook(settings_of_shop.orders_path)
    letters = LetterBook(settings_of_shop.orders_path)
    reporter = Reporter(settings_of_shop, [book, letters])
    shop = Shop(("127.0.0.1", 0), settings_of_shop, book, letters)
    reporter.start()
    with serving(shop):
        yield Visitor(shop.server_port)
        reporter.stop()


@dataclass
class Page:
    """An answer of the shop."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Visitor:
    """Somebody with a browser that follows nothing by itself."""

    port: int
    cookie: str = ""
    takes_cookies: bool = True

    def ask(self, method: str, path: str, **fields: str) -> Page:
        """Make one request, with a form if there are fields; keep the cookie."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        return self.send(method, path, urlencode(fields) if fields else None, headers)

    def send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Page:
        """Make one request exactly as given; keep the cookie."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, headers | {"Cookie": self.cookie})
        answer = connection.getresponse()
        page = Page(answer.status, dict(answer.getheaders()), answer.read().decode())
        connection.close()
        if self.takes_cookies:
            self.cookie = page.headers.get("Set-Cookie", self.cookie).split(";")[0]
        return page

    def order(self, **fields: str) -> Page:
        """Buy an anchor lamp; return the thank-you page."""
        self.ask("POST", "/cart", slug="anchor-lamp", quantity="1")
        placed = self.ask("POST", "/checkout", **CUSTOMER, **fields)
        assert placed.status == 303
        return self.ask("GET", placed.headers["Location"])

    def orders(self) -> list[dict[str, Any]]:
        """Return what the shop says of its orders."""
        found: list[dict[str, Any]] = json.loads(self.ask("GET", "/orders").text)["data"]
        return found


def wait_for(condition: Callable[[], object]) -> None:
    """Return when the condition holds; fail if it does not within ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


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


def test_an_order_is_reported_with_the_click_that_the_snippet_put_in(
    visitor: Visitor, program: Program
) -> None:
    thanks = visitor.order(fl_click=CLICK)

    ((headers, report),) = program.calls
    assert (headers["path"], headers["Authorization"]) == (
        "/api/v1/conversions",
        "Bearer fl_sk_test",
    )
    assert headers["Idempotency-Key"] == f"order-{report['external_id']}"
    assert report.pop("occurred_at").endswith("Z")
    assert re.fullmatch(r"c-[0-9a-f]{16}", report.pop("customer")["external_id"])
    assert report == {
        "program": "p-1",
        "goal": "sale",
        "external_id": report["external_id"],
        "currency": "EUR",
        "amount_minor": 18_900,
        "tax_minor": 3_018,  # 18 900 − 18 900 × 100 / 119, which is 15 882 rounded down.
        "shipping_minor": 0,
        "discount_minor": 0,
        "items": [
            {"sku": "LAMP-01", "category": "Lamps", "quantity": 1, "amount_minor": 18_900},
        ],
        "click_id": CLICK,
    }
    assert report["external_id"] in thanks.text
    assert "Reported." in thanks.text
    assert [(one["reported"], one["click_id"]) for one in visitor.orders()] == [(True, CLICK)]


def test_a_coupon_takes_its_percentage_and_is_reported(visitor: Visitor, program: Program) -> None:
    visitor.order(coupon="bob10")

    ((_headers, report),) = program.calls
    assert (report["coupon"], report["amount_minor"], report["discount_minor"]) == (
        "BOB10",
        17_010,
        1_890,
    )
    assert "click_id" not in report


def test_applying_a_coupon_places_no_order(visitor: Visitor, program: Program) -> None:
    visitor.ask("POST", "/cart", slug="anchor-lamp", quantity="1")

    page = visitor.ask("POST", "/checkout", coupon="BOB10", action="apply")

    assert page.status == 200
    assert "€170.10" in page.text
    assert visitor.orders() == program.calls == []


def test_an_order_is_reported_when_the_server_is_back(visitor: Visitor, program: Program) -> None:
    program.status = 503

    thanks = visitor.order()

    assert "Not reported yet" in thanks.text
    assert [one["reported"] for one in visitor.orders()] == [False]
    program.status = 201
    wait_for(lambda: visitor.orders()[0]["reported"])
    reports = [body for _headers, body in program.calls]
    assert len(reports) > 1
    assert reports == [reports[0]] * len(reports)
    assert len({headers["Idempotency-Key"] for headers, _body in program.calls}) == 1


def test_an_order_survives_the_shop(settings_of_shop: Settings, program: Program) -> None:
    book = OrderBook(settings_of_shop.orders_path)
    report = {"external_id": "AC-1", "currency": "EUR"}
    book.place(name="Mara", email="", total_minor=1, report=report, placed_at="2026-03-02T12:00Z")

    reporter = Reporter(settings_of_shop, [OrderBook(settings_of_shop.orders_path)])
    reporter.start()
    wait_for(lambda: book.latest()[0].reported)
    reporter.stop()

    assert [body for _headers, body in program.calls] == [report]


def test_an_unreachable_server_costs_the_customer_nothing(
    settings_of_shop: Settings, tmp_path: Path
) -> None:
    settings = replace(settings_of_shop, app_url="http://127.0.0.1:9")
    book = OrderBook(settings.orders_path)
    reporter = Reporter(settings, [book])
    shop = Shop(("127.0.0.1", 0), settings, book, LetterBook(settings.orders_path))
    reporter.start()

    with serving(shop):
        thanks = Visitor(shop.server_port).order()
        reporter.stop()

    assert "nothing is lost" in thanks.text


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


def test_who_asks_for_the_letter_is_bound_to_the_click_once(
    visitor: Visitor, program: Program
) -> None:
    answers = [
        visitor.ask("POST", "/letter", email="mara@example.com", fl_click=CLICK) for _ in range(2)
    ]
    wait_for(lambda: json.loads(visitor.ask("GET", "/letters").text)["data"][0]["reported"])

    assert [answer.headers["Location"].split("?")[0] for answer in answers] == [
        "/letter/thanks",
        "/letter/thanks",
    ]
    ((headers, report),) = program.calls
    assert headers["path"] == "/api/v1/customers"
    assert headers["Idempotency-Key"] == f"letter-{report['external_id']}"
    assert report.pop("first_seen_at").endswith("Z")
    assert report == {
        "program": "p-1",
        "external_id": report["external_id"],
        "click_id": CLICK,
    }
    visitor.order()
    assert program.calls[1][1]["customer"] == {"external_id": report["external_id"]}


def test_who_came_by_nobody_is_told_to_nobody(visitor: Visitor, program: Program) -> None:
    visitor.ask("POST", "/letter", email="mara@example.com")
    refused = visitor.ask("POST", "/letter", email="mara")

    assert (refused.status, "Tell us an e-mail address" in refused.text) == (422, True)
    time.sleep(0.6)  # Longer than the reporter sleeps.
    assert program.calls == []


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


def test_settings_follow_the_addresses_of_the_run(tmp_path: Path) -> None:
    content = {
        "app_url": "http://127.0.0.1:1",
        "edge_url": "http://127.0.0.1:2",
        "api_key": "k",
        "program_id": "p",
        "currency": "EUR",
    }
    (tmp_path / "shop.json").write_text(json.dumps(content))

    found = load_settings(
        {
            "FAIRLEAD_SHOP_CONFIG": str(tmp_path / "shop.json"),
            "FAIRLEAD_APP_URL": "http://127.0.0.1:3",
        }
    )

    assert (found.app_url, found.edge_url) == ("http://127.0.0.1:3", "http://127.0.0.1:2")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"app_url": "file:///etc/passwd"}'])
def test_settings_that_cannot_be_used_say_so(tmp_path: Path, content: str) -> None:
    (tmp_path / "shop.json").write_text(content)

    with pytest.raises(BadSettings, match="Run load_demo again"):
        load_settings({"FAIRLEAD_SHOP_CONFIG": str(tmp_path / "shop.json")})
