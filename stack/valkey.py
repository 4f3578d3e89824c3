"""An embedded Valkey or Redis: kept in the data directory, on a loopback port, with a password."""

import os
import signal
import socket
from collections.abc import Callable

from stack.binaries import find_valkey
from stack.console import Failure
from stack.data import DataDirectory, replacing
from stack.guard import Guard
from stack.ports import HOST, find_free
from stack.processes import Child, rotate

SETTINGS = {
    "bind": HOST,
    "protected-mode": "yes",
    "daemonize": "no",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": '""',  # The append-only file is enough.
    "maxmemory-policy": "noeviction",  # It holds the queue of work: better to refuse than forget.
}


class Valkey:
    """The server of one data directory.

    :raises Failure: if this machine has no fitting Valkey or Redis.
    """

    name = "valkey"

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
        self.password = password
        self.program = find_valkey(system=system)
        self.port = find_free(preferred=data.read("run.json").get("valkey_port"))
        self.settings = SETTINGS | ({} if durable else {"appendonly": "no"})
        self.home = data.path / "valkey"
        self.child = Child(
            name=self.name,
            command=[self.program, self.home / "valkey.conf"],
            environment={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            log=data.path / "logs" / "valkey.log",
            directory=data.path,
            stop_signal=signal.SIGTERM,
            guard=guard,
        )

    @property
    def url(self) -> str:
        """Return the URL that programs connect with."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def start(self, nap: Callable[[], None]) -> None:
        """Write the configuration, start the server and wait until it answers.

        :raises Failure: with the log, if it does not.
        """
        rotate(self.child.log)
        self.home.mkdir(mode=0o700, exist_ok=True)
        private = {"port": self.port, "requirepass": self.password, "dir": f'"{self.home}"'}
        with replacing(self.home / "valkey.conf") as file:
            file.writelines(f"{key} {value}\n" for key, value in (self.settings | private).items())
        self.child.start()
        while not self._is_ready():
            nap()
            if not self.child.is_running:
                raise Failure(
                    f"Valkey ended with {self.child.status}:\n"
                    f"{self.child.last_words()}\n({self.child.log})"
                )

    def _is_ready(self) -> bool:
        """Return whether the server that answers on the port is the one we started."""
        questions = f"AUTH {self.password}\r\nINFO server\r\nQUIT\r\n"
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                connection.sendall(questions.encode())
                answers = b"".join(iter(lambda: connection.recv(4096), b""))
        except OSError:
            return False
        return f"\r\nprocess_id:{self.child.pid}\r\n".encode() in answers
