"""Ids, bodies and connections as an attacker would send them."""

import gzip
import json
import socket
import time
import unicodedata
from urllib.parse import quote

import pytest

from harness.client import raw_exchange
from shapes import check_problem, usage, user_path

NFC, NFD = (unicodedata.normalize(form, "Zoë") for form in ("NFC", "NFD"))
# Each id must be a user of its own.
IDS = [
    "#", "/", "//", "..", ".", "a/b", "%2F", "%252F", "a%2Fb", "?", "a?b=c", "a b", " ", "+", "a+b", "a%20b", "USER#u1", "u1",
    "PERSONALIZATION", "USER#u1/PERSONALIZATION", "'\"", "<script>", "${x}", "{userId}", "null", "true", "1", "01", "1.0", "-1", "ME", "Me",
    NFC, NFD, "ﬁ", "fi", "K", "\u212a", "\u200b", "\u202e", "\ufeff", "🧑‍🚀", "\U0010ffff", "a" * 256, "é" * 128, "%", "%zz", "%00", "~", ":", ";", "@", "*",
]


def use(client, user: str, feature="x"):
    return client.post(user_path(user, "/feature-usage"), {"feature": feature})


def test_each_id_is_a_user_of_its_own(api):
    assert len(set(IDS)) == len(IDS)
    for number, user in enumerate(IDS):
        assert use(api, user, f"feature-{number}").status == 202, user
    for number, user in enumerate(IDS):
        answer = api.get(user_path(user))
        assert answer.status == 200, (user, answer)
        assert answer.json()["userId"] == user
        assert usage(answer.json()) == {f"feature-{number}": 1}, user


@pytest.mark.parametrize("segment", [
    "%00", "a%00b", "%0a", "%1f", "%7f", "%c2%85", "%", "%2", "%zz", "%ff", "%c3", "%ed%a0%80", "%f4%90%80%80", "%c0%af",
    "a" * 257, quote("é" * 128) + "a", "",
])
def test_what_is_no_id_is_refused(api, segment):
    for method, rest, body in (("GET", "", None), ("POST", "/feature-usage", {"feature": "x"}), ("GET", "/dashboard", None)):
        answer = api.request(method, f"/api/personalization/users/{segment}{rest}", body)
        assert answer.status in (400, 404, 422), answer
        check_problem(answer, answer.status)


def test_a_long_path_is_refused(api):
    answer = api.get("/api/personalization/users/" + "%41" * 20_000)
    assert answer.status in (400, 404, 414, 422, 431), answer


@pytest.mark.parametrize("text", [
    "", "{", "{}x", "[", "nul", '{"feature":"x",}', "{'feature':'x'}", '{"feature":"x"', '\xff', '{"feature":"\\ud800"}', '{"feature":"\\x"}',
    '{"feature":"a\u0000b"}', "[" * 100_000, '{"a":' * 50_000, "[" * 200 + "]" * 200,
])
def test_bad_json(api, text):
    body = text.encode("latin-1") if text == "\xff" else text
    answer = api.post(user_path("hostile", "/feature-usage"), body, headers={"Content-Type": "application/json"})
    assert answer.status in (400, 422), answer
    check_problem(answer, answer.status)


@pytest.mark.parametrize("value", ["1e400", "-1e400", "1" * 5000, "0." + "1" * 5000, "9223372036854775808", "NaN", "Infinity", "1e-400", "-0"])
def test_huge_numbers(api, value):
    api.put(user_path("numbers", "/goals"), {"shortTerm": ["a"], "longTerm": []})
    answer = api.patch(user_path("numbers", "/goals"), f'{{"goal":"a","progress":{value}}}', headers={"Content-Type": "application/json"})
    if value in ("1e-400", "-0") or value.startswith("0."):
        assert answer.status in (200, 400, 422), answer
    else:
        assert answer.status in (400, 422), answer
    assert 0 <= api.get(user_path("numbers")).json()["goalProgress"][0]["progress"] <= 1


@pytest.mark.parametrize("body", ["[]", '"x"', "1", "null", "true", "[[]]"])
def test_json_of_another_shape(api, body):
    answer = api.post(user_path("hostile", "/feature-usage"), body, headers={"Content-Type": "application/json"})
    assert answer.status in (400, 422), answer


@pytest.mark.parametrize("kind", ["text/html", "application/xml", "multipart/form-data; boundary=x", "application/octet-stream", "nonsense", "application/jsonx"])
def test_other_content_types_are_415(api, kind):
    for path in ("/feature-usage", "/content-preferences", "/suggestions"):
        check_problem(api.post(user_path("typed", path), json.dumps({"feature": "x"}), headers={"Content-Type": kind}), 415)
    check_problem(api.put(user_path("typed", "/goals"), "{}", headers={"Content-Type": kind}), 415)
    assert usage(api.get(user_path("typed")).json()) == {}


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"])
def test_json_by_its_other_names(api, kind):
    assert api.post(user_path("typed-2", "/feature-usage"), '{"feature":"x"}', headers={"Content-Type": kind}).status == 202


def test_a_body_over_512_kb_is_413(shared, tenant):
    for path, method in (("/feature-usage", "POST"), ("/goals", "PUT")):
        client = tenant.client()
        body = json.dumps({"feature": "x", "padding": "p" * 524_288})
        answer = client.request(method, user_path("large", path), body, headers={"Content-Type": "application/json"})
        check_problem(answer, 413)
    body = json.dumps({"feature": "x", "padding": "p" * 500_000})
    assert tenant.client().post(user_path("large", "/feature-usage"), body, headers={"Content-Type": "application/json"}).status == 202


def test_an_endless_chunked_body_is_413_or_cut_off(shared, tenant):
    head = (
        f"POST {user_path('chunked', '/feature-usage')} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tenant.key()}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    received = raw_exchange(shared.port, head.encode() + chunk * 40, timeout=5)
    assert not received or received.startswith(b"HTTP/1.1 413"), received[:200]


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET /livez HTTP/9.9\r\nHost: x\r\n\r\n", b"\r\n\r\n", b"\x00" * 4096,
    b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    b"POST /api/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    b"POST /api/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"POST /api/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /api/tokens HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n",
])
def test_broken_http_leaves_the_server_standing(shared, data):
    received = raw_exchange(shared.port, data, timeout=1)
    assert not received.startswith(b"HTTP/1.1 5"), received[:200]
    assert shared.client().get("/livez").status == 200


def test_slow_clients_hold_nobody_up(shared, tenant, api):
    head = f"POST {user_path('slow', '/feature-usage')} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tenant.key()}\r\nContent-Type: application/json\r\n"
    slow = []
    for number in range(100):
        connection = socket.create_connection(("127.0.0.1", shared.port), timeout=10)
        connection.sendall(head.encode() if number % 2 else head.encode() + b'Content-Length: 100\r\n\r\n{"feat')
        slow.append(connection)
    try:
        longest = 0.0
        for _ in range(50):
            start = time.monotonic()
            assert use(api, "quick").status == 202
            longest = max(longest, time.monotonic() - start)
        assert longest < 2, f"an answer took {longest:.1f} s beside slow clients"
    finally:
        for connection in slow:
            connection.close()
    assert usage(api.get(user_path("slow")).json()) == {}


def test_a_client_that_goes_away_leaves_nothing_half_done(shared, tenant, api):
    body = b'{"feature":"x"}'
    head = (
        f"POST {user_path('gone', '/feature-usage')} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tenant.key()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    for number in range(30):
        with socket.create_connection(("127.0.0.1", shared.port)) as connection:
            connection.sendall(head + body if number % 2 else head + body[:5])
    assert use(api, "gone").status == 202
    assert 1 <= usage(api.get(user_path("gone")).json())["x"] <= 16


def test_a_wrong_method_is_405_and_an_unknown_path_404(api):
    answer = api.request("DELETE", user_path("x", "/dashboard"))
    assert answer.status in (404, 405), answer
    check_problem(answer, answer.status)
    check_problem(api.get("/api/nothing-here"), 404)


def test_request_ids_are_not_taken_over_blindly(shared):
    answer = shared.client().get("/livez", headers={"X-Request-Id": "a" * 5000})
    assert len(answer["x-request-id"]) <= 200


def expecting(tenant, path: str, length: int, expectation: str = "100-continue") -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tenant.key()}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\nExpect: {expectation}\r\nConnection: close\r\n\r\n"
    ).encode()


def read_all(connection) -> bytes:
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


@pytest.mark.parametrize("expectation", ["100-continue", "100-Continue"])
def test_a_client_that_waits_for_100_gets_it_before_it_sends_its_body(shared, tenant, api, expectation):
    body = b'{"feature":"x"}'
    user = f"expects-{expectation}"
    with socket.create_connection(("127.0.0.1", shared.port), timeout=5) as connection:
        connection.sendall(expecting(tenant, user_path(user, "/feature-usage"), len(body), expectation))
        interim = b""
        while b"\r\n\r\n" not in interim:
            interim += connection.recv(65536)
        assert interim.startswith(b"HTTP/1.1 100 ") and interim.endswith(b"\r\n\r\n"), interim
        assert usage(api.get(user_path(user)).json()) == {}
        connection.sendall(body)
        assert read_all(connection).startswith(b"HTTP/1.1 202 ")
    assert usage(api.get(user_path(user)).json()) == {"x": 1}


def test_a_body_that_is_announced_too_long_gets_413_and_no_100(shared, tenant):
    with socket.create_connection(("127.0.0.1", shared.port), timeout=5) as connection:
        connection.sendall(expecting(tenant, user_path("large", "/feature-usage"), 600_000))
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
    assert received.startswith(b"HTTP/1.1 413 "), received[:200]


def test_a_100_never_comes_into_the_middle_of_an_earlier_answer(shared, tenant):
    body = b'{"feature":"x"}'
    first = "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    received = raw_exchange(shared.port, first + expecting(tenant, user_path("pipelined", "/feature-usage"), len(body)) + body)
    head, _, rest = received.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    assert head.startswith(b"HTTP/1.1 200 ") and b"HTTP/1.1" not in rest[:length]
    rest = rest[length:]
    if rest.startswith(b"HTTP/1.1 100 "):
        rest = rest.partition(b"\r\n\r\n")[2]
    assert rest.startswith(b"HTTP/1.1 202 "), rest[:200]


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "nonsense", "gzip, identity"])
def test_a_body_in_a_coding_that_is_not_taken_is_415(api, tenant, coding):
    body = gzip.compress(b'{"feature":"x"}') if coding == "gzip" else b'{"feature":"x"}'
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}
    for path in ("/feature-usage", "/content-preferences", "/suggestions"):
        check_problem(api.post(user_path("coded", path), body, headers=headers), 415)
    for path in ("/goals", "/settings", "/market-focus"):
        check_problem(api.put(user_path("coded", path), body, headers=headers), 415)
    check_problem(api.patch(user_path("coded", "/goals"), body, headers=headers), 415)
    check_problem(api.put("/api/playbook", body, headers=headers), 415)
    for path in ("/api/tokens", "/api/tokens/introspect", "/api/tokens/revoke"):
        check_problem(tenant.client().post(path, body, headers=headers), 415)
    assert usage(api.get(user_path("coded")).json()) == {}


def test_identity_is_no_coding(api):
    headers = {"Content-Type": "application/json", "Content-Encoding": "identity"}
    assert api.post(user_path("plain", "/feature-usage"), b'{"feature":"x"}', headers=headers).status == 202


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}], ids=["untyped", "typed"])
def test_suggestions_need_no_body(api, headers):
    answer = api.post(user_path("bare", "/suggestions"), None, headers=headers)
    assert answer.status == 200 and answer.json(), answer
    assert all(set(item) == {"title", "description", "action", "priority", "source", "reason", "link"} for item in answer.json())
    # Other routes do.
    check_problem(api.post(user_path("bare", "/feature-usage"), None, headers=headers), 400)
