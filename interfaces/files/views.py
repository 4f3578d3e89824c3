"""Files, so that nothing in them can act; and banners, which are counted and never fail."""

from base64 import b64decode
from random import choice
from typing import Final
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from common.clock import now
from materials.addresses import file_address
from materials.directory import banner_at, file_at, shown_by
from materials.models import Material, MaterialKind
from materials.rotation import shown_parts
from materials.services import count_view
from merchants.tenancy import merchant_context
from tracking.models import ClickClass
from tracking.visits import AGENT_SIGNS, Visit, classify, is_prefetch

log = structlog.get_logger()

NOTHING: Final = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICTAEAOw==")  # A GIF.
INERT: Final = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",  # Banners stand on affiliates' pages.
}
FOR_EVER: Final = "public, max-age=31536000, immutable"


@require_safe
def file(request: HttpRequest, file_id: UUID, extension: str) -> HttpResponse:
    """Hand a file out, pictures in place unless `?download` asks otherwise, all else to be kept.

    What is at an address never changes, so browsers and proxies keep it for good.
    """
    found = file_at(file_id)
    if found is None or found.extension != extension:
        return missing(request)
    tag = f'"{found.sha256}"'
    headers = INERT | {"Cache-Control": FOR_EVER, "ETag": tag}
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers=headers)
    is_download = not found.is_picture or "download" in request.GET
    disposition = content_disposition_header(is_download, found.name)
    headers |= {"Content-Disposition": disposition or "attachment"}
    return HttpResponse(bytes(found.content), content_type=found.content_type, headers=headers)


@require_safe
def banner(request: HttpRequest, code: str, material_id: UUID) -> HttpResponse:
    """Count a banner that somebody sees, and lead to its picture, whatever happens.

    Browsers must ask each time, or only the first view would count; the picture they keep.
    """
    try:
        material = banner_at(material_id)
        shown = _shown(material) if material is not None else None
        if material is not None and shown is not None and shown.file is not None:
            for counted in {material.id: material, shown.id: shown}.values():
                _count(request, counted, code)
            answer = HttpResponseRedirect(file_address(shown.file), headers=INERT)
            answer.headers["Cache-Control"] = "no-store"
            return answer
    except DatabaseError as error:
        log.warning("banner.not_found", error=str(error))
    headers = INERT | {"Cache-Control": "no-store"}
    return HttpResponse(NOTHING, content_type="image/gif", headers=headers)


def _shown(material: Material) -> Material | None:
    """Return the banner itself, or one of those that rotate."""
    if material.kind == MaterialKind.BANNER:
        return material
    return choice(shown_parts(material) or [None])  # noqa: S311


def missing(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that nothing is here, in a word: on their own host, files have no pages around them."""
    return HttpResponse("There is no such file.", status=404, content_type="text/plain")


def _count(request: HttpRequest, material: Material, code: str) -> None:
    if not _is_seen(request):
        return
    try:
        enrollment = shown_by(material, code)
        if enrollment is not None and enrollment.is_active:
            with merchant_context(material.merchant_id):
                count_view(material=material, enrollment=enrollment, on=now().date())
    except DatabaseError as error:
        log.warning("banner.not_counted", error=str(error))


def _is_seen(request: HttpRequest) -> bool:
    """Return whether a person has it before their eyes, as far as the request says."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    visit = Visit(str(request.method), headers, [], "")
    is_asked = request.method == "GET" and not is_prefetch(visit)
    return is_asked and classify(visit, AGENT_SIGNS) is ClickClass.HUMAN
