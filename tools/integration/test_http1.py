"""The end of a message and of a connection in HTTP/1 (RFC 9112): HTTP/1.0, `Connection: close`, and answers without a known length."""

import socket

import pytest

from shapes import user_path

LIVE, EXPORT = "/livez", "/api/privacy/users/ada/export"


def exchange(port: int, data: bytes, seconds: float = 3) -> tuple[str, dict[str, str], bytes, bool]:
    """Status line, header fields, what comes behind the head, and whether the server closes."""
    received, closed = b"", False
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(data)
        try:
            while chunk := connection.recv(65536):
                received += chunk
            closed = True
        except TimeoutError:
            pass
    head, _, body = received.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    return line, {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}, body, closed


@pytest.fixture
def ask(tenant):
    """Sends one request with the tenant's key."""
    tenant.client().post(user_path("ada", "/feature-usage"), {"feature": "x"})

    def send(method: str, path: str, version: str, *fields: str, seconds: float = 3):
        lines = [f"{method} {path} HTTP/{version}", f"Authorization: Bearer {tenant.key()}", *fields]
        return exchange(tenant.server.port, "\r\n".join([*lines, "", ""]).encode(), seconds)
    return send


@pytest.mark.parametrize("path", [LIVE, EXPORT, f"{EXPORT}?format=csv", "/nothing", "/openapi.yaml"])
@pytest.mark.parametrize("fields", [(), ("Connection: close",), ("Connection: Keep-Alive, close",), ("Proxy-Connection: keep-alive",)])
def test_an_answer_to_http_1_0_ends_with_the_connection(ask, path, fields):
    line, answer, body, closed = ask("GET", path, "1.0", *fields)
    assert line.split()[1] == ("404" if path == "/nothing" else "200") and closed
    assert "transfer-encoding" not in answer and answer["connection"] == "close"
    assert body and ("content-length" not in answer or int(answer["content-length"]) == len(body))
    assert body[:1] in (b"{", b"\xef", b"o", b"#", b'"', b"s") and not body.endswith(b"\r\n0\r\n\r\n"), "no chunks"


def test_http_1_0_goes_on_where_it_asks_for_it_and_the_length_is_known(ask, tenant):
    line, answer, body, closed = ask("GET", LIVE, "1.0", "Connection: keep-alive", seconds=1)
    assert not closed and answer["connection"] == "keep-alive" and int(answer["content-length"]) == len(body)
    request = f"GET {LIVE} HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n".encode()
    _, _, rest, closed = exchange(tenant.server.port, request + f"GET {LIVE} HTTP/1.0\r\n\r\n".encode())
    assert rest.count(b"HTTP/1.") == 1 and closed, "two answers, the second one the last"


@pytest.mark.parametrize("path", [EXPORT, f"{EXPORT}?format=csv"])
def test_a_stream_to_http_1_0_ends_with_the_connection_even_if_it_asks_to_go_on(ask, path):
    _, answer, body, closed = ask("GET", path, "1.0", "Connection: keep-alive")
    assert closed and body and "transfer-encoding" not in answer and answer["connection"] == "close"


@pytest.mark.parametrize("value", ["close", "Close", "CLOSE", "keep-alive, close", "close, TE", "TE,  Close"])
@pytest.mark.parametrize("path, method", [(LIVE, "GET"), (LIVE, "HEAD"), (EXPORT, "GET"), ("/nothing", "GET"), ("/v1/track", "POST")])
def test_close_is_obeyed_in_any_letters_and_in_lists(ask, value, path, method):
    line, answer, _, closed = ask(method, path, "1.1", "Host: x", f"Connection: {value}", "Content-Length: 0")
    assert line.startswith("HTTP/1.1 ") and closed and answer["connection"] == "close"


def test_what_comes_behind_the_last_request_is_not_answered(ask, tenant):
    last, more = (f"GET {LIVE} HTTP/1.1\r\nHost: x\r\n{field}\r\n".encode() for field in ("Connection: CLOSE\r\n", ""))
    _, _, body, closed = exchange(tenant.server.port, more + last + more)
    assert closed and body.count(b"HTTP/1.1 200") == 1


def test_http_1_1_goes_on(ask):
    _, answer, _, closed = ask("GET", LIVE, "1.1", "Host: x", seconds=1)
    assert not closed and answer.get("connection") != "close"
    assert ask("GET", EXPORT, "1.1", "Host: x", seconds=1)[2].endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("path", [LIVE, EXPORT, f"{EXPORT}?format=ndjson", "/openapi.yaml", "/nothing"])
def test_nothing_comes_behind_the_head_that_answers_head(ask, version, path):
    line, answer, body, closed = ask("HEAD", path, version, "Host: x", "Connection: close")
    assert line.split()[1] in ("200", "404") and body == b"" and closed
    if version == "1.0":
        assert "transfer-encoding" not in answer


def test_http_1_0_gets_no_100(tenant):
    body = b'{"feature":"x"}'
    lines = [
        f"POST {user_path('ada', '/feature-usage')} HTTP/1.0", f"Authorization: Bearer {tenant.key()}", "Content-Type: application/json",
        "Expect: 100-continue", f"Content-Length: {len(body)}", "", ""]
    request = "\r\n".join(lines).encode() + body
    line, _, _, closed = exchange(tenant.server.port, request)
    assert line.split()[1] == "202" and closed


def test_chunks_in_http_1_0_end_the_connection(tenant):
    request = b"POST /v1/track HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.0\r\n\r\n"
    line, _, body, closed = exchange(tenant.server.port, request)
    assert closed and line.split()[1] in ("400", "401") and b"HTTP/1." not in body
