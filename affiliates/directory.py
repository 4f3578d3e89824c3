"""Which affiliate a person or key acts for: asked before the audience is known, so as ops."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from affiliates.models import (
    ACTING,
    AccountInvitation,
    Affiliate,
    AffiliateKey,
    AffiliateUser,
    Application,
    Enrollment,
    Reference,
    Status,
)
from common.secrets import hash_key
from merchants.tenancy import OPS, affiliate_context
from users.models import User


def accounts_of(user: User) -> list[AffiliateUser]:
    """Return the accounts that the user has a role in, with their affiliates, in that order."""
    rows = AffiliateUser.objects.using(OPS).filter(user_id=user.id).select_related("affiliate")
    return list(rows.order_by("created_at", "id"))


def affiliate_of(user: User) -> Affiliate | None:
    """Return the affiliate that the user acts for: the first that they do not only look at."""
    return next((row.affiliate for row in accounts_of(user) if row.role in ACTING), None)


def account_invitation_of(presented: str, *, at: datetime) -> AccountInvitation | None:
    """Return the open invitation whose key was presented, with its affiliate."""
    open_ones = AccountInvitation.objects.using(OPS).filter(accepted_at=None, expires_at__gt=at)
    found = open_ones.filter(key_hash=hash_key(presented))
    return found.select_related("affiliate").first()


def invited_affiliate(*, user: User, email_verified: bool) -> Affiliate | None:
    """Return the affiliate that was invited by this address and that nobody acts for yet."""
    if not email_verified:
        return None
    invited = Enrollment.objects.using(OPS).filter(
        status=Status.INVITED, affiliate__email=user.email, affiliate__users=None
    )
    row = invited.select_related("affiliate").order_by("created_at").first()
    return row.affiliate if row else None


def take_over(*, affiliate: Affiliate, user: User) -> None:
    """Make the user act for an affiliate that was invited by their verified address."""
    with affiliate_context(affiliate.id):
        AffiliateUser.objects.get_or_create(affiliate_id=affiliate.id, user_id=user.id)


def invitations_to(email: str) -> list[Enrollment]:
    """Return the open invitations to a verified address whose affiliate nobody acts for yet.

    With program and merchant, the oldest first.
    """
    invited = Enrollment.objects.using(OPS).filter(
        status=Status.INVITED, affiliate__email=email, affiliate__users=None
    )
    return list(invited.select_related("program__merchant").order_by("created_at"))


def key_of(presented: str) -> AffiliateKey | None:
    """Return the key in force that was presented, with its affiliate.

    An affiliate for whom no active user acts any more has no key in force.
    """
    keys = AffiliateKey.objects.using(OPS).filter(key_hash=hash_key(presented), revoked_at=None)
    found = keys.filter(affiliate__users__user__is_active=True)
    return found.select_related("affiliate").first()


def names_of_keys(ids: Collection[UUID]) -> dict[UUID, str]:
    """Return whose each key is and how it ends, for those who met it in their own history.

    As ops, because merchants see no affiliate's keys; the name that it was given stays unsaid.
    """
    if not ids:
        return {}
    keys = AffiliateKey.objects.using(OPS).filter(id__in=ids).select_related("affiliate")
    return {key.id: f"{key.affiliate.name}, {key.masked}" for key in keys}


def merchants_with_application_mails() -> list[UUID]:
    """Return the merchants whose applicants have not been told yet where they stand."""
    due = Application.objects.using(OPS).filter(mail_due_at__isnull=False)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def reference_of(key: str) -> Reference | None:
    """Return whoever was named by an affiliate and mailed this key, with the affiliate."""
    found = Reference.objects.using(OPS).filter(key_hash=hash_key(key))
    return found.select_related("affiliate").first()


def applied_enrollments(affiliate_id: UUID) -> list[Enrollment]:
    """Return where an affiliate waits for an answer, with the programs."""
    rows = Enrollment.objects.using(OPS).filter(affiliate_id=affiliate_id, status=Status.APPLIED)
    return list(rows.select_related("program"))


def merchants_with_affiliates() -> list[UUID]:
    """Return the merchants that have an enrollment, whatever its status."""
    rows = Enrollment.objects.using(OPS).order_by()
    return list(rows.values_list("merchant_id", flat=True).distinct())
