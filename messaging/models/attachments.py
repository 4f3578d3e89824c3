"""Files that came with a message, as they are given out again."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from messaging.models.threads import Message


class FileKind(models.TextChoices):
    """What may be attached."""

    PNG = "PNG", _("PNG picture")
    JPEG = "JPEG", _("JPEG picture")
    PDF = "PDF", _("PDF document")


class Attachment(TenantRecord):
    """A file of a message: pictures as we wrote them anew, documents as they came."""

    message = TenantForeignKey(Message, related_name="attachments", db_index=False)
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=4, choices=FileKind)
    size = models.PositiveIntegerField()  # In bytes.
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="attachment_kind_known", condition=Q(kind__in=FileKind.values)
            ),
        ]
        indexes = [models.Index(fields=["merchant", "message"], name="attachment_of_message")]
