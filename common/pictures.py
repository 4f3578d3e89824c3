"""Pictures that stand on other hosts: the pages that show them allow those hosts, and no others."""

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpResponse

from common.addresses import place_of

HEADER = "Content-Security-Policy"


def allow_pictures(response: HttpResponse, addresses: Iterable[str]) -> HttpResponse:
    """Let the page fetch pictures from the hosts of these https addresses; return it.

    What is no plain host allows nothing, so no address can write a policy.
    """
    places = {place_of(address) for address in addresses if address.startswith("https://")}
    hosts = " ".join(f"https://{place}" for place in sorted(places) if place)
    if hosts:
        policy = response.headers.get(HEADER, settings.CONTENT_SECURITY_POLICY)
        response.headers[HEADER] = policy.replace("img-src 'self'", f"img-src 'self' {hosts}", 1)
    return response
