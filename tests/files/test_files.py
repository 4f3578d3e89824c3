"""Files: handed out so that nothing in them can act; banners: counted, and never broken."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from affiliates.models import Enrollment
from common.uploads import Upload
from materials.addresses import banner_address, file_address
from materials.models import Material, MaterialUse
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter
from tests.materials.making import PDF, picture, store_material
from tests.routes import routes

BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Sec-Fetch-Dest": "image",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Live at noon."""
    with time_machine.travel(NOON, tick=True):
        yield


def path_of(address: str) -> str:
    return urlsplit(address).path


def test_every_route_is_tested_here() -> None:
    assert {route.name for route in routes("files")} == {"files:file", "files:banner"}


def test_a_picture_is_shown_inert_and_kept_for_ever(acme: Company) -> None:
    made = store_material(acme, "BANNER", upload=Upload('../ev"il.html', picture()))

    answer = Client().get(path_of(file_address(made.file)))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Disposition"] == 'inline; filename="ev-il.png"'
    assert answer.content == bytes(made.file.content)
    assert "Set-Cookie" not in answer.headers
    kept = Client().get(f"{path_of(file_address(made.file))}?download=1")
    assert kept.headers["Content-Disposition"] == 'attachment; filename="ev-il.png"'


def test_a_pdf_is_a_download(acme: Company) -> None:
    made = store_material(acme, "FILE")

    answer = Client().get(path_of(file_address(made.file)))

    assert answer.headers["Content-Disposition"] == 'attachment; filename="guide.pdf"'
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.content == PDF


def test_what_a_browser_has_is_not_sent_again(acme: Company) -> None:
    file = store_material(acme, "BANNER").file
    tag = {"If-None-Match": f'"{file.sha256}"'}

    answer = Client().get(path_of(file_address(file)), headers=tag)

    assert (answer.status_code, answer.content) == (304, b"")


def test_a_wrong_address_has_nothing(acme: Company) -> None:
    file = store_material(acme, "BANNER").file
    addresses = (f"/files/{uuid4()}.png", f"/files/{file.id}.html", f"/files/{file.id}.pdf")

    assert {Client().get(address).status_code for address in addresses} == {404}


def test_the_files_own_host_serves_nothing_else(acme: Company, settings: Any) -> None:
    settings.FILES_HOST = "files.example"
    file = store_material(acme, "BANNER").file
    browser = Client(headers={"host": "files.example"})

    assert browser.get(f"/files/{file.id}.png").status_code == 200
    for path in ("/", "/console/", "/portal/", "/accounts/login/", "/api/v1/me"):
        assert browser.get(path).status_code == 404, path


def views(company: Company) -> int:
    with merchant_context(company.id):
        return sum(MaterialUse.objects.values_list("views", flat=True))


def show(material: Material, promoter: Promoter, **headers: str) -> tuple[int, str]:
    address = path_of(banner_address(material, promoter.link.code))
    answer = Client().get(address, headers=BROWSER | headers)
    return answer.status_code, answer.headers.get("Location", answer.headers["Content-Type"])


def test_a_banner_is_counted_and_leads_to_its_picture(acme: Company, bob: Promoter) -> None:
    made = store_material(acme, "BANNER")

    answers = [show(made, bob), show(made, bob)]

    assert answers == [(302, file_address(made.file))] * 2
    assert views(acme) == 2


@pytest.mark.parametrize(
    "headers",
    [{"User-Agent": "Googlebot/2.1"}, {"User-Agent": ""}, {"Sec-Purpose": "prefetch"}],
)
def test_robots_and_prefetches_are_not_counted(
    acme: Company, bob: Promoter, headers: dict[str, str]
) -> None:
    made = store_material(acme, "BANNER")

    assert show(made, bob, **headers) == (302, file_address(made.file))
    assert views(acme) == 0


def test_views_of_others_links_are_not_counted(
    acme: Company, bob: Promoter, carol: Promoter
) -> None:
    made = store_material(acme, "BANNER")

    assert show(made, carol)[0] == 302
    with merchant_context(acme.id):
        Enrollment.objects.filter(id=bob.enrollment.id).update(status="SUSPENDED")
    assert show(made, bob)[0] == 302

    assert views(acme) == 0


def test_a_page_never_shows_a_broken_picture(
    acme: Company, bob: Promoter, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = store_material(acme, "BANNER")

    def away(*_: object, **__: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("interfaces.files.views.count_view", away)
    assert show(made, bob) == (302, file_address(made.file))
    monkeypatch.setattr("interfaces.files.views.banner_at", away)
    assert show(made, bob) == (200, "image/gif")
    unknown = reverse("files:banner", args=["nobody", uuid4()])
    monkeypatch.undo()
    assert Client().get(unknown, headers=BROWSER).headers["Content-Type"] == "image/gif"
