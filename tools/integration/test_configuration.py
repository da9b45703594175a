"""Settings from flags, the environment and attune.yaml, as they stand there."""

import json
import re
import subprocess

import pytest

from harness.server import ROOT, Server, binary


def serve(folder, *arguments, settings=None, file=None):
    """Starts `attune serve` in a folder of its own and returns (exit code or None, first line, errors)."""
    environment = {name: value for name, value in Server(folder).environment.items() if name not in ("ATTUNE_PORT", "ATTUNE_HOST", "ATTUNE_PUBLIC_URL")}
    environment |= settings or {}
    if file is not None:
        (folder.parent / "attune.yaml").write_text(file)
    process = subprocess.Popen([binary(), "serve", *arguments], env=environment, cwd=folder.parent,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    process.terminate()
    _, errors = process.communicate(timeout=30)
    return process.returncode, line, errors


def test_an_empty_variable_counts_as_not_set(folder):
    code, line, errors = serve(folder, settings={"ATTUNE_PORT": "", "ATTUNE_AI_PROVIDER": ""}, file="port: 0\n")
    assert line.startswith("listening on ") and not line.rstrip().endswith(":8080"), (code, errors)


@pytest.mark.parametrize("name, nearest", [("ATTUNE_PROT", "ATTUNE_PORT"), ("ATTUNE_DATE", "ATTUNE_DATA"), ("ATTUNE_AI_KEY", "ATTUNE_AI_API_KEY")])
def test_an_unknown_variable_is_refused_with_the_nearest_names(folder, name, nearest):
    code, line, errors = serve(folder, "--port", "0", settings={name: "9000"})
    assert (code, line) == (1, "") or (code, line) == (64, "")
    assert name in errors and nearest in errors


def test_what_a_container_platform_sets_is_ignored(folder):
    platform = {"ATTUNE_SERVICE_HOST": "10.0.0.1", "ATTUNE_SERVICE_PORT_HTTP": "80", "ATTUNE_PORT_8080_TCP_ADDR": "10.0.0.1",
                "ATTUNE_PORT": "tcp://10.0.0.1:8080"}
    code, line, errors = serve(folder, settings=platform, file="port: 0\n")
    assert line.startswith("listening on ") and "ATTUNE_PORT" in errors, (code, errors)


@pytest.mark.parametrize("value", ["00123456", "1.10", "1e3", "0x1F", "yes", "~", "12:30", "2026-01-01", "null"])
def test_values_of_the_file_are_taken_letter_by_letter(folder, value):
    code, line, errors = serve(folder, file=f"port: 0\nhost: {value}.invalid\n")
    assert (line, f"{value}.invalid" in errors) == ("", True), errors


def test_an_error_names_the_setting_as_it_was_given(folder):
    assert "--port" in serve(folder, "--port", "many")[2]
    assert "ATTUNE_PORT" in serve(folder, settings={"ATTUNE_PORT": "many"})[2]
    assert "port in attune.yaml" in serve(folder, file="port: many\n")[2]


def test_help_names_every_setting(folder):
    text = subprocess.run([binary(), "serve", "--help"], capture_output=True, text=True, check=True).stdout
    listed = set(re.findall(r"ATTUNE_[A-Z_]+[A-Z]", text))
    in_readme = {name for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| `ATTUNE_")
                 for name in re.findall(r"ATTUNE_[A-Z_]+[A-Z]", line.split(" | ")[0])}
    assert listed == in_readme and len(listed) > 25


def test_commands_are_answered_the_moment_the_server_says_so(folder):
    for _ in range(10):
        with Server(folder) as server:
            assert server.command("tenant", "list", "--json").code == 0


def test_log_lines_tell_starts_stops_and_requests(folder):
    with Server(folder, ATTUNE_LOG_LEVEL="info", ATTUNE_LOG_REQUESTS="true", ATTUNE_LOG_FORMAT="json") as server:
        client = server.create_tenant("acme").client()
        assert client.get("/api/personalization/users/secret-person").status == 200
        server.process.terminate()
        server.process.wait(30)
        lines = [json.loads(line) for line in server.log().splitlines()]
        messages = [line["message"] for line in lines]
        assert "Attune started." in messages and "Attune stopped." in messages
        [request] = [line for line in lines if line.get("route") == "/api/personalization/users/{userId}"]
        assert (request["status"], request["method"], request["tenant"]) == (200, "GET", "acme") and request["durationMs"] > 0
        assert "secret-person" not in server.log()
