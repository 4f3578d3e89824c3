"""PostgreSQL and Valkey: somebody else's, if the environment names them, or embedded ones."""

import os
from collections.abc import Callable

from stack.binaries import use_system_servers
from stack.data import DataDirectory
from stack.guard import Guard
from stack.postgresql import PostgreSQL
from stack.valkey import Valkey

Server = PostgreSQL | Valkey


class Servers:
    """The two servers of a stack; those that are embedded are ours to start and stop.

    :raises Failure: if a server can neither be reached nor run here.
    """

    def __init__(
        self, data: DataDirectory, guard: Guard, *, secrets: dict[str, str], durable: bool = True
    ) -> None:
        system = use_system_servers()
        self.embedded: list[Server] = []
        self.admin_url = os.environ.get("DATABASE_URL", "")
        self.redis_url = os.environ.get("REDIS_URL", "")
        if not self.admin_url:
            password = secrets["postgres_password"]
            postgresql = PostgreSQL(data, guard, password=password, system=system, durable=durable)
            self.admin_url = postgresql.url
            self.embedded.append(postgresql)
        if not self.redis_url:
            password = secrets["valkey_password"]
            valkey = Valkey(data, guard, password=password, system=system, durable=durable)
            self.redis_url = valkey.url
            self.embedded.append(valkey)

    def start(self, nap: Callable[[], None]) -> None:
        """Start the embedded servers one after the other, and make sure that the others answer.

        :raises Failure: if one does not.
        """
        for server in self.embedded:
            server.start(nap)
        if len(self.embedded) < 2:
            from stack import external  # Its drivers take long to load.

            external.check_servers()

    def stop(self) -> None:
        """Stop the embedded servers, the last one started first, and wait for each."""
        for server in reversed(self.embedded):
            server.child.ask_to_stop()
            server.child.wait_stopped(timeout_seconds=60)

    def ports(self) -> dict[str, int]:
        """Return the ports of the embedded servers, as they are kept for the next start."""
        return {f"{server.name}_port": server.port for server in self.embedded}


def refuse_leftover_database() -> None:
    """Let --fresh go on only if no database would lose its keys.

    :raises Failure: if the server of DATABASE_URL has one.
    """
    url = os.environ.get("DATABASE_URL")
    if url:
        from stack import external

        external.refuse_leftover_database(url)
