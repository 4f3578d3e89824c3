"""What PostgreSQL and the snapshot know about codes, read into plain values."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, LiteralString, NamedTuple

from programs.targeting import ALWAYS_FROM, ALWAYS_UNTIL, Targeting
from tracking.caps import CapRule
from tracking.routes import BranchRoute, DomainRoute, Page, ProgramRoute, Route

SNAPSHOT_VERSION = 2
PROGRAM = 9  # The column of a route that holds its program's id.

# The columns of Targeting, in their order.
TARGETING: Final[LiteralString] = """json_build_array(
        one.countries, one.devices, one.systems, one.languages, one.weekdays, one.hour_from,
        one.hour_until, one.time_zone, extract(epoch FROM one.starts_at)::float8,
        extract(epoch FROM one.ends_at)::float8, one.priority, one.weight
    )"""

# The columns are the fields of ProgramRoute, in their order.
SELECT_PROGRAMS: Final[LiteralString] = f"""
SELECT
    program.id::text, program.merchant_id::text, program.slug, program.status,
    program.landing_url, program.fallback_url, program.allowed_hosts, program.consent_mode,
    program.window_days, program.utm_template, merchant.staff_networks,
    program.legacy_parameters,
    (
        SELECT json_agg(json_build_array(one.id, one.url, {TARGETING})
            ORDER BY one.created_at, one.id)
        FROM programs_destination AS one
        WHERE (one.merchant_id, one.program_id) = (program.merchant_id, program.id)
            AND one.archived_at IS NULL
    ),
    (
        SELECT json_agg(json_build_array(
            cap.id, cap.unit, cap.period, cap.scope,
            coalesce(cap.destination_id::text, cap.enrollment_id::text, cap.country),
            cap."limit", cap.is_hard, cap.beyond
        ) ORDER BY cap.id)
        FROM tracking_cap AS cap
        WHERE (cap.merchant_id, cap.program_id) = (program.merchant_id, program.id)
            AND cap.archived_at IS NULL
    )
FROM programs_program AS program
JOIN merchants_merchant AS merchant ON merchant.id = program.merchant_id
"""  # noqa: S608 (constants)

# The columns are the fields of Route, in their order; the program is its id.
SELECT_ROUTES: Final[LiteralString] = f"""
SELECT
    link.code, link.id::text, link.number, link.archived_at IS NOT NULL, link.destination_url,
    COALESCE(heir.id, enrollment.id)::text,
    COALESCE(heir.affiliate_id, enrollment.affiliate_id)::text,
    enrollment.code, COALESCE(heir.status, enrollment.status),
    link.program_id::text, link.fallback_url, extract(epoch FROM link.starts_at)::float8,
    extract(epoch FROM link.ends_at)::float8, link.smart_rule,
    CASE WHEN link.smart_rule <> '' THEN (
        SELECT json_agg(json_build_array(target.code, one.score, {TARGETING})
            ORDER BY one.created_at, one.id)
        FROM tracking_branch AS one
        JOIN tracking_link AS target
            ON (target.merchant_id, target.id) = (one.merchant_id, one.target_id)
        WHERE (one.merchant_id, one.link_id) = (link.merchant_id, link.id)
    ) END
FROM tracking_link AS link
JOIN affiliates_enrollment AS enrollment
    ON (enrollment.merchant_id, enrollment.id) = (link.merchant_id, link.enrollment_id)
LEFT JOIN affiliates_enrollment AS heir
    ON (heir.merchant_id, heir.id) = (enrollment.merchant_id, enrollment.merged_into_id)
"""  # noqa: S608 (constants)

SELECT_DOMAINS: Final[LiteralString] = """
SELECT host, merchant_id::text, fallback_url FROM merchants_domain WHERE verified_at IS NOT NULL
"""


def program_of(columns: Sequence[Any]) -> ProgramRoute:
    """Return a program of its columns."""
    *plain, pages, caps = columns
    return ProgramRoute._make(
        [
            *map(_shared, plain),
            tuple(Page(id, url, targeting_of(for_whom)) for id, url, for_whom in pages or ()),
            tuple(CapRule._make(map(_shared, cap)) for cap in caps or ()),
        ]
    )


def route_of(columns: Sequence[Any], programs: Mapping[str, ProgramRoute]) -> Route | None:
    """Return a route of its columns, or None if its program is not known; equal texts share."""
    program = programs.get(columns[PROGRAM])
    if program is None:
        return None
    fallback_url, starts_at, ends_at, smart_rule, branches = columns[PROGRAM + 1 :]
    ways = [
        BranchRoute(_shared(code), score, targeting_of(for_whom))
        for code, score, for_whom in branches or ()
    ]
    return Route._make(
        [
            *map(_shared, columns[:PROGRAM]),
            program,
            _shared(fallback_url),
            *_times(starts_at, ends_at),
            _shared(smart_rule),
            tuple(ways),
        ]
    )


def targeting_of(columns: Sequence[Any]) -> Targeting:
    """Return conditions of their columns."""
    *plain, starts_at, ends_at, priority, weight = map(_shared, columns)
    return Targeting._make([*plain, *_times(starts_at, ends_at), priority, weight])


def _times(starts_at: float | None, ends_at: float | None) -> tuple[float, float]:
    return (
        ALWAYS_FROM if starts_at is None else starts_at,
        ALWAYS_UNTIL if ends_at is None else ends_at,
    )


def _shared(value: Any) -> Any:
    if isinstance(value, str):
        return sys.intern(value)
    return tuple(map(_shared, value)) if isinstance(value, list | tuple) else value


# The snapshot ------------------------------------------------------------------------------------


class Snapshot(NamedTuple):
    """All that is needed to redirect."""

    domains: Sequence[DomainRoute] = ()
    programs: Sequence[ProgramRoute] = ()
    routes: Sequence[Route] = ()


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Write it to a file, which then takes the place of the old one at once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.new")  # Other edges may share the folder.
    header = {
        "version": SNAPSHOT_VERSION,
        "domains": snapshot.domains,
        "programs": len(snapshot.programs),
    }
    with open(draft, "w", encoding="utf-8", opener=partial(os.open, mode=0o600)) as file:
        file.write(json.dumps(header) + "\n")
        file.writelines(json.dumps(program) + "\n" for program in snapshot.programs)
        file.writelines(
            json.dumps([*route[:PROGRAM], route.program.id, *route[PROGRAM + 1 :]]) + "\n"
            for route in snapshot.routes
        )
    draft.replace(path)


def read_snapshot(path: Path) -> Snapshot:
    """Return what a file holds; nothing if there is no file of this version."""
    try:
        with path.open(encoding="utf-8") as file:
            header = json.loads(file.readline() or "{}")
            if header.get("version") != SNAPSHOT_VERSION:
                return Snapshot()
            programs = [program_of(json.loads(next(file))) for _ in range(header["programs"])]
            known = {program.id: program for program in programs}
            routes = (route_of(json.loads(line), known) for line in file)
            return Snapshot(
                domains=[DomainRoute(*domain) for domain in header["domains"]],
                programs=programs,
                routes=[route for route in routes if route],
            )
    # A snapshot is a help, never a hindrance.
    except (OSError, ValueError, TypeError, KeyError, IndexError, StopIteration):
        return Snapshot()


def routes_of(rows: Iterable[Sequence[Any]], programs: Mapping[str, ProgramRoute]) -> list[Route]:
    """Return the routes of these rows whose programs are known."""
    return [route for row in rows if (route := route_of(row, programs)) is not None]
