"""The forms of co-branded pages and flyers."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from cobranding.models import CobrandTemplate, TemplateKind
from cobranding.services import TemplateDraft
from common.uploads import Upload
from interfaces.console.forms.setup import WebAddressField

PICTURE_TYPES: Final = ".png,.jpg,.jpeg,.webp,image/png,image/jpeg,image/webp"
PLAIN: Final = ("title", "headline", "body", "button", "target_url", "needs_review")


class TemplateForm(forms.Form):
    """A template of a known kind; `template` is what it is now, None for a new one."""

    title = forms.CharField(
        label=_("Title"), max_length=120, help_text=_("Affiliates read it in their list.")
    )
    headline = forms.CharField(label=_("Headline"), max_length=120)
    body = forms.CharField(
        label=_("Text"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 7})
    )
    button = forms.CharField(label=_("Words of the button"), max_length=40)
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("PNG, JPEG or WebP; wide ones look best."),
        widget=forms.FileInput(attrs={"accept": PICTURE_TYPES}),
    )
    drops_picture = forms.BooleanField(label=_("Without the picture"), required=False)
    target_url = WebAddressField(
        label=_("Leads to"),
        max_length=2_000,
        required=False,
        help_text=_("A page on the program's sites; empty: where links lead anyway."),
    )
    needs_review = forms.BooleanField(
        label=_("Look at each before it is used"),
        required=False,
        initial=True,
        help_text=_("Affiliates put their own name, words and logo beside yours."),
    )

    def __init__(
        self,
        *args: Any,
        kind: TemplateKind,
        template: CobrandTemplate | None = None,
        **options: Any,
    ) -> None:
        initial = {name: getattr(template, name) for name in PLAIN} if template else {}
        super().__init__(*args, **{"initial": initial, **options})
        self.kind, self.template = kind, template
        if template is None or template.picture is None:
            del self.fields["drops_picture"]
        if kind == TemplateKind.FLYER:
            self.fields["button"].label = _("Words beside the code")
            self.fields["button"].help_text = _("As in “Scan and look around”.")

    @property
    def draft(self) -> TemplateDraft:
        """Return what a valid form says."""
        said = {name: self.cleaned_data[name] for name in PLAIN}
        file = self.cleaned_data.get("picture")
        kept = self.template.picture if self.template else None
        return TemplateDraft(
            kind=self.kind,
            upload=Upload(file.name, file.read()) if file else None,
            picture=None if self.cleaned_data.get("drops_picture") else kept,
            **said,
        )
