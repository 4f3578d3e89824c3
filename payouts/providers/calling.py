"""How providers are called: over the guarded client, at their own address or the operator's."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings

from common import outgoing
from common.addresses import place_of
from payouts.models import Mode, Provider


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of theirs. `data` is its JSON, with amounts as decimals; None if it has none."""

    status: int
    headers: Mapping[str, str]
    data: Any

    @property
    def is_ok(self) -> bool:
        """Whether they did what was asked."""
        return 200 <= self.status < 300

    def get(self, *path: str | int) -> Any:
        """Return what stands at a path of the data; None if nothing does."""
        found = self.data
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found


def base_url(provider: Provider, mode: str, addresses: Mapping[Mode, str]) -> str:
    """Return where a provider is: the operator's address for it, or its own by mode."""
    return settings.PROVIDER_URLS.get(provider, "") or addresses[Mode(mode)]


def trusted_places() -> frozenset[str]:
    """Return the places that the operator named: they may lie inside."""
    named = (place_of(url) for url in settings.PROVIDER_URLS.values() if url)
    return settings.OUTGOING_HOSTS | frozenset(named)


def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    json_body: Any = None,
    max_bytes: int = 4 * outgoing.BYTES_MAX,
    timeout: float = outgoing.TOTAL_SECONDS,
) -> Answer:
    """Make one call; `json_body` is sent as JSON.

    :raises outgoing.Refused: if nothing was sent because nothing may be.
    :raises outgoing.Failed: if no whole answer came.
    """
    said = {"Accept": "application/json", **(headers or {})}
    if json_body is not None:
        body = json.dumps(json_body, separators=(",", ":")).encode()
        said.setdefault("Content-Type", "application/json")
    response = outgoing.call(
        method,
        url,
        headers=said,
        body=body,
        timeout=timeout,
        max_bytes=max_bytes,
        trusted_hosts=trusted_places(),
    )
    return Answer(response.status, response.headers, read_json(response.body))


def read_json(body: bytes) -> Any:
    """Return JSON with its decimals exact; None if it is none."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
