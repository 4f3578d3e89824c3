"""Co-branded pages and flyers: a program's templates, and what affiliates made of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from cobranding.models import CobrandPiece, CobrandTemplate, PieceStatus, TemplateKind
from cobranding.selectors import pieces_of, templates_of
from cobranding.services import (
    add_template,
    approve_piece,
    archive_template,
    refuse_piece,
    update_template,
)
from common.refusals import BadValue
from interfaces.cobranded import flyer_of, page_address, page_context, sample_of
from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.affiliates import ReasonForm
from interfaces.console.forms.cobranding import TemplateForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, refusal_told
from interfaces.console.program_blocks import show_part
from interfaces.console.programs import get_program, show_tab
from merchants.rights import Right
from programs.models import Program

SHOWN_MAX = 100
TONES = {PieceStatus.WAITING: "wait", PieceStatus.LIVE: "good", PieceStatus.REFUSED: "bad"}


@reads
def program_cobranding(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List the templates, and what affiliates made of them: what waits stands first."""
    program = get_program(request, program_id)
    pieces = pieces_of(request.merchant.id).filter(program_id=program.id)
    waiting = pieces.filter(status=PieceStatus.WAITING).order_by("saved_at", "id")
    others = pieces.exclude(status=PieceStatus.WAITING)
    context = {
        "kinds": TemplateKind,
        "templates": templates_of(program).filter(archived_at=None),
        "pieces": [_row(piece) for piece in [*waiting[:SHOWN_MAX], *others[:SHOWN_MAX]]],
        "refuse_form": ReasonForm(auto_id=False),
    }
    return show_tab(request, program, "program-cobranding", context)


@reads
def cobrand_waiting(request: ConsoleRequest) -> HttpResponse:
    """Lead to where the oldest piece waits for review."""
    waiting = pieces_of(request.merchant.id).filter(status=PieceStatus.WAITING)
    oldest = waiting.order_by("saved_at", "id").first()
    if oldest is None:
        return redirect("console:programs")
    return redirect("console:program-cobranding", oldest.program_id)


def _row(piece: CobrandPiece) -> dict[str, Any]:
    status = PieceStatus(piece.status)
    is_page = piece.template.kind == TemplateKind.PAGE
    return {
        "piece": piece,
        "word": status.label,
        "tone": TONES.get(status, ""),
        "waits": status == PieceStatus.WAITING,
        "may_refuse": status in (PieceStatus.WAITING, PieceStatus.LIVE),
        "address": page_address(piece) if is_page and status == PieceStatus.LIVE else "",
    }


@edits(Right.EDIT_PROGRAMS)
def cobrand_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Add a template of the kind that the address names."""
    program = get_program(request, program_id)
    asked = request.GET.get("kind", TemplateKind.PAGE.value)
    if asked not in TemplateKind.values:
        raise Http404
    kind = TemplateKind(asked)
    form = TemplateForm(request.POST or None, request.FILES or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form, program=program):
            add_template(program=program, draft=form.draft, by=request.actor, at=request.at)
            messages.success(request, _("Affiliates find it among their materials."))
            return redirect("console:program-cobranding", program.id)
    title = _("New template: %(kind)s") % {"kind": kind.label}
    return _show(request, program, form, title, None)


@edits(Right.EDIT_PROGRAMS)
def cobrand_edit(request: ConsoleRequest, program_id: UUID, cobrand_id: UUID) -> HttpResponse:
    """Change a template."""
    program = get_program(request, program_id)
    template = _get_template(program, cobrand_id)
    kind = TemplateKind(template.kind)
    form = TemplateForm(request.POST or None, request.FILES or None, kind=kind, template=template)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form, program=program):
            update_template(template=template, draft=form.draft, by=request.actor, at=request.at)
            messages.success(request, _("Saved."))
            return redirect("console:program-cobranding", program.id)
    return _show(request, program, form, template.title, template)


def _show(
    request: ConsoleRequest,
    program: Program,
    form: TemplateForm,
    title: str,
    template: CobrandTemplate | None,
) -> HttpResponse:
    return show_part(
        request,
        program,
        form=form,
        title=title,
        back="program-cobranding",
        back_label=_("Co-branding"),
        template="console/programs/cobrand_template.html",
        made=template,
    )


def _get_template(program: Program, cobrand_id: UUID) -> CobrandTemplate:
    found = templates_of(program).filter(id=cobrand_id).first()
    if found is None:
        raise Http404
    return found


@acts(Right.EDIT_PROGRAMS)
def cobrand_archive(request: ConsoleRequest, program_id: UUID, cobrand_id: UUID) -> HttpResponse:
    """Take a template away, with all that was made of it."""
    program = get_program(request, program_id)
    template = _get_template(program, cobrand_id)
    archive_template(template=template, by=request.actor, at=request.at)
    messages.success(request, _("It is archived."))
    return redirect("console:program-cobranding", program.id)


@reads
def cobrand_sample(request: ConsoleRequest, program_id: UUID, cobrand_id: UUID) -> HttpResponse:
    """Show how a template looks with somebody's name on it."""
    program = get_program(request, program_id)
    template = _get_template(program, cobrand_id)
    return _shown(request, sample_of(template, name=_("Your partner")))


@reads
def cobrand_piece(request: ConsoleRequest, program_id: UUID, piece_id: UUID) -> HttpResponse:
    """Show what an affiliate made, as visitors would see it."""
    return _shown(request, _get_piece(request, program_id, piece_id))


def _shown(request: ConsoleRequest, piece: CobrandPiece) -> HttpResponse:
    if piece.template.kind == TemplateKind.FLYER:
        return HttpResponse(flyer_of(piece), content_type="application/pdf")
    return render(request, "public/partner.html", page_context(piece) | {"is_preview": True})


def _get_piece(request: ConsoleRequest, program_id: UUID, piece_id: UUID) -> CobrandPiece:
    program = get_program(request, program_id)
    rows = pieces_of(request.merchant.id).filter(program_id=program.id)
    found = rows.filter(id=piece_id).first()
    if found is None:
        raise Http404
    return found


@acts(Right.REVIEW_AFFILIATES)
def cobrand_approve(request: ConsoleRequest, program_id: UUID, piece_id: UUID) -> HttpResponse:
    """Let an affiliate use what they made, as it was shown."""
    piece = _get_piece(request, program_id, piece_id)
    seen = parse_datetime(request.POST.get("saved_at", ""))
    try:
        with refusal_told(request):
            if seen is None:
                raise Http404
            approve_piece(piece=piece, saved_at=seen, by=request.actor, at=request.at)
            messages.success(request, _("It is in use."))
    except BadValue as error:
        messages.error(request, str(error))
    return redirect("console:program-cobranding", program_id)


@acts(Right.REVIEW_AFFILIATES)
def cobrand_refuse(request: ConsoleRequest, program_id: UUID, piece_id: UUID) -> HttpResponse:
    """Say no, or take down what is in use."""
    piece = _get_piece(request, program_id, piece_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why: the affiliate reads it."))
        return redirect("console:program-cobranding", program_id)
    with refusal_told(request):
        reason = form.cleaned_data["reason"]
        refuse_piece(piece=piece, reason=reason, by=request.actor, at=request.at)
        messages.success(request, _("Refused. The affiliate reads why."))
    return redirect("console:program-cobranding", program_id)
