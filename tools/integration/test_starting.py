"""Starts that fail: one line on standard error that says what to do, and the right exit code."""

import socket
import subprocess

import pytest

from harness.server import Server, binary


def start(folder, arguments=(), settings=None):
    """Runs `attune serve` until it ends; a start that fails ends by itself."""
    environment = Server(folder, **(settings or {})).environment
    # What is set in the environment, be it to nothing, hides what the file says.
    environment = {name: value for name, value in environment.items() if value}
    return subprocess.run(
        [binary(), "serve", *arguments], env=environment, cwd=folder.parent, capture_output=True, text=True, timeout=60, check=False,
    )


def check_failure(done, code: int, *words: str):
    assert done.returncode == code, done
    assert done.stdout == "", done
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("attune: "), done.stderr
    for word in words:
        assert word in lines[0], lines[0]


@pytest.fixture
def certificate(tmp_path):
    names = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-out", names[0], "-keyout", names[1]],
        check=True, capture_output=True,
    )
    return names


def test_a_port_that_is_taken(folder):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        check_failure(start(folder, ["--port", str(port)]), 1, f"port {port} on 127.0.0.1 is in use", "--port")


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_a_host_that_is_not_here(folder, host):
    check_failure(start(folder, ["--host", host]), 1, f"{host} is not an address of this machine", "--host")


def test_a_data_folder_in_use(server, folder):
    check_failure(start(folder), 1, "Another process has the data folder", "--data")
    assert server.client().get("/livez").status == 200


def test_a_data_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    check_failure(start(tmp_path / "data", ["--data", str(tmp_path / "file" / "data")]), 1, "cannot be made", "--data")


@pytest.mark.parametrize("missing", ["ATTUNE_TLS_CERT", "ATTUNE_TLS_KEY"])
def test_tls_files_that_are_not_there_or_hold_something_else(folder, certificate, tmp_path, missing):
    settings = {"ATTUNE_TLS_CERT": str(certificate[0]), "ATTUNE_TLS_KEY": str(certificate[1])}
    path = tmp_path / "other.pem"
    for content, words in ((None, "No such file"), ("nonsense", "does not hold"), ("", "does not hold")):
        if content is not None:
            path.write_text(content)
        check_failure(start(folder, settings=settings | {missing: str(path)}), 1, missing, str(path), words)
    check_failure(start(folder, settings=settings | {missing: str(tmp_path)}), 1, missing, "does not hold")


def test_a_tls_key_of_another_certificate(folder, certificate, tmp_path):
    other = tmp_path / "other-key.pem"
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", other], check=True, capture_output=True)
    check_failure(start(folder, settings={"ATTUNE_TLS_CERT": str(certificate[0]), "ATTUNE_TLS_KEY": str(other)}), 1, "ATTUNE_TLS_KEY")


@pytest.mark.parametrize("text, words", [
    ("log_levle: debug", ["log_levle", "log_level"]),
    ("log: {levle: debug}", ["log_levle", "log_level"]),
    ("prot: 1", ["prot", "port"]),
    ("rate-limits: 5", ["rate_limits", "rate_limit"]),
    ("tls:\n  certificate: x", ["tls_certificate", "tls_cert"]),
    ("nothing_like_it:", ["nothing_like_it"]),
    ("1: x", ["name"]),
    ("port: 1\nlog: [", ["YAML", "line"]),
    ("a: b: c", ["YAML"]),
    ("[1, 2]", ["mapping"]),
    ("port: [1]", ["mapping"]),
    ("log_level: info\nlog: {level: debug}", ["log_level", "twice"]),
    ("port: many", ["port in attune.yaml", "65535"]),
])
def test_a_configuration_file_that_cannot_be_meant(folder, text, words):
    (folder.parent / "attune.yaml").write_text(text)
    settings = {"ATTUNE_PORT": "", "ATTUNE_LOG_LEVEL": ""}
    check_failure(start(folder, settings=settings), 64, *words)
    assert not folder.exists()


def test_a_configuration_file_is_read(folder):
    (folder.parent / "attune.yaml").write_text("# comment\nlog: {level: warning}\nrate_limit: 7\nport: 0\ntls_cert:\n")
    server = Server(folder, ATTUNE_PORT="", ATTUNE_LOG_LEVEL="")
    with server:
        tenant = server.create_tenant("acme")
        assert "7" in tenant.client().get("/api/personalization/users/ada")["ratelimit-policy"]
