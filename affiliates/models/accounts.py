"""Affiliates, the users who act for them, and their keys."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from users.models import User


class Type(models.TextChoices):
    """What an affiliate is, as it says itself; rates may depend on it."""

    CREATOR = "CREATOR", _("Creator")
    PUBLISHER = "PUBLISHER", _("Publisher")
    CUSTOMER = "CUSTOMER", _("Customer")
    AGENCY = "AGENCY", _("Agency")
    RESELLER = "RESELLER", _("Reseller")
    OTHER = "OTHER", _("Other")


class Affiliate(Record):
    """A person or company that promotes: one account for all programs of the installation.

    Policies: its own users read and write it; a merchant reads it while it is enrolled there.
    """

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("contact e-mail"))
    website = models.URLField(_("website"), max_length=500, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.OTHER)

    class Meta:
        constraints = [
            models.CheckConstraint(name="affiliate_type_known", condition=Q(type__in=Type.values)),
            models.CheckConstraint(
                name="affiliate_country_is_iso_3166", condition=Q(country__regex=r"^([A-Z]{2})?$")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AffiliateUser(Record):
    """A user who acts for an affiliate."""

    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="users")
    user = models.ForeignKey(User, models.PROTECT, related_name="affiliate_users")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["affiliate", "user"], name="affiliate_user_once"),
        ]
        indexes = [models.Index(fields=["user"], name="affiliate_user_by_user")]


KEY_PREFIX = "fl_pa_"


class AffiliateKey(Record):
    """A key to the affiliate's part of the API, shown once and stored hashed.

    Policy: its affiliate's own, like AffiliateUser. Merchants never see it.
    """

    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="keys")
    name = models.CharField(_("name"), max_length=80)
    key_hash = models.CharField(max_length=64, unique=True)
    last_four = models.CharField(max_length=4)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["affiliate"], name="affiliate_key_by_affiliate")]

    @property
    def masked(self) -> str:
        """Return what people recognise the key by."""
        return f"{KEY_PREFIX}…{self.last_four}"
