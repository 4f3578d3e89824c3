"""The command lines of Fairlead's own processes, and how to tell that they answer."""

import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from stack.options import ROOT, Options
from stack.ports import HOST

PYTHON = sys.executable
# Threads keep their connection to the database, so they should keep living.
WEB_THREADS = ["--blocking-threads=8", "--blocking-threads-idle-timeout=600"]
WORKER = [
    "--queues=tracking,money,outbound,reports",
    "--concurrency=2",
    "--hostname=worker@%h",
    "--without-gossip",
    "--without-mingle",
    "--loglevel=INFO",
]
BEAT = ["--scheduler=redbeat.RedBeatScheduler", "--pidfile=", "--loglevel=INFO"]


@dataclass(frozen=True, kw_only=True)
class Program:
    """One long-running process; `is_ready` tells whether it does its work by now."""

    name: str
    command: list[str]
    is_ready: Callable[[], bool]


def manage(*arguments: str) -> list[str]:
    """Return the command line of a Django management command."""
    return [PYTHON, str(ROOT / "manage.py"), *arguments]


def list_programs(options: Options, redis_url: str) -> list[Program]:
    """Return what runs, in the order of starting; it is stopped in the opposite order."""
    web, edge, shop = (
        f"http://{HOST}:{port}" for port in (options.port, options.edge_port, options.shop_port)
    )
    celery = [PYTHON, "-m", "celery", "--app", "config"]
    programs = [
        Program(
            name="web",
            command=[*_granian("wsgi", options.port), *WEB_THREADS, "config.wsgi:application"],
            is_ready=partial(answers, f"{web}/healthz"),
        ),
        Program(
            name="edge",
            command=[*_granian("rsgi", options.edge_port), "config.rsgi:application"],
            is_ready=partial(answers, f"{edge}/healthz"),
        ),
        Program(
            name="worker",
            command=[*celery, "worker", *WORKER],
            is_ready=partial(worker_answers, redis_url),
        ),
        Program(
            name="beat",
            command=[*celery, "beat", *BEAT],
            is_ready=lambda: True,  # Asked after the worker, which loads the same code.
        ),
    ]
    if options.demo:
        command = [PYTHON, "-m", "demo.shop", "--port", str(options.shop_port)]
        ready = partial(answers, f"{shop}/")
        programs.append(Program(name="shop", command=command, is_ready=ready))
        # Whoever calls one that is not there yet calls again.
        stand_ins = [PYTHON, "-m", "demo.providers"]
        programs.append(Program(name="providers", command=stand_ins, is_ready=lambda: True))
    return programs


def answers(url: str) -> bool:
    """Return whether the address answers with a page."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def worker_answers(redis_url: str) -> bool:
    """Return whether a worker has joined the queue."""
    # Loading Celery takes a second: better now, while the programs start, than before them.
    from celery import Celery
    from kombu.exceptions import OperationalError

    try:
        with Celery(broker=redis_url, set_as_current=False) as app:
            return bool(app.control.ping(timeout=0.5, limit=1))
    except OperationalError:
        return False


def _granian(interface: str, port: int) -> list[str]:
    command = [PYTHON, "-m", "granian", "--interface", interface, "--host", HOST]
    return [*command, "--port", str(port), "--workers", "1", "--http", "1", "--no-ws"]
