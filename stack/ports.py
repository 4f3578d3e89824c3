"""TCP ports on the loopback address."""

import socket

HOST = "127.0.0.1"


def is_taken(port: int) -> bool:
    """Return whether something listens on the port, or nothing may."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((HOST, port)) == 0:
            return True
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def find_free(*, preferred: int | None = None) -> int:
    """Return a port nobody listens on: the preferred one if it is free, else a random one."""
    if preferred and not is_taken(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
