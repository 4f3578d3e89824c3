"""Files of messages: pictures written anew, documents as they are, everything else refused."""

import zipfile
from io import BytesIO
from zlib import crc32

import pytest
from PIL import Image, PngImagePlugin

from common.refusals import BadValue
from merchants.tenancy import affiliate_context, merchant_context
from messaging.files import FILE_BYTES_MAX, Upload, clean_file, clean_files
from messaging.models import Attachment, FileKind
from messaging.services import start_thread
from tests.cast import NOON, Company, Promoter
from tests.messaging.writing import affiliate_of

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def picture(kind: str = "PNG", size: tuple[int, int] = (4, 3), **how: object) -> bytes:
    """Return a small picture."""
    written = BytesIO()
    Image.new("RGB", size, (10, 120, 60)).save(written, kind, **how)
    return written.getvalue()


def zipped() -> bytes:
    """Return a zip file."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("a.html", HTML)
    return written.getvalue()


def noted() -> bytes:
    """Return a PNG that says something beside its picture."""
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", HTML.decode())
    return picture(pnginfo=said)


def huge() -> bytes:
    """Return a PNG whose head claims 50,000 × 50,000 pixels."""
    head = bytearray(picture())
    head[16:24] = (50_000).to_bytes(4) * 2
    head[29:33] = crc32(head[12:29]).to_bytes(4)
    return bytes(head)


@pytest.mark.parametrize(
    ("kind", "content", "name"),
    [
        (FileKind.PNG, picture(), "holiday.png"),
        (FileKind.JPEG, picture("JPEG"), "holiday.jpg"),
        (FileKind.PDF, PDF, "holiday.pdf"),
    ],
)
def test_what_a_file_is_decides_how_its_name_ends(
    kind: FileKind, content: bytes, name: str
) -> None:
    kept = clean_file(Upload("holiday.html", content))

    assert (kept.kind, kept.name) == (kind, name)


def test_a_picture_is_written_anew_without_what_else_it_held() -> None:
    for content in (noted(), picture() + HTML, picture("JPEG", comment=HTML) + zipped()):
        kept = clean_file(Upload("a.png", content))

        assert b"script" not in kept.content
        assert b"PK\x03\x04" not in kept.content
        with Image.open(BytesIO(kept.content)) as again:
            assert again.size == (4, 3)


@pytest.mark.parametrize(
    ("_case", "content", "code"),
    [
        ("nothing", b"", "empty"),
        ("a script in SVG", SVG, "not_readable"),
        ("HTML named .png", HTML, "not_readable"),
        ("a zip file", zipped(), "not_readable"),
        ("a GIF", picture("GIF"), "not_readable"),
        ("half a picture", picture(size=(90, 90))[:120], "not_readable"),
        ("50,000 × 50,000 pixels", huge(), "too_many_pixels"),
        ("HTML before a PDF", HTML + PDF, "not_readable"),
        ("half a document", PDF[:30], "broken"),
        ("too many bytes", PDF + b"x" * FILE_BYTES_MAX, "too_large"),
    ],
)
def test_other_files_are_refused(_case: str, content: bytes, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        clean_file(Upload("holiday.png", content))

    assert caught.value.code == code
    assert "holiday.png" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\bob\\Offer.PDF", "Offer.pdf"),
        ('a"; filename="x.exe', "a filename= x.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.pdf"),
        ("a\r\nSet-Cookie: b.pdf", "a Set-Cookie b.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("", "file.pdf"),
        ("报价单.pdf", "报价单.pdf"),
        ("x" * 300, "x" * 95 + ".pdf"),
    ],
)
def test_a_name_is_a_name_and_nothing_else(name: str, kept: str) -> None:
    assert clean_file(Upload(name, PDF)).name == kept


def test_a_message_has_three_files_at_the_most() -> None:
    with pytest.raises(BadValue, match="3 files"):
        clean_files([Upload("a.pdf", PDF)] * 4)


def test_files_are_kept_with_their_message_and_read_by_both_sides_alone(
    acme: Company, bob: Promoter, carol: Promoter
) -> None:
    with merchant_context(acme.id):
        start_thread(
            enrollment=bob.enrollment,
            subject="Offer",
            body="See the file.",
            by=affiliate_of(bob),
            at=NOON,
            attachments=[Upload("offer.pdf", PDF)],
        )

        kept = Attachment.objects.get()
    assert (kept.name, kept.size, bytes(kept.content)) == ("offer.pdf", len(PDF), PDF)
    with affiliate_context(bob.affiliate.id):
        assert Attachment.objects.get() == kept
    with affiliate_context(carol.affiliate.id):
        assert not Attachment.objects.exists()
