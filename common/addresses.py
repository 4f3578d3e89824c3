"""Addresses, read with suspicion: what may be one, and which place it leads to. Pure.

Nothing here but `require_address` and `read_host` raises on any text. An address is taken apart
once and judged by its parts, and whoever sends a visitor there puts it together from those parts;
so the host that was judged is, to the letter, the host that the browser visits.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _

from common.refusals import BadValue

ADDRESS_MAX = 2_000
PLACES_CACHED = 20_000
DEFAULT_PORTS = {"http": 80, "https": 443}
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\ufeff]")  # Browsers drop or bend these.
SPACE = re.compile(r"[ \xa0]")  # Visitors' may have them, encoded on the way; stored ones may not.
PLAIN_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\]", re.ASCII)
KEPT = "!#$%&'()*+,/:;=?@[]~{}|"  # Of an address's own text: what may stay as it is.


class Address(NamedTuple):
    """An address taken apart, fit to be put together again."""

    scheme: str
    place: str  # Host, in ASCII, and the port unless it is the scheme's own.
    path: str
    query: str
    fragment: str

    @property
    def host(self) -> str:
        """Return the host without its port."""
        return self.place if self.place.endswith("]") else self.place.rsplit(":", 1)[0]

    @property
    def may_hold_macros(self) -> bool:
        """Whether filling macros in could change anything."""
        return "{" in self.path or "{" in self.query or "{" in self.fragment


def read_address(text: str) -> Address | None:
    """Return the parts of an absolute http(s) address, or None if anything about it is odd.

    Odd are user names, backslashes, control characters, a missing host, an impossible port. A host
    in other scripts becomes its ASCII form (punycode), which is what is compared.
    """
    if len(text) > ADDRESS_MAX or UNSAFE.search(text):
        return None
    try:
        parts = urlsplit(text)
        if parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc:
            return None
        host, port = _ascii_host(parts.hostname or ""), parts.port
        if not PLAIN_HOST.fullmatch(host):
            return None
        is_default = port is None or port == DEFAULT_PORTS[parts.scheme]
        return Address(
            scheme=parts.scheme,
            place=host if is_default else f"{host}:{port}",
            path=quote(parts.path or "/", safe=KEPT),
            query=quote(parts.query, safe=KEPT),
            fragment=quote(parts.fragment, safe=KEPT),
        )
    except ValueError:  # Brackets, ports, hosts and characters that cannot be.
        return None


def _ascii_host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    return host if host.isascii() else host.encode("idna").decode().lower()


@lru_cache(maxsize=PLACES_CACHED)
def places_of(landing_url: str, allowed_hosts: tuple[str, ...]) -> frozenset[str]:
    """Return the places that a program's links may lead to.

    These are the landing page's, and each allowed host, which stands for its default port unless
    it names one ("shop.example:8443"). Entries that are no host allow nothing.
    """
    hosts = (host if "//" in host else f"https://{host}" for host in allowed_hosts)
    read = [read_address(entry) for entry in (landing_url, *hosts)]
    return frozenset(address.place for address in read if address)


# Addresses that people store ----------------------------------------------------------------------


def place_of(text: str) -> str:
    """Return the place of an address that may be stored, or nothing."""
    address = None if SPACE.search(text) else read_address(text)
    return address.place if address else ""


def require_address(address: str, *, field: str) -> str:
    """Return the address.

    :raises BadValue: naming `field`, unless it is an absolute http(s) address of a plain host.
    """
    if not place_of(address):
        message = _("Write a whole address, with https:// and without a user name.")
        raise BadValue(field, "bad_address", message)
    return address


def read_host(text: str, *, field: str) -> str:
    """Return a host, with a port if one is named, in lower case and punycode.

    :raises BadValue: naming `field`, if it is none.
    """
    place = "" if set(text) & set("/?#") else place_of(f"https://{text.strip().lower()}")
    if not place:
        message = _("“%s” is no host name: write shop.example.") % text[:60]
        raise BadValue(field, "bad_host", message)
    return place
