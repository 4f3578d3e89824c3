"""The first steps of bin/up and bin/test, in whatever Python they were started with."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from stack.console import Failure
from stack.environment import RUN_ENVIRONMENT, outer_environment
from stack.install import PYTHON, ensure_installed
from stack.options import ROOT, check_ports, parse


def up(arguments: Sequence[str]) -> int:
    """Install what a run needs, then become the supervisor."""
    options = parse(arguments)

    def prepare() -> None:
        check_ports(options)  # Before minutes of installation, not after.
        ensure_installed("embedded")

    # The supervisor changes directory; what the person typed was relative to this one.
    return _prepare_and_become(
        "bin/up", prepare, "stack.supervisor", [*arguments, f"--data={options.data}"]
    )


def test(arguments: Sequence[str]) -> int:
    """Install what the checks need, then become them."""
    return _prepare_and_become(
        "bin/test", lambda: ensure_installed("test"), "stack.checks", arguments
    )


def manage(arguments: Sequence[str]) -> int:
    """Become `manage.py` with the environment of the stack on `--data DIR` (var)."""
    parser = argparse.ArgumentParser(
        prog="bin/manage", description="Run a management command on a stack of bin/up."
    )
    parser.add_argument("--data", type=Path, default=ROOT / "var", metavar="DIR")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="as manage.py takes it")
    found = parser.parse_args(arguments)
    kept = found.data.expanduser().resolve() / RUN_ENVIRONMENT
    try:
        environment = outer_environment() | json.loads(kept.read_text())
    except OSError as error:
        print(f"bin/manage: {kept}: {error.strerror}. Start bin/up there first.", file=sys.stderr)
        return 1
    command = [str(PYTHON), str(ROOT / "manage.py"), *found.command]
    return os.execve(PYTHON, command, environment)


def _prepare_and_become(
    name: str, prepare: Callable[[], None], module: str, arguments: Sequence[str]
) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        prepare()
    except Failure as failure:
        print(f"\n{name}: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{name}: stopped.", file=sys.stderr)
        return 130
    os.chdir(ROOT)
    os.environ.pop("PYTHONSAFEPATH", None)
    return os.execv(PYTHON, [str(PYTHON), "-m", module, *arguments])
