"""Servers that somebody else runs: whether they answer and suit us.

Imported only when the environment names one, because the drivers take long to load.
"""

import os
from contextlib import closing

import psycopg
import redis

from stack.binaries import POSTGRES_MAJOR_MIN
from stack.console import Failure, say
from stack.environment import database_name

IS_SUPERUSER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"


def check_servers() -> None:
    """Make sure that the servers of DATABASE_URL and REDIS_URL, where set, can be used.

    :raises Failure: saying what is not so.
    """
    if url := os.environ.get("DATABASE_URL"):
        _check_postgres(url)
        say("Using the PostgreSQL of DATABASE_URL")
    if url := os.environ.get("REDIS_URL"):
        _check_redis(url)
        say("Using the Valkey or Redis of REDIS_URL")


def _check_postgres(url: str) -> None:
    try:
        with closing(psycopg.connect(url, connect_timeout=5)) as connection:
            major = connection.info.server_version // 10000
            row = connection.execute(IS_SUPERUSER).fetchone()
    except psycopg.Error as error:
        raise Failure(f"DATABASE_URL is set, but that server does not answer: {error}") from error
    if major < POSTGRES_MAJOR_MIN:
        raise Failure(
            f"DATABASE_URL names a PostgreSQL {major}; {POSTGRES_MAJOR_MIN} or later is needed."
        )
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


def refuse_leftover_database(url: str) -> None:
    """Protect a database on somebody else's server from losing its secrets.

    :raises Failure: if that server has our database already.
    """
    name = database_name()
    with closing(psycopg.connect(url, connect_timeout=5)) as connection:
        row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    if row:
        raise Failure(
            f"--fresh would delete the keys to the database {name} on the server of DATABASE_URL, "
            "but not the database. Drop it first if that is what you want."
        )
