"""The command line of bin/up."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stack.console import Failure
from stack.ports import is_taken

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a run was asked to do."""

    port: int
    edge_port: int
    shop_port: int
    data: Path
    demo: bool
    fresh: bool

    @property
    def ports(self) -> dict[str, int]:
        """Return the port behind each option that is used in this run."""
        ports = {"--port": self.port, "--edge-port": self.edge_port}
        return ports | ({"--shop-port": self.shop_port} if self.demo else {})


def parse(arguments: Sequence[str]) -> Options:
    """Return the options; leaves with a usage text when they make no sense."""
    parser = argparse.ArgumentParser(
        prog="bin/up",
        description="Install what is missing, then run all of Fairlead until Ctrl-C.",
    )
    parser.add_argument("--port", type=int, default=8000, help="console, portal, API (8000)")
    parser.add_argument("--edge-port", type=int, default=8001, help="clicks, postbacks (8001)")
    parser.add_argument("--shop-port", type=int, default=8002, help="the demo shop (8002)")
    parser.add_argument(
        "--data", type=Path, default=ROOT / "var", metavar="DIR", help="all that is kept (var)"
    )
    parser.add_argument("--no-demo", action="store_true", help="no demo data, no demo shop")
    parser.add_argument("--fresh", action="store_true", help="delete the data directory first")
    found = parser.parse_args(arguments)
    return Options(
        port=found.port,
        edge_port=found.edge_port,
        shop_port=found.shop_port,
        data=found.data.expanduser().resolve(),
        demo=not found.no_demo,
        fresh=found.fresh,
    )


def check_ports(options: Options) -> None:
    """Make sure that every port of the run is there for us.

    :raises Failure: naming each port that is not, and the option that changes it.
    """
    ports = options.ports
    if len(set(ports.values())) < len(ports):
        raise Failure(f"Give {', '.join(ports)} different ports.")
    taken = [f"{port} ({option})" for option, port in ports.items() if is_taken(port)]
    if taken:
        one = len(taken) == 1
        raise Failure(
            f"{'Port' if one else 'Ports'} {', '.join(taken)} {'is' if one else 'are'} taken by "
            f"another program. Stop it, or choose {'another' if one else 'others'} with "
            f"{'that option' if one else 'those options'}."
        )
