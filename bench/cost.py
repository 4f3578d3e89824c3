"""What work costs: processor time of this process and of PostgreSQL, on a busy machine too."""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """Seconds: by the clock on the wall, of this process, and of PostgreSQL with its backends."""

    wall: float
    python: float
    postgresql: float

    def since(self, before: "Cost") -> "Cost":
        """Return what was added."""
        return Cost(*(now - then for now, then in zip(self, before, strict=True)))

    def text(self, count: int) -> str:
        """Return it as people read it, for each of so many."""
        wall, python, postgresql = (1_000 * seconds / count for seconds in self)
        return (
            f"{count / self.wall:,.0f}/s, {wall:.2f} ms each:"
            f" processor time of Python {python:.2f} ms, of PostgreSQL {postgresql:.2f} ms"
        )


def cost_now(postgresql_pid: int) -> Cost:
    """Return what was spent until now."""
    return Cost(time.perf_counter(), time.process_time(), _with_children(postgresql_pid))


def _with_children(pid: int) -> float:
    """Return the processor time of a process, of its children, and of those that have ended."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = path.read_text().rpartition(")")[2].split()  # From the third on.
            if path.parent.name == str(pid):
                ticks += sum(map(int, fields[11:15]))
            elif fields[1] == str(pid):
                ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")
