"""The change log of a program, as its affiliates read it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models.programs import Program


class ChangeKind(models.TextChoices):
    """What a change is about. Rates have notices of their own (commissions.notices)."""

    TERMS = "TERMS", _("Terms")
    CONDUCT = "CONDUCT", _("How to promote")
    GOALS = "GOALS", _("What counts")
    NEWS = "NEWS", _("News")


class ProgramChange(TenantRecord):
    """Something that changed for everybody in a program, in words where a member wrote some.

    Those who were in when it was made are mailed, in the order of their enrollments' ids.
    """

    program = TenantForeignKey(Program, related_name="changes")
    kind = models.CharField(max_length=7, choices=ChangeKind)
    title = models.CharField(_("in one line"), max_length=200, blank=True)
    body = models.TextField(_("text"), max_length=5000, blank=True)
    version = models.PositiveIntegerField(null=True, blank=True)  # Of the terms.
    at = models.DateTimeField()
    mail_due_at = models.DateTimeField(null=True, blank=True)  # Null: nobody is left to be told.
    mailed_until = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="program_change_kind_known", condition=Q(kind__in=ChangeKind.values)
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "program", "-at"], name="program_change_by_time"),
            models.Index(
                fields=["mail_due_at"],
                name="program_change_to_mail",
                condition=Q(mail_due_at__isnull=False),
            ),
        ]
