"""Which questions a program asks, and when: its own, or those that every program starts with."""

from django.utils.translation import gettext as _

from programs.models import FieldKind, FormField, Program, Stage


def questions_of(program: Program, stage: Stage = Stage.APPLICATION) -> list[FormField]:
    """Return the questions of a stage in their order; `default_questions` if none were made."""
    stored = stored_questions(program, stage)
    return stored or (default_questions(program) if stage == Stage.APPLICATION else [])


def stored_questions(program: Program, stage: Stage) -> list[FormField]:
    """Return the questions that the merchant made, in their order."""
    rows = FormField.objects.filter(merchant_id=program.merchant_id, program=program, stage=stage)
    return list(rows.order_by("position", "created_at", "id"))


def default_questions(program: Program) -> list[FormField]:
    """Return the questions of a program that has made none: not stored, in the reader's language.

    Answers to `website`, `phone` and `country` go into the affiliate's account as well.
    """
    rows = [
        FormField(
            code="website", kind=FieldKind.URL, label=_("Website or profile"), is_required=True
        ),
        FormField(
            code="channels",
            kind=FieldKind.LONG_TEXT,
            label=_("How you will promote %(merchant)s") % {"merchant": program.merchant.name},
            help=_("Where your readers, viewers or customers will meet it."),
            is_required=True,
        ),
        FormField(
            code="phone",
            kind=FieldKind.PHONE,
            label=_("Phone number"),
            help=_("With its country, as in +44 20 7946 0958."),
        ),
        FormField(code="message", kind=FieldKind.LONG_TEXT, label=_("Message")),
    ]
    for number, row in enumerate(rows):
        row.merchant_id, row.program_id, row.position = program.merchant_id, program.id, number
    return rows
