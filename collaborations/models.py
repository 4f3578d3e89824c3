"""Content that both sides make: guest posts, webinars, e-books."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from affiliates.models import Affiliate, Enrollment
from commissions.models import Side
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program
from tracking.models import Link


class CollaborationKind(models.TextChoices):
    """What is published, and where."""

    POST_THERE = "POST_THERE", _("Guest post of the merchant at the affiliate")
    POST_HERE = "POST_HERE", _("Guest post of the affiliate at the merchant")
    WEBINAR = "WEBINAR", _("Webinar together")
    EBOOK = "EBOOK", _("E-book together")


class CollaborationStatus(models.TextChoices):
    """Where it stands."""

    PITCHED = "PITCHED", pgettext_lazy("collaboration", "Pitched")
    ACCEPTED = "ACCEPTED", pgettext_lazy("collaboration", "Accepted")
    DRAFTED = "DRAFTED", pgettext_lazy("collaboration", "Draft to read")
    PUBLISHED = "PUBLISHED", pgettext_lazy("collaboration", "Published")
    DECLINED = "DECLINED", pgettext_lazy("collaboration", "Declined")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("collaboration", "Given up")


MAY_COME_FROM = {  # The whole lifecycle; the last three of the statuses are final.
    CollaborationStatus.ACCEPTED: [CollaborationStatus.PITCHED],
    CollaborationStatus.DECLINED: [CollaborationStatus.PITCHED],
    CollaborationStatus.DRAFTED: [CollaborationStatus.ACCEPTED, CollaborationStatus.DRAFTED],
    CollaborationStatus.PUBLISHED: [CollaborationStatus.ACCEPTED, CollaborationStatus.DRAFTED],
    CollaborationStatus.WITHDRAWN: [
        CollaborationStatus.PITCHED,
        CollaborationStatus.ACCEPTED,
        CollaborationStatus.DRAFTED,
    ],
}


class PageFinding(models.TextChoices):
    """What a look at the published page found."""

    LINKED = "LINKED", _("The link is there")
    UNLINKED = "UNLINKED", _("The page does not hold the link")
    UNREACHABLE = "UNREACHABLE", _("The page cannot be read")


class CollaborationQuerySet(models.QuerySet["Collaboration"]):
    """Collaborations, with the one way to change their status."""

    def move(self, *, to: CollaborationStatus, **facts: object) -> int:
        """Move to `to`, with the facts, every one allowed to go there; return how many moved."""
        return self.filter(status__in=MAY_COME_FROM[to]).update(status=to, **facts)


class Collaboration(TenantRecord):
    """Something that both sides want to publish. Texts are plain."""

    program = TenantForeignKey(Program, related_name="+")
    enrollment = TenantForeignKey(Enrollment, related_name="+")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=CollaborationKind)
    title = models.CharField(_("title"), max_length=120)
    pitch = models.TextField(_("pitch"), max_length=4_000)
    pitched_by = models.CharField(max_length=9, choices=Side)
    pitched_at = models.DateTimeField()
    status = models.CharField(
        max_length=9, choices=CollaborationStatus, default=CollaborationStatus.PITCHED
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)  # Of a decline.
    draft = models.TextField(_("draft"), max_length=20_000, blank=True)
    draft_by = models.CharField(max_length=9, choices=Side, blank=True)
    link = TenantForeignKey(Link, related_name="+", null=True, blank=True)  # Once accepted.
    url = models.URLField(_("published at"), max_length=2_000, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=11, choices=PageFinding, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)  # At the page; null: not yet.

    objects = CollaborationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="collaboration_words_known",
                condition=Q(kind__in=CollaborationKind.values)
                & Q(status__in=CollaborationStatus.values)
                & Q(pitched_by__in=Side.values)
                & Q(draft_by__in=["", *Side.values])
                & Q(finding__in=["", *PageFinding.values]),
            ),
            models.CheckConstraint(
                name="collaboration_published_somewhere",
                condition=~Q(status=CollaborationStatus.PUBLISHED)
                | (~Q(url="") & Q(published_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "program"], name="collaboration_by_program"),
            models.Index(fields=["affiliate"], name="collaboration_by_affiliate"),
            models.Index(
                fields=["merchant"],
                name="collaboration_to_look_at",
                condition=Q(status=CollaborationStatus.PUBLISHED, looked_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.title
