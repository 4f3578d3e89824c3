"""A program's questions as fields of a page; what is understood of them, the domain says."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.html import escape

from interfaces.portal.profile_forms import countries
from interfaces.portal.wish import Typed
from programs.answers import Answer, Reading, read_answers
from programs.models import FieldKind, FormField


class QuestionField(forms.Field):
    """A question that takes whatever is sent: `read_answers` reads all of them together."""

    def clean(self, value: Any) -> Any:
        """Return the value as it came."""
        return value


def add_questions(form: forms.Form, questions: Sequence[FormField]) -> None:
    """Add a field for each question to a form."""
    for question in questions:
        form.fields[question.code] = QuestionField(
            label=question.label,
            help_text=escape(question.help),  # Shown as it is, so that our own may hold links.
            required=question.is_required,
            widget=_widget(question),
        )


def read_questions(form: forms.Form, questions: Sequence[FormField]) -> Reading:
    """Return what was answered in a bound form, after putting what is wrong beside its field."""
    said = {row.code: form.cleaned_data.get(row.code) for row in questions}
    reading = read_answers(questions, said)
    for code, wrong in reading.errors.items():
        form.add_error(code, wrong.message)
    return reading


def typed_answers(questions: Sequence[FormField], data: QueryDict) -> Typed:
    """Return what was typed for each question, unread."""
    several = {row.code for row in questions if row.kind == FieldKind.CHOICES}
    return {
        row.code: data.getlist(row.code) if row.code in several else data.get(row.code, "")
        for row in questions
    }


def first_answers(
    questions: Sequence[FormField], answers: dict[str, Answer] | dict[str, str]
) -> dict[str, Any]:
    """Return what a form shows first, of answers that were given before."""
    codes = {row.code for row in questions}
    return {code: answer for code, answer in answers.items() if code in codes}


def _widget(question: FormField) -> forms.Widget:
    attrs: dict[str, Any] = {}
    if question.shown_if_code:
        attrs["data-shown-if"] = question.shown_if_code
        attrs["data-shown-values"] = "\n".join(question.shown_if_values)
    options = [(option, option) for option in question.options]
    match question.kind:
        case FieldKind.LONG_TEXT:
            return forms.Textarea(attrs=attrs | {"rows": 3, "class": "min-h-24"})
        case FieldKind.CHOICE:
            return forms.Select(attrs=attrs, choices=[("", "–"), *options])
        case FieldKind.CHOICES:
            return forms.CheckboxSelectMultiple(attrs=attrs, choices=options)
        case FieldKind.COUNTRY:
            return forms.Select(attrs=attrs, choices=[("", "–"), *countries()])
        case FieldKind.CHECKBOX:
            return forms.CheckboxInput(attrs=attrs)
    return forms.TextInput(attrs=attrs | TYPED[FieldKind(question.kind)])


TYPED: dict[FieldKind, dict[str, str]] = {
    FieldKind.TEXT: {},
    FieldKind.EMAIL: {"type": "email", "inputmode": "email"},
    FieldKind.PHONE: {"type": "tel", "inputmode": "tel", "autocomplete": "tel"},
    FieldKind.URL: {"type": "url", "inputmode": "url", "autocomplete": "url"},
    FieldKind.NUMBER: {"inputmode": "numeric", "autocomplete": "off"},
    FieldKind.DATE: {"type": "date"},
}
