"""Where a click may lead: addresses read with suspicion, completed with macros. Pure.

Nothing here raises on any text. An address is taken apart once, judged by its parts, and what is
sent to the browser is put together from those parts; so the host that was judged is, to the
letter, the host that the browser visits.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote_plus, urlsplit

ADDRESS_MAX = 2_000
HOST_MAX = 253
STORED_CACHED = 20_000
HOSTS_CACHED = 2_000
DEFAULT_PORTS = {"http": 80, "https": 443}
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\ufeff]")  # Browsers drop or bend these.
PLAIN_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\]", re.ASCII)
KEPT = "!#$%&'()*+,/:;=?@[]~{}|"  # Of an address's own text: what may stay as it is.
KEPT_IN_QUERY = KEPT.replace("#", "")
MACRO = re.compile(r"\{([a-z0-9_]+)\}")
NO_MACROS: Mapping[str, str] = {}


class Destination(NamedTuple):
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


def read_destination(text: str) -> Destination | None:
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
        return Destination(
            scheme=parts.scheme,
            place=host if is_default else f"{host}:{port}",
            path=quote(parts.path or "/", safe=KEPT),
            query=quote(parts.query, safe=KEPT),
            fragment=quote(parts.fragment, safe=KEPT),
        )
    except ValueError:  # Brackets, ports, hosts and characters that cannot be.
        return None


# What is stored is asked for again and again; what visitors send must not fill the memory.
read_stored_destination = lru_cache(maxsize=STORED_CACHED)(read_destination)


def _ascii_host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    return host if host.isascii() else host.encode("idna").decode().lower()


@lru_cache(maxsize=STORED_CACHED)
def places_of(landing_url: str, allowed_hosts: tuple[str, ...]) -> frozenset[str]:
    """Return the places that a program's links may lead to.

    These are the landing page's, and each allowed host, which stands for its default port unless
    it names one ("shop.example:8443"). Entries that are no host allow nothing.
    """
    hosts = (host if "//" in host else f"https://{host}" for host in allowed_hosts)
    read = [read_destination(entry) for entry in (landing_url, *hosts)]
    return frozenset(destination.place for destination in read if destination)


def is_allowed(url: str, places: frozenset[str]) -> bool:
    """Whether links may lead there; ask before an address is stored."""
    destination = read_destination(url)
    return destination is not None and destination.place in places


def host_of(url: str) -> str:
    """Return the host that an address names, or nothing: for the record, not for trust."""
    return _host_of(url[:ADDRESS_MAX])  # Cut first: a cache keeps what it is asked.


@lru_cache(maxsize=HOSTS_CACHED)  # Browsers name little more than the site they come from.
def _host_of(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host[:HOST_MAX] if PLAIN_HOST.fullmatch(host) else ""


def read_deep_link(text: str, places: frozenset[str]) -> Destination | None:
    """Return where the visitor asks to go, or None unless it is an allowed place."""
    wanted = read_destination(text) if text else None
    return wanted if wanted and wanted.place in places else None


def read_allowed(url: str, places: frozenset[str]) -> Destination | None:
    """Return a stored address, or None unless it leads to an allowed place.

    It was allowed when it was stored; a host taken off the list is off at once.
    """
    stored = read_stored_destination(url) if url else None
    return stored if stored and stored.place in places else None


def address_of(
    destination: Destination,
    *,
    macros: Mapping[str, str] = NO_MACROS,
    passed: Sequence[tuple[str, str]] = (),
    added: Sequence[tuple[str, str]] = (),
    own: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the address to send the visitor to.

    Macros are filled once, URL-encoded, so that no value can become a macro or another part of
    the address; unknown ones stay. `passed` parameters join unless the destination sets the same
    name: what its author wrote wins. `added` parameters join unless one of these does. `own` ones
    replace any of the same name. The values of both must be fit for an address as they are.
    """
    path, query, fragment = destination.path, destination.query, destination.fragment
    if macros:
        path, query, fragment = (_fill(text, macros) for text in (path, query, fragment))
    is_plain = not (query or passed or added)
    pieces = _join(own) if is_plain else _merge(query, passed, added, own)
    search = f"?{'&'.join(pieces)}" if pieces else ""
    return (
        f"{destination.scheme}://{destination.place}{path}{search}"
        f"{'#' if fragment else ''}{fragment}"
    )


@lru_cache(maxsize=HOSTS_CACHED)
def read_template(text: str) -> tuple[tuple[str, str], ...]:
    """Return the parameters that a program adds to its destinations, macros not yet filled."""
    if UNSAFE.search(text):
        return ()
    pieces = [piece.partition("=") for piece in quote(text, safe=KEPT_IN_QUERY).split("&") if piece]
    return tuple((unquote_plus(name), value) for name, _, value in pieces)


def fill_template(
    pairs: Iterable[tuple[str, str]], macros: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return parameters with their macros filled, fit for an address as they are."""
    return [(name, _fill(value, macros)) for name, value in pairs]


@lru_cache(maxsize=STORED_CACHED)
def quote_stored(text: str) -> str:
    """Return a stored text as the value of a parameter."""
    return quote(text, safe="")


def _fill(text: str, macros: Mapping[str, str]) -> str:
    return MACRO.sub(lambda found: _value(macros, found), text)


def _value(macros: Mapping[str, str], found: re.Match[str]) -> str:
    value = macros.get(found[1])
    return found[0] if value is None else quote(value, safe="")


def _merge(
    query: str,
    passed: Sequence[tuple[str, str]],
    added: Sequence[tuple[str, str]],
    own: Sequence[tuple[str, str]],
) -> list[str]:
    own_names = {name for name, _ in own}
    kept = [piece for piece in query.split("&") if piece and _name(piece) not in own_names]
    taken = own_names.union(map(_name, kept))
    joining = [pair for pair in passed if pair[0] not in taken]
    taken = taken.union(name for name, _ in joining)
    appended = [(quote(name, safe=""), text) for name, text in added if name not in taken]
    return [*kept, *_encode(joining), *_join(appended), *_join(own)]


def _name(piece: str) -> str:
    return unquote_plus(piece.partition("=")[0])


def _join(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{name}={value}" for name, value in pairs]


def _encode(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs]
