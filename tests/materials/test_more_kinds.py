"""Rotating banners, lessons with completion, and products fetched from an address."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from common.refusals import BadValue
from materials.addresses import banner_address
from materials.fetching import feed_of, fetch_feeds, fetch_soon, set_feed
from materials.models import LessonDone, Material, MaterialUse
from materials.products import products_of
from materials.services import archive_material
from merchants.models import SYSTEM
from merchants.tenancy import affiliate_context, merchant_context
from tests.cast import NOON, Company, Promoter, make_promoter
from tests.materials.making import store_banner, store_material
from tests.portal.people import browser_of, text_of

HUMAN = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Live at noon of 2 March."""
    with time_machine.travel(NOON, tick=True):
        yield


def views(company: Company) -> dict[str, int]:
    with merchant_context(company.id):
        rows = MaterialUse.objects.values_list("material__title", "views")
        return dict(rows)


def test_rotating_banners_show_one_each_time_and_count_it(acme: Company, bob: Promoter) -> None:
    small, other = store_banner(acme, "One"), store_banner(acme, "Other", colour="red")
    both = store_material(acme, "ROTATION", title="Both", banners=[small, other])
    shown = browser_of(bob.user).get(f"/portal/materials/{both.id}/")
    page = unescape(shown.content.decode())
    address = banner_address(both, bob.link.code)

    seen = {Client(headers=HUMAN).get(address).headers["Location"] for _n in range(40)}

    assert address in page
    assert 'width="300"' in page
    counted = views(acme)
    assert counted["Both"] == 40
    assert counted["One"] + counted["Other"] == 40
    assert min(counted.values()) > 0
    assert len(seen) == len({small.file_id, other.file_id})
    with merchant_context(acme.id):
        archive_material(material=other, by=SYSTEM, at=NOON)
    Client(headers=HUMAN).get(address)
    assert views(acme)["One"] == counted["One"] + 1


def test_what_rotates_is_of_one_size_and_of_the_program(acme: Company, globex: Company) -> None:
    one, tall = store_banner(acme, "One"), store_banner(acme, "Tall", (160, 600))
    foreign, words = store_banner(globex, "Foreign"), store_material(acme)

    for banners, code in (
        ([], "out_of_range"),
        ([one], "out_of_range"),
        ([one, tall], "sizes_differ"),
        ([one, foreign], "invalid_choice"),
        ([one, words], "invalid_choice"),
    ):
        with pytest.raises(BadValue) as refusal:
            store_material(acme, "ROTATION", title="R", banners=banners)
        assert (refusal.value.field, refusal.value.code) == ("banners", code)
    with merchant_context(acme.id):
        assert not Material.objects.filter(kind="ROTATION").exists()


def test_a_lesson_is_read_and_done_once(acme: Company, bob: Promoter) -> None:
    nasty = "First.\n\n<script>alert(1)</script>"
    lesson = store_material(acme, "LESSON", title="Knots", category="Basics", body=nasty)
    store_material(acme, "LESSON", title="Splices", category="Basics")
    browser = browser_of(bob.user)

    assert "Knots" not in text_of(browser.get("/portal/materials/"))
    page = browser.get(f"/portal/materials/{lesson.id}/")
    assert b"<script>alert" not in page.content
    assert "I am through" in text_of(page)
    for _twice in range(2):
        done = browser.post(f"/portal/materials/{lesson.id}/done/", follow=True)

    assert "You are through with 1 of 2 lessons." in text_of(done)
    with merchant_context(acme.id):
        assert LessonDone.objects.count() == 1
    alice = browser_of(acme.owner.user)
    listed = text_of(alice.get(f"/console/programs/{acme.program.id}/materials/"))
    assert "Lesson · 1 affiliate is through" in listed
    dora = make_promoter(acme, "Dora")
    with affiliate_context(dora.affiliate.id):
        assert not LessonDone.objects.exists()
    words = store_material(acme)
    assert browser.post(f"/portal/materials/{words.id}/done/").status_code == 404


class Shop(BaseHTTPRequestHandler):
    """Gives what the server holds as its answer."""

    def do_GET(self) -> None:
        status, body = self.server.answer  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def shop() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


GOOD = b"id,title,url\n1,Rope,https://shop.acme.example/rope\n"


def test_a_feed_is_fetched_daily_and_the_last_good_one_stays(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shop() as server:
        place = f"127.0.0.1:{server.server_port}"
        monkeypatch.setattr(settings, "OUTGOING_HOSTS", [place])
        with merchant_context(acme.id):
            set_feed(program=acme.program, url=f"http://{place}/feed.csv", by=SYSTEM, at=NOON)
        for answer, at, problem in (
            ((200, GOOD), NOON, ""),
            ((200, b"id,title\n1,Rope\n"), NOON + timedelta(days=1), "Columns are missing: url."),
            ((503, b""), NOON + timedelta(days=1, hours=1), "the answer is 503"),
            ((200, b"x" * 10_000_100), NOON + timedelta(days=1, hours=2), "cannot be fetched"),
        ):
            server.answer = answer
            assert fetch_feeds(merchant_id=acme.id, at=at) == 1
            assert fetch_feeds(merchant_id=acme.id, at=at) == 0
            with merchant_context(acme.id):
                feed = feed_of(acme.program)
                assert feed is not None
                assert problem in feed.problem
                assert bool(feed.problem) == bool(problem)
                assert [row.title for row in products_of(acme.program)] == ["Rope"]
        page = text_of(
            browser_of(acme.owner.user).get(f"/console/programs/{acme.program.id}/products/")
        )
        assert "Failed The feed cannot be fetched" in page
        assert "last from 2 Mar 2026, 12:00 UTC" in page
        with merchant_context(acme.id):
            fetch_soon(program=acme.program, at=NOON)
            set_feed(program=acme.program, url="", by=SYSTEM, at=NOON)
        assert fetch_feeds(merchant_id=acme.id, at=NOON + timedelta(days=9)) == 0


def test_a_feed_leads_nowhere_inside(acme: Company) -> None:
    alice = browser_of(acme.owner.user)
    path = f"/console/programs/{acme.program.id}/products/feed/"

    for url in ("http://127.0.0.1/feed.csv", "https://169.254.169.254/latest", "https://[::1]/"):
        assert alice.post(path, {"url": url}).status_code == 422
    with merchant_context(acme.id):
        assert feed_of(acme.program) is None
