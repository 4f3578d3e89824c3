"""What a program's affiliates sell with: added, changed, archived, and how it is used."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from interfaces.console.access import acts, edits, reads
from interfaces.console.audience import language_name
from interfaces.console.forms.materials import MaterialForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest
from interfaces.console.program_blocks import show_part
from interfaces.console.programs import get_program, show_tab
from materials.addresses import file_address
from materials.lessons import completions_of
from materials.models import Material, MaterialKind
from materials.rotation import shown_parts
from materials.selectors import UNUSED, Usage, find_material, materials_of, usage_of
from materials.services import add_material, archive_material, update_material
from merchants.rights import Right
from programs.models import Program
from programs.selectors import tiers_of


@reads
def program_materials(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List the materials by folder, those in use or the archived ones, with their use."""
    program = get_program(request, program_id)
    is_archive = request.GET.get("archived") == "1"
    every = materials_of(program)
    found = list(every.filter(archived_at__isnull=not is_archive))
    usage, completed = usage_of(found), completions_of(found)
    context = {
        "rows": [
            _row(row, usage.get(row.id, UNUSED), request.at.date())
            | {"completed": completed.get(row.id, 0)}
            for row in found
        ],
        "kinds": MaterialKind,
        "archived": is_archive,
        "has_archived": is_archive or every.filter(archived_at__isnull=False).exists(),
    }
    return show_tab(request, program, "program-materials", context)


def _row(material: Material, usage: Usage, on: date) -> dict[str, Any]:
    word, tone = _state(material, on)
    return {
        "material": material,
        "picture": _picture(material),
        "usage": usage,
        "word": word,
        "tone": tone,
        "tiers": ", ".join(row.tier.name for row in material.audience.all()),
        "language": language_name(material.language) if material.language else "",
    }


def _state(material: Material, on: date) -> tuple[str, str]:
    """Return whether affiliates see it on a day."""
    if material.archived_at:
        return _("Archived"), ""
    if material.visible_from and on < material.visible_from:
        return _("To come"), "info"
    if material.visible_until and on > material.visible_until:
        return _("Over"), ""
    return _("Visible"), "good"


def _picture(material: Material) -> str:
    """Return where the picture is of what has one."""
    file = material.file
    if material.kind == MaterialKind.ROTATION:
        file = next((banner.file for banner in shown_parts(material)), None)
    return file_address(file) if file is not None and file.is_picture else ""


@edits(Right.EDIT_PROGRAMS)
def material_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Add a material of the kind that the address names."""
    program = get_program(request, program_id)
    asked = request.GET.get("kind", MaterialKind.BANNER.value)
    if asked not in MaterialKind.values:
        raise Http404
    kind = MaterialKind(asked)
    form = _form(request, program, kind, None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form, program=program):
            add_material(program=program, draft=form.draft, by=request.actor, at=request.at)
            messages.success(request, _("Affiliates find it among their materials."))
            return redirect("console:program-materials", program.id)
    title = _("New material: %(kind)s") % {"kind": kind.label}
    return _show(request, program, form=form, title=title, material=None)


@edits(Right.EDIT_PROGRAMS)
def material_edit(request: ConsoleRequest, program_id: UUID, material_id: UUID) -> HttpResponse:
    """Change a material; show how it is used."""
    program = get_program(request, program_id)
    material = _get_material(program, material_id)
    form = _form(request, program, MaterialKind(material.kind), material)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form, program=program):
            update_material(material=material, draft=form.draft, by=request.actor, at=request.at)
            messages.success(request, _("Saved."))
            return redirect("console:program-materials", program.id)
    return _show(request, program, form=form, title=material.title, material=material)


def _form(
    request: ConsoleRequest, program: Program, kind: MaterialKind, material: Material | None
) -> MaterialForm:
    in_use = materials_of(program).exclude(category="").order_by("category")
    return MaterialForm(
        request.POST or None,
        request.FILES or None,
        kind=kind,
        tiers=tiers_of(program),
        banners=list(materials_of(program).filter(kind=MaterialKind.BANNER, archived_at=None)),
        folders=list(in_use.values_list("category", flat=True).distinct()[:20]),
        material=material,
    )


def _show(
    request: ConsoleRequest,
    program: Program,
    *,
    form: MaterialForm,
    title: str,
    material: Material | None,
) -> HttpResponse:
    facts: dict[str, Any] = {"material": material}
    if material is not None:
        facts["row"] = _row(
            material, usage_of([material]).get(material.id, UNUSED), request.at.date()
        )
        facts["completed"] = completions_of([material]).get(material.id, 0)
        banners = [part.banner for part in material.parts.all()]
        views = usage_of(banners)
        facts["banners"] = [
            {"banner": row, "views": views.get(row.id, UNUSED).views} for row in banners
        ]
    return show_part(
        request,
        program,
        form=form,
        title=title,
        back="program-materials",
        back_label=_("Materials"),
        template="console/programs/material.html",
        **facts,
    )


def _get_material(program: Program, material_id: UUID) -> Material:
    found = find_material(program, material_id)
    if found is None:
        raise Http404
    return found


@acts(Right.EDIT_PROGRAMS)
def material_archive(request: ConsoleRequest, program_id: UUID, material_id: UUID) -> HttpResponse:
    """Take a material away from affiliates."""
    program = get_program(request, program_id)
    material = _get_material(program, material_id)
    archive_material(material=material, by=request.actor, at=request.at)
    messages.success(request, _("It is archived."))
    return redirect("console:program-materials", program.id)
