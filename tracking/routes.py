"""What a redirect knows of a code: its link and enrollment, and the program that many share."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from programs.targeting import ALWAYS_FROM, ALWAYS_UNTIL, Targeting
from tracking.caps import CapRule

ADDRESSES_CACHED = 5_000


class Page(NamedTuple):
    """One of a program's destinations."""

    id: str
    url: str
    targeting: Targeting


class ProgramRoute(NamedTuple):
    """A program, as plain values; in memory once for all its links."""

    id: str
    merchant_id: str
    slug: str
    status: str
    landing_url: str
    fallback_url: str
    allowed_hosts: tuple[str, ...]
    consent_mode: str
    window_days: int
    utm_template: str = ""
    staff_networks: tuple[str, ...] = ()  # The merchant's.
    legacy_parameters: tuple[str, ...] = ()  # For the snippet on the merchant's pages.
    pages: tuple[Page, ...] = ()
    caps: tuple[CapRule, ...] = ()


class BranchRoute(NamedTuple):
    """One way of a smart link."""

    code: str  # Of the link that it leads through.
    score: int
    targeting: Targeting


class Route(NamedTuple):
    """Everything that is known about a code, as plain values."""

    code: str
    link_id: str
    link_number: int
    is_archived: bool
    destination_url: str
    enrollment_id: str
    affiliate_id: str
    via: str  # The enrollment's referral code.
    enrollment_status: str
    program: ProgramRoute
    fallback_url: str = ""
    starts_at: float = ALWAYS_FROM  # Seconds since 1970.
    ends_at: float = ALWAYS_UNTIL
    smart_rule: str = ""
    branches: tuple[BranchRoute, ...] = ()

    @property
    def merchant_id(self) -> str:
        """Return whose link it is."""
        return self.program.merchant_id


class DomainRoute(NamedTuple):
    """A merchant's own host, which serves its codes alone."""

    host: str
    merchant_id: str
    fallback_url: str


@lru_cache(maxsize=ADDRESSES_CACHED)
def is_within(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an IP address is in one of the networks; no text raises."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in network for network in map(_network, networks) if network)


@lru_cache(maxsize=ADDRESSES_CACHED)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
