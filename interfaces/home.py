"""The front door: whoever signs in is led to where they work."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from affiliates.directory import accounts_of
from merchants.directory import memberships_of
from users.models import User


def home(request: HttpRequest) -> HttpResponse:
    """Lead members to the console, affiliates to the portal, newcomers to the choice."""
    user = request.user
    if not isinstance(user, User):
        return redirect("account_login")
    if memberships_of(user):
        return redirect("console:home")
    return redirect("portal:home" if accounts_of(user) else "start")


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Ask a newcomer what they are here for."""
    return render(request, "start.html")
