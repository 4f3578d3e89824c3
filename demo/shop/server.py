"""The shop's web server: reads requests with suspicion, answers with pages."""

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from demo.shop import pages
from demo.shop.basket import QUANTITY_MAX, item_facts, lines_of, total
from demo.shop.catalogue import BY_SLUG
from demo.shop.forms import (
    CLICK_ID,
    NO_EMAIL,
    basket_text,
    customer_number,
    first,
    is_email,
    read_basket,
    read_checkout,
)
from demo.shop.letters import LetterBook, Reader
from demo.shop.orders import Order, OrderBook, new_number
from demo.shop.reporting import make_customer_report, make_report
from demo.shop.settings import Settings

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FILES = {
    f"/static/{path.relative_to(STATIC).as_posix()}": (path.read_bytes(), TYPES[path.suffix])
    for path in STATIC.rglob("*")
    if path.suffix in TYPES
}
PLAIN_PAGES: dict[str, Callable[[pages.View], str]] = {
    "/": pages.home,
    "/friends": pages.friends_page,
    "/letter": pages.letter_page,
    "/letter/thanks": pages.letter_thanks_page,
}
BODY_BYTES_MAX = 16 * 1024
REPORT_WAIT_SECONDS = 1.5  # How long a customer waits for the report, at the most.
HOSTS = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}  # The shop's, and its cashier's.


class Refused(Exception):
    """A request that gets no page; the text is for people."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Shop(ThreadingHTTPServer):
    """The server with what its handlers share."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        address: tuple[str, int],
        settings: Settings,
        book: OrderBook,
        letters: LetterBook,
    ) -> None:
        super().__init__(address, Handler)
        self.settings = settings
        self.book = book
        self.letters = letters


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Shop
    protocol_version = "HTTP/1.1"
    server_version = "AcmeChandlery"
    sys_version = ""
    timeout = 15

    def do_GET(self) -> None:
        """Answer a request for a page, a file or a fact."""
        self._answer(self._get)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Take a form."""
        self._answer(self._post)

    def _answer(self, work: Callable[[str], None]) -> None:
        try:
            parts = urlsplit(self.path)
            self.query = parse_qs(parts.query, max_num_fields=50)
            self.cookies = self._read_cookies()
            self.basket = read_basket(first(self.query, "basket") or self.cookies["basket"])
            self.view = self._make_view()
            work(parts.path)
        except Refused as refused:
            self._refuse(refused.status, refused.text)
        except (ValueError, UnicodeError):
            self._refuse(HTTPStatus.BAD_REQUEST, "We could not read that.")

    def _make_view(self) -> pages.View:
        """Return what pages need; what a cookie has not kept, their links must carry."""
        basket = basket_text(self.basket)
        host = self.headers.get("Host", "")
        name, colon, port = host.partition(":")
        other = HOSTS.get(name)
        return pages.View(
            self.server.settings,
            basket_count=sum(self.basket.values()),
            basket=basket,
            is_basket_kept=self.cookies["basket"] == basket,
            click_id=first(self.query, "fl_click", CLICK_ID),
            host=host,
            cashier_host=f"{other}{colon}{port}" if other else "",
        )

    # Pages --------------------------------------------------------------------------------------

    def _get(self, path: str) -> None:
        if path in PLAIN_PAGES:
            self._page(PLAIN_PAGES[path](self.view))
        elif path == "/healthz":
            self._json({"status": "ok"})
        elif path in FILES:
            content, kind = FILES[path]
            self._send(HTTPStatus.OK, content, kind, {"Cache-Control": "public, max-age=300"})
        elif path.startswith("/products/") and path[10:] in BY_SLUG:
            self._page(pages.product_page(self.view, BY_SLUG[path[10:]]))
        elif path == "/cart":
            lines = lines_of(self.basket)
            self._page(pages.cart_page(self.view, lines, total(lines)))
        elif path == "/checkout":
            self._require_basket()
            self._show_checkout(pages.CheckoutForm())
        elif path.startswith("/thanks/"):
            self._show_thanks(path[8:])
        elif path == "/letters":
            self._json({"data": [reader_facts(one) for one in self.server.letters.readers()]})
        elif path == "/orders":
            self._json({"data": [order_facts(order) for order in self.server.book.latest()]})
        else:
            raise Refused(HTTPStatus.NOT_FOUND, "There is nothing here. It may have sunk.")

    def _post(self, path: str) -> None:
        form = self._read_form()
        if not self.view.click_id:  # The snippet put it into the form instead.
            self.view = replace(self.view, click_id=first(form, "fl_click", CLICK_ID))
        if path == "/cart":
            self._change_basket(form)
        elif path == "/letter":
            self._take_reader(form)
        elif path == "/checkout":
            self._check_out(form)
        else:
            raise Refused(HTTPStatus.NOT_FOUND, "There is nothing here. It may have sunk.")

    def _change_basket(self, form: dict[str, list[str]]) -> None:
        slug, text = first(form, "slug"), first(form, "quantity")
        if slug not in BY_SLUG or not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII):
            raise Refused(HTTPStatus.BAD_REQUEST, "We do not sell that.")
        quantity = int(text)
        basket = dict(self.basket)
        if quantity == 0:
            basket.pop(slug, None)
        else:
            basket[slug] = min(basket.get(slug, 0) + quantity, QUANTITY_MAX)
        self._redirect("/cart", basket=basket)

    def _require_basket(self) -> None:
        if not self.basket:
            raise Refused(HTTPStatus.NOT_FOUND, "Your basket is empty, so there is nothing to pay.")

    def _show_checkout(self, form: pages.CheckoutForm) -> None:
        discount = self.server.settings.coupons.get(form.coupon.upper(), 0)
        totals = total(lines_of(self.basket), discount_percent=discount)
        page = pages.checkout_page(self.view, form, totals, discount=discount)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        self._page(page, status)

    def _check_out(self, fields: dict[str, list[str]]) -> None:
        self._require_basket()
        is_order = first(fields, "action") != "apply"
        form = read_checkout(fields, self.server.settings, complete=is_order)
        if not is_order or form.errors:
            self._show_checkout(form)
            return
        order = self._place(form, click_id=self._click_of(fields))
        self.server.book.wait_until_reported(order, timeout_seconds=REPORT_WAIT_SECONDS)
        self._redirect(f"/thanks/{order.page_key}", basket={})

    def _click_of(self, fields: dict[str, list[str]]) -> str:
        """Return the click that a form says, else the address, else the snippet's cookie."""
        kept = self.cookies["fl_click"]
        said = first(fields, "fl_click", CLICK_ID) or self.view.click_id
        return said or (kept if CLICK_ID.fullmatch(kept) else "")

    def _take_reader(self, fields: dict[str, list[str]]) -> None:
        email = first(fields, "email").strip()[:255]
        if not is_email(email):
            page = pages.letter_page(self.view, email, NO_EMAIL)
            self._page(page, HTTPStatus.UNPROCESSABLE_ENTITY)
            return
        settings, number = self.server.settings, customer_number(email)
        report = make_customer_report(
            settings,
            customer=number,
            seen_at=_present(settings),
            click_id=self._click_of(fields),
        )
        self.server.letters.add(number=number, email=email, report=report)
        self._redirect("/letter/thanks", basket=self.basket)

    def _place(self, form: pages.CheckoutForm, *, click_id: str) -> Order:
        settings, lines = self.server.settings, lines_of(self.basket)
        coupon = form.coupon.upper()
        totals = total(lines, discount_percent=settings.coupons.get(coupon, 0))
        placed_at = _present(settings)
        report = make_report(
            settings,
            number=new_number(),
            placed_at=placed_at,
            customer=customer_number(form.email),
            amounts={
                "amount_minor": totals.total_minor,
                "tax_minor": totals.tax_minor,
                "shipping_minor": totals.shipping_minor,
                "discount_minor": totals.discount_minor,
            },
            items=item_facts(lines),
            click_id=click_id,
            coupon=coupon,
        )
        return self.server.book.place(
            name=form.name,
            email=form.email,
            total_minor=totals.total_minor,
            report=report,
            placed_at=placed_at,
        )

    def _show_thanks(self, page_key: str) -> None:
        order = self.server.book.find(page_key)
        if order is None:
            raise Refused(HTTPStatus.NOT_FOUND, "We know no such order.")
        waiting = {} if order.reported else {"Refresh": "3"}
        self._page(pages.thanks_page(self.view, order), headers=waiting)

    # Reading ------------------------------------------------------------------------------------

    def _read_form(self) -> dict[str, list[str]]:
        origin = self.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != self.headers.get("Host"):
            self.close_connection = True
            raise Refused(HTTPStatus.FORBIDDEN, "That form is not ours.")
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,9}", length, re.ASCII):
            self.close_connection = True
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "We could not read that.")
        if int(length) > BODY_BYTES_MAX:
            self.close_connection = True
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "That is too much to read.")
        text = self.rfile.read(int(length)).decode()
        return parse_qs(text, keep_blank_values=True, max_num_fields=50)

    def _read_cookies(self) -> Mapping[str, str]:
        """Return the shop's own cookies; nothing for those that are missing."""
        try:
            cookies = SimpleCookie(self.headers.get("Cookie", ""))
        except CookieError:
            cookies = SimpleCookie()
        return {
            name: cookies[name].value if name in cookies else "" for name in ("basket", "fl_click")
        }

    # Answering ----------------------------------------------------------------------------------

    def _page(
        self, text: str, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
    ) -> None:
        private = {"Cache-Control": "no-store", **(headers or {})}
        self._send(status, text.encode(), "text/html", private)

    def _json(self, content: object) -> None:
        text = json.dumps(content, indent=2).encode()
        self._send(HTTPStatus.OK, text, "application/json", {"Cache-Control": "no-store"})

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        view = pages.View(self.server.settings)
        self._page(pages.problem_page(view, status.phrase, text), status)

    def _redirect(self, path: str, *, basket: dict[str, int]) -> None:
        text = basket_text(basket)
        age = 7 * 86_400 if text else 0
        # Who sent no cookie may take none: the address has it as well.
        is_kept = bool(self.cookies["basket"]) or not text
        view = replace(self.view, basket=text, is_basket_kept=is_kept)
        headers = {
            "Location": view.address(path),
            "Set-Cookie": f"basket={text}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax",
        }
        self._send(HTTPStatus.SEE_OTHER, b"", "text/plain", headers)

    def _send(self, status: HTTPStatus, content: bytes, kind: str, headers: dict[str, str]) -> None:
        edge = self.server.settings.edge_url
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "strict-origin-when-cross-origin")
        self.send_header(
            "Content-Security-Policy",
            f"default-src 'none'; script-src 'self' {edge}; connect-src {edge}; "
            f"img-src 'self' {edge}; "
            "style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        )
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *values: object) -> None:
        """Write one line per request, without the query: it may hold a click id."""
        line = (format % values).split("?")[0]
        print(f"{self.log_date_time_string()} {line}", file=sys.stderr)


def reader_facts(reader: Reader) -> dict[str, object]:
    """Return a reader of the letter without the person behind it."""
    return {
        "number": reader.number,
        "click_id": reader.report.get("click_id", ""),
        "reported": reader.reported,
        "answer": reader.answer,
    }


def order_facts(order: Order) -> dict[str, object]:
    """Return an order without the person behind it."""
    return {
        "number": order.number,
        "placed_at": order.placed_at,
        "total_minor": order.total_minor,
        "currency": order.report["currency"],
        "click_id": order.report.get("click_id", ""),
        "coupon": order.report.get("coupon", ""),
        "reported": order.reported,
        "attempts": order.attempts,
        "answer": order.answer,
    }


def _present(settings: Settings) -> str:
    present = datetime.now(UTC) + timedelta(seconds=settings.clock_offset_seconds)
    return present.isoformat(timespec="seconds").replace("+00:00", "Z")
