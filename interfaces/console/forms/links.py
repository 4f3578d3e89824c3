"""The forms around links: one, many, and the branches of a smart one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.affiliates import AffiliateField
from interfaces.console.forms.setup import WebAddressField
from interfaces.console.forms.targeting import MomentField, TargetingForm
from tracking.models import CODE_PATTERN, Link
from tracking.pasted import PastedLink, TooManyLines, read_pasted_links

LINES_MAX = 1_000
FILE_BYTES_MAX = 1_000_000
UTC_ZONE = ZoneInfo("UTC")


class LinkWordsForm(forms.Form):
    """What of a link may change: its code is for good."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        required=False,
        help_text=_("What you and the affiliate call it, such as “Newsletter”."),
    )
    destination_url = WebAddressField(
        label=_("Page it leads to"),
        max_length=2000,
        required=False,
        help_text=_("Empty: where the program's destinations or its landing page say."),
    )
    fallback_url = WebAddressField(
        label=_("Fallback page"),
        max_length=2000,
        required=False,
        help_text=_("For visitors outside its time, beyond a cap, or once it is archived."),
    )
    starts_at = MomentField(label=_("Starts (UTC)"))
    ends_at = MomentField(label=_("Ends (UTC)"))

    def clean(self) -> dict[str, Any]:
        """Check that it ends after it starts."""
        said = super().clean() or {}
        starts_at, ends_at = said.get("starts_at"), said.get("ends_at")
        if starts_at and ends_at and starts_at >= ends_at:
            self.add_error("ends_at", _("It must end after it starts."))
        return said


class LinkForm(LinkWordsForm):
    """A new link, given to an affiliate."""

    affiliate = AffiliateField(label=_("Affiliate"))
    code = forms.CharField(
        label=_("Own code"),
        max_length=40,
        required=False,
        validators=[RegexValidator(CODE_PATTERN, _("Use 3 to 40 letters, digits, - and _."))],
        help_text=_("The end of its address, such as “spring-sale”. Empty for a random one."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    field_order = ("affiliate", "code", "name", "destination_url", "fallback_url")

    def __init__(self, *args: Any, merchant_id: UUID, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["affiliate"]
        assert isinstance(field, AffiliateField)
        field.choose_from(merchant_id)


def link_initial(link: Link) -> dict[str, Any]:
    """Return what the form shows of a link."""
    facts = {name: getattr(link, name) for name in LinkWordsForm.base_fields}
    for name in ("starts_at", "ends_at"):
        facts[name] = _on_utc_clock(facts[name])
    return facts


def _on_utc_clock(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC_ZONE).replace(tzinfo=None) if at else None


class ManyLinksForm(forms.Form):
    """Many links of one affiliate: lines that are pasted, or a file with them."""

    affiliate = AffiliateField(label=_("Affiliate"))
    lines = forms.CharField(
        label=_("Pages"),
        required=False,
        help_text=_(
            "One address per line; after a comma a name, and after another one a code."
            " Up to 1,000 lines."
        ),
        widget=forms.Textarea(
            attrs={
                "rows": 8,
                "class": "ui-tall",
                "placeholder": "https://shop.example/boots, Boots\nhttps://shop.example/tents",
                "spellcheck": "false",
            }
        ),
    )
    file = forms.FileField(
        label=_("Or a CSV file"),
        required=False,
        help_text=_("With the columns url, name, code; the last two may be missing."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )

    def __init__(self, *args: Any, merchant_id: UUID, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["affiliate"]
        assert isinstance(field, AffiliateField)
        field.choose_from(merchant_id)

    def clean_file(self) -> str:
        """Return the file's text; empty without one."""
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > FILE_BYTES_MAX:
            raise ValidationError(_("The file is larger than a megabyte."))
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValidationError(_("The file is not text in UTF-8.")) from error
        return text

    def clean(self) -> dict[str, Any]:
        """Read the lines."""
        said = super().clean() or {}
        text = f"{said.get('lines', '')}\n{said.get('file', '')}"
        try:
            said["links"] = read_pasted_links(text, lines_max=LINES_MAX)
        except TooManyLines as error:
            message = _("These are %(count)s lines; up to %(most)s are taken at once.")
            params = {"count": str(error), "most": LINES_MAX}
            self.add_error("lines", ValidationError(message, params=params))
        else:
            if not said["links"] and not self.errors:
                self.add_error("lines", _("Paste at least one address, or choose a file."))
        return said

    @property
    def links(self) -> list[PastedLink]:
        """What was pasted, of a valid form."""
        links: list[PastedLink] = self.cleaned_data["links"]
        return links


class BranchForm(TargetingForm):
    """One way of a smart link: to another link of the affiliate, for some visitors."""

    target = forms.ChoiceField(
        label=_("Leads through"), help_text=_("The click is counted for that link.")
    )
    field_order = ("target", "weight", "priority")

    def __init__(self, *args: Any, targets: Sequence[Link], **options: Any) -> None:
        super().__init__(*args, **options)
        self.targets = {str(link.id): link for link in targets}
        field = self.fields["target"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (id, f"{link} · {link.code} · {link.program.name}") for id, link in self.targets.items()
        ]

    @property
    def chosen(self) -> Link:
        """The link that was chosen, of a valid form."""
        return self.targets[self.cleaned_data["target"]]
