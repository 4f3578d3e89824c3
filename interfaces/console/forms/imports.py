"""The form of an import."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from programs.models import Program
from tracking.imports import FILE_BYTES_MAX
from tracking.models import ImportProfile


class ImportForm(forms.Form):
    """A file, what is in it, and the program it belongs to."""

    program = forms.ChoiceField(label=_("Program"))
    profile = forms.ChoiceField(
        label=_("What is in it"), choices=ImportProfile.choices, widget=forms.RadioSelect
    )
    file = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("A CSV file with a line of headings, in UTF-8, as spreadsheets save it."),
    )

    def __init__(self, *args: Any, programs: Sequence[Program], **options: Any) -> None:
        super().__init__(*args, **options)
        self.programs = {str(program.id): program for program in programs}
        choices = [(key, program.name) for key, program in self.programs.items()]
        self.fields["program"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["program"].initial = choices[0][0]

    def clean_program(self) -> Program:
        """Return the program itself."""
        return self.programs[self.cleaned_data["program"]]

    def clean_file(self) -> Any:
        """Refuse a file that is too large to be read."""
        file = self.cleaned_data["file"]
        if file.size > FILE_BYTES_MAX:
            raise forms.ValidationError(
                _("At the most %(size)s: divide it, and import one part after the other."),
                params={"size": filesizeformat(FILE_BYTES_MAX)},
            )
        return file
