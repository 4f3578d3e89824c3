"""Where links of a program may lead."""

from common.addresses import place_of, places_of
from programs.models import Program


class HostNotAllowed(Exception):
    """An address whose host is not on the program's list; `field` says which one it was for."""

    def __init__(self, host: str, *, field: str = "destination_url") -> None:
        super().__init__(host)
        self.field = field


def allowed_hosts_of(program: Program) -> frozenset[str]:
    """Return the hosts that links of the program may lead to, with their ports if unusual."""
    return places_of(program.landing_url, tuple(program.allowed_hosts))


def require_allowed_host(*, program: Program, url: str, field: str = "destination_url") -> None:
    """Return quietly when a link of the program may lead to `url`.

    :raises HostNotAllowed: if it is no plain http(s) address, or of another host or port.
    """
    place = place_of(url)
    if not place or place not in allowed_hosts_of(program):
        raise HostNotAllowed(place or url[:200], field=field)
