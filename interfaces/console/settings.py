"""What a merchant is to the public, and the keys of its own programs' code."""

from copy import copy
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.forms.settings import KeyForm, ProfileForm
from interfaces.console.pages import ConsoleRequest, show_page
from merchants.models import KeyKind
from merchants.rights import Right, Scope
from merchants.selectors import keys_of
from merchants.services import create_key, revoke_key, update_merchant


def show_settings(
    request: ConsoleRequest,
    tab: str,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """Render a page of the settings with their tabs."""
    names = {
        "settings": _("Company"),
        "members": _("Members"),
        "notifications": _("Notifications"),
        "keys": _("API keys"),
        "domains": _("Domains"),
        "staff-networks": _("Staff networks"),
        "fx-rates": _("Currency rates"),
        "tax": _("Tax"),
        "audit": _("Audit log"),
    }
    tabs = [
        {"label": label, "url": reverse(f"console:{name}"), "current": name == tab}
        for name, label in names.items()
        if name != "audit" or request.member.may(Right.READ_AUDIT)
    ]
    return show_page(
        request,
        f"console/settings/{template}.html",
        {"tabs": tabs, **context},
        nav="settings",
        status=status,
    )


@reads
def settings(request: ConsoleRequest) -> HttpResponse:
    """Show the company's profile: a form for those who may edit it."""
    form = ProfileForm(instance=copy(request.merchant))
    return show_settings(request, "settings", "profile", {"form": form})


@acts(Right.EDIT_PROGRAMS)
def profile_edit(request: ConsoleRequest) -> HttpResponse:
    """Change the company's profile."""
    form = ProfileForm(request.POST, instance=copy(request.merchant))
    if not form.is_valid():
        return show_settings(request, "settings", "profile", {"form": form}, status=422)
    with refusal_shown(form):
        update_merchant(member=request.member, at=request.at, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("console:settings")
    return show_settings(request, "settings", "profile", {"form": form}, status=422)


# API keys ----------------------------------------------------------------------------------------


@reads
def keys(request: ConsoleRequest) -> HttpResponse:
    """List the API keys; a key acts for the member who made it."""
    return _show_keys(request)


def _show_keys(request: ConsoleRequest, **context: Any) -> HttpResponse:
    rows = [
        {"key": key, "scopes": [Scope(scope).label for scope in key.scopes]}
        for key in keys_of(request.merchant.id)
    ]
    return show_settings(request, "keys", "keys", {"rows": rows, **context})


@never_cache
@edits(Right.MANAGE_KEYS)
@reauthentication_required  # A key can do what its scopes say without being asked again.
def key_create(request: ConsoleRequest) -> HttpResponse:
    """Create a key and show it this once."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        key, text = create_key(
            member=request.member,
            name=facts["name"],
            scopes=[Scope(scope) for scope in facts["scopes"]],
            kind=KeyKind(facts["kind"]),
            is_test=facts["is_test"],
            at=request.at,
        )
        return _show_keys(request, new_key=key, text=text)
    context = {"form": form}
    status = 422 if form.errors else 200
    return show_settings(request, "keys", "key_create", context, status=status)


@acts(Right.MANAGE_KEYS)
def key_revoke(request: ConsoleRequest, key_id: UUID) -> HttpResponse:
    """Put a key out of force at once."""
    key = keys_of(request.merchant.id).filter(id=key_id).first()
    if key is None:
        raise Http404
    revoke_key(member=request.member, key=key, at=request.at)
    messages.success(request, _("%(name)s is revoked.") % {"name": key.name})
    return redirect("console:keys")
