"""bin/test: every check and the whole test suite, on servers of its own that vanish afterwards."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from stack.console import Failure, say
from stack.data import DataDirectory, load_secrets
from stack.environment import make_environment
from stack.install import is_static_collected, record_static_collected
from stack.options import ROOT
from stack.postgresql import remove_home
from stack.processes import Stopped, StopSignal, die_with_parent
from stack.programs import manage
from stack.servers import Servers

PYTHON = sys.executable
CHECKS = {
    "ruff check": [PYTHON, "-m", "ruff", "check"],
    "ruff format": [PYTHON, "-m", "ruff", "format", "--check"],
    "mypy": [PYTHON, "-m", "mypy"],
    # By Python, because the script itself names the place where it was installed.
    "lint-imports": [PYTHON, str(Path(PYTHON).with_name("lint-imports"))],
}
PYTEST = [PYTHON, "-m", "pytest"]
# One more than processors, because the one with the browser tests mostly waits for others.
PROCESSES = (os.cpu_count() or 1) + 1
CHROMIUMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PORTS = (8000, 8001, 8002)  # Only names in addresses: nothing listens there during the tests.


def find_chromium() -> str | None:
    """Return the browser for the browser tests: $CHROMIUM, else what is installed."""
    wanted = os.environ.get("CHROMIUM")
    for name in [wanted] if wanted else CHROMIUMS:
        found = shutil.which(name)
        if found:
            return found
    return None


@contextmanager
def temporary_servers(stop_signal: StopSignal) -> Iterator[dict[str, str]]:
    """Run PostgreSQL and Valkey in a temporary directory; give the environment that names them."""
    with ExitStack() as ends:
        directory = Path(tempfile.mkdtemp(prefix="fairlead-test-"))
        ends.callback(shutil.rmtree, directory, ignore_errors=True)
        ends.callback(remove_home, directory)
        # As root PostgreSQL is another user, who must be able to walk through.
        directory.chmod(0o711)
        data = DataDirectory(directory)
        ends.callback(data.release)
        guard = data.take_over(stop_signal.nap)
        ends.callback(guard.close)
        (directory / "logs").mkdir()
        secrets = load_secrets(data)
        servers = Servers(data, guard, secrets=secrets, durable=False)
        ends.callback(servers.stop)
        servers.start(stop_signal.nap)
        environment = make_environment(
            data=directory,
            secrets=secrets,
            admin_url=servers.admin_url,
            redis_url=servers.redis_url,
            ports=PORTS,
        )
        yield environment | {"DATABASE_ADMIN_URL": servers.admin_url}


def run_check(
    command: Sequence[str], environment: Mapping[str, str], stop_signal: StopSignal
) -> bool:
    """Run one check with its output here; return whether it is content."""
    with subprocess.Popen(
        command, cwd=ROOT, env=dict(environment), preexec_fn=die_with_parent(signal.SIGTERM)
    ) as process:
        try:
            while process.poll() is None:
                stop_signal.nap()
        except Stopped:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
    return process.returncode == 0


def collect_static(environment: Mapping[str, str], stop_signal: StopSignal) -> list[str]:
    """Collect the static files that pages refer to, unless they are; return what failed."""
    if is_static_collected():
        return []
    say("── collectstatic")
    if not run_check(
        manage("collectstatic", "--no-input", "--verbosity", "0"), environment, stop_signal
    ):
        return ["collectstatic"]
    record_static_collected()
    return []


def run_checks(arguments: Sequence[str], stop_signal: StopSignal) -> list[str]:
    """Run everything, or pytest alone with those arguments; return the names of what failed."""
    chromium = find_chromium()
    if not chromium:
        say(
            "Browser tests are skipped: no Chromium was found (looked for $CHROMIUM, "
            "chromium, chromium-browser and google-chrome)."
        )
    if arguments:
        checks = {"pytest": [*PYTEST, *arguments]}
    else:
        checks = CHECKS | {"pytest": [*PYTEST, "-n", str(PROCESSES), "--dist", "loadscope"]}
    with temporary_servers(stop_signal) as environment:
        if chromium:
            environment["CHROMIUM"] = chromium
        failed = collect_static(environment, stop_signal)
        for name, command in checks.items():
            say(f"── {name}")
            if not run_check(command, environment, stop_signal):
                failed.append(name)
    return failed


def main(arguments: Sequence[str]) -> int:
    """Run until done or asked to stop; return the status to leave with."""
    stop_signal = StopSignal()
    stop_signal.listen()
    try:
        failed = run_checks(arguments, stop_signal)
    except Stopped:
        print("bin/test: stopped.", file=sys.stderr)
        return 130
    except Failure as failure:
        print(f"bin/test: {failure}", file=sys.stderr)
        return 1
    if failed and failed != ["pytest"]:
        say(f"bin/test: failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
