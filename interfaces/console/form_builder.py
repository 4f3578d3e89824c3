"""What a program asks of applicants: the questions, their order, and what comes after approval."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from common.refusals import BadValue
from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.joining import QuestionForm, ReapplyForm, question_initial
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program, show_tab
from merchants.rights import Right
from programs.models import FormField, Program, Stage
from programs.questions import questions_of, stored_questions
from programs.services import (
    add_question,
    move_question,
    remove_question,
    update_program,
    update_question,
)

STEPS = {"up": -1, "down": 1}


@reads
def program_form(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Show what is asked when applying and after approval."""
    return _show_form(request, get_program(request, program_id))


def _show_form(
    request: ConsoleRequest, program: Program, reapply: ReapplyForm | None = None
) -> HttpResponse:
    initial = {"reapply_days": program.reapply_days}
    context = {
        "stages": [
            {"stage": stage, "label": stage.label, "questions": _rows(program, stage)}
            for stage in Stage
        ],
        "is_default": not stored_questions(program, Stage.APPLICATION),
        "reapply_form": reapply or ReapplyForm(initial=initial),
    }
    return show_tab(request, program, "program-form", context, status=422 if reapply else 200)


def _rows(program: Program, stage: Stage) -> list[dict[str, Any]]:
    questions = questions_of(program, stage)
    labels = {row.code: row.label for row in questions}
    return [
        {
            "question": row,
            "because": labels.get(row.shown_if_code, ""),
            "values": ", ".join(row.shown_if_values),
            "first": number == 0,
            "last": number == len(questions) - 1,
        }
        for number, row in enumerate(questions)
    ]


@acts(Right.EDIT_PROGRAMS)
def reapply_edit(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Say when who was rejected may apply again."""
    program = get_program(request, program_id)
    form = ReapplyForm(request.POST)
    if not form.is_valid():
        return _show_form(request, program, form)
    update_program(program=program, changes=form.cleaned_data, by=request.actor, at=request.at)
    messages.success(request, _("Saved."))
    return redirect("console:program-form", program.id)


@edits(Right.EDIT_PROGRAMS)
def question_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Ask one more question."""
    program = get_program(request, program_id)
    asked = request.GET.get("stage", "")
    stage = Stage(asked) if asked in Stage.values else Stage.APPLICATION
    form = QuestionForm(request.POST or None, earlier=questions_of(program, stage))
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            add_question(program=program, draft=form.draft(stage), by=request.actor, at=request.at)
            messages.success(request, _("Saved."))
            return redirect("console:program-form", program.id)
    return _show_question(request, program, form, None)


@edits(Right.EDIT_PROGRAMS)
def question_edit(request: ConsoleRequest, program_id: UUID, question_code: str) -> HttpResponse:
    """Change a question."""
    program = get_program(request, program_id)
    question, earlier = _find(program, question_code)
    initial = question_initial(question)
    form = QuestionForm(request.POST or None, initial=initial, earlier=earlier)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            update_question(
                program=program,
                code=question.code,
                draft=form.draft(question.stage),
                by=request.actor,
                at=request.at,
            )
            messages.success(request, _("Saved."))
            return redirect("console:program-form", program.id)
    return _show_question(request, program, form, question)


def _find(program: Program, code: str) -> tuple[FormField, list[FormField]]:
    """Return a question, with those that are asked before it."""
    for stage in Stage:
        questions = questions_of(program, stage)
        for number, question in enumerate(questions):
            if question.code == code:
                return question, questions[:number]
    raise Http404


def _show_question(
    request: ConsoleRequest, program: Program, form: QuestionForm, question: FormField | None
) -> HttpResponse:
    context = {"program": program, "form": form, "question": question}
    status = 422 if form.errors else 200
    template = "console/programs/question.html"
    return show_page(request, template, context, nav="programs", status=status)


@acts(Right.EDIT_PROGRAMS)
def question_move(request: ConsoleRequest, program_id: UUID, question_code: str) -> HttpResponse:
    """Ask a question earlier or later."""
    program = get_program(request, program_id)
    question, _earlier = _find(program, question_code)
    step = STEPS.get(request.POST.get("to", ""))
    if step is None:
        raise Http404
    try:
        move_question(
            program=program, code=question.code, step=step, by=request.actor, at=request.at
        )
    except BadValue as error:
        messages.error(request, str(error))
    return redirect("console:program-form", program.id)


@acts(Right.EDIT_PROGRAMS)
def question_remove(request: ConsoleRequest, program_id: UUID, question_code: str) -> HttpResponse:
    """Ask a question no more."""
    program = get_program(request, program_id)
    question, _earlier = _find(program, question_code)
    try:
        remove_question(program=program, code=question.code, by=request.actor, at=request.at)
        messages.success(request, _("It is asked no more. Answers that were given stay."))
    except BadValue as error:
        messages.error(request, str(error))
    return redirect("console:program-form", program.id)
