"""A link as a QR code: SVG for the screen and the printer, PNG for everywhere else."""

from io import BytesIO
from uuid import UUID

import segno
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.text import link_address
from reports.affiliate_traffic import links_of

BORDER = 2  # Modules of quiet zone; the page's own white adds the rest.
PNG_SCALE = 16  # Pixels per module: sharp on a poster.


@require_safe
@affiliate_page
def svg(visit: Visit, link_id: UUID) -> HttpResponse:
    """Serve the code as a drawing of any size."""
    return _serve(visit, link_id, kind="svg", content_type="image/svg+xml", scale=8)


@require_safe
@affiliate_page
def png(visit: Visit, link_id: UUID) -> HttpResponse:
    """Serve the code as a picture to download."""
    response = _serve(visit, link_id, kind="png", content_type="image/png", scale=PNG_SCALE)
    response.headers["Content-Disposition"] = 'attachment; filename="link.png"'
    return response


def _serve(
    visit: Visit, link_id: UUID, *, kind: str, content_type: str, scale: int
) -> HttpResponse:
    link = get_object_or_404(links_of(visit.affiliate.id), id=link_id)
    out = BytesIO()
    segno.make(link_address(link.code), micro=False).save(
        out, kind=kind, scale=scale, border=BORDER, dark="#000000", light="#ffffff"
    )
    response = HttpResponse(out.getvalue(), content_type=content_type)
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response
