"""What an affiliate says of itself, and where its money goes."""

from dataclasses import asdict

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from affiliates.profiles import edit_profile, profile_of
from common.refusals import BadValue
from interfaces.portal.door import Visit, affiliate_page, owner_page
from interfaces.portal.mails import send_contact_changed
from interfaces.portal.profile_forms import MethodForm, ProfileForm
from payouts.methods import method_in_force, set_payout_method


@require_http_methods(["GET", "HEAD", "POST"])
@affiliate_page
def profile(visit: Visit) -> HttpResponse:
    """Edit what merchants see: name, contact, what one does and for whom."""
    affiliate = visit.affiliate
    verified = EmailAddress.objects.filter(user=visit.user, verified=True).order_by("email")
    form = ProfileForm(
        visit.request.POST or None,
        initial=asdict(profile_of(affiliate)),
        addresses={affiliate.email, *verified.values_list("email", flat=True)},
    )
    if form.is_valid() and _save(visit, form):
        messages.success(visit.request, _("Your profile is saved."))
        return redirect("portal:profile")
    status = 422 if form.is_bound else 200
    return visit.show("portal/profile.html", {"form": form}, nav="profile", status=status)


def _save(visit: Visit, form: ProfileForm) -> bool:
    affiliate, before = visit.affiliate, visit.affiliate.email
    try:
        edit_profile(affiliate=affiliate, profile=form.profile, by=visit.user, at=visit.at)
    except BadValue as error:
        form.add_error(error.field or None, str(error))
        return False
    if affiliate.email != before:
        addresses = [before, affiliate.email]
        transaction.on_commit(lambda: send_contact_changed(affiliate, addresses), robust=True)
    return True


@require_safe
@affiliate_page
def method(visit: Visit) -> HttpResponse:
    """Show where the money goes, masked."""
    found = method_in_force(visit.affiliate.id)
    context = {"method": found, "is_cooling": bool(found and found.usable_from > visit.at)}
    return visit.show("portal/method.html", context, nav="payout-method")


@reauthentication_required
def _require_fresh(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_method(request: HttpRequest) -> HttpResponse:
    """Set where the money goes; only for who has just proved who they are.

    allauth would keep a form posted too late in the session, bank details in clear; so such a form
    is asked for again instead.
    """
    try:
        _require_fresh(request)
    except ReauthenticationRequired:
        if request.method == "POST":
            return redirect("portal:payout-method-change")
        raise
    return _change_method(request)


@owner_page
def _change_method(visit: Visit) -> HttpResponse:
    form = MethodForm(visit.request.POST or None, initial={"holder": visit.affiliate.name})
    if form.is_valid():
        set_payout_method(
            affiliate=visit.affiliate, kind=form.chosen_kind, details=form.details, at=visit.at
        )
        messages.success(visit.request, _("Your payout method is saved."))
        return redirect("portal:payout-method")
    context = {
        "form": form,
        "parts": form.parts(),
        "is_change": method_in_force(visit.affiliate.id) is not None,
    }
    status = 422 if form.is_bound else 200
    return visit.show("portal/method_change.html", context, nav="payout-method", status=status)
