"""The guarded client: which addresses it calls, and what a hostile other side cannot do to it."""

import resource
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from common import outgoing
from common.outgoing import Failed, Refused, call, is_public, require_public_url
from common.refusals import BadValue

INSIDE = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/",
    "https://192.168.1.1/",
    "https://172.16.0.1/",
    "https://100.64.0.1/",
    "https://192.0.0.8/",
    "https://0.0.0.0/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    "https://[fd00::1]/",
    "https://[ff02::1]/",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://0x7f000001/",
    "https://localhost/",
    "https://localhost./",
    "https://LOCALHOST/",
]
MISSHAPEN = [
    "https://example.com:25/",
    "https://example.com:8443/",
    "http://example.com/",
    "https://example.com:80/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "//example.com/",
    "https://user:secret@example.com/",
    "https://good.example@127.0.0.1/",
    "https://example.com\\@127.0.0.1/",
    "https://exam ple.com/",
    "https://example.com/\r\nX: y",
    "https:///path",
    "",
]


@pytest.mark.parametrize("url", INSIDE + MISSHAPEN)
def test_addresses_inside_or_misshapen_are_refused_on_save_and_on_send(url):
    with pytest.raises(BadValue) as on_save:
        require_public_url(url, name="url")
    with pytest.raises(Refused):
        call("POST", url, body=b"{}")

    assert (on_save.value.field, on_save.value.code) == ("url", "address_refused")


def test_the_installation_does_not_call_itself(monkeypatch, settings):
    settings.APP_URL, settings.OWN_HOSTS = "https://app.example", ["console.example"]
    _names(monkeypatch, {"app.example": ["8.8.8.8"], "console.example": ["8.8.8.8"]})

    for host in ("app.example", "console.example"):
        with pytest.raises(Refused, match="back to this installation"):
            call("POST", f"https://{host}/rails/balance/t/", body=b"{}")


@pytest.mark.parametrize(
    "ip", ["8.8.8.8", "193.0.6.139", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8"]
)
def test_public_addresses_are_public(ip):
    assert is_public(ip)


def test_one_inner_address_behind_a_name_is_enough_to_refuse(monkeypatch):
    _names(monkeypatch, {"mixed.example": ["8.8.8.8", "10.0.0.5"]})

    with pytest.raises(Refused, match="not public"):
        call("GET", "https://mixed.example/")


def test_a_name_is_asked_for_once_and_the_connection_goes_where_it_was_judged(monkeypatch):
    asked = _names(monkeypatch, {"rebinds.example": ["127.0.0.1"]}, then=["192.0.2.1"])

    with _server(_says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as port:
        place = f"rebinds.example:{port}"
        answer = call("GET", f"http://{place}/", trusted_hosts={place})

    assert (answer.status, answer.body, asked) == (200, b"ok", ["rebinds.example"])


def test_a_name_nobody_knows_is_refused():
    with pytest.raises(Refused, match="unknown"):
        call("GET", "https://nobody.invalid/")


def test_only_the_place_that_was_named_is_trusted():
    with _server(_says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as port:
        trusted = {f"127.0.0.1:{port}"}

        assert call("GET", f"http://127.0.0.1:{port}/", trusted_hosts=trusted).status == 200
        with pytest.raises(Refused):
            call("GET", "http://127.0.0.1:1/", trusted_hosts=trusted)
        with pytest.raises(Refused):
            call("GET", f"http://localhost:{port}/", trusted_hosts=trusted)


def test_what_is_sent_is_what_was_given():
    seen: list[bytes] = []

    def remember(connection: socket.socket) -> None:
        heard = b""
        while not heard.endswith(b'{"a":1}'):
            heard += connection.recv(65536)
        seen.append(heard)
        connection.sendall(b"HTTP/1.1 201 Created\r\nX-Thing: a\r\nContent-Length: 0\r\n\r\n")

    with _server(remember) as port:
        answer = call(
            "POST",
            f"http://127.0.0.1:{port}/a%20b?c=d",
            headers={"Authorization": "Bearer x"},
            body=b'{"a":1}',
            trusted_hosts={f"127.0.0.1:{port}"},
        )

    head, _, body = seen[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /a%20b?c=d HTTP/1.1"
    assert f"Host: 127.0.0.1:{port}".encode() in lines
    assert b"Authorization: Bearer x" in lines
    assert (body, answer.status, answer.headers["x-thing"]) == (b'{"a":1}', 201, "a")


# A hostile other side ----------------------------------------------------------------------------


def test_a_redirect_is_an_answer_and_is_not_followed():
    visits: list[bytes] = []

    def redirect(connection: socket.socket) -> None:
        visits.append(connection.recv(65536))
        connection.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
        )

    with _server(redirect) as port:
        answer = _get(port)

    assert (answer.status, len(visits)) == (302, 1)


def test_ten_megabytes_are_cut_off_at_the_limit():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n"

    with (
        _server(_says(head, b"x" * 10_485_760)) as port,
        pytest.raises(Failed, match="longer") as f,
    ):
        _get(port)

    assert f.value.sent


@pytest.mark.parametrize("head", [b"", b"Transfer-Encoding: chunked\r\n"])
def test_an_endless_answer_costs_neither_memory_nor_time(head):
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    piece = b"4000\r\n" + b"x" * 0x4000 + b"\r\n" if head else b"x" * 0x4000

    def endless(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        while True:
            connection.sendall(piece)

    with _server(endless) as port, pytest.raises(Failed):
        _get(port)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8_000  # kB.
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("_case", "first"),
    [
        ("in the status line", b""),
        ("in the headers", b"HTTP/1.1 200 OK\r\n"),
        ("in the body", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        ("in a body without a length", b"HTTP/1.1 200 OK\r\n\r\n"),
    ],
)
def test_a_slow_drip_ends_when_the_time_is_up(_case, first):
    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(first)
        while True:
            connection.sendall(b"X")
            time.sleep(0.05)

    began = time.monotonic()
    with _server(drip) as port, pytest.raises(Failed, match="timed out") as failed:
        _get(port, timeout=0.5)

    assert failed.value.sent
    assert time.monotonic() - began < 1.5


def test_continue_for_ever_ends_when_the_time_is_up():
    def continues(connection: socket.socket) -> None:
        connection.recv(65536)
        while True:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            time.sleep(0.02)

    with _server(continues) as port, pytest.raises(Failed):
        _get(port, timeout=0.5)


@pytest.mark.parametrize(
    ("_case", "answer"),
    [
        ("nothing", b""),
        ("no HTTP", b"220 mail.example ESMTP\r\n"),
        ("less than was promised", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        ("no chunks", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    ],
)
def test_what_is_no_whole_answer_may_have_been_read_by_them(_case, answer):
    with _server(_says(answer)) as port, pytest.raises(Failed) as failed:
        _get(port)

    assert failed.value.sent


def test_a_compressed_answer_is_not_unpacked():
    packed = b"\x1f\x8b\x08\x00nonsense"
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n"

    with _server(_says(head, packed)) as port:
        assert _get(port).body == packed


def test_nobody_listening_means_nothing_was_sent():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

        with pytest.raises(Failed, match="connection refused") as failed:
            _get(port)

    assert not failed.value.sent


# TLS ---------------------------------------------------------------------------------------------


def test_tls_is_verified_for_the_name_that_was_called(authority):
    certificate = authority("localhost")

    with _server(_says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), certificate) as port:
        assert _get(port, scheme="https", host="localhost").body == b"ok"


@pytest.mark.parametrize("name", ["other.example", "127.0.0.2"])
def test_tls_for_another_name_is_refused_before_anything_is_said(authority, name):
    seen: list[bytes] = []
    certificate = authority(name)

    with (
        _server(lambda connection: seen.append(connection.recv(65536)), certificate) as port,
        pytest.raises(Failed, match="TLS") as failed,
    ):
        _get(port, scheme="https", host="localhost")

    assert (failed.value.sent, seen) == (False, [])


def test_tls_by_an_unknown_authority_is_refused(authority, monkeypatch):
    certificate = authority("localhost")
    monkeypatch.delenv("SSL_CERT_FILE")
    outgoing._tls.cache_clear()

    with _server(_says(b""), certificate) as port, pytest.raises(Failed, match="TLS") as failed:
        _get(port, scheme="https", host="localhost")

    assert not failed.value.sent


def test_a_handshake_that_drips_ends_when_the_time_is_up():
    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"\x16\x03\x03\x40\x00")  # A record of 16 kB is to come.
        while True:
            connection.sendall(b"\x02")
            time.sleep(0.05)

    began = time.monotonic()
    with _server(drip) as port, pytest.raises(Failed, match="timed out") as failed:
        _get(port, scheme="https", host="localhost", timeout=0.5)

    assert not failed.value.sent
    assert time.monotonic() - began < 1.5


# Servers and names -------------------------------------------------------------------------------


def _get(port: int, *, scheme: str = "http", host: str = "127.0.0.1", timeout: float = 5.0):
    place = f"{host}:{port}"
    return call("GET", f"{scheme}://{place}/", timeout=timeout, trusted_hosts={place})


def _says(*parts: bytes) -> Callable[[socket.socket], None]:
    def say(connection: socket.socket) -> None:
        connection.recv(65536)
        for part in parts:
            connection.sendall(part)

    return say


@contextmanager
def _server(
    answer: Callable[[socket.socket], None], certificate: Path | None = None
) -> Iterator[int]:
    """Serve raw bytes on a port of our own; `certificate` holds a key and a certificate."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve_one(raw: socket.socket) -> None:
        try:
            with raw, context.wrap_socket(raw, server_side=True) if context else raw as connection:
                answer(connection)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
        except OSError:
            return

    def serve() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve_one, args=(raw,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def _names(monkeypatch, names: dict[str, list[str]], then: list[str] | None = None) -> list[str]:
    """Let names lead to addresses, from the second question on to others; return who was asked."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        if host not in names:
            return real(host, port, *args, **kwargs)
        ips = then if then and host in asked else names[host]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ips]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.fixture
def authority(tmp_path, monkeypatch) -> Iterator[Callable[[str], Path]]:
    """An authority that we trust for this test; call it to get a certificate for a name."""
    key = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("Test authority", key.public_key(), "Test authority", key, is_root=True)
    (tmp_path / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    outgoing._tls.cache_clear()

    def issue(name: str) -> Path:
        own = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(name, own.public_key(), "Test authority", key, is_root=False)
        file = tmp_path / f"{name}.pem"
        file.write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return file

    yield issue
    outgoing._tls.cache_clear()


def _certificate(name, public_key, issuer, issuer_key, *, is_root: bool) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
