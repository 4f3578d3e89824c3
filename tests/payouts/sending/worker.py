"""Workers that may be killed: real processes, forked so that a test can afford many of them."""

import os
import signal
import time

from django.conf import settings
from django.db import connections

from payouts import tasks
from payouts.models import BatchStatus
from payouts.sending import faults
from tests.payouts.sending.stage import Sent

SECONDS_MAX = 120


def start_worker(sent: Sent, *, fault: str = "") -> int:
    """Start a worker that does what beat asks for until the batch is done; return its number."""
    connections.close_all()  # Of the parent: two processes on one connection would mix answers.
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            settings.FAULT = fault
            faults.forget()
            _work(sent)
            status = 0
        finally:
            os._exit(status)
    return pid


def end_of(pid: int) -> str:
    """Wait for a worker; return "killed" or "done".

    :raises AssertionError: if it did neither.
    """
    _pid, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return "killed"
    assert os.waitstatus_to_exitcode(status) == 0, "the worker gave up"
    return "done"


def _work(sent: Sent) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while not _is_done(sent):
        tasks.submit()
        tasks.resolve()
        tasks.poll()
        time.sleep(0.05)
        assert time.monotonic() < deadline, sent.standing()


def _is_done(sent: Sent) -> bool:
    return sent.status() == BatchStatus.DONE
