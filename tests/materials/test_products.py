"""Products: a feed replaces them whole or not at all; affiliates link straight to each."""

from html import unescape
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from common.refusals import BadValue
from materials.feed import ProductLine, read_feed
from materials.models import Product
from materials.products import Replaced, named, products_for, products_of, replace_products
from merchants.models import SYSTEM, Event
from merchants.tenancy import OPS, affiliate_context, merchant_context
from tests.api.conftest import Caller, api, partner
from tests.cast import NOON, Company, Promoter
from tests.console.conftest import alice, sign_in, words
from tests.portal.people import browser_of, text_of

__all__ = ["alice", "api", "partner", "sign_in"]  # Fixtures.

HEAD = "id,title,url,price,image_url,category\n"
ROPE = "1,Rope,https://shop.acme.example/rope,19.90,https://cdn.example/1.png,Deck\n"
LAMP = "2,Anchor lamp,https://shop.acme.example/lamp,,,Light\n"
PLACES = frozenset({"shop.acme.example"})


def feed(*lines: str, head: str = HEAD) -> bytes:
    return (head + "".join(lines)).encode()


def replace(company: Company, content: bytes) -> Replaced:
    with merchant_context(company.id):
        return replace_products(program=company.program, content=content, by=SYSTEM, at=NOON)


def test_a_line_is_a_product() -> None:
    [rope, lamp] = read_feed(feed(ROPE, "\n", LAMP), currency="EUR", places=PLACES)

    assert rope == ProductLine(
        "1", "Rope", "https://shop.acme.example/rope", 1990, "https://cdn.example/1.png", "Deck"
    )
    assert (lamp.price_minor, lamp.image_url) == (None, "")


def test_the_columns_of_other_systems_are_known() -> None:
    head = "\ufeffid;Title;Link;Price;product type;gtin\n"
    content = head + "1;R;https://shop.acme.example/;9,90 EUR;D;7\n"

    [line] = read_feed(content.encode(), currency="EUR", places=PLACES)

    assert (line.price_minor, line.category) == (990, "D")


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (b"", "missing_columns", "Columns are missing: id, title, url."),
        (feed(), "empty", "There is no product in the file."),
        (b"\xff\xfe", "not_utf_8", "This is not UTF-8"),
        (b"id,title,url\n\0", "not_text", "This is no text file."),
        (feed(",Rope,https://shop.acme.example/\n"), "bad_lines", "Line 2: id is missing."),
        (feed(ROPE, ROPE), "bad_lines", "Line 3: the id “1” stood there before."),
        (feed("1,R,https://x.example/\n"), "bad_lines", "may not lead to “https://x.example/”"),
        (feed("1,R,javascript:alert(1)\n"), "bad_lines", "may not lead to"),
        (feed("1,R,https://shop.acme.example/,ten\n"), "bad_lines", "“ten” is no price in EUR."),
        (feed("1,R,https://shop.acme.example/,-1.00\n"), "bad_lines", "not below zero"),
        (feed("1,R,https://shop.acme.example/,,http://x/1\n"), "bad_lines", "https://"),
        (feed(f"1,{'R' * 201},https://shop.acme.example/\n"), "bad_lines", "more than 200"),
        (feed('1,"R,https://shop.acme.example/\n'), "not_csv", "is no CSV"),
    ],
)
def test_a_wrong_file_is_refused_by_its_lines(content: bytes, code: str, told: str) -> None:
    with pytest.raises(BadValue) as refusal:
        read_feed(content, currency="EUR", places=PLACES)

    assert (refusal.value.field, refusal.value.code) == ("file", code)
    assert told in str(refusal.value)


def test_a_feed_replaces_what_was_there_and_ids_stay(acme: Company, globex: Company) -> None:
    replace(globex, feed("3,Flag,https://shop.globex.example/\n"))

    first = replace(acme, feed(ROPE, LAMP))
    with merchant_context(acme.id):
        before = products_of(acme.program).get(external_id="1").id
    second = replace(
        acme, feed(ROPE.replace("19.90", "24.90"), "9,New,https://shop.acme.example/\n")
    )

    assert (first, second) == (Replaced(2, 2, 0), Replaced(2, 1, 1))
    with merchant_context(acme.id):
        rope = products_of(acme.program).get(external_id="1")
        assert (rope.id, rope.price_minor) == (before, 2490)
        assert Event.objects.filter(type="program.products_replaced").count() == 2
    assert Product.objects.using(OPS).count() == 3


def test_a_wrong_line_changes_nothing(acme: Company) -> None:
    replace(acme, feed(ROPE))

    with pytest.raises(BadValue):
        replace(acme, feed(LAMP, "3,,\n"))

    with merchant_context(acme.id):
        assert [row.title for row in products_of(acme.program)] == ["Rope"]


def test_affiliates_find_those_of_their_programs(
    acme: Company, bob: Promoter, carol: Promoter
) -> None:
    replace(acme, feed(ROPE, LAMP))

    def found(promoter: Promoter, asked: str) -> list[str]:
        with affiliate_context(promoter.affiliate.id):
            return [row.title for row in named(products_for([promoter.enrollment]), asked)]

    assert found(bob, "") == ["Anchor lamp", "Rope"]
    assert found(bob, "LAMP light") == ["Anchor lamp"]
    assert found(bob, "lamp deck") == []
    assert found(carol, "") == []
    with affiliate_context(carol.affiliate.id):
        assert not Product.objects.exists()


def test_the_portal_links_straight_to_each(acme: Company, bob: Promoter) -> None:
    empty = text_of(browser_of(bob.user).get("/portal/products/"))
    replace(acme, feed(ROPE, LAMP.replace("Anchor", "<b>")))

    answer = browser_of(bob.user).get("/portal/products/")
    narrowed = text_of(browser_of(bob.user).get("/portal/products/?q=rope"))

    page = answer.content.decode()
    target = "url=https%3A%2F%2Fshop.acme.example%2Frope"
    assert "No products yet" in empty
    assert f"/c/{bob.link.code}?{target}" in unescape(page)
    assert "€19.90" in page
    assert "<b>" not in page
    assert "https://cdn.example" in answer.headers["Content-Security-Policy"]
    assert "Rope" in narrowed
    assert "lamp" not in narrowed


def test_the_console_takes_a_feed_and_tells_what_is_wrong(acme: Company, alice: Client) -> None:
    url: Any = reverse("console:products-upload", args=[acme.program.id])

    refused = alice.post(url, {"file": SimpleUploadedFile("f.csv", feed("1,,x\n"))})
    taken = alice.post(url, {"file": SimpleUploadedFile("f.csv", feed(ROPE, LAMP))})
    page = words(alice.get(taken.url).content)

    assert refused.status_code == 422
    assert "Line 2: title is missing." in words(refused.content)
    assert taken.status_code == 302
    assert "2 products: 2 new, 0 gone." in page
    assert "Rope 1 Deck €19.90" in page


def test_the_api_replaces_and_lists(
    acme: Company, bob: Promoter, api: Caller, partner: Caller
) -> None:
    path = f"programs/{acme.program.id}/products"
    raw = encode_multipart(BOUNDARY, {"file": ContentFile(feed(ROPE), name="f.csv")})

    answer = api.post(path, raw=raw, content_type=MULTIPART_CONTENT)
    [listed] = api.get(path).json["data"]
    [own] = partner.get("partner/products").json["data"]

    assert (answer.status, answer.json) == (200, {"total": 1, "added": 1, "removed": 0})
    assert (listed["external_id"], listed["price_minor"]) == ("1", 1990)
    link = f"http://127.0.0.1:8001/c/{bob.link.code}?url=https%3A%2F%2Fshop.acme.example%2Frope"
    assert own == listed | {"link": link}
