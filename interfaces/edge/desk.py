"""A few threads for what needs Django's connections, so that the loop of clicks never waits."""

import asyncio
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connections

T = TypeVar("T")

THREADS = 2  # Its work is computing, mostly: more threads take turns, and time from clicks.
SWITCH_SECONDS = 0.0005  # By default a click would wait 5 ms for whichever thread computes.
WAITING_MAX = 30  # In the threads and before them; whoever comes then is asked to come again.
ASIDE_MAX = WAITING_MAX // 2
ANSWER_SECONDS = 1.8
START_SECONDS = 1.2  # What has waited so long would be done too late to be answered.
STATEMENT_MS = 1_500
LOCK_MS = 1_000
SILENCE_SECONDS = 5  # A network that swallows packets counts as away after this.


class Unavailable(Exception):
    """PostgreSQL is away or all threads are busy: nothing may have been stored, come again."""


class Desk:
    """Runs work on threads whose connections give up before the caller does."""

    def __init__(self) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        self._pool = ThreadPoolExecutor(
            THREADS, thread_name_prefix="desk", initializer=_use_patient_connections
        )
        self._waiting = 0
        self._waiting_aside = 0
        self._turn = asyncio.Semaphore(1)

    async def run(self, work: Callable[[], T]) -> T:
        """Return what the work gives.

        :raises Unavailable: if it cannot be done now, or is not done in time. Then it may still
            have been done, or be done a moment later: it must be safe to repeat.
        """
        if self._waiting >= WAITING_MAX:
            raise Unavailable("too many calls are waiting")
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await asyncio.shield(self._begin(work, _latest_start()))
        except TimeoutError as error:
            raise Unavailable("no answer in time") from error

    async def run_aside(self, work: Callable[[], T]) -> T:
        """Do the same for what anybody may send: it takes one thread and half of the places.

        So a flood of it leaves the rest to those who prove who they are. One such work is done
        at a time.

        :raises Unavailable: as `run` does.
        """
        if self._waiting_aside >= ASIDE_MAX or self._waiting >= WAITING_MAX:
            raise Unavailable("too many calls are waiting")
        deadline = _latest_start()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._wait_for_turn()
                future = self._begin(work, deadline)
                future.add_done_callback(lambda _done: self._turn.release())
                return await asyncio.shield(future)
        except TimeoutError as error:
            raise Unavailable("no answer in time") from error

    async def _wait_for_turn(self) -> None:
        self._waiting_aside += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting_aside -= 1

    def _begin(self, work: Callable[[], T], deadline: float) -> asyncio.Future[T]:
        self._waiting += 1
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._pool, _serve, work, deadline)
        future.add_done_callback(self._done)
        return future

    def _done(self, future: asyncio.Future[Any]) -> None:
        self._waiting -= 1
        if not future.cancelled():
            future.exception()  # Whoever waited has it; nobody may have waited.

    def close(self) -> None:
        """Take no more work, and leave what is under way to its end."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _latest_start() -> float:
    return time.monotonic() + START_SECONDS


def _serve(work: Callable[[], T], deadline: float) -> T:
    if time.monotonic() > deadline:  # The caller has gone, and will come again.
        raise Unavailable("waited too long")
    close_old_connections()  # Cut, broken or too old ones; the next statement connects anew.
    try:
        return work()
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(str(error)) from error
    finally:
        close_old_connections()


def _use_patient_connections() -> None:
    """Give this thread connections of its own that end what takes too long."""
    for alias in connections:
        connection = connections.create_connection(alias)
        known = connection.settings_dict
        options = {
            **known["OPTIONS"],
            "application_name": "fairlead intake",
            "connect_timeout": 2,
            "options": f"-c statement_timeout={STATEMENT_MS} -c lock_timeout={LOCK_MS}",
            "keepalives_idle": SILENCE_SECONDS,
            "tcp_user_timeout": SILENCE_SECONDS * 1_000,
        }
        connection.settings_dict = {**known, "CONN_MAX_AGE": 600, "OPTIONS": options}
        connections[alias] = connection
