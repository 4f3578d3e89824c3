"""Who acts for a merchant: members, their roles, and how somebody becomes one."""

from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.conf import settings as django_settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common.clock import now
from interfaces.console.access import MERCHANT_KEY, acts, edits, reads
from interfaces.console.forms.settings import InvitationForm, RoleForm
from interfaces.console.mails import mail_when_committed
from interfaces.console.pages import ConsoleRequest
from interfaces.console.settings import show_settings
from mailing.kinds import Kind
from merchants.directory import invitation_of
from merchants.models import Member, MemberInvitation
from merchants.rights import RIGHTS, Right, Role
from merchants.selectors import members_of, open_invitations
from merchants.services import (
    AlreadyMember,
    LastOwner,
    WrongInvitee,
    accept_invitation,
    change_role,
    disable_member,
    invite_member,
)
from users.models import User


@reads
def members(request: ConsoleRequest) -> HttpResponse:
    """List the members and open invitations, and say what each role may do."""
    return _show_members(request)


def _show_members(request: ConsoleRequest, **context: Any) -> HttpResponse:
    facts = {
        "members": members_of(request.merchant.id),
        "invitations": open_invitations(merchant_id=request.merchant.id, at=request.at),
        "roles": list(Role),
        "rights": [
            {"label": right.label, "roles": [right in RIGHTS[role] for role in Role]}
            for right in Right
        ],
        "role_choices": Role.choices,
        **context,
    }
    return show_settings(request, "members", "members", facts)


@never_cache
@edits(Right.MANAGE_MEMBERS)
@reauthentication_required
def member_invite(request: ConsoleRequest) -> HttpResponse:
    """Invite somebody: the link is mailed, and shown this once."""
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            invitation, key = invite_member(
                member=request.member,
                email=facts["email"],
                role=Role(facts["role"]),
                at=request.at,
            )
        except AlreadyMember:
            form.add_error("email", _("This address belongs to a member already."))
        else:
            url = _invitation_url(key)
            _mail_invitation(request, invitation, url)
            return _show_members(request, invited=invitation, invitation_url=url)
    status = 422 if form.errors else 200
    return show_settings(request, "members", "member_invite", {"form": form}, status=status)


def _invitation_url(key: str) -> str:
    # In the query, because paths are logged and queries are not.
    path = reverse("console:invitation-accept")
    return f"{django_settings.APP_URL}{path}?{urlencode({'key': key})}"


def _mail_invitation(request: ConsoleRequest, invitation: MemberInvitation, url: str) -> None:
    merchant = request.merchant
    mail_when_committed(
        Kind.INVITATIONS,
        to=invitation.email,
        subject=_("Join %(merchant)s on Fairlead") % {"merchant": merchant.name},
        template="member_invitation",
        facts={
            "merchant": merchant,
            "invitation": invitation,
            "sender": request.user.get_full_name(),
            "url": url,
        },
    )


def get_member(request: ConsoleRequest, member_id: UUID) -> Member:
    """Return the merchant's member.

    :raises Http404: if the merchant has no such member.
    """
    found = members_of(request.merchant.id).filter(id=member_id).first()
    if found is None:
        raise Http404
    return found


@acts(Right.MANAGE_MEMBERS)
@reauthentication_required
def member_role(request: ConsoleRequest, member_id: UUID) -> HttpResponse:
    """Give a member another role, from their next request on."""
    target = get_member(request, member_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Http404
    role = Role(form.cleaned_data["role"])
    try:
        change_role(member=request.member, target=target, role=role, at=request.at)
    except LastOwner:
        messages.error(request, _("Somebody must stay owner: make another member one first."))
    else:
        said = {"name": target.user.get_full_name(), "role": role.label}
        messages.success(request, _("%(name)s is now: %(role)s.") % said)
    return redirect("console:members")


@acts(Right.MANAGE_MEMBERS)
def member_disable(request: ConsoleRequest, member_id: UUID) -> HttpResponse:
    """Take a member's rights, from their next request on; their keys stop too."""
    target = get_member(request, member_id)
    try:
        disable_member(member=request.member, target=target, at=request.at)
    except LastOwner:
        messages.error(request, _("Somebody must stay owner: make another member one first."))
    else:
        said = {"name": target.user.get_full_name()}
        messages.success(request, _("%(name)s has no access any more.") % said)
    return redirect("console:members")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: HttpRequest) -> HttpResponse:
    """Show an invitation to whoever has its link; the invited user accepts it here."""
    user, at = cast(User, request.user), now()
    invitation = invitation_of(request.GET.get("key", ""), at=at)
    if invitation is None:
        return render(request, "console/invitation.html", status=404)
    context = {"invitation": invitation, "is_theirs": invitation.email == user.email}
    if request.method != "POST":
        return render(request, "console/invitation.html", context)
    try:
        accept_invitation(invitation=invitation, user=user, at=at)
    except WrongInvitee:
        return render(request, "console/invitation.html", context, status=403)
    except AlreadyMember:
        return render(request, "console/invitation.html", status=404)
    request.session[MERCHANT_KEY] = str(invitation.merchant_id)
    messages.success(request, _("Welcome to %(name)s.") % {"name": invitation.merchant.name})
    return redirect("console:home")
