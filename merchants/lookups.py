"""What the DNS says of a host. Network only: never ask while a transaction is open."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from dns.exception import DNSException
from dns.nameserver import Do53Nameserver
from dns.rdatatype import AAAA, CNAME, TXT, A, RdataType
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

LOOKUP_SECONDS = 3.0  # For all questions about one host together.
PROOF_LABEL = "_fairlead"
PORT = 53


class DnsUnavailable(Exception):
    """No name server answered in time, or only with an error: nothing is known."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was found."""

    leads_somewhere: bool
    leads_here: bool
    proofs: frozenset[str]


class Place(NamedTuple):
    """Where a host shall lead: to a name, or to addresses if some are set."""

    host: str
    addresses: tuple[str, ...] = ()


def edge_host() -> str:
    """Return the host that CNAME records shall name."""
    return (urlsplit(settings.EDGE_URL).hostname or "").lower()


def app_host() -> str:
    """Return the host that CNAME records of portals shall name."""
    return (urlsplit(settings.APP_URL).hostname or "").lower()


def look_up(host: str, place: Place) -> Answers:
    """Return whether a host leads to a place of ours, and what stands in its TXT record.

    :raises DnsUnavailable: if that cannot be found out within LOOKUP_SECONDS.
    """
    with _dns_errors():
        ask = _Questions()
        names, addresses = ask.way_of(host)
        ours = _addresses_of(place, ask)
        here = place.host in names or (bool(addresses) and addresses <= ours)
        return Answers(
            leads_somewhere=bool(names or addresses),
            leads_here=here,
            proofs=ask.texts(f"{PROOF_LABEL}.{host}"),
        )


def proofs_of(host: str) -> frozenset[str]:
    """Return what stands in the TXT records that prove a host.

    :raises DnsUnavailable: if that cannot be found out within LOOKUP_SECONDS.
    """
    with _dns_errors():
        return _Questions().texts(f"{PROOF_LABEL}.{host}")


def _addresses_of(place: Place, ask: "_Questions") -> frozenset[str]:
    if place.addresses:
        return frozenset(str(ip_address(address)) for address in place.addresses)
    try:
        return frozenset({str(ip_address(place.host))})
    except ValueError:
        return ask.way_of(place.host)[1]


@contextmanager
def _dns_errors() -> Iterator[None]:
    try:
        yield
    except (DNSException, OSError, ValueError) as error:
        raise DnsUnavailable(str(error)) from error


class _Questions:
    """Questions that share one deadline."""

    def __init__(self) -> None:
        self._resolver = _resolver()
        self._until = monotonic() + LOOKUP_SECONDS

    def way_of(self, host: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the names that a host is led on to, and the addresses at the end."""
        names: set[str] = set()
        addresses: set[str] = set()
        for kind in (A, AAAA):
            for record in self._ask(host, kind):
                if record.rdtype == CNAME:
                    names.update(str(row.target).rstrip(".").lower() for row in record)
                elif record.rdtype == kind:
                    addresses.update(row.address for row in record)
        return frozenset(names), frozenset(addresses)

    def texts(self, host: str) -> frozenset[str]:
        """Return the TXT records of a name."""
        return frozenset(
            b"".join(row.strings).decode("ascii", "replace")
            for record in self._ask(host, TXT)
            if record.rdtype == TXT
            for row in record
        )

    def _ask(self, host: str, kind: RdataType) -> list[Any]:
        left = self._until - monotonic()
        try:
            answer = self._resolver.resolve(
                f"{host}.", kind, lifetime=max(left, 0.001), raise_on_no_answer=False
            )
        except NXDOMAIN as nothing:
            responses = nothing.responses().values()
            return [record for response in responses for record in response.answer]
        except NoAnswer:
            return []
        return list(answer.response.answer)


def _resolver() -> Resolver:
    if not settings.DNS_SERVERS:
        return Resolver()
    resolver = Resolver(configure=False)
    resolver.nameservers = [_server(entry) for entry in settings.DNS_SERVERS]
    return resolver


def _server(entry: str) -> Do53Nameserver:
    parts = urlsplit(f"//{entry}")
    return Do53Nameserver(parts.hostname or "", parts.port or PORT)
