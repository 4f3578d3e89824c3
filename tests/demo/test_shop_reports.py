"""The demo shop's orders and letters are reported, sooner or later and once each."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path

from demo.shop.letters import LetterBook
from demo.shop.orders import OrderBook
from demo.shop.reporting import Reporter
from demo.shop.server import Shop
from demo.shop.settings import Settings
from tests.demo.shop import CLICK, Program, Visitor, serving, wait_for


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
