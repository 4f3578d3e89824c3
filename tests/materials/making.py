"""Materials and the files that they are made of."""

from io import BytesIO
from typing import Any

from PIL import Image

from common.uploads import Upload
from materials.models import Material
from materials.services import MaterialDraft, add_material
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def picture(
    kind: str = "PNG", size: tuple[int, int] = (300, 250), colour: str = "navy", **options: Any
) -> bytes:
    """Return a picture of one colour."""
    written = BytesIO()
    mode = "RGB" if kind == "JPEG" else "RGBA"
    Image.new(mode, size, colour).save(written, format=kind, **options)
    return written.getvalue()


SAID: dict[str, dict[str, Any]] = {
    "BANNER": {"upload": Upload("sale.png", picture())},
    "TEXT_LINK": {"body": "Ropes that last"},
    "EMAIL": {"subject": "For {program}", "body": "Look: {link}\n\n{name}, code {coupon}"},
    "COPY": {"body": "Ropes since 1911."},
    "KEYWORDS": {"allowed": ["rope"], "negative": ["cheap"], "protected": ["acme"]},
    "VIDEO": {"video_url": "https://www.youtube.com/watch?v=1"},
    "ROTATION": {},  # Two banners are made for it.
    "LESSON": {"body": "Tie a bowline."},
    "FILE": {"upload": Upload("guide.pdf", PDF)},
}


def draft_of(kind: str = "COPY", /, **facts: Any) -> MaterialDraft:
    """Return a whole draft of a kind."""
    return MaterialDraft(**{"kind": kind, "title": kind.title(), **SAID[kind], **facts})


def store_material(company: Company, kind: str = "COPY", /, **facts: Any) -> Material:
    """Store a material of the company's program; for a rotation without banners two of these."""
    if kind == "ROTATION" and "banners" not in facts:
        facts["banners"] = [store_banner(company, title) for title in ("One", "Other")]
    with merchant_context(company.id):
        return add_material(
            program=company.program, draft=draft_of(kind, **facts), by=SYSTEM, at=NOON
        )


def store_banner(
    company: Company, title: str, size: tuple[int, int] = (300, 250), colour: str = "navy"
) -> Material:
    """Store a banner of one colour."""
    upload = Upload(f"{title}.png", picture(size=size, colour=colour))
    return store_material(company, "BANNER", title=title, upload=upload)
