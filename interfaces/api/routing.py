"""How the addresses of the API are written."""

from typing import Any

from django.urls import URLPattern, path


def at(address: str, view: Any, name: str) -> URLPattern:
    """Return the pattern of an address below /api/v1/."""
    return path(f"v1/{address}", view.as_view(), name=name)
