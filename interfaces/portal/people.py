"""Who acts for an affiliate: invitations, roles, and what they changed about the account."""

from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from affiliates.directory import account_invitation_of, accounts_of
from affiliates.models import AccountEvent, AccountInvitation, AccountRole, AffiliateUser
from affiliates.people import (
    AlreadyThere,
    LastOwner,
    WrongInvitee,
    accept_account_invitation,
    account_history,
    change_account_role,
    invite_user,
    open_account_invitations,
    people_of,
    remove_user,
    withdraw_account_invitation,
)
from common.clock import now
from common.refusals import BadValue
from interfaces.portal.door import ACCOUNT_KEY, Visit, owner_page
from interfaces.portal.people_forms import InviteForm, RoleForm
from mailing.delivery import Mail, deliver_when_committed
from mailing.kinds import Kind
from users.models import User

HISTORY_SHOWN = 50


@require_safe
@owner_page
def people(visit: Visit) -> HttpResponse:
    """Show who acts for the affiliate, who is invited, and what was changed."""
    return _show(visit)


def _show(visit: Visit, *, form: forms.Form | None = None) -> HttpResponse:
    context = {
        "people": people_of(visit.affiliate),
        "invitations": open_account_invitations(visit.affiliate, at=visit.at),
        "role_choices": AccountRole.choices,
        "form": form or InviteForm(),
        "history": [_told(row) for row in account_history(visit.affiliate, limit=HISTORY_SHOWN)],
    }
    return visit.show(
        "portal/people.html", context, nav="people", status=422 if form is not None else 200
    )


@never_cache
@require_POST
@owner_page
def person_invite(visit: Visit) -> HttpResponse:
    """Invite somebody: the link is mailed to them."""
    form = InviteForm(visit.request.POST)
    if form.is_valid() and _invite(visit, form):
        return redirect("portal:people")
    return _show(visit, form=form)


def _invite(visit: Visit, form: InviteForm) -> bool:
    said = form.cleaned_data
    try:
        invitation, key = invite_user(
            affiliate=visit.affiliate,
            email=said["email"],
            role=AccountRole(said["role"]),
            by=visit.user,
            at=visit.at,
        )
    except AlreadyThere:
        form.add_error("email", _("This person acts for you already."))
    except BadValue as error:
        form.add_error(error.field or None, str(error))
    else:
        _mail(visit, invitation, key)
        messages.success(visit.request, _("Invited. The mail is on its way."))
    return not form.errors


def _mail(visit: Visit, invitation: AccountInvitation, key: str) -> None:
    # The key stands in the query, because paths are logged and queries are not.
    path = reverse("portal:account-invitation")
    facts = {
        "affiliate": visit.affiliate,
        "invitation": invitation,
        "sender": visit.user.get_full_name(),
        "url": f"{settings.APP_URL}{path}?{urlencode({'key': key})}",
    }
    text = render_to_string("portal/mail/account_invitation.txt", facts)
    subject = _("Act for %(name)s on Fairlead") % {"name": visit.affiliate.name}
    deliver_when_committed([invitation.email], Mail(Kind.INVITATIONS, subject, text))


@require_POST
@owner_page
def invitation_withdraw(visit: Visit, invitation_id: UUID) -> HttpResponse:
    """Let the mailed link work no more."""
    waiting = open_account_invitations(visit.affiliate, at=visit.at)
    invitation = waiting.filter(id=invitation_id).first()
    if invitation is None:
        raise Http404
    withdraw_account_invitation(invitation=invitation, by=visit.user, at=visit.at)
    messages.success(visit.request, _("The invitation is withdrawn."))
    return redirect("portal:people")


def _person(visit: Visit, person_id: UUID) -> AffiliateUser:
    found = people_of(visit.affiliate).filter(id=person_id).first()
    if found is None:
        raise Http404
    return found


@require_POST
@owner_page
def person_role(visit: Visit, person_id: UUID) -> HttpResponse:
    """Give somebody another role, from their next request on."""
    person = _person(visit, person_id)
    form = RoleForm(visit.request.POST)
    if not form.is_valid():
        raise Http404
    role = AccountRole(form.cleaned_data["role"])
    try:
        change_account_role(person=person, role=role, by=visit.user, at=visit.at)
    except LastOwner:
        messages.error(visit.request, _("Somebody must stay owner: make another person one first."))
        return redirect("portal:people")
    said = {"name": person.user.get_full_name(), "role": role.label}
    messages.success(visit.request, _("%(name)s is now: %(role)s.") % said)
    return redirect("portal:home" if person.user_id == visit.user.id else "portal:people")


@require_POST
@owner_page
def person_remove(visit: Visit, person_id: UUID) -> HttpResponse:
    """Let somebody act for the affiliate no more."""
    person = _person(visit, person_id)
    try:
        remove_user(person=person, by=visit.user, at=visit.at)
    except LastOwner:
        messages.error(visit.request, _("Somebody must stay owner: make another person one first."))
        return redirect("portal:people")
    said = {"name": person.user.get_full_name()}
    messages.success(visit.request, _("%(name)s has no access any more.") % said)
    return redirect("portal:home" if person.user_id == visit.user.id else "portal:people")


TITLES = {
    "user.invited": gettext_lazy("Invited"),
    "user.invitation_withdrawn": gettext_lazy("Invitation withdrawn"),
    "user.joined": gettext_lazy("Joined"),
    "user.role_changed": gettext_lazy("Role changed"),
    "user.removed": gettext_lazy("Removed"),
    "profile.updated": gettext_lazy("Profile changed"),
}


def _told(event: AccountEvent) -> dict[str, Any]:
    """Return an event as components/timeline.html shows it."""
    data = event.data
    roles = dict(AccountRole.choices)
    said = [event.user.get_full_name()]
    said += [str(data[name]) for name in ("email", "user") if name in data]
    if "role" in data:
        said.append(str(roles.get(data["role"], data["role"])))
    before, after = data.get("before"), data.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        said += [f"{name}: {before.get(name) or '–'} → {after[name] or '–'}" for name in after]
    elif before is not None:
        said.append(f"{roles.get(before, before)} → {roles.get(after, after)}")
    return {"title": TITLES.get(event.type, event.type), "at": event.at, "text": " · ".join(said)}


# Outside the door: whoever is signed in ----------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account_invitation(request: HttpRequest) -> HttpResponse:
    """Show an invitation to whoever has its link; the invited user accepts it here."""
    user, at = cast(User, request.user), now()
    invitation = account_invitation_of(request.GET.get("key", ""), at=at)
    if invitation is None:
        return render(request, "portal/invitation.html", status=404)
    context = {"invitation": invitation, "is_theirs": invitation.email == user.email}
    if request.method != "POST":
        return render(request, "portal/invitation.html", context)
    try:
        accept_account_invitation(invitation=invitation, user=user, at=at)
    except WrongInvitee:
        return render(request, "portal/invitation.html", context, status=403)
    except AlreadyThere:
        return render(request, "portal/invitation.html", status=404)
    request.session[ACCOUNT_KEY] = str(invitation.affiliate_id)
    said = {"name": invitation.affiliate.name}
    messages.success(request, _("You act for %(name)s now.") % said)
    return redirect("portal:home")


@login_required
@require_POST
def account_switch(request: HttpRequest) -> HttpResponse:
    """Go to another account of the user; to all others an account is not there."""
    wanted = request.POST.get("account", "")
    accounts = accounts_of(cast(User, request.user))
    if wanted not in {str(row.affiliate_id) for row in accounts}:
        raise Http404
    request.session[ACCOUNT_KEY] = wanted
    return redirect("portal:home")
