"""The forms of materials: a kind has the fields that it needs."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from common.uploads import PDF_BYTES_MAX, PICTURE_BYTES_MAX, SIDE_MAX, Upload
from interfaces.console.audience import language_choices
from interfaces.console.forms.fields import WordsField
from interfaces.console.forms.setup import WebAddressField
from interfaces.console.forms.targeting import Chips, PickMany, many
from materials.feed import FILE_BYTES_MAX as FEED_BYTES_MAX
from materials.filling import TAGS
from materials.models import LINKED, OF_FILES, Material, MaterialKind
from materials.services import VIDEO_HOSTS, WATCHED, MaterialDraft
from programs.models import Tier

Label = Any  # A text, translated or to be.
BODIES: Final[dict[MaterialKind, tuple[Label, Label]]] = {
    MaterialKind.BANNER: (
        _("What the picture says"),
        _("For whoever cannot see it. Empty: the title."),
    ),
    MaterialKind.TEXT_LINK: (_("Words of the link"), _("Visitors click on them.")),
    MaterialKind.EMAIL: (_("Text"), ""),
    MaterialKind.COPY: (_("Text"), _("Affiliates copy it as it stands here.")),
    MaterialKind.LESSON: (
        _("What there is to learn"),
        _("Affiliates read it and say when they are through. An empty line parts paragraphs."),
    ),
    MaterialKind.ROTATION: (
        _("What the pictures say"),
        _("For whoever cannot see them. Empty: the title."),
    ),
}
LISTS: Final[dict[str, tuple[Label, Label]]] = {
    "allowed": (_("Allowed"), _("What affiliates may advertise on.")),
    "negative": (_("Negative"), _("What they should leave out.")),
    "protected": (_("Protected"), _("Names that nobody may bid on.")),
}
ONE_LINE: Final = (MaterialKind.BANNER, MaterialKind.TEXT_LINK, MaterialKind.ROTATION)
PICTURED: Final = (MaterialKind.BANNER, MaterialKind.ROTATION)
TAGGED: Final = (MaterialKind.TEXT_LINK, MaterialKind.EMAIL, MaterialKind.COPY)
PLAIN: Final = (
    "title",
    "description",
    "category",
    "language",
    "subject",
    "body",
    "allowed",
    "negative",
    "protected",
    "video_url",
    "target_url",
    "visible_from",
    "visible_until",
)


class MaterialForm(forms.Form):
    """A material of a known kind; `material` is what it is now, None for a new one."""

    title = forms.CharField(
        label=_("Title"), max_length=120, help_text=_("Affiliates read it in their list.")
    )

    def __init__(
        self,
        *args: Any,
        kind: MaterialKind,
        tiers: Sequence[Tier],
        folders: Sequence[str] = (),
        banners: Sequence[Material] = (),
        material: Material | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **{"initial": _initial(material), **options})
        self.kind = kind
        self.tiers = {str(tier.id): tier for tier in tiers}
        self.banners = {str(banner.id): banner for banner in banners}
        self._add_content(is_new=material is None)
        self._add_place(folders)

    def _add_content(self, *, is_new: bool) -> None:
        """Add the fields of what the material is."""
        kind = self.kind
        if kind in OF_FILES:
            self.fields["file"] = _file_field(kind, required=is_new)
        if kind == MaterialKind.EMAIL:
            self.fields["subject"] = forms.CharField(label=_("Subject"), max_length=200)
        if kind in BODIES:
            self.fields["body"] = _body_field(kind)
        if kind == MaterialKind.KEYWORDS:
            for name, (label, help_text) in LISTS.items():
                self.fields[name] = WordsField(
                    label=label,
                    required=False,
                    help_text=help_text,
                    widget=forms.Textarea(attrs={"rows": 3}),
                )
        if kind == MaterialKind.ROTATION:
            sizes = [(str(row.id), _banner_label(row)) for row in self.banners.values()]
            self.fields["banners"] = forms.MultipleChoiceField(
                label=_("Banners"),
                choices=sizes,
                widget=PickMany,
                help_text=_("Two or more of one size. Each view shows one of them by chance."),
            )
        if kind in WATCHED:
            self.fields["video_url"] = WebAddressField(
                label=_("Address of the video"),
                max_length=500,
                required=kind == MaterialKind.VIDEO,
                help_text=_("At one of these: %(hosts)s") % {"hosts": ", ".join(VIDEO_HOSTS)},
            )
        if kind in LINKED:
            self.fields["target_url"] = WebAddressField(
                label=_("Leads to"),
                required=False,
                help_text=_("A page of yours. Empty: where the affiliate's link leads anyway."),
            )

    def _add_place(self, folders: Sequence[str]) -> None:
        """Add the fields of where it stands, and for whom."""
        # Help is markup to Django, and these are what people wrote.
        hint = escape(_("In use: %(folders)s") % {"folders": ", ".join(folders)}) if folders else ""
        self.fields["description"] = forms.CharField(
            label=_("What it is for"),
            max_length=1000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
        )
        self.fields["category"] = forms.CharField(
            label=_("Folder"), max_length=60, required=False, help_text=hint
        )
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            required=False,
            choices=lambda: [("", _("Any")), *language_choices()],
        )
        if self.tiers:
            names = [(id, tier.name) for id, tier in self.tiers.items()]
            self.fields["tiers"] = many(_("For the tiers, none for everybody"), names, Chips)
        for name, label in (("visible_from", _("From")), ("visible_until", _("Until"))):
            self.fields[name] = forms.DateField(
                label=label,
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )
        self.fields["visible_until"].help_text = _("Whole days in UTC; empty for no limit.")

    @property
    def draft(self) -> MaterialDraft:
        """What was said, of a valid form."""
        said = self.cleaned_data
        facts = {name: said[name] for name in PLAIN if name in said}
        return MaterialDraft(
            kind=self.kind,
            tiers=[self.tiers[id] for id in said.get("tiers", ())],
            upload=upload_of(said.get("file")),
            banners=[self.banners[id] for id in said.get("banners", ())],
            **facts,
        )


def upload_of(file: UploadedFile | None) -> Upload | None:
    """Return what a form's file is to the domain."""
    return Upload(str(file.name), file.read()) if file else None


class SizedFileField(forms.FileField):
    """A file that is not read if it is too large; whether it is empty, the domain says."""

    def __init__(self, *, bytes_max: int, **options: Any) -> None:
        super().__init__(max_length=300, allow_empty_file=True, **options)
        self.bytes_max = bytes_max

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the file.

        :raises ValidationError: if it is too large.
        """
        file = super().clean(data, initial)
        if file and file.size > self.bytes_max:
            raise forms.ValidationError(
                _("The file is too large: %(size)s at the most."),
                params={"size": filesizeformat(self.bytes_max)},
            )
        return file


def _file_field(kind: MaterialKind, *, required: bool) -> SizedFileField:
    """Return the field of the file; a material that has one keeps it if none is chosen."""
    is_picture = kind == MaterialKind.BANNER
    bytes_max = PICTURE_BYTES_MAX if is_picture else PDF_BYTES_MAX
    said = {"size": filesizeformat(bytes_max), "side": SIDE_MAX}
    help_text = (
        _(
            "PNG, JPEG or WebP, at most %(size)s and %(side)d pixels a side. What the file says "
            "beside the picture, such as where it was taken, is not kept."
        )
        if is_picture
        else _("A PDF of at most %(size)s. Affiliates download it.")
    )
    accepted = "image/png,image/jpeg,image/webp" if is_picture else "application/pdf"
    return SizedFileField(
        bytes_max=bytes_max,
        label=_("Picture") if is_picture else _("PDF"),
        required=required,
        help_text=help_text % said,
        widget=forms.FileInput(attrs={"accept": accepted}),
    )


def _body_field(kind: MaterialKind) -> forms.CharField:
    label, help_text = BODIES[kind]
    if kind in TAGGED:
        tags = ", ".join(f"{{{tag}}} – {meaning}" for tag, meaning in TAGS.items())
        help_text = f"{help_text} {_('What is filled in:')} {tags}".strip()
    if kind in ONE_LINE:
        return forms.CharField(
            label=label,
            max_length=200,
            required=kind not in PICTURED,
            help_text=help_text,
        )
    widget = forms.Textarea(attrs={"rows": 12})
    return forms.CharField(label=label, max_length=20_000, widget=widget, help_text=help_text)


def _initial(material: Material | None) -> dict[str, Any]:
    if material is None:
        return {}
    return {name: getattr(material, name) for name in PLAIN} | {
        "tiers": [str(row.tier_id) for row in material.audience.all()],
        "banners": [str(row.banner_id) for row in material.parts.all()],
    }


def _banner_label(banner: Material) -> str:
    size = f" · {banner.file.width} × {banner.file.height}" if banner.file else ""
    return f"{banner.title}{size}"


class FeedForm(forms.Form):
    """A file with all products of a program."""

    file = SizedFileField(
        bytes_max=FEED_BYTES_MAX,
        label=_("File"),
        help_text=_("CSV in UTF-8, at most 10 MB and 20,000 products."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,text/csv"}),
    )


class FeedAddressForm(forms.Form):
    """Where all products of a program are fetched from."""

    url = WebAddressField(
        label=_("Address of the feed"),
        max_length=2000,
        required=False,
        help_text=_("An https address that gives the CSV file. Empty: nothing is fetched."),
    )
