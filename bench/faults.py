"""Clicks while things die: what was answered must be stored, exactly once, and nobody may wait.

Usage: python -m bench.faults [kill | restart | soak] [--seconds 60]
kill     kill -9 the edge five times under 500 clicks/s
restart  restart PostgreSQL every 10 s under 300 clicks/s
soak     1,000 clicks/s for five minutes, and the edge's memory minute by minute
Ends with 1 if a promise of bench/README.md is broken.
"""

import argparse
import asyncio
import base64
import re
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import psycopg

from bench import redirect, stage
from stack.ports import HOST, find_free

ANSWER_MS_MAX = 250.0
GROWTH_MAX = 0.05  # Of memory, from the second minute on.
RETRY_SECONDS = 0.05
TOKEN = re.compile(rb"fl_click=([\w-]{38})")


@dataclass
class Outcome:
    """What visitors saw."""

    tokens: list[str] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    broken_connections: int = 0  # Visitors whose edge died under them; a browser tries again.


class Visitors:
    """Open loop: visitors come at a steady rate, each with an address of its own."""

    def __init__(self, port: int, path: str) -> None:
        self.port = port
        self.path = path
        self.outcome = Outcome()
        self._sent = 0
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def run(self, per_second: int, seconds: float) -> None:
        """Send them all and wait for the last answer."""
        begun = time.perf_counter()
        async with asyncio.TaskGroup() as visitors:
            for number in range(int(per_second * seconds)):
                due = begun + number / per_second
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                visitors.create_task(self._visit(due))

    async def _visit(self, due: float) -> None:
        try:
            answer = await self._ask()
        except (OSError, asyncio.IncompleteReadError):
            self.outcome.broken_connections += 1
            return
        self.outcome.took_ms.append((time.perf_counter() - due) * 1_000)
        found = TOKEN.search(answer)
        if answer.startswith(b"HTTP/1.1 302") and found:
            self.outcome.tokens.append(found[1].decode())
        else:
            self.outcome.wrong[answer[:40].decode("latin-1")] += 1

    async def _ask(self) -> bytes:
        request = self._request()
        while self._free:  # One that has idled may be closed by now; a browser takes another.
            with suppress(OSError, asyncio.IncompleteReadError):
                return await self._send(request, self._free.pop())
        return await self._send(request, await asyncio.open_connection(HOST, self.port))

    async def _send(
        self, request: bytes, connection: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    ) -> bytes:
        reader, writer = connection
        writer.write(request)
        answer = await reader.readuntil(b"\r\n\r\n")
        self._free.append(connection)
        return answer

    def _request(self) -> bytes:
        self._sent += 1  # Nobody comes twice: a repeat gets the token of the first.
        lines = [
            f"GET {self.path} HTTP/1.1",
            "Host: edge.example",
            f"User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/{100 + self._sent % 45}.0",
            f"X-Forwarded-For: 198.{18 + (self._sent >> 16)}.{self._sent >> 8 & 255}"
            f".{self._sent & 255}",
        ]
        return "\r\n".join([*lines, "", ""]).encode()


def kill(environment: dict[str, str], path: str, seconds: int) -> list[str]:
    """Kill the edge under load again and again; return what is broken."""
    port = find_free()
    visitors = Visitors(port, path)

    async def run() -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(ProcessLookupError), stage.edge(environment, port) as edge:
                load = asyncio.create_task(visitors.run(500, seconds / 5))
                await asyncio.sleep(seconds / 5 - 1)
                edge.kill()
                await load

    asyncio.run(run())
    with stage.edge(environment, port):  # It brings in what the dead ones left.
        time.sleep(5)
    return check(visitors.outcome, must_answer_all=False)


def restart(environment: dict[str, str], path: str, seconds: int, stand: stage.Stage) -> list[str]:
    """Restart PostgreSQL every ten seconds; return what is broken."""
    with stage.edge(environment) as edge:
        visitors = Visitors(edge.port, path)

        # PostgreSQL lives no longer than the thread that started it: so that is this one.
        with ThreadPoolExecutor(max_workers=1) as thread:
            load = thread.submit(asyncio.run, visitors.run(300, seconds))
            while not wait([load], timeout=10).done:
                bounce(stand)
            load.result()
        time.sleep(8)  # What went to the journal comes in.
    return check(visitors.outcome, must_answer_all=True)


def bounce(stand: stage.Stage) -> None:
    """Stop PostgreSQL as an operator does, and start it again."""
    stand.postgresql.ask_to_stop()
    stand.postgresql.wait_stopped(timeout_seconds=30)
    stand.postgresql.start()


def check(outcome: Outcome, *, must_answer_all: bool) -> list[str]:
    """Compare what visitors saw with what is stored; print it, and return what is broken."""
    ids = Counter(_id_of(token) for token in outcome.tokens)
    rows, counted = stored(set(ids))
    p99 = quantiles(outcome.took_ms, n=100)[-1]
    print(
        f"answered {len(outcome.took_ms):,}, p99 {p99:.1f} ms, at most {max(outcome.took_ms):.0f}"
        f" ms; connections broken {outcome.broken_connections:,}; wrong {dict(outcome.wrong)}"
    )
    print(f"tokens {len(ids):,}, of them stored {rows:,}; rows and rollup differ by {counted:,}")
    broken = []
    if rows != len(ids) or len(ids) != len(outcome.tokens):
        broken.append(f"{len(outcome.tokens) - rows:,} answered clicks are not stored")
    if counted:
        broken.append(f"the rollup is {counted:,} off")
    if outcome.wrong:
        broken.append(f"wrong answers: {dict(outcome.wrong)}")
    if must_answer_all and outcome.broken_connections:
        broken.append(f"{outcome.broken_connections:,} visitors got no answer")
    if must_answer_all and p99 > ANSWER_MS_MAX:
        broken.append(f"p99 is {p99:.0f} ms")
    return broken


def _id_of(token: str) -> UUID:
    return UUID(bytes=base64.urlsafe_b64decode(token + "==")[:16])


def stored(ids: set[UUID]) -> tuple[int, int]:
    """Return how many of the clicks have a row, and by how many rows and rollup differ."""
    from interfaces.edge.database import conninfo_from_settings

    with psycopg.connect(conninfo_from_settings()) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM tracking_click WHERE id = ANY(%s)),"
            " (SELECT count(*) FROM tracking_click)"
            " - (SELECT coalesce(sum(clicks), 0)::bigint FROM reports_dailyclicks)",
            [list(ids)],
        ).fetchone()
    assert row
    return row[0], abs(row[1])


def soak(environment: dict[str, str], path: str, seconds: int) -> list[str]:
    """Watch the memory of an edge under a steady load; return what is broken."""
    samples: list[int] = []
    with stage.edge(environment) as edge:
        visitors = Visitors(edge.port, path)

        async def run() -> None:
            load = asyncio.create_task(visitors.run(1_000, seconds))
            while not load.done():
                await asyncio.wait([load], timeout=15)
                samples.append(edge.memory_bytes())
            await load

        asyncio.run(run())
        time.sleep(3)
    for number, sample in enumerate(samples, 1):
        print(f"after {number * 15:4} s: {sample / 2**20:6.1f} MB")
    broken = check(visitors.outcome, must_answer_all=True)
    settled = samples[len(samples) // 3 :]
    growth = settled[-1] / settled[0] - 1
    print(f"memory grew by {growth:.1%} after the first third")
    return [*broken, *([f"memory grew by {growth:.0%}"] if growth > GROWTH_MAX else [])]


def measure(what: str, seconds: int, directory: Path) -> list[str]:
    """Run one experiment; return what is broken."""
    with stage.servers(directory) as stand:
        path = f"/c/{redirect.prepare(stand.environment)}"
        run: dict[str, Any] = {
            "kill": lambda: kill(stand.environment, path, seconds),
            "restart": lambda: restart(stand.environment, path, seconds, stand),
            "soak": lambda: soak(stand.environment, path, seconds),
        }
        result: list[str] = run[what]()
        return result


def main() -> int:
    """Run the experiment; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("kill", "restart", "soak"))
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    with stage.temporary_directory() as directory:
        broken = measure(options.what, options.seconds, directory)
    for promise in broken:
        print(f"Broken: {promise}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
