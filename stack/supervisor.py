"""Runs the whole stack in the foreground: starts it in order, watches it, stops it in order."""

import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from stack.console import Failure, say
from stack.data import DataDirectory, load_secrets
from stack.demo import SEED, describe, write_demo
from stack.environment import RUN_ENVIRONMENT, decided, make_environment
from stack.options import ROOT, Options, check_ports, parse
from stack.postgresql import remove_home
from stack.processes import Child, Stopped, StopSignal, rotate, run_to_end
from stack.programs import Program, list_programs
from stack.servers import Servers, refuse_leftover_database
from stack.stand_ins import choose_ports

READY_TIMEOUT_SECONDS = 90
STOP_TIMEOUT_SECONDS = 15
RESTART_SECONDS_MAX = 30
STEADY_SECONDS = 60  # After running this long, a program that ends starts with the first delay.


@dataclass
class Watched:
    """A child that is to run until the end, and when it may be started again."""

    child: Child
    started_at: float = 0.0
    delay_seconds: int = 0
    restart_at: float | None = None

    def start(self) -> None:
        """Start the child."""
        self.child.start()
        self.started_at, self.restart_at = time.monotonic(), None

    def plan_restart(self) -> None:
        """Set when a child that has ended starts again: after 1, 2, 4 … 30 seconds."""
        steady = time.monotonic() - self.started_at > STEADY_SECONDS
        self.delay_seconds = 1 if steady else min(self.delay_seconds * 2 or 1, RESTART_SECONDS_MAX)
        self.restart_at = time.monotonic() + self.delay_seconds


class Supervisor:
    """One run of the stack on one data directory."""

    def __init__(self, options: Options, stop_signal: StopSignal) -> None:
        self.options = options
        self.nap = stop_signal.nap
        self.data = DataDirectory(options.data)
        self.guard = self.data.take_over(self.nap)
        self.servers: Servers | None = None
        self.databases: list[Watched] = []
        self.programs: list[Watched] = []
        self.environment: dict[str, str] = {}
        self.stand_ins = choose_ports(self.data) if options.demo else {}

    def run(self) -> None:
        """Start everything, then watch it until we are asked to stop.

        :raises Stopped: when that happens. The caller stops what was started.
        """
        self._prepare_data()
        servers = self._start_servers()
        self._prepare_database(servers)
        programs = list_programs(self.options, servers.redis_url)
        for program in programs:
            self._start(program)
        for program in programs:
            self._wait_until_ready(program)
        self._announce()
        while True:
            self._watch()
            self.nap()

    def stop(self) -> None:
        """Stop everything that was started, the last first, and wait for it."""
        (self.data.path / "demo.json").unlink(missing_ok=True)
        programs = [one.child for one in reversed(self.programs)]
        for child in programs:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        for child in programs:
            child.wait_stopped(timeout_seconds=max(deadline - time.monotonic(), 0.1))
        if self.servers:
            self.servers.stop()
        self.guard.close()
        self.data.release()

    # Starting -----------------------------------------------------------------------------------

    def _prepare_data(self) -> None:
        if self.options.fresh:
            refuse_leftover_database()
            remove_home(self.data.path)
            self.data.wipe()
        (self.data.path / "demo.json").unlink(missing_ok=True)  # It says "ready".
        (self.data.path / "logs").mkdir(mode=0o700, exist_ok=True)

    def _start_servers(self) -> Servers:
        secrets = load_secrets(self.data)
        self.servers = servers = Servers(self.data, self.guard, secrets=secrets)
        servers.start(self.nap)
        for server in servers.embedded:
            self.databases.append(Watched(server.child, started_at=time.monotonic()))
            say(f"Started {server.name} on port {server.port}")
        self.environment = make_environment(
            data=self.data.path,
            secrets=secrets,
            admin_url=servers.admin_url,
            redis_url=servers.redis_url,
            ports=(self.options.port, self.options.edge_port, self.options.shop_port),
            stand_ins=self.stand_ins,
        )
        self.data.write(RUN_ENVIRONMENT, decided(self.environment))
        self._record_run()
        return servers

    def _prepare_database(self, servers: Servers) -> None:
        seed = self.data.path / SEED
        demo = [f"--demo={seed}"] if self.options.demo else []
        first = self.options.demo and not seed.exists()
        detail = ", the first time with the demo: up to a minute" if first else ""
        say(f"Preparing the database{detail} …")
        child = self._make_child("prepare", [sys.executable, "-m", "stack.prepare", *demo])
        # A right that no program has.
        child.environment = self.environment | {"DATABASE_ADMIN_URL": servers.admin_url}
        rotate(child.log)
        run_to_end(child, self.nap)

    def _start(self, program: Program) -> None:
        child = self._make_child(program.name, program.command)
        rotate(child.log)
        watched = Watched(child)
        self.programs.append(watched)
        watched.start()

    def _make_child(self, name: str, command: Sequence[str]) -> Child:
        return Child(
            name=name,
            command=command,
            environment=self.environment,
            log=self.data.path / "logs" / f"{name}.log",
            directory=ROOT,
            # When we are killed there is nobody to wait for running work.
            death_signal=signal.SIGQUIT if name == "worker" else signal.SIGTERM,
            guard=self.guard,
        )

    def _wait_until_ready(self, program: Program) -> None:
        child = next(one.child for one in self.programs if one.child.name == program.name)
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        while not (child.is_running and program.is_ready()):
            if not child.is_running or time.monotonic() > deadline:
                state = "does not answer" if child.is_running else f"ended with {child.status}"
                raise Failure(f"{program.name} {state}:\n{child.last_words()}\n({child.log})")
            self.nap()

    def _announce(self) -> None:
        self._record_run()
        if self.options.demo:
            write_demo(self.data, self.environment)
        say(describe(self.options, self.data))

    # Watching -----------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Start again what has ended, not more often than its growing delay allows."""
        for one in (*self.databases, *self.programs):
            if one.child.is_running:
                continue
            if one.restart_at is None:
                one.child.wait_stopped(timeout_seconds=0)  # Ends what it started, too.
                one.plan_restart()
                say(
                    f"{one.child.name} ended with {one.child.status} ({one.child.log}); "
                    f"starting it again in {one.delay_seconds} s"
                )
            elif time.monotonic() >= one.restart_at:
                one.start()
                self._record_run()
                say(f"Started {one.child.name} again")

    def _record_run(self) -> None:
        """Keep the ports for the next start, and the processes for whoever looks for them."""
        kept = self.data.read("run.json") | (self.servers.ports() if self.servers else {})
        kept |= {f"{name}_port": port for name, port in self.stand_ins.items()}
        processes = {one.child.name: one.child.pid for one in (*self.databases, *self.programs)}
        self.data.write("run.json", kept | {"processes": processes})


def main(arguments: Sequence[str]) -> int:
    """Run until asked to stop; return the status to leave with."""
    stop_signal = StopSignal()
    stop_signal.listen()
    try:
        options = parse(arguments)
        check_ports(options)
        supervisor = Supervisor(options, stop_signal)
        try:
            supervisor.run()
        finally:
            say("Stopping …")
            supervisor.stop()
    except Stopped:
        say("Stopped.")
        return 0
    except Failure as failure:
        print(f"\nbin/up: {failure}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
