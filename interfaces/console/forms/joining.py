"""The forms of joining: a question, a review rule, a decision about an applicant."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from affiliates.models import Type
from affiliates.review_rules import WITH_MINIMUM, WITH_QUESTION, WITH_VALUES, RuleDraft
from interfaces.console.forms.fields import WordsField
from programs.models import Check, FieldKind, FormField, ReviewRule, Verdict
from programs.services import CONDITIONAL_ON, QuestionDraft


def shown_if(name: str, values: Sequence[str]) -> dict[str, str]:
    """Return the attributes that show a field only while another has one of these values."""
    return {"data-shown-if": name, "data-shown-values": "\n".join(values)}


class LinesField(forms.CharField):
    """Several texts, one on each line; cleans to a tuple."""

    def prepare_value(self, value: Any) -> Any:
        """Show a list line by line."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        """Return the lines that hold something."""
        return tuple(line.strip() for line in super().clean(value).splitlines() if line.strip())


class QuestionForm(forms.Form):
    """A question of an application or questionnaire."""

    label = forms.CharField(label=_("Question"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind of answer"), choices=FieldKind.choices)
    options = LinesField(
        label=_("Answers to choose from"),
        required=False,
        help_text=_("One on each line."),
        widget=forms.Textarea(
            attrs={"rows": 5} | shown_if("kind", [FieldKind.CHOICE, FieldKind.CHOICES])
        ),
    )
    help = forms.CharField(
        label=_("Help"), max_length=300, required=False, help_text=_("Shown under the question.")
    )
    is_required = forms.BooleanField(label=_("Must be answered"), required=False)
    shown_if_code = forms.ChoiceField(
        label=_("Asked only because of"),
        required=False,
        help_text=_("An earlier question: a choice, or a yes-or-no."),
    )
    shown_if_values = LinesField(
        label=_("If it is answered with"),
        required=False,
        help_text=_("One answer on each line; yes or no for a yes-or-no."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, earlier: Sequence[FormField], **options: Any) -> None:
        super().__init__(*args, **options)
        able = [row for row in earlier if row.kind in CONDITIONAL_ON]
        choices = [("", _("Always asked")), *((row.code, row.label) for row in able)]
        self.fields["shown_if_code"].choices = choices  # type: ignore[attr-defined]
        values = self.fields["shown_if_values"].widget
        values.attrs |= shown_if("shown_if_code", [row.code for row in able])
        if not able:
            del self.fields["shown_if_code"], self.fields["shown_if_values"]

    def draft(self, stage: str) -> QuestionDraft:
        """Return what was said."""
        return QuestionDraft(stage=stage, **self.cleaned_data)


def question_initial(question: FormField) -> dict[str, Any]:
    """Return what the form shows of a question."""
    names = QuestionForm.base_fields
    return {name: getattr(question, name) for name in names}


class ReapplyForm(forms.Form):
    """When who was rejected may apply again."""

    reapply_days = forms.IntegerField(
        label=_("Who was rejected may apply again after days"),
        required=False,
        min_value=0,
        max_value=3_650,
        help_text=_("0: at once. Empty: never."),
    )


class ReviewRuleForm(forms.Form):
    """A rule that decides about applications, or leaves them to a person."""

    looks_at = forms.ChoiceField(label=_("If"), choices=Check.choices)
    is_negated = forms.BooleanField(label=_("Turn it around: if this is not so"), required=False)
    field_code = forms.ChoiceField(
        label=_("Question"),
        required=False,
        widget=forms.Select(attrs=shown_if("looks_at", WITH_QUESTION)),
    )
    values = WordsField(
        label=_("One of"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3} | shown_if("looks_at", WITH_VALUES)),
    )
    minimum = forms.IntegerField(
        label=_("At least"),
        required=False,
        min_value=0,
        widget=forms.NumberInput(attrs=shown_if("looks_at", WITH_MINIMUM)),
    )
    verdict = forms.ChoiceField(label=_("Then"), choices=Verdict.choices)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("The applicant reads it.")
    )

    def __init__(self, *args: Any, questions: Sequence[FormField], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", "–"), *((row.code, row.label) for row in questions)]
        self.fields["field_code"].choices = choices  # type: ignore[attr-defined]
        self.fields["values"].help_text = _(
            "With commas between. Countries as in DE, AT, CH; domains as in blog.example;"
            " types: %(types)s."
        ) % {"types": ", ".join(Type.values)}

    def draft(self) -> RuleDraft:
        """Return what was said."""
        said = self.cleaned_data
        return RuleDraft(**said | {"values": tuple(said["values"])})


def rule_initial(rule: ReviewRule) -> dict[str, Any]:
    """Return what the form shows of a rule."""
    return {name: getattr(rule, name) for name in ReviewRuleForm.base_fields}


class ApproveForm(forms.Form):
    """What an applicant is told who is let in."""

    message = forms.CharField(
        label=_("Message"),
        max_length=2_000,
        required=False,
        help_text=_("It stands in the mail that tells them."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class RejectForm(ApproveForm):
    """Why an applicant is turned down."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("They read it in the mail and on the page.")
    )
    field_order = ("reason", "message")
