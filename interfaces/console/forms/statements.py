"""The form of a statement."""

from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from payouts.statements.lines import FILE_BYTES_MAX


class StatementForm(forms.Form):
    """A file of the bank; what it is written in is seen from the file itself."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xml,.csv,text/csv,text/xml"}),
        help_text=_("A camt.053 file (version 02 or 08), or a CSV file with a line of headings."),
    )

    def clean_file(self) -> Any:
        """Refuse a file that is too large to be read."""
        file = self.cleaned_data["file"]
        if file.size > FILE_BYTES_MAX:
            raise forms.ValidationError(
                _("At the most %(size)s: ask your bank for fewer days."),
                params={"size": filesizeformat(FILE_BYTES_MAX)},
            )
        return file
