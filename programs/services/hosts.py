"""Where links of a program may lead."""

from urllib.parse import urlsplit

from programs.models import Program


class HostNotAllowed(Exception):
    """A destination whose host is not on the program's list."""


def allowed_hosts_of(program: Program) -> frozenset[str]:
    """Return the hosts, in lower case, that links of the program may lead to."""
    landing = urlsplit(program.landing_url).hostname or ""
    return frozenset({landing.lower(), *(host.lower() for host in program.allowed_hosts)})


def require_allowed_host(*, program: Program, url: str) -> None:
    """Return quietly when a link of the program may lead to `url`.

    :raises HostNotAllowed: if it is not http(s), names a user, or has another host.
    """
    parts = urlsplit(url)
    plain = parts.scheme in ("http", "https") and parts.username is None and "\\" not in url
    if not plain or (parts.hostname or "").lower() not in allowed_hosts_of(program):
        raise HostNotAllowed(parts.hostname or url)
