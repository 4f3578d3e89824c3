"""How many clicks one core redirects, each stored durably first, beside nginx that stores nothing.

Usage: python -m bench.redirect [--seconds 10] [--rounds 3] [--steady-seconds 20] [--connections 64]
Needs nginx, wrk and taskset. Prints a table; ends with 1 if a click was lost.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import psycopg

from bench import stage
from stack.ports import HOST

RATES = (100, 1_000)
UNITS = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "": 1.0}


def prepare_database(environment: dict[str, str]) -> None:
    """Set Django up for these servers, and migrate."""
    os.environ.update(environment)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("create_roles", verbosity=0)
    call_command("migrate", database="owner", verbosity=0)


def prepare(environment: dict[str, str]) -> str:
    """Migrate, and make a merchant with an affiliate; return the code of the affiliate's link."""
    prepare_database(environment)
    from tests.cast import make_company, make_promoter

    return make_promoter(make_company("Acme", "Alice"), "Bob").link.code


class Round(NamedTuple):
    """What one server did in one round under full load."""

    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float  # Its processor time for each request.


def press(server: stage.Running, path: str, seconds: int, connections: int) -> Round:
    """Press as hard as one core can, over so many connections at once.

    :raises AssertionError: if anything but redirects came back.
    """
    script = str(Path(__file__).with_name("visitor.lua"))
    wrk = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script]
    command = ["taskset", "-c", str(stage.LOAD_CORE), *wrk, f"http://{HOST}:{server.port}{path}"]
    before = server.cpu_seconds()
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    cpu_seconds = server.cpu_seconds() - before
    assert "Non-2xx" not in said, said
    assert "Socket errors" not in said, said
    return Round(
        per_second=_number(r"Requests/sec:\s+([\d.]+)()$", said),
        p50_ms=_number(r"^\s+50%\s+([\d.]+)(us|ms|s)$", said),
        p99_ms=_number(r"^\s+99%\s+([\d.]+)(us|ms|s)$", said),
        cpu_us=cpu_seconds * 1e6 / _number(r"^\s+(\d+)() requests in", said),
    )


def _number(pattern: str, said: str) -> float:
    found = re.search(pattern, said, re.MULTILINE)
    assert found, said
    return float(found[1]) * UNITS[found[2]]


def keep_steady(
    server: stage.Running, path: str, per_second: int, seconds: int
) -> tuple[float, float]:
    """Send a steady stream; return its p50 and p99 in milliseconds."""
    numbers = [str(server.port), path, str(per_second), str(seconds)]
    program = [sys.executable, "-m", "bench.steady", *numbers]
    command = ["taskset", "-c", str(stage.LOAD_CORE), *program]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=stage.ROOT)
    took = json.loads(said.stdout)
    return median(took), quantiles(took, n=100)[-1]


def stored_clicks() -> tuple[int, int]:
    """Return how many clicks have a row, and how many the rollup counts."""
    from django.conf import settings

    from interfaces.edge.database import conninfo_from_settings

    assert settings.configured
    with psycopg.connect(conninfo_from_settings()) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM tracking_click),"
            " (SELECT coalesce(sum(clicks), 0)::bigint FROM reports_dailyclicks)"
        ).fetchone()
    assert row
    return row[0], row[1]


def measure(options: argparse.Namespace, directory: Path) -> int:
    """Measure and print; return the number of clicks that were answered and not stored."""
    with stage.servers(directory) as (environment, _postgresql):
        path = f"/c/{prepare(environment)}"
        theirs, ours = [], []
        with stage.nginx(directory) as nginx, stage.edge(environment) as edge:
            press(
                edge, path, 3, options.connections
            )  # Warm caches, prepared statements and connections.
            for _ in range(options.rounds):
                theirs.append(press(nginx, path, options.seconds, options.connections))
                ours.append(press(edge, path, options.seconds, options.connections))
            steady = [keep_steady(edge, path, rate, options.steady_seconds) for rate in RATES]
            time.sleep(3)  # What went to the journal comes in.
        print_table(theirs, ours, steady)
        stored, counted = stored_clicks()
    answered = int(sum(one.per_second * options.seconds for one in ours))
    print(f"answered at least {answered:,}, stored {stored:,}, counted {counted:,}")
    return max(0, answered - stored) + abs(stored - counted)


def print_table(theirs: list[Round], ours: list[Round], steady: list[tuple[float, float]]) -> None:
    """Print the medians of all rounds, and the share of the rates."""
    print(f"{'':28} {'requests/s':>12} {'p50 ms':>8} {'p99 ms':>8} {'CPU µs':>8}")
    for name, rounds in (("nginx, return 302", theirs), ("edge, stored durably", ours)):
        rate, p50, p99, cpu = (median(column) for column in zip(*rounds, strict=True))
        print(f"{name:28} {rate:12,.0f} {p50:8.1f} {p99:8.1f} {cpu:8.1f}")
    for per_second, (p50, p99) in zip(RATES, steady, strict=True):
        print(f"{f'edge, steady {per_second:,}/s':28} {per_second:12,} {p50:8.1f} {p99:8.1f}")
    share = median(one.per_second for one in ours) / median(one.per_second for one in theirs)
    print(f"share of nginx: {share:.3f}")


def main() -> int:
    """Run the measurement; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steady-seconds", type=int, default=20)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    with stage.temporary_directory() as directory:
        lost = measure(options, directory)
    if lost:
        print(f"{lost:,} clicks lost or miscounted", file=sys.stderr)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
