"""Where a click may lead: addresses chosen and completed with macros. Pure; never raises."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote, unquote_plus, urlsplit

from common.addresses import ADDRESS_MAX, KEPT, PLAIN_HOST, UNSAFE, Address, read_address

HOST_MAX = 253
STORED_CACHED = 20_000
HOSTS_CACHED = 2_000
KEPT_IN_QUERY = KEPT.replace("#", "")
MACRO = re.compile(r"\{([a-z0-9_]+)\}")
NO_MACROS: Mapping[str, str] = {}


# What is stored is asked for again and again; what visitors send must not fill the memory.
read_stored = lru_cache(maxsize=STORED_CACHED)(read_address)


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


def read_deep_link(text: str, places: frozenset[str]) -> Address | None:
    """Return where the visitor asks to go, or None unless it is an allowed place."""
    wanted = read_address(text) if text else None
    return wanted if wanted and wanted.place in places else None


def read_allowed(url: str, places: frozenset[str]) -> Address | None:
    """Return a stored address, or None unless it leads to an allowed place.

    It was allowed when it was stored; a host taken off the list is off at once.
    """
    stored = read_stored(url) if url else None
    return stored if stored and stored.place in places else None


def address_of(
    destination: Address,
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
