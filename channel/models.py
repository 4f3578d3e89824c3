"""Deals: companies that affiliates register before they sell to them, and the terms for it."""

from datetime import datetime
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from affiliates.models import Affiliate, Enrollment
from merchants.models import CURRENCY_KNOWN, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program
from tracking.models import Customer


class DealTerms(TenantRecord):
    """Whether affiliates of a program may register deals, and for how long these are theirs."""

    program = TenantForeignKey(Program, related_name="deal_terms")
    is_open = models.BooleanField(_("affiliates may register deals"), default=False)
    protect_days = models.PositiveSmallIntegerField(_("days of exclusivity"), default=90)
    extend_days = models.PositiveSmallIntegerField(_("days of an extension"), default=30)
    extensions_max = models.PositiveSmallIntegerField(_("extensions at the most"), default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "program"], name="deal_terms_once_per_program"
            ),
            models.CheckConstraint(
                name="deal_terms_sane",
                condition=Q(
                    protect_days__range=(1, 730),
                    extend_days__range=(1, 365),
                    extensions_max__lte=10,
                ),
            ),
        ]


class DealStatus(models.TextChoices):
    """Where a deal stands."""

    SUBMITTED = "SUBMITTED", _("Waits for an answer")
    APPROVED = "APPROVED", _("Approved")
    REJECTED = "REJECTED", _("Rejected")
    WON = "WON", pgettext_lazy("deal", "Won")
    LOST = "LOST", pgettext_lazy("deal", "Lost")
    EXPIRED = "EXPIRED", pgettext_lazy("deal", "Expired")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


DEAL_MAY_COME_FROM: Final = {  # The whole lifecycle; who lost or let one expire registers anew.
    DealStatus.APPROVED: [DealStatus.SUBMITTED],
    DealStatus.REJECTED: [DealStatus.SUBMITTED],
    DealStatus.WON: [DealStatus.APPROVED],
    DealStatus.LOST: [DealStatus.APPROVED],
    DealStatus.EXPIRED: [DealStatus.APPROVED],
    DealStatus.WITHDRAWN: [DealStatus.SUBMITTED, DealStatus.APPROVED],
}
LIVE: Final = (DealStatus.SUBMITTED, DealStatus.APPROVED)


class Conflict(models.TextChoices):
    """Why a company may be somebody else's. Affiliates are told that there is one, not which."""

    OTHER_AFFILIATE = "OTHER_AFFILIATE", _("Another affiliate has registered it")
    CUSTOMER = "CUSTOMER", _("It is a customer already")


class DealQuerySet(models.QuerySet["Deal"]):
    """Deals, with the one way to change their status."""

    def move(self, *, to: DealStatus, at: datetime) -> int:
        """Move to `to` every deal allowed to go there; return how many moved."""
        movable = self.filter(status__in=DEAL_MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at)


class Deal(TenantRecord):
    """A company that an affiliate is about to sell to.

    An approved one is protected: until `protected_until` no other affiliate has it in the program.
    """

    program = TenantForeignKey(Program, related_name="deals", db_index=False)
    enrollment = TenantForeignKey(Enrollment, related_name="deals")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+", db_index=False)
    company = models.CharField(_("company"), max_length=120)
    domain = models.CharField(_("domain"), max_length=253)  # A host: acme.example.
    contact_name = models.CharField(_("contact"), max_length=120, blank=True)
    contact_email = models.EmailField(_("contact's e-mail address"), blank=True)
    value_minor = models.PositiveBigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3)  # The program's.
    expected_on = models.DateField(_("expected close"), null=True, blank=True)
    notes = models.TextField(_("notes"), max_length=2_000, blank=True)
    status = models.CharField(
        max_length=9, choices=DealStatus, default=DealStatus.SUBMITTED, db_index=False
    )
    status_changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    conflict = models.CharField(max_length=15, choices=Conflict, blank=True)  # When it came in.
    reason = models.CharField(max_length=1_000, blank=True)  # The affiliate reads it.
    protected_until = models.DateTimeField(null=True, blank=True)
    extensions = models.PositiveSmallIntegerField(default=0)
    extension_asked_at = models.DateTimeField(null=True, blank=True)
    customer = TenantForeignKey(Customer, related_name="deals", null=True, blank=True)

    objects = DealQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="deal_status_known", condition=Q(status__in=DealStatus.values)
            ),
            models.CheckConstraint(
                name="deal_conflict_known", condition=Q(conflict__in=["", *Conflict.values])
            ),
            models.CheckConstraint(name="deal_currency_known", condition=CURRENCY_KNOWN),
            models.CheckConstraint(
                name="deal_approved_is_protected",
                condition=~Q(status=DealStatus.APPROVED) | Q(protected_until__isnull=False),
            ),
            models.CheckConstraint(
                name="deal_won_names_its_customer",
                condition=~Q(status=DealStatus.WON) | Q(customer__isnull=False),
            ),
            models.UniqueConstraint(
                name="deal_one_protected_per_company",
                fields=["merchant", "program", "domain"],
                condition=Q(status=DealStatus.APPROVED),
            ),
            models.UniqueConstraint(
                name="deal_one_live_per_affiliate_and_company",
                fields=["merchant", "enrollment", "domain"],
                condition=Q(status__in=LIVE),
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "status", "-submitted_at"], name="deal_by_status"),
            models.Index(fields=["affiliate", "-submitted_at"], name="deal_by_affiliate"),
            models.Index(
                fields=["protected_until"],
                name="deal_to_expire",
                condition=Q(status=DealStatus.APPROVED),
            ),
        ]

    def __str__(self) -> str:
        return self.company
