"""What PostgreSQL and the snapshot know about codes, read into plain values."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, LiteralString

from tracking.clicks import Route

SNAPSHOT_VERSION = 1

# The columns are the fields of Route, in their order.
SELECT_ROUTES: Final[LiteralString] = """
SELECT
    link.code, link.id::text, link.number, link.archived_at IS NOT NULL, link.destination_url,
    link.merchant_id::text, enrollment.id::text, enrollment.affiliate_id::text, enrollment.code,
    enrollment.status, program.id::text, program.slug, program.status, program.landing_url,
    program.fallback_url, program.allowed_hosts, program.consent_mode, program.window_days
FROM tracking_link AS link
JOIN affiliates_enrollment AS enrollment
    ON (enrollment.merchant_id, enrollment.id) = (link.merchant_id, link.enrollment_id)
JOIN programs_program AS program
    ON (program.merchant_id, program.id) = (link.merchant_id, link.program_id)
"""


def route_of(columns: Sequence[Any]) -> Route:
    """Return a route of its columns; equal texts share their memory."""
    return Route(*(_shared(value) for value in columns))


def _shared(value: Any) -> Any:
    if isinstance(value, str):
        return sys.intern(value)
    return tuple(map(_shared, value)) if isinstance(value, list | tuple) else value


def write_snapshot(path: Path, routes: Iterable[Route]) -> None:
    """Write all routes to a file, which then takes the place of the old one at once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.new")  # Other edges may share the folder.
    with open(draft, "w", encoding="utf-8", opener=partial(os.open, mode=0o600)) as file:
        file.write(json.dumps({"version": SNAPSHOT_VERSION}) + "\n")
        file.writelines(json.dumps(route) + "\n" for route in routes)
    draft.replace(path)


def read_snapshot(path: Path) -> list[Route]:
    """Return the routes of a file; none if there is no file of this version."""
    try:
        with path.open(encoding="utf-8") as file:
            if json.loads(file.readline() or "{}").get("version") != SNAPSHOT_VERSION:
                return []
            return [route_of(json.loads(line)) for line in file]
    except (OSError, ValueError, TypeError):  # A snapshot is a help, never a hindrance.
        return []
