"""Templates of a merchant, and what affiliates made of them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from affiliates.models import Affiliate, Enrollment
from materials.models import StoredFile
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program
from tracking.models import Link


class TemplateKind(models.TextChoices):
    """What a template makes."""

    PAGE = "PAGE", _("Landing page")
    FLYER = "FLYER", _("Flyer (PDF)")


class CobrandTemplate(TenantRecord):
    """A landing page or flyer of the merchant with room for an affiliate. Texts are plain."""

    program = TenantForeignKey(Program, related_name="cobrand_templates")
    kind = models.CharField(_("kind"), max_length=5, choices=TemplateKind)
    title = models.CharField(_("title"), max_length=120)
    headline = models.CharField(_("headline"), max_length=120)
    body = models.TextField(_("text"), max_length=2_000)
    button = models.CharField(_("words of the button"), max_length=40)  # On a flyer: by the code.
    picture = TenantForeignKey(StoredFile, related_name="+", null=True, blank=True)
    target_url = models.URLField(_("leads to"), max_length=2_000, blank=True)  # Empty: as the link.
    needs_review = models.BooleanField(_("look at each before it is used"), default=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cobrand_kind_known", condition=Q(kind__in=TemplateKind.values)
            ),
        ]
        indexes = [models.Index(fields=["merchant", "program"], name="cobrand_by_program")]

    def __str__(self) -> str:
        return self.title


class PieceStatus(models.TextChoices):
    """Where a piece stands. Only a LIVE one is shown to anybody."""

    DRAFT = "DRAFT", _("Draft")
    WAITING = "WAITING", _("Waits for review")
    LIVE = "LIVE", pgettext_lazy("co-branded page", "In use")
    REFUSED = "REFUSED", _("Refused")


MAY_COME_FROM = {  # The whole lifecycle; a change makes it a draft again.
    PieceStatus.DRAFT: [
        PieceStatus.DRAFT,
        PieceStatus.WAITING,
        PieceStatus.LIVE,
        PieceStatus.REFUSED,
    ],
    PieceStatus.WAITING: [PieceStatus.DRAFT],
    PieceStatus.LIVE: [PieceStatus.DRAFT, PieceStatus.WAITING],
    PieceStatus.REFUSED: [PieceStatus.WAITING, PieceStatus.LIVE],
}


class CobrandPieceQuerySet(models.QuerySet["CobrandPiece"]):
    """Pieces, with the one way to change their status."""

    def move(self, *, to: PieceStatus, reason: str = "") -> int:
        """Move to `to` every piece allowed to go there; return how many moved."""
        return self.filter(status__in=MAY_COME_FROM[to]).update(status=to, reason=reason)


class CobrandPiece(TenantRecord):
    """A template with one affiliate's name, words, logo and link in it."""

    template = TenantForeignKey(CobrandTemplate, related_name="pieces")
    program = TenantForeignKey(Program, related_name="+")
    enrollment = TenantForeignKey(Enrollment, related_name="+")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    link = TenantForeignKey(Link, related_name="+")  # Its own, so that its results are.
    code = models.CharField(max_length=16, unique=True)  # Of the page's public address.
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("your words"), max_length=600, blank=True)
    logo = TenantForeignKey(StoredFile, related_name="+", null=True, blank=True)
    status = models.CharField(max_length=7, choices=PieceStatus, default=PieceStatus.DRAFT)
    reason = models.CharField(max_length=500, blank=True)  # Why it was refused.
    saved_at = models.DateTimeField()  # What it says; who approves names it.

    objects = CobrandPieceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="cobrand_piece_once", fields=["merchant", "template", "enrollment"]
            ),
            models.CheckConstraint(
                name="cobrand_piece_status_known", condition=Q(status__in=PieceStatus.values)
            ),
        ]
        indexes = [models.Index(fields=["affiliate"], name="cobrand_by_affiliate")]

    def __str__(self) -> str:
        return self.name
