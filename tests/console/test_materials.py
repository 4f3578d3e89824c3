"""Materials in the console: a form for each kind, refusals beside the field, use in figures."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from common.uploads import PICTURE_BYTES_MAX
from materials.models import Material, MaterialKind, StoredFile
from materials.services import count_use
from merchants.tenancy import merchant_context
from programs.models import Tier
from tests.cast import NOON, Company, Promoter
from tests.console.conftest import words
from tests.materials.making import PDF, picture, store_banner, store_material

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def url(name: str, company: Company, *ids: object) -> str:
    return reverse(f"console:{name}", args=[company.program.id, *ids])


def add(browser: Client, company: Company, kind: str, **said: Any) -> Any:
    return browser.post(f"{url('material-create', company)}?kind={kind}", {"title": "T", **said})


def stored(company: Company) -> list[Material]:
    rows = Material.objects.select_related("file")
    with merchant_context(company.id):
        return list(rows.prefetch_related("audience").order_by("id"))


FORMS: dict[str, dict[str, Any]] = {
    "BANNER": {"file": ("sale.png", picture())},
    "TEXT_LINK": {"body": "Ropes that last", "target_url": "shop.acme.example/ropes"},
    "EMAIL": {"subject": "{program}", "body": "Look:\r\n{link}"},
    "COPY": {"body": "Ropes."},
    "KEYWORDS": {"allowed": "rope, sail", "negative": "", "protected": "acme\nakme"},
    "VIDEO": {"video_url": "https://vimeo.com/1"},
    "FILE": {"file": ("guide.pdf", PDF)},
    "ROTATION": {"banners": "two"},
    "LESSON": {"body": "Tie a bowline.", "video_url": ""},
}


@pytest.mark.parametrize("kind", MaterialKind.values)
def test_each_kind_has_a_form_that_stores_it(acme: Company, alice: Client, kind: str) -> None:
    said = dict(FORMS[kind])
    if "file" in said:
        said["file"] = SimpleUploadedFile(*said["file"])
    if "banners" in said:
        said["banners"] = [str(store_banner(acme, title).id) for title in ("One", "Other")]

    shown = alice.get(f"{url('material-create', acme)}?kind={kind}")
    answer = add(alice, acme, kind, **said, category="Spring", language="de")

    assert shown.status_code == 200
    assert (answer.status_code, answer.url) == (302, url("program-materials", acme))
    made = stored(acme)[-1]
    assert (made.kind, made.category, made.language) == (kind, "Spring", "de")
    page = alice.get(url("material-edit", acme, made.id))
    assert page.status_code == 200
    assert "Nobody has used it yet." in words(page.content)


def test_words_come_from_commas_and_lines(acme: Company, alice: Client) -> None:
    add(alice, acme, "KEYWORDS", **FORMS["KEYWORDS"])

    [made] = stored(acme)
    assert (made.allowed, made.negative, made.protected) == (["rope", "sail"], [], ["acme", "akme"])


@pytest.mark.parametrize(
    ("kind", "name", "content", "said"),
    [
        ("BANNER", "x.svg", SVG, "This is no picture that we can read."),
        ("BANNER", "x.png", b"<!doctype html>", "This is no picture that we can read."),
        ("BANNER", "x.png", b"", "The file is empty."),
        ("BANNER", "x.png", b"\0" * (PICTURE_BYTES_MAX + 1), "The file is too large: 5.0 MB"),
        ("FILE", "x.pdf", SVG, "This is no PDF that we can read."),
    ],
)
def test_a_file_that_is_refused_is_told_beside_its_field(
    acme: Company, alice: Client, kind: str, name: str, content: bytes, said: str
) -> None:
    answer = add(alice, acme, kind, file=SimpleUploadedFile(name, content))

    page = answer.content.decode().replace("\xa0", " ")
    assert answer.status_code == 422
    assert said in page
    assert 'id="id_file_error"' in page
    assert stored(acme) == []
    with merchant_context(acme.id):
        assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("kind", "said", "told"),
    [
        ("EMAIL", {"subject": "S", "body": "No way"}, "Write {link} where"),
        ("COPY", {"body": "{pasword}"}, "There is no such tag: {pasword}"),
        ("VIDEO", {"video_url": "https://x.example/"}, "Videos may be at these places"),
        (
            "TEXT_LINK",
            {"body": "B", "target_url": "https://x.example/"},
            "Links of this program may only lead to: shop.acme.example",
        ),
        (
            "COPY",
            {"body": "B", "visible_from": "2026-03-02", "visible_until": "2026-03-01"},
            "It ends before it begins.",
        ),
    ],
)
def test_what_cannot_be_is_told_in_words(
    acme: Company, alice: Client, kind: str, said: dict[str, str], told: str
) -> None:
    answer = add(alice, acme, kind, **said)

    assert answer.status_code == 422
    assert told in words(answer.content)
    assert stored(acme) == []


def test_a_change_keeps_picture_and_tiers_until_others_are_chosen(
    acme: Company, alice: Client
) -> None:
    with merchant_context(acme.id):
        gold = Tier.objects.create(merchant=acme.merchant, program=acme.program, name="Gold")
    made = store_material(acme, "BANNER", tiers=[gold])
    page = url("material-edit", acme, made.id)

    alice.post(page, {"title": "New", "tiers": [str(gold.id)]})
    [kept] = stored(acme)
    alice.post(page, {"title": "New", "file": SimpleUploadedFile("b.jpg", picture("JPEG"))})
    [changed] = stored(acme)

    assert (kept.title, kept.file_id) == ("New", made.file_id)
    assert [row.tier_id for row in kept.audience.all()] == [gold.id]
    assert changed.file is not None
    assert changed.file.content_type == "image/jpeg"
    assert list(changed.audience.all()) == []


def test_the_list_tells_folders_status_and_use(acme: Company, alice: Client, bob: Promoter) -> None:
    made = store_material(acme, "BANNER", title="Sale", category="Spring")
    store_material(acme, title="Later", visible_from=NOON.date().replace(day=20))
    with merchant_context(acme.id):
        for what in ("views", "views", "downloads"):
            count_use(material=made, enrollment=bob.enrollment, what=what, on=NOON.date())

    text = words(alice.get(url("program-materials", acme)).content)
    detail = words(alice.get(url("material-edit", acme, made.id)).content)

    assert "Spring" in text
    assert "Sale Banner · 300 × 250 Everybody Visible 1 2 0 1" in text
    assert "Later Text to use Everybody To come 0 0 0 0" in text
    assert "Used by 1 affiliate: 2 views, copied 0 times, 1 downloads." in detail


def test_what_is_archived_moves_to_its_own_list(acme: Company, alice: Client) -> None:
    made = store_material(acme, title="Old words")

    alice.post(url("material-archive", acme, made.id))

    assert "Give affiliates something to show" in words(
        alice.get(url("program-materials", acme)).content
    )
    archive = alice.get(f"{url('program-materials', acme)}?archived=1")
    assert "Old words" in words(archive.content)


def test_others_materials_are_not_there(acme: Company, globex: Company, alice: Client) -> None:
    foreign = store_material(globex)

    assert alice.get(url("material-edit", acme, foreign.id)).status_code == 404
    assert alice.post(url("material-archive", acme, foreign.id)).status_code == 404


def test_what_people_write_is_inert(acme: Company, alice: Client) -> None:
    html = "<script>alert(1)</script>"
    made = store_material(acme, title=html, description=html, category=html, body=html)

    for page in (url("program-materials", acme), url("material-edit", acme, made.id)):
        assert html not in alice.get(page).content.decode()
