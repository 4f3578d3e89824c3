"""Merchants' own hosts: the portal and the program pages of one merchant, in its name.

Which host a request came to decides everything before any view runs: the installation's own hosts
serve all of it, a merchant's proven host serves the addresses of config/portal_urls.py for that
merchant alone, the host of uploaded files serves nothing else, and a host that is nobody's is
refused.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host

from common.pictures import allow_pictures
from merchants.directory import merchant_of_host
from merchants.models import Merchant
from merchants.tenancy import on_host_of

GetResponse = Callable[[HttpRequest], HttpResponse]
URLCONF = "config.portal_urls"
FILES_URLCONF = "interfaces.files.urls"


def host_merchant(request: HttpRequest) -> Merchant | None:
    """Return the merchant whose own host this is; None on the installation's."""
    found: Merchant | None = getattr(request, "host_merchant", None)
    return found


class PortalHostMiddleware:
    """The first of all: decides whose host this is. `ALLOWED_HOSTS` lets every host come here."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host, _port = split_domain_port(request.get_host())
        if host == settings.FILES_HOST:
            request.urlconf = FILES_URLCONF
            return self.get_response(request)
        if validate_host(host, settings.OWN_HOSTS):
            return self.get_response(request)
        merchant = merchant_of_host(host.removesuffix("."))
        if merchant is None:
            raise DisallowedHost(f"No host of ours, nor of a merchant: {host!r}")
        request.host_merchant = merchant  # type: ignore[attr-defined]
        request.urlconf = URLCONF
        with on_host_of(merchant.id):
            return allow_pictures(self.get_response(request), [merchant.logo_url])

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, arguments: dict[str, Any]
    ) -> None:
        """Know no other merchant's pages on a merchant's host."""
        merchant = host_merchant(request)
        if merchant is None:
            return
        if arguments.get("merchant_slug", merchant.slug) != merchant.slug:
            raise Http404


class SessionHostMiddleware:
    """After Django's sessions: a session is good on the host where it began, and on no other.

    Whoever runs a merchant's DNS could lead its host elsewhere and be sent cookies there. They open
    nothing at the installation's own hosts, nor at another merchant's.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        merchant = host_merchant(request)
        request.session.host = str(merchant.id) if merchant else ""  # type: ignore[attr-defined]
        return self.get_response(request)


def host_brand(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: on a merchant's own host, its brand."""
    merchant = host_merchant(request)
    if merchant is None:
        return {}
    return {"host_merchant": merchant, "merchant": merchant, "brand": True}
