"""The forms of notes, tasks, owners and saved views."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from affiliates.models import SavedList
from merchants.models import Member
from merchants.selectors import members_of


class NoteForm(forms.Form):
    """A note about an affiliate."""

    body = forms.CharField(
        label=_("Note"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For your own people: the affiliate never sees it."),
    )


class OwnerForm(forms.Form):
    """Who looks after an affiliate."""

    owner = forms.ChoiceField(label=_("Looked after by"), required=False)

    def __init__(self, *args: Any, merchant_id: UUID, **options: Any) -> None:
        super().__init__(*args, **options)
        self.members = _members(merchant_id)
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Nobody")), *_named(self.members)]

    @property
    def chosen(self) -> Member | None:
        """The member of a valid form."""
        return self.members.get(self.cleaned_data["owner"])


class TaskForm(forms.Form):
    """Something to be done about an affiliate."""

    title = forms.CharField(label=_("What is to be done"), max_length=200)
    due_on = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    assignee = forms.ChoiceField(label=_("By"), required=False)

    def __init__(self, *args: Any, merchant_id: UUID, **options: Any) -> None:
        super().__init__(*args, **options)
        self.members = _members(merchant_id)
        field = self.fields["assignee"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Me")), *_named(self.members)]

    @property
    def chosen(self) -> Member | None:
        """The member of a valid form; None is whoever asks."""
        return self.members.get(self.cleaned_data["assignee"])


class SegmentForm(forms.Form):
    """What a saved view is called."""

    name = forms.CharField(label=_("Name"), max_length=80)
    list = forms.ChoiceField(choices=SavedList.choices, widget=forms.HiddenInput)


def _members(merchant_id: UUID) -> dict[str, Member]:
    return {str(one.id): one for one in members_of(merchant_id).filter(disabled_at=None)}


def _named(members: dict[str, Member]) -> list[tuple[str, str]]:
    return [(id, member.user.get_full_name()) for id, member in members.items()]
