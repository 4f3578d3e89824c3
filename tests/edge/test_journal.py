"""The journal: what it took is on the disk, and comes back whole, once, to one process."""

import asyncio
import errno
import multiprocessing
import os

import pytest

from interfaces.edge import journal as journal_module
from interfaces.edge.journal import REFUSED, Journal


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "journal"


async def read_all(journal: Journal) -> list[str]:
    """Claim everything, as the replayer does, and return the lines."""
    lines = []
    for segment in await journal.claim():
        while some := segment.read(2):
            lines += some
        segment.delete()
        segment.close()
    return lines


def test_lines_come_back_in_order_across_segments(directory, monkeypatch):
    async def scenario() -> list[str]:
        journal = Journal(directory)
        for number in range(10):
            await journal.append([f"line {number}a", f"line {number}b"])
        return await read_all(journal)

    monkeypatch.setattr(journal_module, "SEGMENT_BYTES", 50)

    assert asyncio.run(scenario()) == [
        f"line {number}{part}" for number in range(10) for part in "ab"
    ]
    assert list(directory.iterdir()) == []


def test_many_appends_share_a_sync(directory, monkeypatch):
    async def scenario() -> list[str]:
        journal = Journal(directory)
        await asyncio.gather(*(journal.append([str(number)]) for number in range(200)))
        return await read_all(journal)

    synced = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append(file), real(file)))

    assert asyncio.run(scenario()) == [str(number) for number in range(200)]
    assert len(synced) < 10


def test_writing_goes_on_after_a_claim(directory):
    async def scenario() -> list[list[str]]:
        journal = Journal(directory)
        await journal.append(["one"])
        first = await read_all(journal)
        await journal.append(["two"])
        return [first, await read_all(journal), await read_all(journal)]

    assert asyncio.run(scenario()) == [["one"], ["two"], []]


def test_what_was_claimed_and_not_deleted_can_be_claimed_again(directory):
    async def scenario() -> list[str]:
        journal = Journal(directory)
        await journal.append(["one"])
        for segment in await journal.claim():
            segment.close()
        return await read_all(journal)

    assert asyncio.run(scenario()) == ["one"]


def hold(directory, taken, done) -> None:
    """Append a line in another process and keep the segment until told."""

    journal = Journal(directory)
    asyncio.run(journal.append(["theirs"]))
    taken.set()
    done.wait()
    os._exit(9)  # As if killed: nothing is closed in good order.


def test_a_living_process_keeps_its_segments_and_a_dead_one_leaves_them(directory):
    context = multiprocessing.get_context("fork")
    taken, done = context.Event(), context.Event()
    other = context.Process(target=hold, args=(directory, taken, done))
    other.start()
    assert taken.wait(10)

    alive = asyncio.run(read_all(Journal(directory)))
    done.set()
    other.join(10)
    dead = asyncio.run(read_all(Journal(directory)))

    assert (alive, dead) == ([], ["theirs"])


def test_a_full_disk_is_said_and_leaves_no_half_line_in_the_middle(directory, monkeypatch):
    async def scenario() -> list[str]:
        journal = Journal(directory)
        await journal.append(["before"])
        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="No space"):
            await journal.append(["lost"])
        monkeypatch.undo()
        await journal.append(["after"])
        return await read_all(journal)

    def fail(_file) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    lines = asyncio.run(scenario())

    assert lines[0] == "before"
    assert lines[-1] == "after"


def test_what_is_refused_is_kept_for_people(directory):
    asyncio.run(Journal(directory).set_aside('{"id": 1}', "no such thing"))

    kept = (directory / REFUSED).read_text()

    assert kept == '{"reason": "no such thing", "line": "{\\"id\\": 1}"}\n'


def test_nobody_else_may_read_it(directory):
    asyncio.run(Journal(directory).append(["secret"]))

    (segment,) = directory.iterdir()

    assert directory.stat().st_mode & 0o777 == 0o700
    assert segment.stat().st_mode & 0o777 == 0o600
