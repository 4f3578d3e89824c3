"""Where the demo's stand-ins for providers of payouts listen: the same ports at each start."""

from stack.data import DataDirectory
from stack.ports import find_free

STAND_INS = ("paypal", "wise", "stripe")


def choose_ports(data: DataDirectory) -> dict[str, int]:
    """Return a free port for each, if it can be the one of the last run."""
    last = data.read("run.json")
    return {name: find_free(preferred=last.get(f"{name}_port")) for name in STAND_INS}
