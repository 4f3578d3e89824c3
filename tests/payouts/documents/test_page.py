"""How a paper looks: the same bytes each time, and letters of many scripts."""

import unicodedata
from io import BytesIO

import pytest
from pypdf import PdfReader

from payouts.documents.facts import Paper, PaperLine, Party
from payouts.documents.page import make_page
from payouts.documents.vat import contained, note_on_vat, spread


def paper(name: str = "Bob", lines: int = 1) -> Paper:
    """Return an invoice."""
    return Paper(
        kind="INVOICE",
        number="ACME-K7Q2MX-0001",
        title="Invoice (self-billing)",
        issued_on="2026-03-02",
        currency="EUR",
        payer=Party("Acme", ["Hafenstraße 1", "20457 Hamburg", "Germany"], "DE129273398"),
        payee=Party(name, ["1 Quay", "Cork", "Ireland"], "IE6433435F"),
        lines=[PaperLine(f"Line {number}", 1_000, 2_300, 230) for number in range(lines)],
        has_vat=True,
        notes=["Self-billing"],
    )


def read(content: bytes) -> str:
    """Return the text of all pages."""
    pages = PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_same_facts_make_the_same_bytes() -> None:
    once = make_page(paper())
    make_page(paper("Łukasz Żółć"))  # Another paper between leaves no trace.

    assert make_page(Paper.from_data(paper().as_data())) == once


@pytest.mark.parametrize(
    "name",
    [
        "Łukasz Żółć",
        "Αλέξανδρος Ωμέγα",
        "Юрий Їжак",
        "Nguyễn Thị Hồng",
        "İstanbul Şığ",
        "李小龙",
        "たなか 太郎",
        "김철수",
        "<b>Bob</b> & Söhne",
        "Zo\u0065\u0308",  # An e and a diaeresis: one letter on paper.
    ],
)
def test_names_of_many_scripts_can_be_read(name: str) -> None:
    assert unicodedata.normalize("NFC", name) in read(make_page(paper(name)))


def test_long_papers_have_pages_with_the_number_on_each() -> None:
    reader = PdfReader(BytesIO(make_page(paper(lines=80))))

    assert len(reader.pages) > 1
    assert all("ACME-K7Q2MX-0001" in page.extract_text() for page in reader.pages)


@pytest.mark.parametrize(
    ("total_minor", "amounts", "rate_bps", "parts"),
    [
        (1_900, [10_000], 1_900, [1_900]),
        (19, [33, 33, 34], 1_900, [6, 6, 7]),  # 6.27, 6.27 and 6.46; the largest bears the rest.
        (1_710, [10_000, -1_000], 1_900, [1_900, -190]),
        (0, [10_000], 0, [0]),
    ],
)
def test_vat_of_lines_sums_to_the_vat_that_was_paid(
    total_minor: int, amounts: list[int], rate_bps: int, parts: list[int]
) -> None:
    assert spread(total_minor, amounts, rate_bps=rate_bps) == parts


def test_119_contain_19() -> None:
    assert contained(11_900, rate_bps=1_900) == 1_900


@pytest.mark.parametrize(
    ("payer", "payee", "has_vat_id", "is_small", "words"),
    [
        ("DE", "DE", True, False, ""),
        ("DE", "DE", False, True, "small business"),
        ("DE", "FR", True, False, "Reverse charge"),
        ("DE", "FR", True, True, "Reverse charge"),
        ("DE", "FR", False, True, "small business"),
        ("DE", "GB", True, False, "Reverse charge"),
        ("GB", "DE", True, False, "Reverse charge"),
        ("SG", "DE", True, False, "Not subject to VAT"),
    ],
)
def test_the_law_wants_words(
    payer: str, payee: str, has_vat_id: bool, is_small: bool, words: str
) -> None:
    said = note_on_vat(
        payer_country=payer, payee_country=payee, has_vat_id=has_vat_id, is_small=is_small
    )

    assert words in said
    assert bool(words) == bool(said)
