"""The forms of letters to prospects, and of what a program offers to who recruits."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interfaces.console.forms.fields import MoneyField
from recruiting.models import LetterTemplate

SUBJECT_MAX, BODY_MAX = 150, 5_000


class LetterForm(forms.Form):
    """A letter, perhaps begun with a template."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=SUBJECT_MAX)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=BODY_MAX,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=gettext_lazy("With {link}: it leads to the form, filled with what you know."),
    )
    template = forms.CharField(required=False, widget=forms.HiddenInput)


class LetterTemplateForm(LetterForm):
    """A text to write with."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("For your own people.")
    )
    field_order = ("name", "subject", "body")

    def __init__(self, *args: Any, template: LetterTemplate | None, **options: Any) -> None:
        names = ("name", "subject", "body")
        initial = {name: getattr(template, name) for name in names} if template else {}
        super().__init__(*args, **{"initial": initial, **options})
        del self.fields["template"]


class BeginningForm(forms.Form):
    """With which template a letter begins."""

    template = forms.ChoiceField(label=gettext_lazy("Begin with"), required=False)

    def __init__(self, *args: Any, templates: Sequence[LetterTemplate], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["template"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("An empty page")), *((str(row.id), row.name) for row in templates)]


class RecruitingOfferForm(forms.Form):
    """Whether affiliates may recruit, and for what."""

    is_open = forms.BooleanField(
        label=gettext_lazy("Affiliates may recruit others"),
        required=False,
        help_text=gettext_lazy("Each gets a link of their own to your program's page."),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["bounty"] = MoneyField(
            currency=currency,
            minor_min=1,
            required=False,
            label=_("Bounty in %(currency)s") % {"currency": currency},
            help_text=_("Once, when a recruit's first sale is approved. Empty: none."),
        )
