"""The forms that both sides fill."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from interfaces.partnerships.desk import Desk
from messaging.models import Side
from partnerships.models import (
    ItemKind,
    Review,
    SheetKind,
)
from partnerships.plan import ItemDraft
from partnerships.questions import ANSWER_MAX, questions_of
from partnerships.selectors import (
    people_of,
)

LINES = {"rows": 3, "dir": "auto"}


def day_field(label: Any, **options: Any) -> forms.DateField:
    """Return a field for a day, with the browser's own picker."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **options)


class CommentForm(forms.Form):
    """Something to say."""

    body = forms.CharField(
        label=gettext_lazy("Comment"), max_length=2000, widget=forms.Textarea(attrs=LINES)
    )


class ItemForm(forms.Form):
    """Something to be done."""

    title = forms.CharField(label=gettext_lazy("What is to be done"), max_length=200)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[choice for choice in ItemKind.choices if choice[0] != ItemKind.ACTION],
        help_text=gettext_lazy("What was promised is a commitment: its record stands on the page."),
    )
    owner = forms.ChoiceField(label=gettext_lazy("Who does it"))
    due_on = day_field(gettext_lazy("Until"), required=False)
    details = forms.CharField(
        label=gettext_lazy("Details"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs=LINES),
    )

    def __init__(
        self, *args: Any, desk: Desk, review: Review | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.people = {str(row.id): row for row in people_of(desk.partnership)}
        self.review = review
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            *[(side.value, desk.side_name(side)) for side in Side],
            *[(id, f"{row.name} · {desk.side_name(row.side)}") for id, row in self.people.items()],
        ]
        if review is not None:
            del self.fields["kind"]

    @property
    def draft(self) -> ItemDraft:
        """What a valid form says."""
        said = dict(self.cleaned_data)
        who = said.pop("owner")
        owner = self.people.get(who)
        side = owner.side if owner else who
        return ItemDraft(**said, owner=owner, side=side, review=self.review)


class ReadingForm(forms.Form):
    """How far a goal is that no report counts."""

    day = day_field(gettext_lazy("Day"))
    amount = forms.IntegerField(label=gettext_lazy("How much so far, in all"), min_value=0)


class NotesForm(forms.Form):
    """What a review talks about, and what was said."""

    agenda = forms.CharField(
        label=gettext_lazy("Agenda"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
        help_text=gettext_lazy("Both sides read and write them."),
    )


class SheetForm(forms.Form):
    """The questions of a sheet."""

    def __init__(self, *args: Any, kind: SheetKind, **options: Any) -> None:
        super().__init__(*args, **options)
        for question in questions_of(kind):
            self.fields[question.name] = forms.CharField(
                label=str(question.label),
                help_text=str(question.help),
                max_length=ANSWER_MAX,
                required=False,
                widget=forms.Textarea(attrs=LINES),
            )


class PersonForm(forms.Form):
    """Who else works in it, and as what."""

    person = forms.ChoiceField(label=gettext_lazy("Who"))
    duty = forms.CharField(label=gettext_lazy("What they do"), max_length=80, required=False)

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)
