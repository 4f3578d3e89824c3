"""Every route of the URLconf, so that a route without a permission row fails the build."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver


class Route(NamedTuple):
    """One URL pattern: its full name (`namespace:name`) and the names of its arguments."""

    name: str
    arguments: frozenset[str]


@cache
def routes(namespace: str) -> tuple[Route, ...]:
    """Return the routes below a namespace (`console`), sorted by name."""
    return tuple(route for route in all_routes() if route.name.startswith(f"{namespace}:"))


@cache
def all_routes() -> tuple[Route, ...]:
    """Return every named route of the installation."""
    return tuple(sorted({Route(*pair) for pair in _walk(get_resolver(), (), frozenset())}))


def _walk(
    resolver: URLResolver, namespaces: tuple[str, ...], arguments: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    for entry in resolver.url_patterns:
        its_arguments = arguments | entry.pattern.converters.keys()
        if isinstance(entry, URLPattern):
            yield ":".join((*namespaces, str(entry.name))), frozenset(its_arguments)
        else:
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from _walk(entry, inner, frozenset(its_arguments))
