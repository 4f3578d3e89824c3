"""Look-ups before the tenant is known: they cross merchants, so they run as ops and only read."""

from datetime import datetime
from uuid import UUID

from common.secrets import hash_key
from merchants.models import ApiKey, Domain, Member, MemberInvitation, Merchant, Purpose
from merchants.tenancy import OPS
from users.models import User


def find_merchant(*, slug: str) -> Merchant | None:
    """Return the merchant of a public address, if there is one."""
    return Merchant.objects.using(OPS).filter(slug=slug).first()


def merchant_of_host(host: str) -> Merchant | None:
    """Return the merchant whose portal is on this host, once that is proven."""
    if not host.isascii():
        return None
    domains = Domain.objects.using(OPS).filter(host=host.lower(), purpose=Purpose.PORTAL)
    found = domains.filter(verified_at__isnull=False).select_related("merchant").first()
    return found.merchant if found else None


def memberships_of(user: User) -> list[Member]:
    """Return the user's memberships in force, with their merchants, by the merchants' names."""
    members = Member.objects.using(OPS).filter(user_id=user.id, disabled_at=None)
    return list(members.select_related("merchant", "user").order_by("merchant__name", "id"))


def key_of(presented: str) -> ApiKey | None:
    """Return the key in force that was presented, with merchant and member.

    The comparison is on a hash of 256 random bits, so its time tells nothing. A key whose member
    is disabled is no longer in force.
    """
    keys = ApiKey.objects.using(OPS).filter(key_hash=hash_key(presented), revoked_at=None)
    found = keys.filter(member__disabled_at=None, member__user__is_active=True)
    return found.select_related("merchant", "member__user").first()


def invitation_of(presented: str, *, at: datetime) -> MemberInvitation | None:
    """Return the open invitation whose key was presented."""
    open_ones = MemberInvitation.objects.using(OPS).filter(accepted_at=None, expires_at__gt=at)
    return open_ones.filter(key_hash=hash_key(presented)).select_related("merchant").first()


def merchant_ids() -> list[UUID]:
    """Return every merchant's id, for work that goes through them one by one."""
    return list(Merchant.objects.using(OPS).order_by("id").values_list("id", flat=True))


def domains_due(*, before: datetime, limit: int) -> list[Domain]:
    """Return proven domains whose last check was before a moment, the longest ago first."""
    verified = Domain.objects.using(OPS).filter(verified_at__isnull=False, checked_at__lt=before)
    return list(verified.order_by("checked_at")[:limit])
