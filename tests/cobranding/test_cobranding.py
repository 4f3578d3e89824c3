"""Co-branded pages and flyers: made, looked at, in use, and inert whatever people write."""

from collections.abc import Iterator
from html import unescape

import pytest
import time_machine
from django.test import Client

from affiliates.models import Status
from affiliates.services import move_enrollment
from cobranding.models import CobrandPiece
from cobranding.services import approve_piece, archive_template, publish_piece, refuse_piece
from common.refusals import BadValue
from common.states import IllegalMove
from common.uploads import Upload
from interfaces.cobranded import flyer_of, own_link, page_address
from merchants.models import SYSTEM
from merchants.rights import Role
from merchants.tenancy import affiliate_context, merchant_context
from programs.services import HostNotAllowed
from tests.cast import NOON, Company, Promoter, add_member, make_promoter
from tests.cobranded import publish, store_piece, store_template
from tests.materials.making import picture
from tests.portal.people import browser_of, text_of
from tracking.models import Link
from tracking.services import NotEnrolled

NASTY = '"><script>alert(1)</script>{{ 7|add:7 }}{link}'


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Live at noon of 2 March."""
    with time_machine.travel(NOON, tick=True):
        yield


def path_of(piece: CobrandPiece) -> str:
    return f"/with/{piece.code}/"


def test_a_page_is_filled_in_looked_at_and_put_to_use(acme: Company, bob: Promoter) -> None:
    template = store_template(acme, target_url="https://shop.acme.example/boots?a=1")
    browser, alice = browser_of(bob.user), browser_of(acme.owner.user)
    at = f"/portal/cobranding/{template.id}/"
    logo = Upload("me.png", picture(size=(64, 32)))

    assert "With your name" in text_of(browser.get("/portal/materials/"))
    form = {"name": "Bob on boats", "text": "I sail with them.", "logo": _file(logo)}
    saved = browser.post(at, form, follow=True)
    assert "Draft" in text_of(saved)
    with merchant_context(acme.id):
        piece = CobrandPiece.objects.select_related("template", "program", "link").get()
    assert Client().get(path_of(piece)).headers["Location"] == template.target_url
    assert "A preview" in text_of(browser.get(at + "preview/"))
    browser.post(at + "publish/")
    assert "Co-branded pages to look at" in text_of(alice.get("/console/"))
    shown = alice.get(alice.get("/console/cobranding/").headers["Location"])
    assert "Bob on boats" in text_of(shown)
    made = f"/console/programs/{acme.program.id}/cobranding/made/{piece.id}/"
    assert "I sail with them." in text_of(alice.get(made))
    alice.post(made + "approve/", {"saved_at": piece.saved_at.isoformat()})

    page = Client().get(path_of(piece))
    html = unescape(page.content.decode())
    assert f'href="{own_link(piece)}"' in html
    assert own_link(piece).endswith("?url=https%3A%2F%2Fshop.acme.example%2Fboots%3Fa%3D1")
    assert '<meta property="og:title" content="Ropes that last">' in html
    assert "Bob on boats I sail with them." in text_of(page)
    assert html.count("/files/") == 1
    assert page_address(piece) in text_of(browser.get(at)) + browser.get(at).content.decode()
    with merchant_context(acme.id):
        (link,) = Link.objects.exclude(id=bob.link.id)
        assert (link.enrollment_id, link.name) == (bob.enrollment.id, "Spring page")


def _file(upload: Upload) -> object:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(upload.name, upload.content)


def test_a_flyer_carries_both_and_the_code(acme: Company, bob: Promoter) -> None:
    template = store_template(acme, kind="FLYER", upload=Upload("sea.png", picture()))
    logo = Upload("me.webp", picture("WEBP", size=(400, 30)))
    words = "李娜\n" + "Long words. " * 40
    piece = store_piece(acme, bob, template, name=NASTY[:80], text=words, upload=logo)

    answer = browser_of(bob.user).get(f"/portal/cobranding/{template.id}/preview/?download")
    with merchant_context(acme.id):
        again = flyer_of(CobrandPiece.objects.select_related("template", "link").get())

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert answer.content.count(b"/Type /Page\n") == 1
    assert own_link(piece).encode() in answer.content  # The code can be clicked, too.
    assert again == answer.content


def test_what_people_write_is_text(acme: Company, bob: Promoter) -> None:
    template = store_template(acme, headline=NASTY, body=NASTY, button=NASTY[:40])
    piece = publish(acme, store_piece(acme, bob, template, name=NASTY, text=NASTY))

    for page in (
        Client().get(path_of(piece)),
        browser_of(acme.owner.user).get(f"/console/programs/{acme.program.id}/cobranding/"),
        browser_of(bob.user).get(f"/portal/cobranding/{template.id}/"),
    ):
        assert page.status_code == 200
        assert b"<script>alert" not in page.content
        assert "{{ 7|add:7 }}" in unescape(page.content.decode())


def test_a_change_asks_for_another_look(acme: Company, bob: Promoter) -> None:
    template = store_template(acme)
    piece = publish(acme, store_piece(acme, bob, template))
    assert Client().get(path_of(piece)).status_code == 200

    again = store_piece(acme, bob, template, name="Other words")

    assert (again.id, again.link_id, again.code) == (piece.id, piece.link_id, piece.code)
    assert Client().get(path_of(piece)).status_code == 302
    with merchant_context(acme.id):
        with pytest.raises(IllegalMove):
            approve_piece(piece=again, saved_at=NOON, by=SYSTEM, at=NOON)
        publish_piece(piece=again, by=SYSTEM, at=NOON)
        earlier = NOON.replace(minute=1)
        with pytest.raises(BadValue):
            approve_piece(piece=again, saved_at=earlier, by=SYSTEM, at=NOON)
        refuse_piece(piece=again, reason="Too loud.", by=SYSTEM, at=NOON)
    page = text_of(browser_of(bob.user).get(f"/portal/cobranding/{template.id}/"))
    assert "Refused Too loud." in page


def test_without_review_it_is_in_use_at_once(acme: Company, bob: Promoter) -> None:
    template = store_template(acme, needs_review=False)
    piece = store_piece(acme, bob, template)

    with merchant_context(acme.id):
        assert publish_piece(piece=piece, by=SYSTEM, at=NOON).status == "LIVE"

    assert Client().get(path_of(piece)).status_code == 200
    with merchant_context(acme.id):
        move_enrollment(enrollment=bob.enrollment, to=Status.SUSPENDED, by=SYSTEM, at=NOON)
    assert Client().get(path_of(piece)).headers["Location"] == acme.program.landing_url
    with merchant_context(acme.id):
        archive_template(template=template, by=SYSTEM, at=NOON)
        with pytest.raises(NotEnrolled):
            store_piece(acme, bob, template)


def test_others_see_and_change_nothing(acme: Company, globex: Company, bob: Promoter) -> None:
    template, dora = store_template(acme), make_promoter(acme, "Dora")
    piece = store_piece(acme, bob, template)
    carol = make_promoter(globex, "Carol")

    with affiliate_context(dora.affiliate.id):
        assert not CobrandPiece.objects.exists()
    for name in ("", "preview/"):
        at = f"/portal/cobranding/{template.id}/{name}"
        assert browser_of(carol.user).get(at).status_code == 404
    assert browser_of(dora.user).get(at).status_code == 404  # Hers is not made yet.
    vera = add_member(acme, "Vera", Role.VIEWER)
    page = browser_of(vera.user).get(f"/console/programs/{acme.program.id}/cobranding/")
    assert piece.name not in text_of(page)  # A draft is the affiliate's own business.
    with pytest.raises(NotEnrolled):
        store_piece(acme, carol, template)


def test_bad_values_are_named(acme: Company, bob: Promoter) -> None:
    template = store_template(acme)

    with pytest.raises(HostNotAllowed):
        store_template(acme, target_url="https://elsewhere.example/")
    for facts, field in (
        ({"name": " "}, "name"),
        ({"text": "x" * 601}, "text"),
        ({"upload": Upload("x.svg", b"<svg onload=alert(1)>")}, "logo"),
    ):
        with pytest.raises(BadValue) as refusal:
            store_piece(acme, bob, template, **facts)
        assert refusal.value.field == field
    with merchant_context(acme.id):
        assert not CobrandPiece.objects.exists()
        assert Link.objects.count() == 1
