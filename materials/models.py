"""Materials of a program, the files they are made of, whom they are for, and who used them."""

from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from affiliates.models import Affiliate, Enrollment
from common.uploads import MEDIA_TYPES
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program, Tier

EXTENSIONS: Final = {media: extension for extension, media in MEDIA_TYPES.items()}


class MaterialKind(models.TextChoices):
    """What a material is."""

    BANNER = "BANNER", _("Banner")
    TEXT_LINK = "TEXT_LINK", _("Text link")
    EMAIL = "EMAIL", pgettext_lazy("material", "E-mail")
    COPY = "COPY", _("Text to use")
    KEYWORDS = "KEYWORDS", _("Keywords")
    VIDEO = "VIDEO", _("Video")
    FILE = "FILE", _("PDF")
    ROTATION = "ROTATION", _("Rotating banners")
    LESSON = "LESSON", _("Lesson")


OF_FILES: Final = frozenset({MaterialKind.BANNER, MaterialKind.FILE})
LINKED: Final = frozenset(
    {MaterialKind.BANNER, MaterialKind.TEXT_LINK, MaterialKind.EMAIL, MaterialKind.ROTATION}
)


class StoredFile(TenantRecord):
    """An uploaded file after it was looked at. Its content never changes: a new one is a new row.

    The same content is kept once for a merchant.
    """

    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)  # Of the content, in hexadecimal.
    size_bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True)  # In pixels; of pictures.
    height = models.PositiveIntegerField(null=True, blank=True)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sha256"], name="stored_file_once"),
            models.CheckConstraint(
                name="stored_file_type_known", condition=Q(content_type__in=sorted(EXTENSIONS))
            ),
            models.CheckConstraint(
                name="stored_file_hash_is_hex", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(name="stored_file_not_empty", condition=Q(size_bytes__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def extension(self) -> str:
        """How the file's name ends, with the dot."""
        return EXTENSIONS[self.content_type]

    @property
    def is_picture(self) -> bool:
        """Whether browsers show it in place."""
        return self.content_type.startswith("image/")


def _words(label: Any) -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.CharField(max_length=80), default=list, blank=True, verbose_name=label)


class Material(TenantRecord):
    """Something that affiliates of a program may use, each with their own link in it.

    Texts are plain. `subject` and `body` may hold the tags of `materials.filling`.
    """

    program = TenantForeignKey(Program, related_name="materials")
    kind = models.CharField(_("kind"), max_length=9, choices=MaterialKind)
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("what it is for"), max_length=1000, blank=True)
    category = models.CharField(_("folder"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)  # ISO 639; empty: any.
    subject = models.CharField(_("subject"), max_length=200, blank=True)  # Of e-mails.
    body = models.TextField(_("text"), max_length=20_000, blank=True)
    allowed = _words(_("allowed"))  # These three are of keywords.
    negative = _words(_("negative"))
    protected = _words(_("protected"))
    video_url = models.URLField(_("address of the video"), max_length=500, blank=True)
    target_url = models.URLField(_("leads to"), max_length=2000, blank=True)  # Empty: as the link.
    file = TenantForeignKey(StoredFile, related_name="+", null=True, blank=True)
    visible_from = models.DateField(_("visible from"), null=True, blank=True)
    visible_until = models.DateField(_("visible until"), null=True, blank=True)  # Included; UTC.
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="material_kind_known", condition=Q(kind__in=MaterialKind.values)
            ),
            models.CheckConstraint(
                name="material_has_a_file_if_its_kind_is_made_of_one",
                condition=Q(kind__in=sorted(OF_FILES), file__isnull=False)
                | (~Q(kind__in=sorted(OF_FILES)) & Q(file=None)),
            ),
            models.CheckConstraint(
                name="material_video_is_https",
                condition=Q(kind__in=["VIDEO", "LESSON"], video_url__startswith="https://")
                | (~Q(kind="VIDEO") & Q(video_url="")),
            ),
            models.CheckConstraint(
                name="material_visible_from_before_until",
                condition=Q(visible_from=None)
                | Q(visible_until=None)
                | Q(visible_from__lte=F("visible_until")),
            ),
        ]
        indexes = [models.Index(fields=["merchant", "program"], name="material_by_program")]

    def __str__(self) -> str:
        return self.title


class MaterialTier(TenantRecord):
    """A tier that a material is for. Without any it is for everybody in the program."""

    material = TenantForeignKey(Material, related_name="audience")
    tier = TenantForeignKey(Tier, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "material", "tier"], name="material_tier_once"
            )
        ]


class MaterialPart(TenantRecord):
    """A banner of rotating ones: each view shows one of them."""

    rotation = TenantForeignKey(Material, related_name="parts")
    banner = TenantForeignKey(Material, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "rotation", "banner"], name="material_part_once"
            )
        ]


class LessonDone(TenantRecord):
    """That an affiliate has gone through a lesson."""

    lesson = TenantForeignKey(Material, related_name="done")
    enrollment = TenantForeignKey(Enrollment, related_name="+")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+", db_index=False)
    done_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "lesson", "enrollment"], name="lesson_done_once"
            )
        ]
        indexes = [models.Index(fields=["affiliate"], name="lesson_done_by_affiliate")]


class MaterialUse(TenantRecord):
    """How often an affiliate used a material on a day (UTC): one row, counted up."""

    material = TenantForeignKey(Material, related_name="uses")
    enrollment = TenantForeignKey(Enrollment, related_name="+")
    day = models.DateField()
    views = models.PositiveBigIntegerField(default=0)  # Of a banner, on the affiliate's pages.
    copies = models.PositiveIntegerField(default=0)
    downloads = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "material", "enrollment", "day"], name="material_use_once_a_day"
            )
        ]


class Product(TenantRecord):
    """Something that the merchant sells, from its feed: affiliates link straight to it."""

    program = TenantForeignKey(Program, related_name="products")
    external_id = models.CharField(_("id"), max_length=80)  # The merchant's own.
    title = models.CharField(_("title"), max_length=200)
    url = models.URLField(_("address"), max_length=2000)
    price_minor = models.BigIntegerField(_("price"), null=True, blank=True)  # Program's currency.
    image_url = models.URLField(_("address of the picture"), max_length=500, blank=True)
    category = models.CharField(_("category"), max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "program", "external_id"], name="product_once_per_program"
            ),
            models.CheckConstraint(
                name="product_price_sane", condition=Q(price_minor=None) | Q(price_minor__gte=0)
            ),
            models.CheckConstraint(
                name="product_picture_is_https",
                condition=Q(image_url="") | Q(image_url__startswith="https://"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ProductFeed(TenantRecord):
    """Where a program's products are fetched from, and how the last try went."""

    program = TenantForeignKey(Program, related_name="product_feeds")
    url = models.URLField(_("address of the feed"), max_length=2000)
    due_at = models.DateTimeField()  # When the worker fetches it next.
    tried_at = models.DateTimeField(null=True, blank=True)
    fetched_at = models.DateTimeField(null=True, blank=True)  # The last time that all went well.
    problem = models.CharField(max_length=1000, blank=True)  # Of the last try, in words.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "program"], name="product_feed_one_per_program"
            )
        ]
        indexes = [models.Index(fields=["due_at"], name="product_feed_due")]

    def __str__(self) -> str:
        return self.url
