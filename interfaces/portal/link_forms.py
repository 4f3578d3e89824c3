"""The forms around links."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from affiliates.models import Enrollment
from programs.models import Program
from programs.services import HostNotAllowed, allowed_hosts_of, require_allowed_host
from tracking.models import CODE_PATTERN


class LinkForm(forms.Form):
    """A new link. With one program there is nothing to choose."""

    enrollment = forms.ChoiceField(label=_("Program"))
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        required=False,
        help_text=_("What you call it, such as “Newsletter”."),
    )
    destination_url = forms.URLField(
        label=_("Page it leads to"),
        max_length=2000,
        required=False,
        assume_scheme="https",
        help_text=_("Any page of the merchant. Empty for the program's own landing page."),
        widget=forms.URLInput(attrs={"inputmode": "url"}),
    )
    code = forms.CharField(
        label=_("Own code"),
        max_length=40,
        required=False,
        validators=[RegexValidator(CODE_PATTERN, _("Use 3 to 40 letters, digits, - and _."))],
        help_text=_("The end of the link, such as “spring-sale”. Empty for a random one."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, enrollments: Sequence[Enrollment], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [
            (str(row.id), f"{row.program.name} · {row.program.merchant.name}")
            for row in enrollments
        ]
        field = self.fields["enrollment"]
        field.choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            field.widget, self.initial["enrollment"] = forms.HiddenInput(), choices[0][0]


class BuilderForm(forms.Form):
    """What is added to a link's address: another page, and one's own notes for each place."""

    url = forms.URLField(
        label=_("Another page"),
        max_length=2000,
        required=False,
        assume_scheme="https",
        help_text=_("A page of the merchant that this address should open."),
        widget=forms.URLInput(attrs={"inputmode": "url"}),
    )
    sub1 = forms.CharField(
        label=_("Sub id 1"),
        max_length=200,
        required=False,
        help_text=_("Your own note, such as the post it stands in. You see it at each click."),
    )
    sub2 = forms.CharField(label=_("Sub id 2"), max_length=200, required=False)
    sub3 = forms.CharField(label=_("Sub id 3"), max_length=200, required=False)

    def __init__(self, *args: Any, program: Program, **options: Any) -> None:
        super().__init__(*args, **options)
        self.program = program

    def clean_url(self) -> str:
        """Accept the hosts that the edge will accept."""
        url: str = self.cleaned_data["url"]
        if url:
            try:
                require_allowed_host(program=self.program, url=url)
            except HostNotAllowed as error:
                raise forms.ValidationError(wrong_host(self.program)) from error
        return url


def wrong_host(program: Program) -> str:
    """Return where links of a program may lead."""
    hosts = ", ".join(sorted(allowed_hosts_of(program)))
    return gettext("Links of this program may only lead to: %(hosts)s") % {"hosts": hosts}
