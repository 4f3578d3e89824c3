"""Reading a public page of somebody else's site.

Network only: never ask while a transaction is open. Stores nothing.
"""

import time
from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

import structlog
from django.conf import settings

from common.outgoing import Failed, Refused, call

log = structlog.get_logger()

PAGE_BYTES_MAX: Final = 1024 * 1024
TIMEOUT_SECONDS: Final = 8.0  # For all steps together.
REDIRECTS: Final = (301, 302, 303, 307, 308)
REDIRECTS_MAX: Final = 5


def read_page(url: str) -> str | None:
    """Return the page at an address, or where its own site leads from there; None: there is none.

    Each step is judged as a first call would be. A site that leads elsewhere says nothing: any
    site with a page that leads wherever it is told would be anybody's.
    """
    deadline, here = time.monotonic() + TIMEOUT_SECONDS, url
    for _step in range(REDIRECTS_MAX + 1):
        try:
            answer = call(
                "GET",
                here,
                timeout=max(deadline - time.monotonic(), 0.1),
                max_bytes=PAGE_BYTES_MAX,
                trusted_hosts=settings.OUTGOING_HOSTS,
            )
        except (Refused, Failed) as problem:
            log.info("page.unreachable", reason=str(problem))
            return None
        if answer.status == 200:
            return answer.body.decode("utf-8", "replace")
        if answer.status not in REDIRECTS:
            return None
        there = _lead(here, answer.headers.get("location", ""))
        if there is None or _site(there) != _site(url):
            return None
        here = there
    return None


def _lead(here: str, location: str) -> str | None:
    """Return the address to which a page leads on; None: that is none."""
    try:
        return urldefrag(urljoin(here, location)).url
    except ValueError:
        return None


def _site(url: str) -> str:
    """Return the host that an address is of; with and without www. is one site."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
