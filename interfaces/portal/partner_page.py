"""A merchant's page with an affiliate's name on it, for anybody."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from cobranding.directory import piece_at
from cobranding.models import CobrandPiece, PieceStatus, TemplateKind
from common.pictures import allow_pictures
from interfaces.cobranded import page_context
from interfaces.portal.host import host_merchant

KEPT_SECONDS = 60


@require_safe
def partner_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the page; when it is in use no more, lead on to where it led."""
    piece = piece_at(code)
    host = host_merchant(request)
    if piece is None or piece.template.kind != TemplateKind.PAGE:
        raise Http404
    if host is not None and host.id != piece.merchant_id:
        raise Http404
    if not _is_shown(piece):
        return redirect(piece.template.target_url or piece.program.landing_url)
    response = render(request, "public/partner.html", page_context(piece))
    patch_cache_control(response, private=True, max_age=KEPT_SECONDS)
    return allow_pictures(response, [piece.program.merchant.logo_url])


def _is_shown(piece: CobrandPiece) -> bool:
    return (
        piece.status == PieceStatus.LIVE
        and piece.template.archived_at is None
        and piece.enrollment.is_active
    )
