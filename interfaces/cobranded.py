"""How a co-branded page and flyer are put together, for whoever looks at them."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from cobranding.flyer import Flyer, draw_flyer
from cobranding.models import CobrandPiece, CobrandTemplate
from materials.addresses import file_address
from materials.directory import file_at
from materials.filling import deep_link
from materials.models import StoredFile
from tracking.models import Link


def page_address(piece: CobrandPiece) -> str:
    """Return where anybody sees the page."""
    return f"{settings.APP_URL}{reverse('public:with-partner', args=[piece.code])}"


def own_link(piece: CobrandPiece) -> str:
    """Return where the button and the code lead: the piece's own link, straight to its page."""
    return deep_link(f"{settings.EDGE_URL}/c/{piece.link.code}", piece.template.target_url)


def page_context(piece: CobrandPiece) -> dict[str, Any]:
    """Return what the public page is rendered with."""
    template = piece.template
    return {
        "merchant": piece.program.merchant,
        "brand": True,
        "template": template,
        "piece": piece,
        "link": own_link(piece),
        "picture": _address(template.picture),
        "logo": _address(piece.logo),
        "page_url": page_address(piece),
    }


def flyer_of(piece: CobrandPiece) -> bytes:
    """Return the flyer as a PDF file."""
    template, merchant = piece.template, piece.program.merchant
    return draw_flyer(
        Flyer(
            merchant=merchant.name,
            accent=merchant.accent,
            headline=template.headline,
            body=template.body,
            call=template.button,
            name=piece.name,
            text=piece.text,
            link=own_link(piece),
            picture=_content(template.picture),
            logo=_content(piece.logo),
        )
    )


def sample_of(template: CobrandTemplate, *, name: str) -> CobrandPiece:
    """Return a piece that nobody stored: how the template looks with somebody's name."""
    return CobrandPiece(
        merchant_id=template.merchant_id,
        template=template,
        program=template.program,
        link=Link(code="sample"),
        code="sample",
        name=name,
    )


def _address(file: StoredFile | None) -> str:
    return file_address(file) if file else ""


def _content(file: StoredFile | None) -> bytes:
    found = file_at(file.id) if file else None
    return bytes(found.content) if found else b""
