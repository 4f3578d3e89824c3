"""What there is to sell with: found, filled in with the link of who asks, copied, downloaded."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from affiliates.models import Enrollment
from cobranding.selectors import templates_for
from commissions.models import Reward
from commissions.whom import pays_for
from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.filters import ListFilter
from interfaces.portal.text import language_name, link_address, picture_address
from materials.addresses import banner_address, file_address
from materials.filling import Filled, fill_material, filling_of
from materials.lessons import done_by, lessons_for
from materials.models import LINKED, Material, MaterialKind
from materials.products import products_for
from materials.rotation import shown_parts
from materials.selectors import Means, means_of, visible_to
from materials.services import count_use
from merchants.tenancy import merchant_context
from tracking.models import Link

PAGE = 24
KINDS = [choice for choice in MaterialKind.choices if choice[0] != MaterialKind.LESSON]


class MaterialFilter(ListFilter):
    """Materials by words, kind, folder and language; only what is there can be chosen."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *KINDS])
    folder = forms.ChoiceField(label=_("Folder"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, *args: Any, there: QuerySet[Material], **options: Any) -> None:
        super().__init__(*args, **options)
        self._offer("folder", [(name, name) for name in _values(there, "category")])
        spoken = [(code, language_name(code)) for code in _values(there, "language")]
        self._offer("language", spoken)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Let people choose among these; without any there is nothing to choose."""
        if not choices:
            del self.fields[name]
            return
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("All")), *choices]

    def narrow(self, rows: QuerySet[Material]) -> QuerySet[Material]:
        """Return those of the rows that were asked for. Any language includes no language."""
        if words := self.chosen("q"):
            rows = rows.filter(Q(title__icontains=words) | Q(description__icontains=words))
        if kind := self.chosen("kind"):
            rows = rows.filter(kind=kind)
        if folder := self.chosen("folder"):
            rows = rows.filter(category=folder)
        if language := self.chosen("language"):
            rows = rows.filter(language__in=["", language])
        return rows


def _values(rows: QuerySet[Material], column: str) -> Iterable[str]:
    found = rows.exclude(**{column: ""}).order_by(column).values_list(column, flat=True)
    return found.distinct()


@require_safe
@affiliate_page
def materials(visit: Visit) -> HttpResponse:
    """List what the affiliate may use, of one program or all, by folder."""
    active = [row for row in visit.enrollments if row.is_active]
    chosen = [row for row in active if visit.program_id in (None, row.program_id)]
    there = visible_to(chosen, on=visit.at.date()).exclude(kind=MaterialKind.LESSON)
    asked = MaterialFilter(visit.request.GET, there=there)
    page = Paginator(asked.narrow(there), PAGE).get_page(visit.request.GET.get("page"))
    context = {
        "rows": [{"material": row, "picture": _picture(row)} for row in page],
        "page": page,
        "filter": asked,
        "has_any": there.exists(),
        "several": len(chosen) > 1,
        "is_in": bool(active),
        **material_tabs(active, on=visit.at.date()),
    }
    return visit.show("portal/materials.html", context, nav="materials", by_program=True)


def material_tabs(active: Sequence[Enrollment], *, on: date) -> dict[str, bool]:
    """Return which pages there are beside the materials, for enrollments that are approved."""
    return {
        "has_products": products_for(active).exists(),
        "has_cobranding": templates_for(active).exists(),
        "has_lessons": lessons_for(active, on=on).exists(),
    }


def _picture(material: Material) -> str:
    file = material.file
    if material.kind == MaterialKind.ROTATION:
        file = next((banner.file for banner in shown_parts(material)), None)
    return file_address(file) if file is not None and file.is_picture else ""


@require_safe
@affiliate_page
def material(visit: Visit, material_id: UUID) -> HttpResponse:
    """Show one material with the affiliate's own link in it: the first, or the one they chose."""
    found, enrollment = _get_material(visit, material_id)
    means = means_of([enrollment], at=visit.at)[enrollment.id]
    link = _chosen_link(visit, means)
    filled = _filled(found, enrollment, means, link) if link else None
    context = {
        "material": found,
        "enrollment": enrollment,
        "picture": _picture(found),
        "links": means.links,
        "link": link,
        "filled": filled,
        "html": _html(found, filled, link),
        "is_linked": found.kind in LINKED,
        "lists": _lists(found),
        "address": file_address(found.file) if found.file else "",
        "is_lesson": found.kind == MaterialKind.LESSON,
        "is_done": bool(done_by(visit.affiliate.id, [found])),
    }
    return visit.show("portal/material.html", context, nav="materials")


def _get_material(visit: Visit, material_id: UUID) -> tuple[Material, Enrollment]:
    """Return a material that the affiliate may use, and the enrollment by which they may.

    :raises Http404: if there is none.
    """
    found = visible_to(visit.enrollments, on=visit.at.date()).filter(id=material_id).first()
    by = (row for row in visit.enrollments if found and row.program_id == found.program_id)
    enrollment = next(by, None)
    if found is None or enrollment is None:
        raise Http404
    return found, enrollment


def _chosen_link(visit: Visit, means: Means) -> Link | None:
    wanted = visit.request.GET.get("link", "")
    named = (link for link in means.links if str(link.id) == wanted)
    return next(named, means.links[0] if means.links else None)


def _filled(material: Material, enrollment: Enrollment, means: Means, link: Link) -> Filled:
    filling = filling_of(enrollment, link=link_address(link.code), coupon=means.coupon)
    return fill_material(material, filling, image_url=banner_address(material, link.code))


def _html(material: Material, filled: Filled | None, link: Link | None) -> str:
    """Return what to paste; where being seen is paid for, with the picture that counts it."""
    if filled is None or link is None:
        return ""
    shows = material.kind in (MaterialKind.BANNER, MaterialKind.ROTATION)
    if shows and pays_for(material.program, Reward.PER_MILLE):
        return f'{filled.html}<img src="{picture_address(link.code)}" alt="" width="1" height="1">'
    return filled.html


def _lists(material: Material) -> list[dict[str, Any]]:
    """Return the lists of keywords that are not empty."""
    named = (
        ("allowed", _("You may advertise on"), material.allowed),
        ("negative", _("Better leave out"), material.negative),
        ("protected", _("Nobody may bid on"), material.protected),
    )
    return [
        {"id": id, "label": label, "words": words, "text": "\n".join(words)}
        for id, label, words in named
        if words
    ]


@require_POST
@affiliate_page
def material_used(visit: Visit, material_id: UUID) -> HttpResponse:
    """Count that the affiliate copied a material; the page stays as it is."""
    found, enrollment = _get_material(visit, material_id)
    with merchant_context(found.merchant_id):
        count_use(material=found, enrollment=enrollment, what="copies", on=visit.at.date())
    return HttpResponse(status=204)


@require_POST
@affiliate_page
def material_download(visit: Visit, material_id: UUID) -> HttpResponse:
    """Count a download, and lead to the file."""
    found, enrollment = _get_material(visit, material_id)
    if found.file is None:
        raise Http404
    with merchant_context(found.merchant_id):
        count_use(material=found, enrollment=enrollment, what="downloads", on=visit.at.date())
    return redirect(f"{file_address(found.file)}?download=1")
