"""The forms of prospects: what is known of one, what was said with them, and files of them."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interfaces.console.audience import country_choices
from merchants.models import Member
from merchants.selectors import members_of
from programs.models import Program
from recruiting.importing import FIELDS, FILE_BYTES_MAX, SOURCES_OF_FILES
from recruiting.models import BY_HAND, ContactKind, Prospect, ProspectSource
from recruiting.services import ProspectDraft

NOT_READ: Final = "-1"
FIELD_WORDS: Final = {
    "name": gettext_lazy("Name"),
    "email": gettext_lazy("E-mail address"),
    "website": gettext_lazy("Website"),
    "channels": gettext_lazy("Channels"),
    "audience": gettext_lazy("Audience"),
    "country": gettext_lazy("Country"),
    "introduced_by": gettext_lazy("Introduced by"),
    "notes": gettext_lazy("Notes"),
}


def program_choices(programs: Sequence[Program]) -> list[tuple[str, str]]:
    """Return programs to choose from."""
    return [(str(program.id), program.name) for program in programs]


class ProspectForm(forms.Form):
    """Somebody who might become an affiliate; `prospect` is what is known now."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    program = forms.ChoiceField(
        label=gettext_lazy("Program"), help_text=gettext_lazy("Which they shall join.")
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        required=False,
        help_text=gettext_lazy("Needed to write to them, and to know them when they join."),
    )
    website = forms.CharField(label=gettext_lazy("Website"), max_length=500, required=False)
    channels = forms.CharField(
        label=gettext_lazy("Channels"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Where they speak: a blog, a podcast, a newsletter."),
    )
    audience = forms.CharField(
        label=gettext_lazy("Audience"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Who listens, and how many."),
    )
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    source = forms.ChoiceField(label=gettext_lazy("Source"), choices=ProspectSource.choices)
    introduced_by = forms.CharField(
        label=gettext_lazy("Introduced by"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Of a warm introduction: who knows them."),
    )
    owner = forms.ChoiceField(label=gettext_lazy("Looked after by"), required=False)
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    despite_known = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        merchant_id: UUID,
        programs: Sequence[Program],
        prospect: Prospect | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **{"initial": _initial(prospect), **options})
        self.programs = {str(program.id): program for program in programs}
        self.members = {
            str(one.id): one for one in members_of(merchant_id).filter(disabled_at=None)
        }
        _offer(self, "program", program_choices(programs))
        _offer(self, "country", [("", "–"), *country_choices()])
        named = [(id, member.user.get_full_name()) for id, member in self.members.items()]
        _offer(self, "owner", [("", _("Nobody")), *named])
        if prospect is not None or len(self.programs) == 1:
            self.fields["program"].widget = forms.HiddenInput()
            self.fields["program"].required = False

    @property
    def chosen(self) -> Program:
        """The program of a valid form."""
        said = self.cleaned_data["program"]
        return self.programs[said] if said else next(iter(self.programs.values()))

    @property
    def draft(self) -> ProspectDraft:
        """What a valid form says."""
        said = dict(self.cleaned_data)
        said.pop("program")
        said.pop("despite_known")
        return ProspectDraft(**(said | {"owner": self.members.get(said["owner"])}))


def _offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _initial(prospect: Prospect | None) -> dict[str, Any]:
    if prospect is None:
        return {"source": ProspectSource.SEARCH}
    names = ("name", "email", "website", "channels", "audience", "country", "source")
    known = {name: getattr(prospect, name) for name in (*names, "introduced_by", "notes")}
    return known | {"owner": str(prospect.owner_id or ""), "program": str(prospect.program_id)}


class ContactForm(forms.Form):
    """An entry of the log."""

    kind = forms.ChoiceField(label=gettext_lazy("What it was"), choices=ContactKind.choices)
    text = forms.CharField(
        label=gettext_lazy("What was said"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class StageForm(forms.Form):
    """How far somebody has come, as far as people say that."""

    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"), choices=[(stage.value, stage.label) for stage in BY_HAND]
    )


class ProspectFileForm(forms.Form):
    """A file of prospects."""

    program = forms.ChoiceField(label=gettext_lazy("Program"))
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV in UTF-8, with the names of the columns in its first line."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )
    source = forms.ChoiceField(
        label=gettext_lazy("Source"),
        choices=[(source.value, source.label) for source in SOURCES_OF_FILES],
    )

    def __init__(self, *args: Any, programs: Sequence[Program], **options: Any) -> None:
        super().__init__(*args, **options)
        self.programs = {str(program.id): program for program in programs}
        _offer(self, "program", program_choices(programs))

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > FILE_BYTES_MAX:
            raise forms.ValidationError(_("The file is too large: 1 MB at the most."))
        return file


class MappingForm(forms.Form):
    """Which column of a file is which field."""

    def __init__(self, *args: Any, columns: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(NOT_READ, _("Not read"))]
        choices += [(str(at), name or str(at + 1)) for at, name in enumerate(columns)]
        for name in FIELDS:
            self.fields[name] = forms.ChoiceField(
                label=FIELD_WORDS[name], choices=choices, required=False
            )

    @property
    def mapping(self) -> dict[str, int]:
        """Return the column of each field that has one."""
        said = {name: int(at or NOT_READ) for name, at in self.cleaned_data.items()}
        return {name: at for name, at in said.items() if at >= 0}


def known_members(merchant_id: UUID) -> list[tuple[str, str]]:
    """Return the members who may look after prospects, to filter by."""
    rows: Sequence[Member] = list(members_of(merchant_id).filter(disabled_at=None))
    return [(str(row.id), row.user.get_full_name()) for row in rows]
