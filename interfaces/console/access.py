"""The door of the console: who asks, for which merchant, and with which right.

A view behind the door gets a `ConsoleRequest` and runs, its template included, in one transaction
that sees only the member's merchant. Membership and role are read anew each time, so what an
owner changes holds from the next request on.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect

from common.clock import now
from interfaces.console.pages import ConsoleRequest, show_page
from merchants.directory import memberships_of
from merchants.models import Member, acting_user
from merchants.rights import Right
from merchants.selectors import member_in_force
from merchants.services import NotAllowed
from merchants.tenancy import merchant_context

MERCHANT_KEY = "console_merchant"  # Of the session: the merchant last switched to.
READING = ("GET", "HEAD")


P = ParamSpec("P")
View = Callable[Concatenate[ConsoleRequest, P], HttpResponse]
Served = Callable[Concatenate[HttpRequest, P], HttpResponse]


def reads(view: View[P]) -> Served[P]:
    """Show this page to every member."""
    return _door(view, right=None, methods=READING)


def reads_with(right: Right) -> Callable[[View[P]], Served[P]]:
    """Show this page to members with the right."""
    return lambda view: _door(view, right=right, methods=READING)


def edits(right: Right) -> Callable[[View[P]], Served[P]]:
    """Show and take this form of members with the right."""
    return lambda view: _door(view, right=right, methods=(*READING, "POST"))


def acts(right: Right | None) -> Callable[[View[P]], Served[P]]:
    """Do this for members with the right, or for all of them, when it is posted."""
    return lambda view: _door(view, right=right, methods=("POST",))


def _door(view: View[P], *, right: Right | None, methods: Sequence[str]) -> Served[P]:
    @wraps(view)
    def serve(outer: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request = cast(ConsoleRequest, outer)
        if not request.user.is_authenticated:
            return _to_login(request)
        if request.method not in methods:
            return HttpResponseNotAllowed(methods)
        request.memberships = memberships_of(request.user)
        chosen = _chosen(request)
        if chosen is None:
            return redirect("start")
        try:
            with merchant_context(chosen.merchant_id):
                if not _enter(request, chosen):
                    return redirect("start")
                if right is not None and not request.member.may(right):
                    return show_denied(request, right)
                return view(request, *args, **kwargs)
        except NotAllowed as error:  # A service is the second wall behind this door.
            raise PermissionDenied(str(error)) from error

    return serve


def _to_login(request: ConsoleRequest) -> HttpResponse:
    login = redirect_to_login(request.get_full_path())
    return HttpResponseClientRedirect(login.url) if request.htmx else login


def _chosen(request: ConsoleRequest) -> Member | None:
    """Return the membership of the merchant switched to, else the first; None if there is none."""
    wanted = request.session.get(MERCHANT_KEY)
    found = (member for member in request.memberships if str(member.merchant_id) == wanted)
    return next(found, request.memberships[0] if request.memberships else None)


def _enter(request: ConsoleRequest, chosen: Member) -> bool:
    """Set what views rely on; return False if the membership ended a moment ago.

    The member is read again as the application's own role: services save through it.
    """
    member = member_in_force(merchant_id=chosen.merchant_id, user_id=request.user.id)
    if member is None:
        return False
    request.member, request.merchant = member, member.merchant
    request.actor, request.at = acting_user(request.user), now()
    return True


def show_denied(request: ConsoleRequest, right: Right) -> HttpResponse:
    """Return the page that names the right which is missing."""
    return show_page(request, "console/denied.html", {"right": right.label}, nav="", status=403)
