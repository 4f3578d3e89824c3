"""What affiliates may do to promote a program, and what they must say when they do."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models.programs import Program


class Method(models.TextChoices):
    """A way to promote."""

    CONTENT = "CONTENT", _("Articles, reviews and blogs")
    SOCIAL = "SOCIAL", _("Posts in social media")
    VIDEO = "VIDEO", _("Videos and podcasts")
    EMAIL = "EMAIL", _("Newsletters to people who asked for them")
    OFFLINE = "OFFLINE", _("In person, at events and in print")
    COMPARISON = "COMPARISON", _("Comparison sites")
    COUPONS = "COUPONS", _("Coupon sites")
    CASHBACK = "CASHBACK", _("Cashback and loyalty sites")
    SEARCH_ADS = "SEARCH_ADS", _("Search advertising, the brand's name aside")
    BRAND_BIDDING = "BRAND_BIDDING", _("Search advertising on the brand's name")
    SOCIAL_ADS = "SOCIAL_ADS", _("Advertising in social media")
    DISPLAY = "DISPLAY", _("Banners and other display advertising")
    MESSAGES = "MESSAGES", _("Text messages and chats")
    INCENTIVES = "INCENTIVES", _("Rewards for clicking or signing up")


class Permission(models.TextChoices):
    """What a program says of a method."""

    ALLOWED = "ALLOWED", _("Allowed")
    ASK = "ASK", _("Ask first")
    FORBIDDEN = "FORBIDDEN", _("Forbidden")


class Conduct(TenantRecord):
    """The rules of promoting a program; a method that is not named is a matter of asking."""

    program = TenantForeignKey(Program, related_name="conducts")
    methods = models.JSONField(default=dict, blank=True)  # {Method: Permission}
    # Words that no advertisement may be bought on.
    keywords = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    note = models.TextField(_("and besides"), max_length=5000, blank=True)
    disclosures = models.JSONField(default=dict, blank=True)  # {language: text}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "program"], name="conduct_one_per_program"),
        ]

    def methods_of(self, permission: Permission) -> list[str]:
        """Return the labels of the methods of which this is said, in the catalogue's order."""
        return [
            str(method.label) for method in Method if self.methods.get(method.value) == permission
        ]

    @property
    def allowed(self) -> list[str]:
        """The methods that anybody may use."""
        return self.methods_of(Permission.ALLOWED)

    @property
    def asked(self) -> list[str]:
        """The methods for which affiliates ask first."""
        return self.methods_of(Permission.ASK)

    @property
    def forbidden(self) -> list[str]:
        """The methods that nobody may use."""
        return self.methods_of(Permission.FORBIDDEN)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return not (self.methods or self.keywords or self.note or self.disclosures)
