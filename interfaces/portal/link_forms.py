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
from tracking.pasted import PastedLink, TooManyLines, read_pasted_links

LINES_MAX = 100


def moment_field(label: Any, help_text: Any) -> forms.DateTimeField:
    """Return the field of a date with its time of day, which may be left empty."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, help_text=help_text, required=False, widget=widget)


class EnrollmentForm(forms.Form):
    """Something in one of the affiliate's programs. With one there is nothing to choose."""

    enrollment = forms.ChoiceField(label=_("Program"))

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


class LinkForm(EnrollmentForm):
    """A new link."""

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
    starts_at = moment_field(_("Starts (UTC)"), _("Clicks before are led on, but do not count."))
    ends_at = moment_field(_("Ends (UTC)"), _("Clicks from then on do not count any more."))

    def clean(self) -> dict[str, Any]:
        """Check that it ends after it starts."""
        said = super().clean() or {}
        starts_at, ends_at = said.get("starts_at"), said.get("ends_at")
        if starts_at and ends_at and starts_at >= ends_at:
            self.add_error("ends_at", _("It must end after it starts."))
        return said


class ManyLinksForm(EnrollmentForm):
    """Many links at once: a page of the merchant on each line."""

    lines = forms.CharField(
        label=_("Pages"),
        help_text=_(
            "One address per line, up to 100; after a comma its name, and after another one a code."
        ),
        widget=forms.Textarea(
            attrs={
                "rows": 8,
                "class": "ui-tall",
                "placeholder": "https://shop.example/boots, Boots\nhttps://shop.example/tents",
                "spellcheck": "false",
                "autocapitalize": "none",
            }
        ),
    )

    def clean_lines(self) -> list[PastedLink]:
        """Return what the lines say."""
        try:
            return read_pasted_links(self.cleaned_data["lines"], lines_max=LINES_MAX)
        except TooManyLines as error:
            message = _("These are %(count)s lines; up to %(most)s are taken at once.")
            params = {"count": str(error), "most": LINES_MAX}
            raise forms.ValidationError(message, params=params) from error


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
