"""The form of a program: its questions are made, changed, put in order and taken away."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from merchants.models import Actor
from programs.answers import NO, YES
from programs.models import FieldKind, FormField, Program, Stage
from programs.questions import default_questions, stored_questions
from programs.services.history import record

QUESTIONS_MAX = 40  # Of each stage.
OPTIONS_MAX = 60
# Names that the join page's form has for itself.
RESERVED_CODES: Final = frozenset(
    {"name", "email", "password1", "login", "terms", "terms_version", "sign_in", "next"}
)
WITH_OPTIONS: Final = (FieldKind.CHOICE, FieldKind.CHOICES)
CONDITIONAL_ON: Final = (*WITH_OPTIONS, FieldKind.CHECKBOX)  # Kinds whose answers can be listed.


class QuestionTaken(Exception):
    """The program has a question with this code."""


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """What a question is made from; an empty code is made of the label."""

    label: str
    kind: str = FieldKind.TEXT
    stage: str = Stage.APPLICATION
    code: str = ""
    help: str = ""
    options: tuple[str, ...] = ()
    is_required: bool = False
    shown_if_code: str = ""
    shown_if_values: tuple[str, ...] = ()


def add_question(*, program: Program, draft: QuestionDraft, by: Actor, at: datetime) -> FormField:
    """Ask one more question, after the others; return it.

    :raises BadValue: if a field cannot be, or there are QUESTIONS_MAX.
    :raises QuestionTaken: if the program has a question with this code.
    """
    stage = Stage(cleaned(FormField, "stage", draft.stage))
    with transaction.atomic():
        _own_questions(program, Stage.APPLICATION)  # So that no default's code is taken.
        rows = _own_questions(program, stage)
        if len(rows) >= QUESTIONS_MAX:
            raise BadValue("", "too_many", _("%d questions at the most.") % QUESTIONS_MAX)
        facts = _cleaned(draft) | {"code": _new_code(program, draft)}
        _require_condition(facts, rows)
        question = _create(program, facts | {"stage": stage, "position": len(rows)})
        _record(program, "question_added", question, by, at)
    return question


def update_question(
    *, program: Program, code: str, draft: QuestionDraft, by: Actor, at: datetime
) -> FormField:
    """Change a question; its code and stage stay. What was answered before stays as it was.

    :raises BadValue: if a field cannot be, or a later question depends on what would go.
    :raises FormField.DoesNotExist: if the program asks no such question.
    """
    with transaction.atomic():
        question, rows = _find(program, code)
        facts = _cleaned(draft)
        _require_condition(facts, rows[: rows.index(question)])
        for name, value in facts.items():
            setattr(question, name, value)
        for row in rows:
            if row.shown_if_code == code:
                _require_condition(_condition_of(row), [question])
        question.save(update_fields=list(facts))
        _record(program, "question_changed", question, by, at)
    return question


def move_question(*, program: Program, code: str, step: int, by: Actor, at: datetime) -> None:
    """Ask a question earlier (`step` -1) or later (1); at the ends nothing changes.

    :raises BadValue: if it would come before the question on which it depends.
    :raises FormField.DoesNotExist: if the program asks no such question.
    """
    with transaction.atomic():
        question, rows = _find(program, code)
        here = rows.index(question)
        there = here + step
        if not 0 <= there < len(rows):
            return
        rows[here], rows[there] = rows[there], rows[here]
        for number, row in enumerate(rows):
            _require_condition(_condition_of(row), rows[:number])
            row.position = number
        FormField.objects.bulk_update(rows, ["position"])
        _record(program, "question_moved", question, by, at)


def remove_question(*, program: Program, code: str, by: Actor, at: datetime) -> None:
    """Ask a question no more; answers that were given stay.

    :raises BadValue: if another one depends on it, or an application would ask nothing.
    :raises FormField.DoesNotExist: if the program asks no such question.
    """
    with transaction.atomic():
        question, rows = _find(program, code)
        if any(row.shown_if_code == code for row in rows):
            raise BadValue("", "in_use", _("Another question is asked because of this one."))
        if question.stage == Stage.APPLICATION and len(rows) == 1:
            raise BadValue("", "last_question", _("An application asks one thing at least."))
        _record(program, "question_removed", question, by, at)
        question.delete()


def _find(program: Program, code: str) -> tuple[FormField, list[FormField]]:
    """Return a question, with all of its stage in their order."""
    for stage in Stage:
        rows = _own_questions(program, stage)
        for row in rows:
            if row.code == code:
                return row, rows
    raise FormField.DoesNotExist(code)


def _own_questions(program: Program, stage: Stage) -> list[FormField]:
    """Return the stored questions; store those that every program starts with, if there are none.

    The program is locked, so that two people who edit its form at once do so one after another.
    """
    Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)
    rows = stored_questions(program, stage)
    if rows or stage != Stage.APPLICATION:
        return rows
    return FormField.objects.bulk_create(default_questions(program))


def _create(program: Program, facts: dict[str, Any]) -> FormField:
    try:
        with transaction.atomic():
            return FormField.objects.create(
                merchant_id=program.merchant_id, program=program, **facts
            )
    except IntegrityError as error:
        raise QuestionTaken(facts["code"]) from error


def _new_code(program: Program, draft: QuestionDraft) -> str:
    if draft.code:
        code: str = cleaned(FormField, "code", draft.code)
        if code in RESERVED_CODES:
            raise BadValue("code", "reserved", _("This code has a meaning of its own."))
        return code
    stem = slugify(draft.label).replace("-", "_")[:32].strip("_")
    stem = stem if stem[:1].isalpha() else f"question_{stem}".rstrip("_")
    taken = set(RESERVED_CODES)
    taken.update(FormField.objects.filter(program=program).values_list("code", flat=True))
    free = (code for n in range(1, 999) if (code := stem if n == 1 else f"{stem}_{n}") not in taken)
    return next(free)


def _cleaned(draft: QuestionDraft) -> dict[str, Any]:
    kind = FieldKind(cleaned(FormField, "kind", draft.kind))
    options = list(dict.fromkeys(_words("options", draft.options)))
    if kind in WITH_OPTIONS and len(options) < 2:
        raise BadValue("options", "too_few", _("Give two answers at least to choose from."))
    return {
        "kind": kind,
        "label": cleaned(FormField, "label", draft.label.strip()),
        "help": cleaned(FormField, "help", draft.help.strip()),
        "options": options if kind in WITH_OPTIONS else [],
        "is_required": draft.is_required,
        "shown_if_code": draft.shown_if_code,
        "shown_if_values": _words("shown_if_values", draft.shown_if_values)
        if draft.shown_if_code
        else [],
    }


def _words(field: str, texts: tuple[str, ...]) -> list[str]:
    words = [" ".join(text.split()) for text in texts if text.strip()]
    if len(words) > OPTIONS_MAX:
        raise BadValue(field, "too_many", _("%d answers at the most.") % OPTIONS_MAX)
    if any(len(word) > 120 or "\0" in word for word in words):
        raise BadValue(field, "max_length", _("%d characters at the most.") % 120)
    return words


def _condition_of(row: FormField) -> dict[str, Any]:
    return {"shown_if_code": row.shown_if_code, "shown_if_values": row.shown_if_values}


def _require_condition(facts: dict[str, Any], before: list[FormField]) -> None:
    """Check that what a question depends on is asked before it and can be so answered."""
    if not facts["shown_if_code"]:
        return
    other = next((row for row in before if row.code == facts["shown_if_code"]), None)
    if other is None or other.kind not in CONDITIONAL_ON:
        message = _("A question may depend on a choice or a yes-or-no before it.")
        raise BadValue("shown_if_code", "not_before", message)
    known = [YES, NO] if other.kind == FieldKind.CHECKBOX else other.options
    if not facts["shown_if_values"] or set(facts["shown_if_values"]) - set(known):
        message = _("Choose among: %s") % ", ".join(known)
        raise BadValue("shown_if_values", "unknown_option", message)


def _record(program: Program, verb: str, question: FormField, by: Actor, at: datetime) -> None:
    record(program, f"program.{verb}", by, at, {"code": question.code, "question": question.label})
