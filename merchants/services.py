"""Every write to merchants, members and keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from common.addresses import require_address
from common.ids import new_code, new_id
from common.refusals import BadValue, cleaned
from common.secrets import hash_key, new_key
from merchants.events import record_event
from merchants.models import (
    KEY_PREFIXES,
    ApiKey,
    KeyKind,
    Member,
    MemberInvitation,
    Merchant,
    acting_user,
)
from merchants.networks import read_networks
from merchants.rights import Right, Role, Scope
from merchants.tenancy import merchant_context
from users.models import User

INVITATION_DAYS = 7
KEY_USE_NOTED_EVERY = timedelta(minutes=1)


class NotAllowed(Exception):
    """The member's role does not include this right."""


class AlreadyMember(Exception):
    """The address belongs to a member in force."""


class LastOwner(Exception):
    """A merchant must keep one owner in force."""


class WrongInvitee(Exception):
    """The invitation names another address than the one signed in."""


def require(member: Member, right: Right) -> None:
    """Return quietly when the member may do this.

    :raises NotAllowed: otherwise.
    """
    if not member.may(right):
        raise NotAllowed(f"{member.get_role_display()} may not: {right.label}")


def create_merchant(
    *, name: str, currency: str, owner: User, at: datetime, website: str = "", slug: str = ""
) -> Member:
    """Create a merchant with its owner; return that membership."""
    merchant = Merchant(
        id=new_id(), name=name, slug=slug or _free_slug(name), currency=currency, website=website
    )
    with merchant_context(merchant.id):
        merchant.save(force_insert=True)
        member = Member.objects.create(merchant=merchant, user=owner, role=Role.OWNER)
        record_event(
            merchant_id=merchant.id,
            type="merchant.created",
            subject_id=merchant.id,
            by=acting_user(owner),
            at=at,
            data={"name": name},
        )
    return member


def _free_slug(name: str) -> str:
    # A suffix always, instead of asking which names are taken: nobody learns who else is here.
    return f"{slugify(name)[:40] or 'merchant'}-{new_code(5)}"


def update_merchant(
    *,
    member: Member,
    name: str,
    website: str,
    accent: str,
    at: datetime,
    staff_networks: Sequence[str] | None = None,
    logo_url: str | None = None,
    language: str | None = None,
) -> Merchant:
    """Change what the public sees of a merchant, and whose clicks credit nobody; return it.

    :raises NotAllowed: if the member may not edit programs.
    :raises BadValue: if a value cannot be; what is left out stays.
    """
    require(member, Right.EDIT_PROGRAMS)
    merchant = member.merchant
    after: dict[str, Any] = {
        "name": cleaned(Merchant, "name", name),
        "website": cleaned(Merchant, "website", website),
        "accent": cleaned(Merchant, "accent", accent),
    }
    if staff_networks is not None:
        after["staff_networks"] = read_networks(staff_networks, field="staff_networks")
    if logo_url is not None:
        after["logo_url"] = _logo(logo_url)
    if language is not None:
        after["language"] = _language(language)
    before = {field: getattr(merchant, field) for field in after}
    for field, value in after.items():
        setattr(merchant, field, value)
    merchant.save(update_fields=list(after))
    record_event(
        merchant_id=merchant.id,
        type="merchant.updated",
        subject_id=merchant.id,
        by=acting_user(member.user),
        at=at,
        data={"before": before, "after": after},
    )
    return merchant


def _logo(address: str) -> str:
    address = cleaned(Merchant, "logo_url", address.strip())
    if address and not address.startswith("https://"):
        raise BadValue("logo_url", "bad_address", _("Write a whole address, with https://."))
    return require_address(address, field="logo_url") if address else ""


def _language(code: str) -> str:
    if code and code not in dict(settings.LANGUAGES):
        raise BadValue("language", "invalid_choice", _("This language is not spoken here."))
    return code


def finish_setup(*, merchant: Merchant, at: datetime) -> None:
    """Note that the first-run wizard was left; safe to repeat."""
    Merchant.objects.filter(id=merchant.id, setup_done_at=None).update(setup_done_at=at)


def create_key(
    *,
    member: Member,
    name: str,
    scopes: Sequence[Scope],
    at: datetime,
    kind: KeyKind = KeyKind.SECRET,
    is_test: bool = False,
) -> tuple[ApiKey, str]:
    """Create an API key; return it with its text, which cannot be shown again.

    What a test key reports never reaches money; that is for good.

    :raises NotAllowed: if the member may not manage keys.
    """
    require(member, Right.MANAGE_KEYS)
    text = new_key(KEY_PREFIXES[kind])
    key = ApiKey.objects.create(
        merchant_id=member.merchant_id,
        member=member,
        kind=kind,
        name=name,
        key_hash=hash_key(text),
        last_four=text[-4:],
        scopes=sorted(scopes),
        is_test=is_test,
    )
    record_event(
        merchant_id=member.merchant_id,
        type="api_key.created",
        subject_id=key.id,
        by=acting_user(member.user),
        at=at,
        data={"name": name, "scopes": key.scopes, "is_test": is_test},
    )
    return key, text


def note_key_use(*, key: ApiKey, at: datetime) -> None:
    """Note that a key was used, to the minute: not every request shall write."""
    if key.last_used_at is None or at - key.last_used_at >= KEY_USE_NOTED_EVERY:
        with merchant_context(key.merchant_id):
            ApiKey.objects.filter(id=key.id).update(last_used_at=at)


def revoke_key(*, member: Member, key: ApiKey, at: datetime) -> None:
    """Put a key out of force at once; safe to repeat.

    :raises NotAllowed: if the member may not manage keys.
    """
    require(member, Right.MANAGE_KEYS)
    if ApiKey.objects.filter(id=key.id, revoked_at=None).update(revoked_at=at):
        record_event(
            merchant_id=member.merchant_id,
            type="api_key.revoked",
            subject_id=key.id,
            by=acting_user(member.user),
            at=at,
            data={"name": key.name},
        )


def invite_member(
    *, member: Member, email: str, role: Role, at: datetime
) -> tuple[MemberInvitation, str]:
    """Invite an address; return the invitation and its key, which goes into the mailed link.

    A new invitation of the same address replaces the open one.

    :raises NotAllowed: if the member may not manage members.
    :raises AlreadyMember: if the address belongs to a member in force.
    """
    require(member, Right.MANAGE_MEMBERS)
    email = email.lower()
    if Member.objects.filter(
        merchant_id=member.merchant_id, user__email=email, disabled_at=None
    ).exists():
        raise AlreadyMember(email)
    text = new_key("fl_iv_")
    with transaction.atomic():
        MemberInvitation.objects.filter(
            merchant_id=member.merchant_id, email=email, accepted_at=None
        ).delete()
        invitation = MemberInvitation.objects.create(
            merchant_id=member.merchant_id,
            email=email,
            role=role,
            key_hash=hash_key(text),
            invited_by=member,
            expires_at=at + timedelta(days=INVITATION_DAYS),
        )
        record_event(
            merchant_id=member.merchant_id,
            type="member.invited",
            subject_id=invitation.id,
            by=acting_user(member.user),
            at=at,
            data={"email": email, "role": role},
        )
    return invitation, text


def accept_invitation(*, invitation: MemberInvitation, user: User, at: datetime) -> Member:
    """Make the invited user a member; return the membership. Works once.

    A member who was disabled is one again, with the invited role; their old keys stay revoked.

    :raises WrongInvitee: if the user signed in with another address than was invited.
    :raises AlreadyMember: if the user is a member in force or the invitation was used.
    """
    if user.email != invitation.email:
        raise WrongInvitee(invitation.email)
    with merchant_context(invitation.merchant_id):
        used = MemberInvitation.objects.filter(id=invitation.id, accepted_at=None)
        if not used.update(accepted_at=at):
            raise AlreadyMember(user.email)
        member = _become_member(invitation, user)
        record_event(
            merchant_id=invitation.merchant_id,
            type="member.joined",
            subject_id=member.id,
            by=acting_user(user),
            at=at,
            data={"role": invitation.role},
        )
    return member


def _become_member(invitation: MemberInvitation, user: User) -> Member:
    member, created = Member.objects.get_or_create(
        merchant_id=invitation.merchant_id, user=user, defaults={"role": invitation.role}
    )
    if not created:
        disabled = Member.objects.filter(id=member.id, disabled_at__isnull=False)
        if not disabled.update(role=invitation.role, disabled_at=None):
            raise AlreadyMember(user.email)
        member.refresh_from_db()
    return member


def change_role(*, member: Member, target: Member, role: Role, at: datetime) -> None:
    """Give a member another role, from the next request on.

    :raises NotAllowed: if the acting member may not manage members.
    :raises LastOwner: if nobody would be owner afterwards.
    """
    require(member, Right.MANAGE_MEMBERS)
    with transaction.atomic():
        _lock_owners_and_keep_one(target, becomes=role)
        before = target.role
        target.role = role
        target.save(update_fields=["role"])
        record_event(
            merchant_id=member.merchant_id,
            type="member.role_changed",
            subject_id=target.id,
            by=acting_user(member.user),
            at=at,
            data={"before": before, "after": role},
        )


def disable_member(*, member: Member, target: Member, at: datetime) -> None:
    """Take a member's rights, from the next request on; their keys are revoked for good.

    :raises NotAllowed: if the acting member may not manage members.
    :raises LastOwner: if nobody would be owner afterwards.
    """
    require(member, Right.MANAGE_MEMBERS)
    with transaction.atomic():
        _lock_owners_and_keep_one(target, becomes=None)
        if Member.objects.filter(id=target.id, disabled_at=None).update(disabled_at=at):
            keys = ApiKey.objects.filter(merchant_id=member.merchant_id, member=target)
            keys.filter(revoked_at=None).update(revoked_at=at)
            record_event(
                merchant_id=member.merchant_id,
                type="member.disabled",
                subject_id=target.id,
                by=acting_user(member.user),
                at=at,
            )


def _lock_owners_and_keep_one(target: Member, *, becomes: Role | None) -> None:
    owners = Member.objects.filter(
        merchant_id=target.merchant_id, role=Role.OWNER, disabled_at=None
    )
    ids = list(owners.select_for_update(of=("self",)).order_by("id").values_list("id", flat=True))
    if ids == [target.id] and becomes is not Role.OWNER:
        raise LastOwner(str(target.merchant_id))
