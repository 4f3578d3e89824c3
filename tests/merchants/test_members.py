"""Members: invited once, in force at once, and never without an owner."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections

from merchants import directory
from merchants.models import ApiKey, Event, Member, MemberInvitation
from merchants.rights import RIGHTS, Right, Role, Scope
from merchants.services import (
    AlreadyMember,
    LastOwner,
    NotAllowed,
    WrongInvitee,
    accept_invitation,
    change_role,
    create_key,
    disable_member,
    invite_member,
    revoke_key,
)
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, add_member, make_user


def test_an_invitation_makes_a_member_once(acme: Company) -> None:
    ann = make_user("Ann")
    with merchant_context(acme.id):
        invitation, key = invite_member(
            member=acme.owner, email="Ann@example.com", role=Role.VIEWER, at=NOON
        )

    found = directory.invitation_of(key, at=NOON)
    assert found == invitation
    member = accept_invitation(invitation=invitation, user=ann, at=NOON)

    assert member.role == Role.VIEWER
    assert [row.merchant_id for row in directory.memberships_of(ann)] == [acme.id]
    assert directory.invitation_of(key, at=NOON) is None
    with pytest.raises(AlreadyMember):
        accept_invitation(invitation=invitation, user=ann, at=NOON)


def test_an_invitation_is_for_one_address_and_a_week(acme: Company) -> None:
    eve = make_user("Eve")
    with merchant_context(acme.id):
        invitation, key = invite_member(
            member=acme.owner, email="ann@example.com", role=Role.VIEWER, at=NOON
        )

    with pytest.raises(WrongInvitee):
        accept_invitation(invitation=invitation, user=eve, at=NOON)

    assert directory.memberships_of(eve) == []
    assert directory.invitation_of(key, at=NOON + timedelta(days=7)) is None
    assert directory.invitation_of(key + "x", at=NOON) is None


def test_a_member_in_force_is_not_changed_by_an_older_invitation(acme: Company) -> None:
    ann = make_user("Ann")
    with merchant_context(acme.id):
        invitation, _key = invite_member(
            member=acme.owner, email=ann.email, role=Role.VIEWER, at=NOON
        )
        Member.objects.create(merchant=acme.merchant, user=ann, role=Role.OWNER)

    with pytest.raises(AlreadyMember):
        accept_invitation(invitation=invitation, user=ann, at=NOON)

    assert [row.role for row in directory.memberships_of(ann)] == [Role.OWNER]


def test_a_member_who_comes_back_does_not_bring_old_keys(acme: Company) -> None:
    otto = add_member(acme, "Otto", Role.OWNER)
    with merchant_context(acme.id):
        _key, text = create_key(member=otto, name="CI", scopes=[Scope.READ], at=NOON)
        disable_member(member=acme.owner, target=otto, at=NOON)
        invitation, _again = invite_member(
            member=acme.owner, email=otto.user.email, role=Role.VIEWER, at=NOON
        )

    member = accept_invitation(invitation=invitation, user=otto.user, at=NOON)

    assert (member.role, member.disabled_at) == (Role.VIEWER, None)
    assert directory.key_of(text) is None


def test_a_new_invitation_replaces_the_open_one(acme: Company) -> None:
    with merchant_context(acme.id):
        _first, old = invite_member(
            member=acme.owner, email="ann@example.com", role=Role.VIEWER, at=NOON
        )
        invite_member(member=acme.owner, email="ann@example.com", role=Role.FINANCE, at=NOON)

        assert MemberInvitation.objects.get().role == Role.FINANCE
    assert directory.invitation_of(old, at=NOON) is None


def test_the_last_owner_stays(acme: Company) -> None:
    with merchant_context(acme.id):
        with pytest.raises(LastOwner):
            change_role(member=acme.owner, target=acme.owner, role=Role.VIEWER, at=NOON)
        with pytest.raises(LastOwner):
            disable_member(member=acme.owner, target=acme.owner, at=NOON)

        assert Member.objects.get().may(Right.MANAGE_MEMBERS)


def test_two_owners_leaving_at_once_leave_one(acme: Company) -> None:
    second = add_member(acme, "Otto", Role.OWNER)
    barrier = Barrier(2)

    def leave(member: Member) -> None:
        barrier.wait()
        try:
            with merchant_context(acme.id):
                disable_member(member=member, target=member, at=NOON)
        except LastOwner:
            pass
        connections.close_all()

    threads = [Thread(target=leave, args=(member,)) for member in (acme.owner, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with merchant_context(acme.id):
        assert Member.objects.filter(role=Role.OWNER, disabled_at=None).count() == 1


def test_a_disabled_member_has_no_right_and_no_key(acme: Company) -> None:
    otto = add_member(acme, "Otto", Role.OWNER)
    with merchant_context(acme.id):
        _key, text = create_key(member=otto, name="CI", scopes=[Scope.READ], at=NOON)
    assert directory.key_of(text) is not None

    with merchant_context(acme.id):
        disable_member(member=acme.owner, target=otto, at=NOON)
        otto.refresh_from_db()

    assert not any(otto.may(right) for right in Right)
    assert directory.key_of(text) is None
    assert directory.memberships_of(otto.user) == []


def test_a_key_is_stored_hashed_and_revoked_at_once(acme: Company) -> None:
    with merchant_context(acme.id):
        key, text = create_key(member=acme.owner, name="CI", scopes=[Scope.READ], at=NOON)
        stored = ApiKey.objects.values().get()

        assert text.startswith("fl_sk_")
        assert text not in str(stored)
        revoke_key(member=acme.owner, key=key, at=NOON)
        revoke_key(member=acme.owner, key=key, at=NOON)

        assert Event.objects.filter(type="api_key.revoked").count() == 1
    assert directory.key_of(text) is None


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OWNER])
def test_only_owners_manage_members_and_keys(acme: Company, role: Role) -> None:
    member = add_member(acme, "Mia", role)

    with merchant_context(acme.id):
        with pytest.raises(NotAllowed):
            invite_member(member=member, email="x@example.com", role=Role.OWNER, at=NOON)
        with pytest.raises(NotAllowed):
            change_role(member=member, target=member, role=Role.OWNER, at=NOON)
        with pytest.raises(NotAllowed):
            create_key(member=member, name="x", scopes=[Scope.READ], at=NOON)

        assert (MemberInvitation.objects.count(), ApiKey.objects.count()) == (0, 0)


def test_every_role_has_its_rights_written_down() -> None:
    assert RIGHTS.keys() == set(Role)
    assert RIGHTS[Role.OWNER] == set(Right)
    assert RIGHTS[Role.VIEWER] == set()
    assert RIGHTS[Role.SALES] == {Right.WRITE_MESSAGES}
