"""Connections that cost much and bring nothing: idle ones beyond the limit of files, and floods of HTTP/2 frames."""

import resource
import socket
import ssl
import struct
import subprocess
import time

import pytest

from harness.server import Server
from shapes import user_path

IDLE, FILES = 2000, 1024


@pytest.fixture
def files():
    """Files for the test's own ends of the connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < IDLE + 500:
        pytest.skip(f"needs {IDLE + 500} files, may have {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as file:
        return sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13])) / 100


@pytest.mark.parametrize("limit", ["-Sn", "-n"], ids=["soft", "hard"])
def test_idle_connections_beyond_the_limit_of_files_harm_nobody(folder, files, limit):
    server = Server(folder)
    server.prefix = ["sh", "-c", f'ulimit {limit} {FILES}; exec "$0" "$@"']
    idle = []
    with server:
        tenant = server.create_tenant("acme")
        early, key = tenant.client(), tenant.key()
        assert early.get(user_path("ada")).status == 200
        try:
            for _ in range(IDLE):
                idle.append(socket.create_connection(("127.0.0.1", server.port), timeout=20))
            assert early.get(user_path("ada")).status == 200, "a connection that was there before"
            late = server.client(key, timeout=20)
            assert late.post(user_path("ada", "/feature-usage"), {"feature": "x"}).status == 202
            assert [entry["tenant"] for entry in server.must("tenant", "list")] == ["acme"], "the socket of commands"
            before = cpu_seconds(server.process.pid)
            time.sleep(2)
            assert cpu_seconds(server.process.pid) - before < 1, "the server does not spin"
            assert early.get(user_path("ada")).status == 200 and late.get(user_path("ada")).status == 200
        finally:
            for connection in idle:
                connection.close()
        assert server.client(key).get(user_path("ada")).status == 200
        assert server.log().count("All connections are taken") == (1 if limit == "-n" else 0)
        assert server.stop() == 0


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, WINDOW_UPDATE, GOAWAY, PRIORITY_UPDATE = 4, 8, 7, 0x10
# HPACK: GET, https, and an authority; the path follows.
HEAD = b"\x82\x87\x41\x09localhost\x44\x07/livez?"


def frame(kind: int, payload: bytes, stream: int = 0, flags: int = 0) -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    names = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-out", names[0], "-keyout", names[1]], check=True, capture_output=True)
    with Server(folder / "data", ATTUNE_TLS_CERT=str(names[0]), ATTUNE_TLS_KEY=str(names[1])) as running:
        yield running


def connect(server: Server, protocol: str = "h2") -> ssl.SSLSocket:
    context = ssl._create_unverified_context()
    context.set_alpn_protocols([protocol])
    connection = context.wrap_socket(socket.create_connection(("127.0.0.1", server.port), timeout=10))
    if protocol == "h2":
        connection.sendall(PREFACE + frame(SETTINGS, b""))
    return connection


@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize("kind, payload", [(WINDOW_UPDATE, b"\0\0\0\1"), (0x7E, b"x" * 1000), (0xFF, b""), (GOAWAY, b"\0" * 8)])
def test_floods_of_frames_that_bring_nothing_are_cut_off(secured, kind, payload, reads):
    connection = connect(secured)
    # After a first GOAWAY the server says farewell, for which TLS waits some seconds.
    end = time.monotonic() + 15
    with pytest.raises((OSError, EOFError)):
        while time.monotonic() < end:
            connection.sendall(frame(kind, payload) * 50)
            if not reads:
                continue
            connection.settimeout(0.001)
            try:
                if not connection.recv(65536):
                    raise EOFError
            except (TimeoutError, ssl.SSLWantReadError):
                pass
            connection.settimeout(10)
    other = connect(secured, "http/1.1")
    other.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert other.recv(99).startswith(b"HTTP/1.1 200")


def test_windows_and_priorities_of_requests_are_no_flood(secured):
    """As browsers send them: two windows, a priority and a frame that nobody knows for each request."""
    connection = connect(secured)
    opened = frame(WINDOW_UPDATE, b"\0\0\1\0")
    answered = 0
    for number in range(1, 1601, 2):
        request = frame(1, HEAD, number, 5)
        connection.sendall(request + frame(PRIORITY_UPDATE, struct.pack(">I", number) + b"u=1") + frame(0xB0, b"grease") + opened * 2)
        received = b""
        while b'"status":"live"' not in received:
            chunk = connection.recv(65536)
            assert chunk, (number, received)
            received += chunk
        answered += 1
    assert answered == 800
