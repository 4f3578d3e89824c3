"""Imports: checked first, taken in then, refused line by line."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from merchants.tenancy import merchant_context
from tests.cast import Company
from tests.console.arrivals import store_import
from tests.console.conftest import TODAY, words
from tracking.imports import COLUMNS, FILE_BYTES_MAX, run_imports
from tracking.models import Conversion, Import, ImportProfile

LIST = reverse("console:imports")
CREATE = reverse("console:import-create")
MIXED = "order_id,amount\nF-1,10.00\nF-2,lots\nF-3,20.00\n"


def upload(client: Client, company: Company, content: bytes, **said: str) -> object:
    """Upload a file; return the answer."""
    usual = {"program": str(company.program.id), "profile": "CONVERSIONS"}
    file = SimpleUploadedFile("sales.csv", content)
    return client.post(CREATE, usual | said | {"file": file})


def run(company: Company) -> None:
    """Do what the worker does until nothing waits."""
    while run_imports(merchant_id=company.id, at=TODAY):
        pass


def url(name: str, found: Import) -> str:
    """Return a page of an import."""
    return reverse(f"console:{name}", args=[found.id])


def imported(company: Company) -> list[Import]:
    """Return every import, the oldest first."""
    with merchant_context(company.id):
        return list(Import.objects.order_by("created_at", "id"))


def stored(company: Company) -> set[str]:
    """Return the order ids that are there."""
    with merchant_context(company.id):
        return set(Conversion.objects.values_list("external_id", flat=True))


def test_a_file_is_checked_before_anything_is_stored(acme: Company, alice: Client) -> None:
    answer = upload(alice, acme, MIXED.encode())

    (check,) = imported(acme)
    assert answer.headers["Location"] == url("import", check)  # type: ignore[attr-defined]
    page = alice.get(url("import", check)).content.decode()
    assert "Waits for a worker" in page
    assert 'hx-trigger="every 1s"' in page
    run(acme)
    page = words(alice.get(url("import", check)).content)
    assert "Nothing is stored yet." in page
    assert "Would be new 2" in page
    assert "3 amount" in page
    assert "invalid_amount" in page
    assert "Import 2 lines" in page
    assert stored(acme) == set()


def test_a_checked_file_is_taken_in(acme: Company, alice: Client) -> None:
    check = store_import(acme, content=MIXED)
    run(acme)

    answer = alice.post(url("import-run", check))

    run(acme)
    taken_in = imported(acme)[-1]
    assert answer.headers["Location"] == url("import", taken_in)
    assert not taken_in.is_dry_run
    assert taken_in.content == b""  # It named people.
    assert stored(acme) == {"F-1", "F-3"}
    page = words(alice.get(url("import", taken_in)).content)
    assert "New 2" in page
    assert "Import 2 lines" not in page


def test_a_file_that_was_only_tried_out_is_kept_for_a_day(acme: Company, alice: Client) -> None:
    check = store_import(acme, content=MIXED)
    run(acme)
    with merchant_context(acme.id):
        before = check.created_at - timedelta(days=2)
        Import.objects.filter(id=check.id).update(finished_at=before)
    store_import(acme, content=MIXED)

    answer = alice.post(url("import-run", check), follow=True)

    assert "The file is not kept any more." in words(answer.content)
    assert len(imported(acme)) == 2


def test_its_progress_ends_with_the_whole_page_anew(acme: Company, alice: Client) -> None:
    check = store_import(acme)

    waiting = alice.get(url("import-progress", check))
    run(acme)
    done = alice.get(url("import-progress", check))

    assert "HX-Refresh" not in waiting.headers
    assert done.headers["HX-Refresh"] == "true"


def test_refused_lines_are_given_as_csv(acme: Company, alice: Client) -> None:
    check = store_import(acme, content=MIXED)
    run(acme)

    answer = alice.get(url("import-refusals", check))

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["line"], row["field"], row["code"]) for row in rows] == [
        ("3", "amount", "invalid_amount")
    ]


def test_a_file_that_is_none_says_so(acme: Company, alice: Client) -> None:
    check = store_import(acme, content="what,is,this\n1,2,3\n")
    run(acme)

    page = words(alice.get(url("import", check)).content)

    assert "The file cannot be read." in page
    assert "Columns are missing" in page
    assert "Another file" in page


@pytest.mark.parametrize(
    ("content", "said", "expected"),
    [
        (b"   ", {}, "The file is empty."),
        (b"a" * (FILE_BYTES_MAX + 1), {}, "At the most 4.8"),
        (b"order_id,amount\n", {"profile": "NOTHING"}, "Select a valid choice."),
        (b"order_id,amount\n", {"program": "x"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_uploaded_is_told_beside_the_field(
    content: bytes, said: dict[str, str], expected: str, acme: Company, alice: Client
) -> None:
    answer = upload(alice, acme, content, **said)

    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert expected in words(answer.content)  # type: ignore[attr-defined]
    assert imported(acme) == []


@pytest.mark.parametrize("profile", list(ImportProfile))
def test_the_example_of_each_kind_has_its_columns(
    profile: ImportProfile, acme: Company, alice: Client
) -> None:
    answer = alice.get(reverse("console:import-example"), {"profile": profile})

    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0] == [column.name for column in COLUMNS[profile]]
    assert len(rows) == 2
    assert all(name in words(alice.get(CREATE).content) for name in rows[0])


def test_imports_are_listed_and_filtered(acme: Company, globex: Company, alice: Client) -> None:
    store_import(acme)
    foreign = store_import(globex)

    page = words(alice.get(LIST).content)

    assert "sales.csv Conversions Acme Partners Waiting Check only" in page
    assert len(alice.get(LIST).context["table"].rows) == 1
    assert len(alice.get(LIST, {"q": "other"}).context["table"].rows) == 0
    assert len(alice.get(LIST, {"profile": "REFUNDS"}).context["table"].rows) == 0
    assert alice.get(url("import", foreign)).status_code == 404


def test_no_import_yet_says_what_to_do(acme: Company, alice: Client) -> None:
    assert "Bring sales that no system reports" in words(alice.get(LIST).content)
