"""Merchants, who acts for them, with which keys, and what happened."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from common.money import CURRENCIES
from common.secrets import new_key
from merchants.rights import RIGHTS, Right, Role, Scope
from merchants.tenancy import TenantForeignKey
from users.models import User

CURRENCY_KNOWN = Q(currency__in=sorted(CURRENCIES))


class Merchant(Record):
    """The tenant: a company that runs programs. Its policy is on `id`."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(max_length=60, unique=True)  # Public: in the address of join pages.
    currency = models.CharField(_("currency"), max_length=3, default="EUR")  # Of new programs.
    website = models.URLField(_("website"), max_length=500, blank=True)
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        default="#0e5a6b",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour as #rrggbb."))],
    )
    logo_url = models.URLField(_("logo"), max_length=500, blank=True)
    # Of its public pages and of the portal on its own host; empty: the visitor's own.
    language = models.CharField(_("language"), max_length=10, blank=True)
    # Networks of the merchant's own people, as CIDR: their clicks are kept, but credit nobody.
    staff_networks = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    setup_done_at = models.DateTimeField(null=True, blank=True)  # The first-run wizard was left.

    class Meta:
        constraints = [
            models.CheckConstraint(name="merchant_currency_known", condition=CURRENCY_KNOWN),
            models.CheckConstraint(
                name="merchant_logo_is_https",
                condition=Q(logo_url="") | Q(logo_url__startswith="https://"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TenantRecord(Record):
    """The base of every row that belongs to a merchant."""

    # The key (merchant, id) of each such table serves as its index.
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class TenantPart(TenantRecord):
    """The base of rows by the million that hang on another row of their merchant.

    Their merchant is that row's: the composite key to it says so, and one check is enough.
    """

    merchant = models.ForeignKey(
        Merchant, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        abstract = True


class FxRate(TenantRecord):
    """What one unit of `base` was worth in `quote`, as the merchant counts it from `at` on."""

    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.CharField(max_length=80)  # Who says so: "ECB", "by hand".
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "base", "quote", "at"], name="fx_rate_one_at_a_time"
            ),
            models.CheckConstraint(name="fx_rate_positive", condition=Q(rate__gt=0)),
            models.CheckConstraint(
                name="fx_rate_currencies_known",
                condition=Q(base__in=sorted(CURRENCIES))
                & Q(quote__in=sorted(CURRENCIES))
                & ~Q(base=models.F("quote")),
            ),
        ]


class Member(TenantRecord):
    """A user acting for a merchant. Disabled members stay, for the history they signed."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "user"], name="member_once_per_merchant"),
            models.CheckConstraint(name="member_role_known", condition=Q(role__in=Role.values)),
        ]
        indexes = [models.Index(fields=["user"], name="member_by_user")]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    def may(self, right: Right) -> bool:
        """Return whether this member's role includes the right; a disabled member has none."""
        return self.disabled_at is None and right in RIGHTS[Role(self.role)]


class MemberInvitation(TenantRecord):
    """An offer of membership, sent by mail; the link's key is stored hashed and works once."""

    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=10, choices=Role)
    key_hash = models.CharField(max_length=64, unique=True)
    invited_by = TenantForeignKey(Member, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="invitation_role_known", condition=Q(role__in=Role.values)),
            models.UniqueConstraint(
                name="invitation_open_once_per_email",
                fields=["merchant", "email"],
                condition=Q(accepted_at=None),
            ),
        ]


def new_domain_proof() -> str:
    """Return what a domain's TXT record must hold."""
    return new_key("fairlead-")


class KeyKind(models.TextChoices):
    """Who holds an API key."""

    SECRET = "SECRET", _("Secret key, for servers")
    PUBLISHABLE = "PUBLISHABLE", _("Publishable key, for browsers")


KEY_PREFIXES = {KeyKind.SECRET: "fl_sk_", KeyKind.PUBLISHABLE: "fl_pk_"}


class ApiKey(TenantRecord):
    """A key to the API, shown once and stored hashed. It acts for the member who made it."""

    kind = models.CharField(max_length=12, choices=KeyKind, default=KeyKind.SECRET)
    name = models.CharField(_("name"), max_length=80)
    key_hash = models.CharField(max_length=64, unique=True)
    last_four = models.CharField(max_length=4)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), default=list)
    is_test = models.BooleanField(default=False)  # What it reports never reaches money.
    member = TenantForeignKey(Member, related_name="+")
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="key_kind_known", condition=Q(kind__in=KeyKind.values)),
            models.CheckConstraint(
                name="key_scopes_known", condition=Q(scopes__contained_by=sorted(Scope.values))
            ),
        ]

    @property
    def masked(self) -> str:
        """Return what people recognise the key by."""
        return f"{KEY_PREFIXES[KeyKind(self.kind)]}…{self.last_four}"


class Purpose(models.TextChoices):
    """What a host of a merchant's own is for."""

    TRACKING = "TRACKING", _("Links")
    PORTAL = "PORTAL", _("Portal and program pages")


class Domain(TenantRecord):
    """A host name of the merchant's own: links begin with it, or the portal is on it.

    Two records prove it: one leads here, and a TXT record at `_fairlead.<host>` holds `proof`.
    """

    purpose = models.CharField(
        _("what it is for"), max_length=8, choices=Purpose, default=Purpose.TRACKING
    )
    host = models.CharField(_("host name"), max_length=253)  # Lower case, punycode.
    proof = models.CharField(max_length=80, default=new_domain_proof)
    fallback_url = models.URLField(_("fallback page"), max_length=2000, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    failing_since_at = models.DateTimeField(null=True, blank=True)  # Null: the last check passed.
    finding = models.CharField(max_length=40, blank=True)  # Why the last check failed; a code.
    given_up_at = models.DateTimeField(null=True, blank=True)  # It was proven, and failed too long.
    told_at = models.DateTimeField(null=True, blank=True)  # Of this failing, or that it was so.

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "host"], name="domain_once"),
            models.UniqueConstraint(
                name="domain_verified_for_one",
                fields=["host"],
                condition=Q(verified_at__isnull=False),
            ),
            models.CheckConstraint(
                name="domain_purpose_known", condition=Q(purpose__in=Purpose.values)
            ),
            models.CheckConstraint(
                name="domain_host_plain",
                condition=Q(host__regex=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$"),
            ),
        ]

    def __str__(self) -> str:
        return self.host


class ActorKind(models.TextChoices):
    """What kind of doer an event names."""

    USER = "USER", _("User")
    KEY = "KEY", _("API key")
    SYSTEM = "SYSTEM", _("Fairlead")


class Actor(NamedTuple):
    """Who does something: a user, an API key, or Fairlead itself."""

    kind: ActorKind
    id: UUID | None = None


SYSTEM = Actor(ActorKind.SYSTEM)


def acting_user(user: User) -> Actor:
    """Return the user as the doer of what follows."""
    return Actor(ActorKind.USER, user.id)


class Event(TenantRecord):
    """One thing that happened: audit trail and outbox in one, written with the change itself.

    `type` is `noun.past_verb`; `data` holds what the audience of a webhook may see.
    `published_at` is set once every subscriber has a delivery of it.
    """

    type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    actor_kind = models.CharField(max_length=6, choices=ActorKind)
    actor_id = models.UUIDField(null=True, blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True, blank=True)  # Of the request; never in webhooks.
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="event_actor_known", condition=Q(actor_kind__in=ActorKind.values)
            ),
            models.CheckConstraint(
                name="event_type_is_noun_dot_past_verb",
                condition=Q(type__regex=r"^[a-z_]+\.[a-z_]+$"),
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "actor_id", "-at"], name="event_by_actor"),
            models.Index(fields=["merchant", "subject_id", "at"], name="event_by_subject"),
            models.Index(fields=["merchant", "-at"], name="event_by_time"),
            models.Index(
                fields=["created_at"], name="event_unpublished", condition=Q(published_at=None)
            ),
        ]
