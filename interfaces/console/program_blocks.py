"""What a program's public page says: its blocks as visitors see them, and how it is promoted."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from common.pictures import allow_pictures
from interfaces.console.access import acts, edits, reads
from interfaces.console.audience import language_choices
from interfaces.console.forms.pages import BlockForm, ConductForm, block_initial
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program, show_tab
from merchants.rights import Right
from programs.models import BlockKind, PageBlock, Program
from programs.services.conduct import conduct_row, set_conduct
from programs.services.pages import (
    add_block,
    blocks_of,
    find_block,
    move_block,
    remove_block,
    update_block,
)

STEPS = {"up": -1, "down": 1}


def show_part(
    request: ConsoleRequest,
    program: Program,
    *,
    form: Form,
    title: str,
    back: str,
    template: str = "console/programs/part.html",
    **facts: Any,
) -> HttpResponse:
    """Render the form of a part of a program; `back` is the page that lists the parts."""
    context = {
        "program": program,
        "form": form,
        "title": title,
        "back": reverse(f"console:{back}", args=[program.id]),
        "back_label": facts.pop("back_label", _("Back")),
        **facts,
    }
    status = 422 if form.errors else 200
    return show_page(request, template, context, nav="programs", status=status)


@reads
def program_blocks(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Show the blocks as the page shows them, each with what can be done to it."""
    program = get_program(request, program_id)
    blocks = blocks_of(program)
    context = {
        "rows": [
            {"block": block, "first": number == 0, "last": number == len(blocks) - 1}
            for number, block in enumerate(blocks)
        ],
        "kinds": BlockKind,
    }
    response = show_tab(request, program, "program-blocks", context)
    return allow_pictures(response, [block.image_url for block in blocks])


@edits(Right.EDIT_PROGRAMS)
def block_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Put one more block on the page, of the kind that the address names."""
    program = get_program(request, program_id)
    asked = request.GET.get("kind", BlockKind.TEXT.value)
    if asked not in BlockKind.values:
        raise Http404
    kind = BlockKind(asked)
    form = BlockForm(request.POST or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            add_block(program=program, draft=form.draft, by=request.actor, at=request.at)
            messages.success(request, _("It stands at the end of the page."))
            return redirect("console:program-blocks", program.id)
    title = _("New block: %(kind)s") % {"kind": kind.label}
    return _show_block(request, program, form, title)


@edits(Right.EDIT_PROGRAMS)
def block_edit(request: ConsoleRequest, program_id: UUID, block_id: UUID) -> HttpResponse:
    """Change what a block says."""
    program = get_program(request, program_id)
    block = _get_block(program, block_id)
    form = BlockForm(request.POST or None, kind=BlockKind(block.kind), initial=block_initial(block))
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            update_block(block=block, draft=form.draft, by=request.actor, at=request.at)
            messages.success(request, _("Saved."))
            return redirect("console:program-blocks", program.id)
    return _show_block(request, program, form, block.get_kind_display())


def _show_block(
    request: ConsoleRequest, program: Program, form: BlockForm, title: str
) -> HttpResponse:
    label = _("What the page says")
    return show_part(
        request, program, form=form, title=title, back="program-blocks", back_label=label
    )


def _get_block(program: Program, block_id: UUID) -> PageBlock:
    block = find_block(program, block_id)
    if block is None:
        raise Http404
    return block


@acts(Right.EDIT_PROGRAMS)
def block_move(request: ConsoleRequest, program_id: UUID, block_id: UUID) -> HttpResponse:
    """Put a block earlier or later."""
    program = get_program(request, program_id)
    step = STEPS.get(request.POST.get("to", ""))
    if step is None:
        raise Http404
    move_block(block=_get_block(program, block_id), step=step, by=request.actor, at=request.at)
    return redirect("console:program-blocks", program.id)


@acts(Right.EDIT_PROGRAMS)
def block_remove(request: ConsoleRequest, program_id: UUID, block_id: UUID) -> HttpResponse:
    """Take a block off the page."""
    program = get_program(request, program_id)
    remove_block(block=_get_block(program, block_id), by=request.actor, at=request.at)
    messages.success(request, _("It is off the page."))
    return redirect("console:program-blocks", program.id)


@reads
def program_conduct(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Show how the program may be promoted, as affiliates read it."""
    program = get_program(request, program_id)
    conduct = conduct_row(program)
    context = {"conduct": conduct, "disclosures": _disclosures(conduct.disclosures)}
    return show_tab(request, program, "program-conduct", context)


def _disclosures(texts: dict[str, str]) -> list[dict[str, str]]:
    names = dict(language_choices())
    return [
        {"code": code, "language": names.get(code, code), "text": text}
        for code, text in texts.items()
    ]


@edits(Right.EDIT_PROGRAMS)
def conduct_edit(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Say how the program may be promoted."""
    program = get_program(request, program_id)
    form = ConductForm(request.POST or None, conduct=conduct_row(program))
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            set_conduct(
                program=program,
                draft=form.draft,
                by=request.actor,
                at=request.at,
                tells=form.cleaned_data["tells"],
            )
            messages.success(request, _("Saved. Affiliates read it in their portal."))
            return redirect("console:program-conduct", program.id)
    title = _("How to promote")
    return show_part(
        request,
        program,
        form=form,
        title=title,
        back="program-conduct",
        back_label=title,
        template="console/programs/conduct_edit.html",
    )
