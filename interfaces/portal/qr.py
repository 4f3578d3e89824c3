"""A link as a QR code: SVG for the screen and the printer, PNG for everywhere else."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from common.qr import CONTENT_TYPES, Kind, draw_qr
from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.text import link_address
from reports.affiliate_traffic import links_of


@require_safe
@affiliate_page
def svg(visit: Visit, link_id: UUID) -> HttpResponse:
    """Serve the code as a drawing of any size."""
    return _serve(visit, link_id, kind="svg")


@require_safe
@affiliate_page
def png(visit: Visit, link_id: UUID) -> HttpResponse:
    """Serve the code as a picture to download."""
    return _serve(visit, link_id, kind="png")


def _serve(visit: Visit, link_id: UUID, *, kind: Kind) -> HttpResponse:
    link = get_object_or_404(links_of(visit.affiliate.id), id=link_id)
    picture = draw_qr(link_address(link.code), kind)
    response = HttpResponse(picture, content_type=CONTENT_TYPES[kind])
    response.headers["Cache-Control"] = "private, max-age=86400"
    if kind == "png" or visit.request.GET.get("download"):
        response.headers["Content-Disposition"] = f'attachment; filename="{link.code}.{kind}"'
    return response
