"""The policy register: which rules a program has, why, who answers for each, and until when."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.models import Member, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models.programs import Program


class PolicyCategory(models.TextChoices):
    """What a policy is about."""

    MARKETING = "MARKETING", _("Marketing")
    SERVICE = "SERVICE", _("Customer service")
    PRICING = "PRICING", _("Pricing")
    BRAND = "BRAND", _("Brand and advertising")
    OTHER = "OTHER", _("Other")


class Policy(TenantRecord):
    """A rule of a program that somebody owns, and looks at again on a day."""

    program = TenantForeignKey(Program, related_name="policies")
    category = models.CharField(_("category"), max_length=9, choices=PolicyCategory)
    title = models.CharField(_("rule"), max_length=120)
    body = models.TextField(_("what it says"), max_length=5000)
    rationale = models.TextField(_("why it is there"), max_length=2000, blank=True)
    owner = TenantForeignKey(Member, related_name="policies")
    reviewed_on = models.DateField(_("last looked at"))
    review_on = models.DateField(_("look at it again"))
    reminded_at = models.DateTimeField(null=True, blank=True)  # Of this review.
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="policy_category_known", condition=Q(category__in=PolicyCategory.values)
            ),
            models.CheckConstraint(
                name="policy_review_follows", condition=Q(review_on__gt=models.F("reviewed_on"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["review_on"],
                name="policy_to_review",
                condition=Q(reminded_at=None, archived_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.title
