"""The supervisor: what it refuses, what it keeps alive, and that nothing outlives it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from stack.data import DataDirectory
from stack.environment import outer_environment
from stack.ports import find_free, is_taken

DUMMY_STACK = Path(__file__).with_name("dummy_stack.py")
PATIENCE_SECONDS = 60  # Only a broken stack needs this long.


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must happen."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


class Stack:
    """A running dummy stack and what it says."""

    def __init__(self, data: Path, *options: str, dummies: str = "web") -> None:
        self.data = data
        self.port = find_free()
        self.said = data.with_name(f"{data.name}-{self.port}.said")
        ports = [f"--port={self.port}", f"--edge-port={find_free()}"]
        with self.said.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, DUMMY_STACK, f"--data={data}", "--no-demo", *ports, *options],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=outer_environment() | {"DUMMIES": dummies},
            )

    def says(self, text: str) -> bool:
        return text in self.said.read_text()

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.said.read_text()
        return self.says("Fairlead is ready")

    def processes(self) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.data / "run.json").read_text())["processes"]
        return found

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


@pytest.fixture
def data(place: Path) -> Path:
    return place / "data"


@pytest.fixture
def run_stack() -> Iterator[Callable[..., Stack]]:
    """Start stacks that end with the test, whatever it does."""
    started = []

    def run(*arguments: object, **options: str) -> Stack:
        started.append(Stack(*arguments, **options))
        return started[-1]

    yield run
    for stack in started:
        if stack.process.poll() is None:
            stack.end(signal.SIGTERM)


def is_unused(data: Path) -> bool:
    """Return whether no process of a stack, nor of its children, holds the directory any more."""
    directory = DataDirectory(data)

    def give_up() -> None:
        raise TimeoutError

    try:
        directory.take_over(give_up).close()
    except TimeoutError:
        return False
    finally:
        directory.release()
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_and_is_a_good_end(number, data, run_stack):
    stack = run_stack(data, dummies="web stubborn")
    until(stack.is_ready)
    database_port = json.loads((data / "run.json").read_text())["postgresql_port"]

    status = stack.end(number)

    assert status == 0
    assert is_unused(data)
    assert not is_taken(stack.port)
    assert not is_taken(database_port)
    assert not (data / "postgres" / "cluster" / "postmaster.pid").exists()


def test_nothing_outlives_a_killed_supervisor(data, run_stack):
    stack = run_stack(data)
    until(stack.is_ready)

    stack.end(signal.SIGKILL)

    until(lambda: is_unused(data))
    assert not is_taken(stack.port)


def test_a_start_right_after_a_kill_works(data, run_stack):
    killed = run_stack(data)
    until(killed.is_ready)
    killed.end(signal.SIGKILL)

    stack = run_stack(data)

    until(stack.is_ready)


def test_what_dies_is_started_again(data, run_stack):
    stack = run_stack(data)
    until(stack.is_ready)
    before = stack.processes()

    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    for name in ("web", "valkey", "postgresql"):
        until(lambda name=name: stack.says(f"Started {name} again"))
        assert stack.says(f"{name} ended with signal SIGKILL")
    assert not set(before.values()) & set(stack.processes().values())


def test_a_program_that_never_gets_ready_ends_the_start_with_its_own_words(data, run_stack):
    stack = run_stack(data, dummies="web broken")

    assert stack.process.wait(PATIENCE_SECONDS) == 1
    assert stack.says("broken ended with status 1:\nthe reason why")
    assert is_unused(data)


def test_what_keeps_ending_is_started_less_and_less_often(data, run_stack):
    stack = run_stack(data, dummies="web short")
    until(stack.is_ready)

    (data / "end").touch()

    until(lambda: stack.says("starting it again in 4 s"))

    said = stack.said.read_text()
    assert [word for word in ("in 1 s", "in 2 s", "in 4 s") if word in said] == [
        "in 1 s",
        "in 2 s",
        "in 4 s",
    ]
    assert stack.says("short ended with status 3")


def test_two_stacks_run_side_by_side(place, run_stack):
    stacks = [run_stack(place / name) for name in ("one", "two")]

    for stack in stacks:
        until(stack.is_ready)
    assert len({pid for stack in stacks for pid in stack.processes().values()}) == 6
    assert [stack.end(signal.SIGTERM) for stack in stacks] == [0, 0]


def test_a_second_stack_on_one_directory_is_refused(data, run_stack):
    first = run_stack(data)
    until(first.is_ready)

    second = run_stack(data, "--fresh")

    assert second.process.wait(PATIENCE_SECONDS) == 1
    assert second.says(f"Another bin/up (process {first.process.pid}) runs on {data}")
    assert first.process.poll() is None
    assert (data / "secrets.json").exists()


def test_a_taken_port_is_said_before_anything_is_made(data, place, run_stack):
    first = run_stack(data)
    until(first.is_ready)

    second = run_stack(place / "other", f"--port={first.port}")

    assert second.process.wait(PATIENCE_SECONDS) == 1
    assert second.says(f"Port {first.port} (--port) is taken by another program")
    assert not (place / "other").exists()


def mark_database(data: Path) -> bool:
    """Leave a mark in the database; return whether it was there already."""
    password = json.loads((data / "secrets.json").read_text())["postgres_password"]
    port = json.loads((data / "run.json").read_text())["postgresql_port"]
    url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT to_regclass('mark') IS NOT NULL").fetchone()
        connection.execute("CREATE TABLE IF NOT EXISTS mark ()")
    return found == (True,)


def test_a_second_start_keeps_data_and_secrets_and_fresh_deletes_them(data, run_stack):
    marks, secrets = [], []
    for options in ([], [], ["--fresh"]):
        stack = run_stack(data, *options)
        until(stack.is_ready)
        marks.append(mark_database(data))
        secrets.append((data / "secrets.json").read_text())
        stack.end(signal.SIGTERM)

    assert marks == [False, True, False]
    assert secrets[0] == secrets[1] != secrets[2]
    assert (data / "secrets.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("options", [[], ["--fresh"]])
def test_a_directory_of_somebody_else_is_left_alone(options, data, run_stack):
    data.mkdir()
    (data / "thesis.txt").write_text("years of work")

    stack = run_stack(data, *options)

    assert stack.process.wait(PATIENCE_SECONDS) == 1
    assert stack.says(f"{data} is not empty and was not made by bin/up")
    assert [entry.name for entry in data.iterdir()] == ["thesis.txt"]
