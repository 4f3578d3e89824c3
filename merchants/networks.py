"""Networks as people write them. Pure."""

from collections.abc import Iterable
from ipaddress import ip_network

from django.utils.translation import gettext as _

from common.refusals import BadValue

NETWORKS_MAX = 50
PREFIX_MIN = {4: 8, 6: 16}  # A wider network is a slip: it names half the world.


def read_networks(texts: Iterable[str], *, field: str) -> list[str]:
    """Return the networks in CIDR, each once; a single address is a network of one.

    :raises BadValue: naming `field`, if one is no network or too wide, or there are too many.
    """
    found = [_read(text, field) for text in texts]
    if len(found) > NETWORKS_MAX:
        raise BadValue(field, "too_many", _("%d networks at the most.") % NETWORKS_MAX)
    return list(dict.fromkeys(found))


def _read(text: str, field: str) -> str:
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError as error:
        message = _("“%s” is no network: write 203.0.113.0/24 or 2001:db8::/48.") % text[:60]
        raise BadValue(field, "bad_network", message) from error
    if network.prefixlen < PREFIX_MIN[network.version]:
        message = _("“%s” is too wide to be one organisation's.") % text[:60]
        raise BadValue(field, "network_too_wide", message)
    return str(network)
