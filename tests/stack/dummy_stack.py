"""A stack whose programs are dummies: real servers, a real supervisor, nothing of Django.

The tests run it as a program, with the options of bin/up; $DUMMIES names the programs.
"""

import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from stack import supervisor  # noqa: E402
from stack.options import Options  # noqa: E402
from stack.ports import HOST  # noqa: E402
from stack.programs import Program, answers  # noqa: E402

# Has a child of its own, as a server with workers has, and answers on a port.
WEB = """
import http.server, os, subprocess, sys
os.chdir(sys.argv[2])
subprocess.Popen(["sleep", "600"], close_fds=False)  # It holds the data directory, too.
http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind=sys.argv[3])
"""
SHORT = """
import os, sys, time
while not os.path.exists(sys.argv[1]):
    time.sleep(0.1)
raise SystemExit(3)
"""
BROKEN = "raise SystemExit('the reason why')"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def list_dummies(options: Options, _redis_url: str) -> list[Program]:
    """Return a web server, and what ends when asked, never answers, or never ends."""
    empty = options.data / "empty"
    empty.mkdir(exist_ok=True)
    web = [sys.executable, "-c", WEB, str(options.port), str(empty), HOST]
    url = f"http://{HOST}:{options.port}/"
    programs = [
        Program(name="web", command=web, is_ready=lambda: answers(url)),
        Program(
            name="short", command=[*python(SHORT), str(options.data / "end")], is_ready=lambda: True
        ),
        Program(name="broken", command=python(BROKEN), is_ready=lambda: False),
        Program(name="stubborn", command=python(STUBBORN), is_ready=lambda: True),
    ]
    return [program for program in programs if program.name in os.environ["DUMMIES"].split()]


def python(code: str) -> list[str]:
    """Return the command that runs a few lines of Python."""
    return [sys.executable, "-c", code]


if __name__ == "__main__":
    supervisor.list_programs = list_dummies
    supervisor.STOP_TIMEOUT_SECONDS = 1
    supervisor.Supervisor._prepare_database = lambda _self, _servers: None
    sys.exit(supervisor.main(sys.argv[1:]))
