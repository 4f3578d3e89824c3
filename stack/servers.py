"""PostgreSQL and Valkey: somebody else's, if the environment names them, or embedded ones."""

import os
from collections.abc import Callable
from contextlib import closing

import psycopg
import redis

from stack.binaries import use_system_servers
from stack.console import Failure, say
from stack.data import DataDirectory
from stack.environment import database_name
from stack.guard import Guard
from stack.postgresql import PostgreSQL
from stack.valkey import Valkey

Server = PostgreSQL | Valkey
IS_SUPERUSER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"


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
        if os.environ.get("DATABASE_URL"):
            _check_postgres(self.admin_url)
            say("Using the PostgreSQL of DATABASE_URL")
        if os.environ.get("REDIS_URL"):
            _check_redis(self.redis_url)
            say("Using the Valkey or Redis of REDIS_URL")

    def stop(self) -> None:
        """Stop the embedded servers, the last one started first, and wait for each."""
        for server in reversed(self.embedded):
            server.child.ask_to_stop()
            server.child.wait_stopped(timeout_seconds=60)

    def ports(self) -> dict[str, int]:
        """Return the ports of the embedded servers, as they are kept for the next start."""
        return {f"{server.name}_port": server.port for server in self.embedded}


def refuse_leftover_database() -> None:
    """Protect a database on somebody else's server from losing its secrets.

    :raises Failure: if DATABASE_URL names a server that has our database already.
    """
    url, name = os.environ.get("DATABASE_URL"), database_name()
    if not url:
        return
    with closing(psycopg.connect(url, connect_timeout=5)) as connection:
        row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    if row:
        raise Failure(
            f"--fresh would delete the keys to the database {name} on the server of DATABASE_URL, "
            "but not the database. Drop it first if that is what you want."
        )


def _check_postgres(url: str) -> None:
    try:
        with closing(psycopg.connect(url, connect_timeout=5)) as connection:
            version = connection.info.server_version
            row = connection.execute(IS_SUPERUSER).fetchone()
    except psycopg.Error as error:
        raise Failure(f"DATABASE_URL is set, but that server does not answer: {error}") from error
    if version < 150000:
        raise Failure(f"DATABASE_URL names a PostgreSQL {version // 10000}; 15 or later is needed.")
    if not row or not row[0]:
        raise Failure(
            "DATABASE_URL must be the URL of a superuser: bin/up makes the roles and the database "
            "with it. Fairlead itself connects as those roles."
        )


def _check_redis(url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5) as client:
            client.ping()
    except redis.RedisError as error:
        raise Failure(f"REDIS_URL is set, but that server does not answer: {error}") from error
