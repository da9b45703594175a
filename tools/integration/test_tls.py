"""TLS and HTTP/2 when a certificate is configured."""

import json
import subprocess

import pytest

from harness.server import NotStarted, Server
from shapes import usage, user_path


@pytest.fixture
def certificate(tmp_path):
    names = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-out", names[0], "-keyout", names[1]],
        check=True, capture_output=True,
    )
    return names


@pytest.fixture
def secured(folder, certificate):
    with Server(folder, ATTUNE_TLS_CERT=str(certificate[0]), ATTUNE_TLS_KEY=str(certificate[1])) as running:
        yield running


def curl(server, certificate, path: str, *options: str) -> tuple[str, str, str]:
    """Protocol version, status and body."""
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--cacert", certificate[0], "--max-time", "20", *options,
         "--write-out", "\n%{http_version} %{http_code}", f"https://127.0.0.1:{server.port}{path}"],
        check=True, capture_output=True, text=True,
    )
    body, _, last = done.stdout.rpartition("\n")
    version, status = last.split()
    return version, status, body


@pytest.mark.parametrize("option, version", [("--http2", "2"), ("--http1.1", "1.1")])
def test_requests_over_tls(secured, certificate, option, version):
    tenant = secured.create_tenant("acme")
    assert curl(secured, certificate, "/livez", option)[:2] == (version, "200")
    key = ["-H", f"Authorization: Bearer {tenant.key()}"]
    sent = curl(
        secured, certificate, user_path("ada", "/feature-usage"), option, *key,
        "-H", "Content-Type: application/json", "-d", json.dumps({"feature": "brand-audit"}),
    )
    assert sent[:2] == (version, "202")
    got = curl(secured, certificate, user_path("ada"), option, *key)
    assert got[:2] == (version, "200") and usage(json.loads(got[2])) == {"brand-audit": 1}


def test_the_cookie_of_a_session_is_one_of_tls_whatever_the_public_url(folder, certificate):
    settings = {"ATTUNE_TLS_CERT": str(certificate[0]), "ATTUNE_TLS_KEY": str(certificate[1]), "ATTUNE_PUBLIC_URL": "http://127.0.0.1:1"}
    with Server(folder, **settings) as server:
        key = server.create_tenant("acme").key()
        _, status, head = curl(server, certificate, "/login", "--http1.1", "--data-urlencode", f"key={key}", "--dump-header", "-", "--output", "/dev/null")
    cookie = next(line for line in head.splitlines() if line.lower().startswith("set-cookie:"))
    assert status == "303" and "__Host-attune-session=" in cookie and "; Secure" in cookie and "; HttpOnly" in cookie


def test_plain_http_is_not_answered_on_the_tls_port(secured):
    done = subprocess.run(["curl", "--silent", "--max-time", "5", f"http://127.0.0.1:{secured.port}/livez"], capture_output=True, check=False)
    assert done.returncode != 0


def test_old_tls_is_refused(secured, certificate):
    done = subprocess.run(
        ["curl", "--silent", "--cacert", certificate[0], "--tls-max", "1.1", f"https://127.0.0.1:{secured.port}/livez"], capture_output=True, check=False,
    )
    assert done.returncode != 0


def test_half_a_configuration_does_not_start(folder, certificate):
    with pytest.raises(NotStarted):
        Server(folder, ATTUNE_TLS_CERT=str(certificate[0])).start()
