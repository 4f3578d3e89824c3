"""The one client through which Fairlead calls others: addresses are judged, everything is bounded.

A host is resolved once, each of its addresses is judged, and the connection goes to an address that
was judged, never to what the name says a moment later; TLS is verified for the name all the same.
There are no redirects, no proxies and no compressed answers.
"""

import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from types import TracebackType
from typing import NamedTuple

from django.conf import settings
from django.db import connection as database
from django.utils.translation import gettext as _
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from common.addresses import DEFAULT_PORTS, SPACE, Address, read_address
from common.refusals import BadValue

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
BYTES_MAX = 64 * 1024
CHUNK = 16 * 1024
NOBODY: frozenset[str] = frozenset()

# Python calls some of these global, or would, in another version; each leads to somewhere inside.
NEVER_V4 = [ip_network(net) for net in ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24")]
GLOBAL_V6 = ip_network("2000::/3")  # All that is handed out. NAT64 and mapped ones lie outside.
NEVER_V6 = [
    ip_network(net)
    for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")  # 2002: 6to4.
]


class Refused(Exception):
    """The call was not made: the address may not be called, or it makes no sense."""


class Failed(Exception):
    """The call was made and brought no answer. `sent`: they may have read the request."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, whatever its status. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Target(NamedTuple):
    """An address to call, and the internet addresses behind its name that were judged."""

    address: Address
    port: int
    ips: list[str]

    @property
    def host(self) -> str:
        """Return the host as names are compared: an IPv6 address without its brackets."""
        return self.address.host.strip("[]")


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    timeout: float = TOTAL_SECONDS,
    max_bytes: int = BYTES_MAX,
    trusted_hosts: Collection[str] = NOBODY,
) -> Response:
    """Make one call and return its answer, at the latest after `timeout` seconds.

    `trusted_hosts` are places ("127.0.0.1:9001", "bank.internal") that an operator named: these may
    lie anywhere, speak plain HTTP and listen on any port.

    :raises Refused: if nothing was sent because nothing may be.
    :raises Failed: if no whole answer came: no connection, the time, the size, bad TLS, bad HTTP.
    :raises RuntimeError: inside a transaction: its locks would wait for somebody else's server.
    """
    if database.in_atomic_block:
        raise RuntimeError(f"a call to {url.partition('?')[0]} inside a transaction")
    deadline = time.monotonic() + timeout
    target = resolve(url, trusted_hosts=trusted_hosts)
    with _Watch(deadline) as watch:
        connection = _connect(target, watch)
        with _closing(connection), _failures(watch):
            return _exchange(connection, target, method, headers or {}, body, max_bytes, watch)


# Which addresses may be called -------------------------------------------------------------------


def require_public_url(url: str, *, name: str, trusted_hosts: Collection[str] = NOBODY) -> str:
    """Return an address that a merchant wants to have called, after judging it as a call would.

    :raises BadValue: naming the field `name`, if calls to it would be refused.
    """
    try:
        resolve(url, trusted_hosts=trusted_hosts)
    except (Refused, Failed) as problem:
        message = _("We may not call this address: %s.") % problem
        raise BadValue(name, "address_refused", message) from problem
    return url


def resolve(url: str, *, trusted_hosts: Collection[str] = NOBODY) -> Target:
    """Return where a call to `url` would go.

    :raises Refused: if it may not be called, or its name is unknown.
    """
    address = None if SPACE.search(url) else read_address(url)
    if address is None:
        raise Refused(_("it is no plain https:// address"))
    trusted = address.place in trusted_hosts
    port = _port(address)
    if not trusted and (address.scheme, port) != ("https", 443):
        raise Refused(_("only https:// on port 443 is called"))
    if not trusted and address.host in _own_hosts():
        raise Refused(_("it leads back to this installation"))
    target = Target(address, port, _look_up(address.host.strip("[]"), port))
    if not trusted and not all(is_public(ip) for ip in target.ips):
        raise Refused(_("it leads to a network that is not public"))
    return target


def is_public(ip: str) -> bool:
    """Whether an internet address is one that anybody on the internet could call."""
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in net for net in NEVER_V4)
    return address in GLOBAL_V6 and not any(address in net for net in NEVER_V6)


def _own_hosts() -> set[str]:
    """Return the names under which this installation itself is called."""
    urls = (settings.APP_URL, settings.EDGE_URL)
    found = {address.host for url in urls if (address := read_address(url))}
    return found | set(settings.OWN_HOSTS)


def _port(address: Address) -> int:
    named = address.place[len(address.host) :].lstrip(":")
    return int(named) if named else DEFAULT_PORTS[address.scheme]


def _look_up(host: str, port: int) -> list[str]:
    """Ask the system for a name's addresses, in a thread: it may take longer than we wait."""
    found: list[str] = []
    problem: list[Exception] = []

    def ask() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(info[4][0]) for info in infos))
        except (OSError, UnicodeError) as error:
            problem.append(error)

    thread = threading.Thread(target=ask, name="look-up", daemon=True)
    thread.start()
    thread.join(CONNECT_SECONDS)
    if thread.is_alive():
        raise Failed("the name was not resolved in time", sent=False)
    if problem and getattr(problem[0], "errno", None) == socket.EAI_AGAIN:
        raise Failed("the name cannot be resolved at the moment", sent=False)
    if not found:
        raise Refused(_("its name is unknown"))
    return found


# The connection ----------------------------------------------------------------------------------


class _Watch:
    """Cuts a connection when its time is up, however slowly the other side drips."""

    def __init__(self, deadline: float) -> None:
        self.is_over = False
        self._deadline = deadline
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(max(0.0, self.left), self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "_Watch":
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    @property
    def left(self) -> float:
        """Return the seconds that are left."""
        return self._deadline - time.monotonic()

    def guard(self, connected: socket.socket) -> None:
        """Watch a connection. Cutting a copy works below TLS, which is not told of it."""
        self._socket = connected.dup()
        if self.is_over:
            self._cut()

    def _cut(self) -> None:
        self.is_over = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:  # They hung up first.
                return

    def release(self) -> None:
        """Let go of the copy."""
        if self._socket is not None:
            self._socket.close()


class _Pinned(HTTPConnection):
    """A connection to an address that was judged; the name is for the Host header and TLS only."""

    target: Target
    watch: _Watch

    def _new_conn(self) -> socket.socket:
        problem: OSError = OSError("no address")
        for ip in self.target.ips:
            seconds = min(CONNECT_SECONDS, self.watch.left)
            if seconds <= 0:
                raise TimeoutError("timed out")
            try:
                connected = socket.create_connection((ip, self.target.port), timeout=seconds)
            except OSError as error:
                problem = error
                continue
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.watch.guard(connected)
            return connected
        raise problem


class _PinnedTls(_Pinned, HTTPSConnection):
    """The same, inside TLS: `_new_conn` is where urllib3 lets others open the socket."""


def _connect(target: Target, watch: _Watch) -> _Pinned:
    connection: _Pinned
    if target.address.scheme == "https":
        connection = _PinnedTls(
            target.host, target.port, timeout=CONNECT_SECONDS, ssl_context=_tls()
        )
    else:
        connection = _Pinned(target.host, target.port, timeout=CONNECT_SECONDS)
    connection.target, connection.watch = target, watch
    try:
        connection.connect()
    except (OSError, HTTPError) as error:
        connection.close()
        watch.release()
        raise Failed(_name(error, watch), sent=False) from error
    return connection


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


# The exchange ------------------------------------------------------------------------------------


def _exchange(
    connection: _Pinned,
    target: Target,
    method: str,
    headers: Mapping[str, str],
    body: bytes,
    max_bytes: int,
    watch: _Watch,
) -> Response:
    address = target.address
    path = f"{address.path}?{address.query}" if address.query else address.path
    if connection.sock is not None:
        connection.sock.settimeout(max(0.001, watch.left))
    connection.request(
        method,
        path,
        body=body or (b"" if method in ("POST", "PUT", "PATCH") else None),
        headers={"User-Agent": "Fairlead", "Accept-Encoding": "identity", **headers},
        preload_content=False,
        decode_content=False,
    )
    answer = connection.getresponse()
    content = bytearray()
    while chunk := answer.read(CHUNK):
        content += chunk
        if len(content) > max_bytes:
            raise Failed(f"the answer is longer than {max_bytes} bytes", sent=True)
    if watch.is_over:
        raise Failed("timed out", sent=True)
    names = {name.lower(): value for name, value in answer.headers.items()}
    return Response(status=answer.status, headers=names, body=bytes(content))


@contextmanager
def _failures(watch: _Watch) -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPError, HTTPException, ValueError) as error:
        raise Failed(_name(error, watch), sent=True) from error


@contextmanager
def _closing(connection: _Pinned) -> Iterator[None]:
    try:
        yield
    finally:
        connection.close()
        connection.watch.release()


def _name(error: Exception, watch: _Watch) -> str:
    """Say what went wrong in words of ours: nothing of what the other side wrote."""
    if watch.is_over or isinstance(error, TimeoutError):
        return "timed out"
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"TLS: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return "TLS failed"
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused"
    if isinstance(cause, OSError):
        return cause.strerror or type(cause).__name__
    return type(error).__name__
