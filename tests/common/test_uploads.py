"""Uploads: a picture is written anew, a PDF is kept as it is, and nothing else gets in."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from common.refusals import BadValue
from common.uploads import (
    PDF_BYTES_MAX,
    PICTURE_BYTES_MAX,
    Upload,
    plain_name,
    read_pdf,
    read_picture,
)
from tests.materials.making import PDF, picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(width: int, height: int, *chunks: bytes) -> bytes:
    """Return a PNG that claims a size; its pixels are a thousand zeros, deflated."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 1_000))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + pixels + chunk(b"IEND", b"")


def bomb() -> bytes:
    """Return a small PNG with a text of 200 MB, deflated to 200 kB."""
    text = b"comment\0\0" + zlib.compress(b"a" * 200_000_000, 9)
    return png_of(10, 10, chunk(b"zTXt", text))


def moving() -> bytes:
    written = BytesIO()
    frames = [Image.new("RGB", (10, 10), colour) for colour in ("red", "blue")]
    frames[0].save(written, format="WEBP", save_all=True, append_images=frames[1:])
    return written.getvalue()


def a_gif() -> bytes:
    written = BytesIO()
    Image.new("P", (10, 10)).save(written, format="GIF")
    return written.getvalue()


@pytest.mark.parametrize(
    ("_case", "content", "code"),
    [
        ("script in an SVG", SVG, "not_a_picture"),
        ("HTML that is called a PNG", HTML, "not_a_picture"),
        ("nothing", b"", "empty"),
        ("a PDF", PDF, "not_a_picture"),
        ("a zip file", b"PK\x03\x04" + b"\0" * 100, "not_a_picture"),
        ("a GIF", a_gif(), "not_a_picture"),
        ("only the signature of a PNG", b"\x89PNG\r\n\x1a\n", "not_a_picture"),
        ("cut off in the middle", picture("JPEG")[:400], "not_a_picture"),
        ("50,000 by 50,000 pixels", png_of(50_000, 50_000), "too_many_pixels"),
        ("very long and thin", png_of(20_000, 2), "too_many_pixels"),
        ("fewer pixels than it says", png_of(4_000, 4_000), "not_a_picture"),
        ("a text that inflates", bomb(), "not_a_picture"),
        ("two frames", moving(), "moves"),
        ("too many bytes", picture() + b"\0" * PICTURE_BYTES_MAX, "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refuses_what_is_no_honest_picture(_case: str, content: bytes, code: str) -> None:
    with pytest.raises(BadValue) as refusal:
        read_picture(Upload("x.png", content), field="file")

    assert (refusal.value.field, refusal.value.code) == ("file", code)


@pytest.mark.parametrize(
    ("kind", "media_type", "extension"),
    [
        ("PNG", "image/png", ".png"),
        ("JPEG", "image/jpeg", ".jpg"),
        ("WEBP", "image/webp", ".webp"),
    ],
)
def test_a_picture_is_named_for_what_it_is(kind: str, media_type: str, extension: str) -> None:
    kept = read_picture(Upload("../../etc/sale.html", picture(kind)), field="file")

    assert (kept.name, kept.content_type) == (f"sale{extension}", media_type)
    assert (kept.width, kept.height) == (300, 250)
    assert Image.open(BytesIO(kept.content)).format == kind


def described() -> dict[str, Any]:
    """Return what a PNG may say beside its pixels."""
    text = PngInfo()
    text.add_text("Comment", "secret place")
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    return {"pnginfo": text, "exif": exif, "icc_profile": b"secret place"}


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", described()),
        ("JPEG", {name: described()[name] for name in ("exif", "icc_profile")}),
        ("WEBP", {name: described()[name] for name in ("exif", "icc_profile")}),
    ],
)
def test_nothing_but_pixels_is_kept(kind: str, options: dict[str, Any]) -> None:
    content = picture(kind, **options) + HTML
    assert b"secret place" in content

    kept = read_picture(Upload("x", content), field="file").content

    said = Image.open(BytesIO(kept)).info  # Of a PNG some of it would be deflated.
    assert not {"icc_profile", "exif", "xmp", "Comment"} & said.keys()
    assert b"secret place" not in kept
    assert b"script" not in kept


def test_a_picture_stands_upright_when_its_camera_did_not() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # A quarter turn.

    kept = read_picture(Upload("x.jpg", picture("JPEG", (300, 200), exif=exif)), field="file")

    assert (kept.width, kept.height) == (200, 300)


def test_a_pdf_is_kept_as_it_came() -> None:
    kept = read_pdf(Upload("..\\..\\Brand guide.PDF", PDF), field="file")

    assert (kept.name, kept.content_type) == ("Brand guide.pdf", "application/pdf")
    assert kept.content == PDF


@pytest.mark.parametrize(
    ("_case", "content", "code"),
    [
        ("HTML", HTML, "not_a_pdf"),
        ("HTML before a PDF", HTML + PDF, "not_a_pdf"),
        ("a zip file behind a PDF", PDF + b"PK\x03\x04" + b"\0" * 2_000, "not_a_pdf"),
        ("a picture", picture(), "not_a_pdf"),
        ("nothing", b"", "empty"),
        ("too many bytes", PDF + b" " * PDF_BYTES_MAX, "too_large"),
    ],
)
def test_refuses_what_is_no_pdf(_case: str, content: bytes, code: str) -> None:
    with pytest.raises(BadValue) as refusal:
        read_pdf(Upload("x.pdf", content), field="file")

    assert (refusal.value.field, refusal.value.code) == ("file", code)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../../etc/passwd", "passwd.png"),
        ("C:\\temp\\Sommer Aktion.PNG", "Sommer Aktion.png"),
        ('a"\r\nSet-Cookie: b.png', "a-Set-Cookie- b.png"),
        ("促销.png", "促销.png"),
        ("...", "file.png"),
        ("", "file.png"),
        ("x" * 300, "x" * 96 + ".png"),
    ],
)
def test_a_name_is_a_name_and_no_path(name: str, expected: str) -> None:
    assert plain_name(name, ".png") == expected
