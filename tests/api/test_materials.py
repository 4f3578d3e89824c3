"""Materials by the API: files first, then what is made of them; partners get theirs filled in."""

import pytest
from django.core.files.base import ContentFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from common.uploads import PDF_BYTES_MAX
from materials.models import Material, StoredFile
from merchants.models import SYSTEM
from merchants.tenancy import OPS, merchant_context
from programs.services import create_tier
from tests.api.conftest import Answered, Caller
from tests.cast import NOON, Company, Promoter
from tests.materials.making import PDF, picture, store_material


def upload(api: Caller, company: Company, kind: str, content: bytes, name: str = "a") -> Answered:
    form = {"kind": kind, "file": ContentFile(content, name=name)}
    raw = encode_multipart(BOUNDARY, form)
    path = f"programs/{company.program.id}/files"
    return api.post(path, raw=raw, content_type=MULTIPART_CONTENT)


def path(company: Company, *parts: object) -> str:
    return "/".join(map(str, ["programs", company.program.id, "materials", *parts]))


def test_a_banner_is_made_of_an_uploaded_picture(acme: Company, api: Caller) -> None:
    file = upload(api, acme, "banner", picture("JPEG"), "../a.html")
    again = upload(api, acme, "banner", picture("JPEG"), "b.png")
    said = {"kind": "banner", "title": "Sale", "file": file.json["id"], "category": "Spring"}
    made = api.post(path(acme), said)

    assert file.status == 201
    assert (file.json["name"], file.json["content_type"]) == ("a.jpg", "image/jpeg")
    assert (file.json["width"], file.json["height"]) == (300, 250)
    assert again.json["id"] == file.json["id"]
    assert made.status == 201
    assert made.json["file"] == file.json
    assert (made.json["kind"], made.json["category"], made.json["tiers"]) == (
        "banner",
        "Spring",
        [],
    )
    assert made.json["used"] == {"affiliates": 0, "views": 0, "copies": 0, "downloads": 0}
    assert api.get(path(acme, made.json["id"])).json == made.json
    assert api.get(path(acme)).json["data"] == [made.json]
    assert api.get(f"{path(acme)}?kind=email").json["data"] == []


@pytest.mark.parametrize(
    ("kind", "content", "field", "code"),
    [
        ("banner", b"<svg/>", "file", "not_a_picture"),
        ("banner", b"", "file", "empty"),
        ("file", b"<!doctype html>", "file", "not_a_pdf"),
        ("email", PDF, "kind", "no_file"),
    ],
)
def test_a_wrong_file_is_refused_by_its_field(
    acme: Company, api: Caller, kind: str, content: bytes, field: str, code: str
) -> None:
    answer = upload(api, acme, kind, content)

    assert answer.status == 422
    assert [(row["field"], row["code"]) for row in answer.json["errors"]] == [(field, code)]
    assert not StoredFile.objects.using(OPS).exists()


def test_a_body_that_is_too_large_is_not_read(acme: Company, api: Caller) -> None:
    answer = upload(api, acme, "file", PDF + b"\0" * (PDF_BYTES_MAX + 30_000))

    assert answer.refusal == (413, "too_large")


def test_what_is_not_said_stays_as_it_is(acme: Company, api: Caller) -> None:
    with merchant_context(acme.id):
        gold = create_tier(program=acme.program, name="Gold", by=SYSTEM, at=NOON)
    made = store_material(acme, "EMAIL", tiers=[gold], language="de")

    before = api.get(path(acme, made.id)).json
    changed = api.patch(path(acme, made.id), {"title": "New"})
    opened = api.patch(path(acme, made.id), {"tiers": [], "visible_until": "2026-03-31"})

    assert changed.json == before | {"title": "New"}
    assert opened.json == changed.json | {"tiers": [], "visible_until": "2026-03-31"}


def test_archived_it_is_gone_for_partners(
    acme: Company, bob: Promoter, api: Caller, partner: Caller
) -> None:
    made = store_material(acme)
    before = len(partner.get("partner/materials").json["data"])

    archived = api.post(path(acme, made.id, "archive"))

    assert archived.json["archived_at"] is not None
    assert (before, partner.get("partner/materials").json["data"]) == (1, [])


def test_others_files_tiers_and_materials_are_not_there(
    acme: Company, globex: Company, api: Caller
) -> None:
    foreign = store_material(globex, "BANNER")
    with merchant_context(globex.id):
        tier = create_tier(program=globex.program, name="Gold", by=SYSTEM, at=NOON)
    banner = {"kind": "banner", "title": "T", "file": str(foreign.file_id)}
    copy = {"kind": "copy", "title": "T", "body": "B", "tiers": [str(tier.id)]}

    answers = [
        api.post(path(acme), banner),
        api.post(path(acme), copy),
        api.get(path(acme, foreign.id)),
        api.patch(path(acme, foreign.id), {"title": "N"}),
        api.post(path(acme, foreign.id, "archive")),
    ]

    assert {answer.status for answer in answers} <= {404, 422, 400}
    assert [answer.status for answer in answers[2:]] == [404, 404, 404]
    assert Material.objects.using(OPS).count() == 1


def test_partners_get_their_own_link_filled_in(
    acme: Company, bob: Promoter, carol: Promoter, partner: Caller, other_partner: Caller
) -> None:
    store_material(acme, "BANNER", title="Sale")
    store_material(acme, "EMAIL", body="{name}: {link}")

    email, banner = partner.get("partner/materials").json["data"]

    address = f"http://127.0.0.1:8001/c/{bob.link.code}"
    assert (email["text"], email["subject"]) == (f"Bob: {address}", "For Acme Partners")
    assert email["enrollment"] == str(bob.enrollment.id)
    assert banner["html"].startswith(f'<a href="{address}" rel="sponsored"><img src="')
    assert f"/b/{bob.link.code}/{banner['id']}" in banner["html"]
    assert other_partner.get("partner/materials").json["data"] == []
    assert partner.get(f"partner/materials?link={carol.link.id}").status == 404
