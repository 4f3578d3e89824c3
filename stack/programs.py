"""The command lines of Fairlead's own processes, and how to tell that they answer."""

import sys
import urllib.error
import urllib.request
from dataclasses import dataclass

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
    """One long-running process; `health_url` answers once it is ready, if it has one."""

    name: str
    command: list[str]
    health_url: str | None = None


def manage(*arguments: str) -> list[str]:
    """Return the command line of a Django management command."""
    return [PYTHON, str(ROOT / "manage.py"), *arguments]


def list_programs(options: Options) -> list[Program]:
    """Return what runs, in the order of starting; it is stopped in the opposite order."""
    celery = [PYTHON, "-m", "celery", "--app", "config"]
    programs = [
        Program(
            name="web",
            command=[*_granian("wsgi", options.port), *WEB_THREADS, "config.wsgi:application"],
            health_url=f"http://{HOST}:{options.port}/healthz",
        ),
        Program(
            name="edge",
            command=[*_granian("asgi", options.edge_port), "config.asgi:application"],
            health_url=f"http://{HOST}:{options.edge_port}/healthz",
        ),
        Program(
            name="worker",
            command=[*celery, "worker", *WORKER],
        ),
        Program(
            name="beat",
            command=[*celery, "beat", *BEAT],
        ),
    ]
    if options.demo:
        shop = [PYTHON, "-m", "demo.shop", "--port", str(options.shop_port)]
        url = f"http://{HOST}:{options.shop_port}/"
        programs.append(Program(name="shop", command=shop, health_url=url))
    return programs


def answers(url: str) -> bool:
    """Return whether the address answers with a page."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _granian(interface: str, port: int) -> list[str]:
    command = [PYTHON, "-m", "granian", "--interface", interface, "--host", HOST]
    return [*command, "--port", str(port), "--workers", "1", "--http", "1", "--no-ws"]
