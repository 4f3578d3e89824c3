"""Who acts for an affiliate, as what, and what they changed about the account.

Callers have asked whether the acting user is an owner; each write enters the affiliate's context.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from affiliates.models import (
    AccountEvent,
    AccountInvitation,
    AccountRole,
    Affiliate,
    AffiliateUser,
)
from common.refusals import BadValue, cleaned
from common.secrets import hash_key, new_key
from merchants.tenancy import affiliate_context
from users.models import User

INVITATION_DAYS = 7
PEOPLE_MAX = 20  # Of an account, invitations included.


class AlreadyThere(Exception):
    """The address belongs to somebody who acts for the affiliate already."""


class LastOwner(Exception):
    """An account keeps one owner."""


class WrongInvitee(Exception):
    """The invitation names another address than the one signed in."""


def invite_user(
    *, affiliate: Affiliate, email: str, role: AccountRole, by: User, at: datetime
) -> tuple[AccountInvitation, str]:
    """Invite an address; return the invitation and its key, which goes into the mailed link.

    A new invitation of the same address replaces the open one.

    :raises AlreadyThere: if the address belongs to one of the affiliate's users.
    :raises BadValue: if it is no address, or there are PEOPLE_MAX.
    """
    email = str(cleaned(AccountInvitation, "email", email.strip().lower()))
    text = new_key("fl_ai_")
    with affiliate_context(affiliate.id):
        people = AffiliateUser.objects.filter(affiliate=affiliate)
        if people.filter(user__email=email).exists():
            raise AlreadyThere(email)
        waiting = AccountInvitation.objects.filter(affiliate=affiliate, accepted_at=None)
        waiting.filter(email=email).delete()
        if people.count() + waiting.filter(expires_at__gt=at).count() >= PEOPLE_MAX:
            raise BadValue("", "too_many", _("%d people at the most.") % PEOPLE_MAX)
        invitation = AccountInvitation.objects.create(
            affiliate=affiliate,
            email=email,
            role=role,
            key_hash=hash_key(text),
            expires_at=at + timedelta(days=INVITATION_DAYS),
        )
        facts = {"email": email, "role": role.value}
        record_account_event(affiliate, "user.invited", by=by, at=at, data=facts)
    return invitation, text


def accept_account_invitation(
    *, invitation: AccountInvitation, user: User, at: datetime
) -> AffiliateUser:
    """Let the invited user act for the affiliate; return their place in it. Works once.

    :raises WrongInvitee: if the user signed in with another address than was invited.
    :raises AlreadyThere: if the user acts for it already, or the invitation was used.
    """
    if user.email != invitation.email:
        raise WrongInvitee(invitation.email)
    affiliate = invitation.affiliate
    with affiliate_context(affiliate.id):
        unused = AccountInvitation.objects.filter(id=invitation.id, accepted_at=None)
        if not unused.update(accepted_at=at):
            raise AlreadyThere(user.email)
        person, is_new = AffiliateUser.objects.get_or_create(
            affiliate_id=affiliate.id, user=user, defaults={"role": invitation.role}
        )
        if not is_new:
            raise AlreadyThere(user.email)
        facts = {"role": invitation.role}
        record_account_event(affiliate, "user.joined", by=user, at=at, data=facts)
    return person


def withdraw_account_invitation(*, invitation: AccountInvitation, by: User, at: datetime) -> None:
    """Let the link of an invitation work no more."""
    affiliate = invitation.affiliate
    with affiliate_context(affiliate.id):
        AccountInvitation.objects.filter(id=invitation.id, accepted_at=None).delete()
        facts = {"email": invitation.email}
        record_account_event(affiliate, "user.invitation_withdrawn", by=by, at=at, data=facts)


def change_account_role(
    *, person: AffiliateUser, role: AccountRole, by: User, at: datetime
) -> None:
    """Give a user another role, from their next request on. Safe to repeat.

    :raises LastOwner: if nobody would be owner afterwards.
    """
    with affiliate_context(person.affiliate_id):
        _keep_an_owner(person, becomes=role)
        before, person.role = person.role, role
        if before == role:
            return
        person.save(update_fields=["role"])
        facts = {"user": person.user.email, "before": before, "after": role.value}
        record_account_event(person.affiliate, "user.role_changed", by=by, at=at, data=facts)


def remove_user(*, person: AffiliateUser, by: User, at: datetime) -> None:
    """Let a user act for the affiliate no more, from their next request on.

    :raises LastOwner: if nobody would be owner afterwards.
    """
    with affiliate_context(person.affiliate_id):
        _keep_an_owner(person, becomes=None)
        facts = {"user": person.user.email, "role": person.role}
        record_account_event(person.affiliate, "user.removed", by=by, at=at, data=facts)
        AffiliateUser.objects.filter(id=person.id).delete()


def _keep_an_owner(person: AffiliateUser, *, becomes: AccountRole | None) -> None:
    owners = AffiliateUser.objects.filter(
        affiliate_id=person.affiliate_id, role=AccountRole.OWNER
    ).order_by("id")
    locked = owners.select_for_update(of=("self",)).values_list("id", flat=True)
    if list(locked) == [person.id] and becomes is not AccountRole.OWNER:
        raise LastOwner(str(person.affiliate_id))


def record_account_event(
    affiliate: Affiliate, type: str, *, by: User, at: datetime, data: dict[str, Any]
) -> None:
    """Store what somebody changed. The caller stands in the affiliate's context."""
    AccountEvent.objects.create(affiliate_id=affiliate.id, type=type, user=by, at=at, data=data)


# What is read, in the affiliate's context --------------------------------------------------------


def people_of(affiliate: Affiliate) -> QuerySet[AffiliateUser]:
    """Return who acts for the affiliate, who came first, first."""
    people = AffiliateUser.objects.filter(affiliate=affiliate)
    return people.select_related("affiliate", "user").order_by("created_at", "id")


def open_account_invitations(affiliate: Affiliate, *, at: datetime) -> QuerySet[AccountInvitation]:
    """Return the invitations that can still be accepted, newest first."""
    waiting = AccountInvitation.objects.filter(affiliate=affiliate, accepted_at=None)
    return waiting.filter(expires_at__gt=at).select_related("affiliate").order_by("-created_at")


def account_history(affiliate: Affiliate, *, limit: int) -> list[AccountEvent]:
    """Return what was changed about the account, newest first."""
    events = AccountEvent.objects.filter(affiliate=affiliate).select_related("user")
    return list(events.order_by("-at", "-id")[:limit])


def owner_names(affiliate_id: UUID) -> list[str]:
    """Return how the account's owners are called."""
    owners = AffiliateUser.objects.filter(affiliate_id=affiliate_id, role=AccountRole.OWNER)
    return [row.user.get_full_name() for row in owners.select_related("user").order_by("id")]
