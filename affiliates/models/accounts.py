"""Affiliates, the users who act for them, and their keys."""

import secrets

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from users.models import User


def new_channel_proof() -> str:
    """Return a random value that only the owner of a page can put there."""
    return f"fairlead-{secrets.token_urlsafe(24)}"


class Type(models.TextChoices):
    """What an affiliate is, as it says itself; rates may depend on it."""

    CREATOR = "CREATOR", _("Creator")
    PUBLISHER = "PUBLISHER", _("Publisher")
    CUSTOMER = "CUSTOMER", _("Customer")
    AGENCY = "AGENCY", _("Agency")
    RESELLER = "RESELLER", _("Reseller")
    COUPON = "COUPON", _("Coupon or cashback site")
    REVIEW = "REVIEW", _("Review site")
    NEWSLETTER = "NEWSLETTER", _("Newsletter")
    CONSULTANT = "CONSULTANT", _("Consultant")
    INTEGRATION = "INTEGRATION", _("Integration partner")
    COMMUNITY = "COMMUNITY", _("Community")
    RESEARCH = "RESEARCH", _("Research or media")
    OTHER = "OTHER", _("Other")


class Affiliate(Record):
    """A person or company that promotes: one account for all programs of the installation.

    Policies: its own users read and write it; a merchant reads it while it is enrolled there.
    """

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("contact e-mail"))
    website = models.URLField(_("website"), max_length=500, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    type = models.CharField(_("type"), max_length=11, choices=Type, default=Type.OTHER)
    phone = models.CharField(_("phone number"), max_length=16, blank=True)  # E.164.
    about = models.TextField(_("about"), max_length=2000, blank=True)
    # ISO 3166-1 codes, and words as the affiliate chooses them: "fitness", "parents".
    audience_countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    audience_topics = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    # When the joining checklist of the portal was put away.
    checklist_hidden_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="affiliate_type_known", condition=Q(type__in=Type.values)),
            models.CheckConstraint(
                name="affiliate_country_is_iso_3166", condition=Q(country__regex=r"^([A-Z]{2})?$")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccountRole(models.TextChoices):
    """What a user may do for an affiliate."""

    OWNER = "OWNER", _("Owner")  # Everything, and the users.
    MANAGER = "MANAGER", _("Manager")  # Everything but users, payout methods and tax forms.
    VIEWER = "VIEWER", _("Viewer")  # Looks only.


# Who may change what the account has in the portal, and who may change the account itself.
ACTING = frozenset({AccountRole.OWNER, AccountRole.MANAGER})
OWNING = frozenset({AccountRole.OWNER})


class AffiliateUser(Record):
    """A user who acts for an affiliate, as far as their role goes; one of them is its owner."""

    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="users")
    user = models.ForeignKey(User, models.PROTECT, related_name="affiliate_users")
    role = models.CharField(_("role"), max_length=7, choices=AccountRole, default=AccountRole.OWNER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["affiliate", "user"], name="affiliate_user_once"),
            models.CheckConstraint(
                name="affiliate_user_role_known", condition=Q(role__in=AccountRole.values)
            ),
        ]
        indexes = [models.Index(fields=["user"], name="affiliate_user_by_user")]


class AccountInvitation(Record):
    """An offer to act for an affiliate, sent by mail; its key is stored hashed and works once.

    Policy: its affiliate's own. Merchants never see it.
    """

    affiliate = models.ForeignKey(Affiliate, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=7, choices=AccountRole)
    key_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="account_invitation_role_known", condition=Q(role__in=AccountRole.values)
            ),
            models.UniqueConstraint(
                name="account_invitation_open_once_per_email",
                fields=["affiliate", "email"],
                condition=Q(accepted_at=None),
            ),
        ]


class AccountEvent(Record):
    """One thing that somebody changed about an affiliate's account. Policy: its affiliate's own.

    An account belongs to no merchant, so its history is not among the events of any.
    """

    affiliate = models.ForeignKey(Affiliate, models.CASCADE, related_name="events")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    type = models.CharField(max_length=60)  # `noun.past_verb`, like a merchant's events.
    data = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="account_event_type_is_noun_dot_past_verb",
                condition=Q(type__regex=r"^[a-z_]+\.[a-z_]+$"),
            ),
        ]
        indexes = [models.Index(fields=["affiliate", "-at"], name="account_event_by_time")]


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


class Network(models.TextChoices):
    """Where an affiliate speaks to people."""

    WEBSITE = "WEBSITE", _("Website")
    NEWSLETTER = "NEWSLETTER", _("Newsletter")
    YOUTUBE = "YOUTUBE", _("YouTube")
    INSTAGRAM = "INSTAGRAM", _("Instagram")
    TIKTOK = "TIKTOK", _("TikTok")
    X = "X", _("X")
    LINKEDIN = "LINKEDIN", _("LinkedIn")
    FACEBOOK = "FACEBOOK", _("Facebook")
    WECHAT = "WECHAT", _("WeChat")
    XIAOHONGSHU = "XIAOHONGSHU", _("Xiaohongshu")
    BILIBILI = "BILIBILI", _("Bilibili")
    PODCAST = "PODCAST", _("Podcast")
    OTHER = "OTHER", _("Other")


class Channel(Record):
    """One place where an affiliate promotes, as it says itself. Policy: like Affiliate's."""

    affiliate = models.ForeignKey(Affiliate, models.CASCADE, related_name="channels")
    network = models.CharField(_("network"), max_length=11, choices=Network)
    url = models.URLField(_("address"), max_length=500)
    followers = models.PositiveIntegerField(_("followers"), null=True, blank=True)
    # Websites: the proof that the affiliate puts on the page or into the DNS.
    proof = models.CharField(max_length=60, default=new_channel_proof)
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["affiliate", "url"], name="channel_once"),
            models.CheckConstraint(
                name="channel_network_known", condition=Q(network__in=Network.values)
            ),
        ]


class Reference(Record):
    """Somebody who vouches for an affiliate, asked by mail. Policy: like Affiliate's."""

    affiliate = models.ForeignKey(Affiliate, models.CASCADE, related_name="references")
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail address"))
    relation = models.CharField(_("how you know each other"), max_length=200, blank=True)
    key_hash = models.CharField(max_length=64, unique=True)  # Of the link in the mail.
    asked_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["affiliate", "email"], name="reference_once"),
        ]
