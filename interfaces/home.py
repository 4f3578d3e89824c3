"""The front door: whoever signs in is led to where they work."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def home(request: HttpRequest) -> HttpResponse:
    """Lead members to the console, affiliates to the portal, newcomers to the choice."""
    return redirect("account_login" if not request.user.is_authenticated else "start")


def start(request: HttpRequest) -> HttpResponse:
    """Ask a newcomer what they are here for."""
    return render(request, "start.html")
