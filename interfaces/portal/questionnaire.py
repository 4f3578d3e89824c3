"""What a program asks of affiliates once they are in."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from affiliates.applications import ApplicationDraft, answer_questionnaire, unanswered
from affiliates.models import Application, Enrollment
from interfaces.portal.door import Visit, form_page
from interfaces.portal.questions import add_questions, first_answers, read_questions
from programs.answers import asked
from programs.models import FormField, Stage
from programs.questions import questions_of


def question_notices(enrollments: Sequence[Enrollment]) -> list[dict[str, str]]:
    """Return a notice for each program that asks more and has no answer."""
    return [
        {
            "tone": "info",
            "title": _("%(program)s has a few more questions") % {"program": row.program.name},
            "text": _("They help to give you what you need."),
            "label": _("Answer"),
            "href": reverse("portal:questionnaire", args=[row.id]),
        }
        for row in unanswered(enrollments)
    ]


class QuestionnaireForm(forms.Form):
    """The questions of a program's second stage."""

    def __init__(self, *args: Any, questions: list[FormField], **options: Any) -> None:
        super().__init__(*args, **options)
        self.questions = questions
        add_questions(self, questions)

    def clean(self) -> dict[str, Any]:
        """Read the answers, together."""
        said = super().clean() or self.cleaned_data
        reading = read_questions(self, self.questions)
        self.draft = ApplicationDraft(reading.answers, asked(self.questions))
        return said


@require_http_methods(["GET", "HEAD", "POST"])
@form_page
def questionnaire(visit: Visit, enrollment_id: UUID) -> HttpResponse:
    """Ask, with what was answered last; take the answers."""
    enrollment = visit.enrollment(enrollment_id)
    questions = questions_of(enrollment.program, Stage.QUESTIONNAIRE)
    if not questions or not enrollment.is_active:
        raise Http404
    rows = Application.objects.filter(enrollment=enrollment, stage=Stage.QUESTIONNAIRE)
    last = rows.order_by("-submitted_at").first()
    initial = first_answers(questions, last.answers if last else {})
    form = QuestionnaireForm(visit.request.POST or None, initial=initial, questions=questions)
    if form.is_valid():
        answer_questionnaire(enrollment=enrollment, draft=form.draft, at=visit.at)
        messages.success(visit.request, _("Thank you. Your answers are on their way."))
        return redirect("portal:home")
    context = {
        "form": form,
        "program": enrollment.program,
        "answered_at": last and last.submitted_at,
    }
    status = 422 if form.is_bound else 200
    return visit.show("portal/questionnaire.html", context, nav="programs", status=status)
