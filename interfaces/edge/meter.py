"""How often somebody may ask, counted in this process: bounded, and forgotten with every period."""

import time
from ipaddress import ip_address, ip_network
from itertools import islice

NAMES_MAX = 50_000
IPV6_PREFIX = 64  # What one household or server has, to change its address in at will.


def caller_of(address: str) -> str:
    """Return as whom an IP address is counted; empty when the text is no address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.version == 4:
        return str(ip)
    return str(ip_network((int(ip), IPV6_PREFIX), strict=False))


class Meter:
    """Counts by name in periods of the clock."""

    def __init__(self, *, limit: int, seconds: int = 60) -> None:
        self._limit = limit
        self._seconds = seconds
        self._period = 0
        self._counts: dict[str, int] = {}

    def allows(self, name: str) -> bool:
        """Count one more of this name; return whether it is within the limit."""
        self.count(name)
        return self._counts[name] <= self._limit

    def count(self, name: str) -> None:
        """Count one more of this name."""
        self._begin_anew()
        if name not in self._counts and len(self._counts) >= NAMES_MAX:
            # Rather forget who asked first than remember without end.
            self._counts = dict(islice(self._counts.items(), NAMES_MAX // 2, None))
        self._counts[name] = self._counts.get(name, 0) + 1

    def is_used_up(self, name: str) -> bool:
        """Return whether this name has asked as often as it may."""
        self._begin_anew()
        return self._counts.get(name, 0) >= self._limit

    @property
    def wait_seconds(self) -> int:
        """Return how long the present period lasts still."""
        return self._seconds - int(time.monotonic()) % self._seconds

    def _begin_anew(self) -> None:
        period = int(time.monotonic()) // self._seconds
        if period != self._period:
            self._period = period
            self._counts.clear()
