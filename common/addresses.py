"""Addresses that people store: what may be one, and which place it leads to. Pure.

The edge judges every address again when it sends a visitor there (tracking.destinations). What
passes here passes there: a test holds both to one table.
"""

import re
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from common.refusals import BadValue

ADDRESS_MAX = 2_000
DEFAULT_PORTS = {"http": 80, "https": 443}
UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff]")
PLAIN_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\]", re.ASCII)


def place_of(address: str) -> str:
    """Return the host in ASCII, with its port unless the scheme implies it.

    Empty if the text is no absolute http(s) address that every browser reads alike.
    """
    if len(address) > ADDRESS_MAX or UNSAFE.search(address):
        return ""
    try:
        parts = urlsplit(address)
        if parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc:
            return ""
        host, port = _ascii(parts.hostname or ""), parts.port
        address.encode()  # Half characters cannot be sent.
    except ValueError:
        return ""
    if not PLAIN_HOST.fullmatch(host):
        return ""
    return host if port in (None, DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"


def _ascii(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    return host if host.isascii() else host.encode("idna").decode().lower()


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
