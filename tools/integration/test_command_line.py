"""What commands print, and how they say that something is wrong."""

import json
import os
import re

import pytest

from shapes import user_path

COMMANDS = {
    "tenant": ["create", "list", "show", "set", "suspend", "resume", "export", "delete"],
    "key": ["create", "list", "rotate", "revoke"],
    "token": ["mint", "rotate-key"],
    "user": ["show", "items", "export", "import", "erase", "anonymize"],
    "privacy": ["requests", "verify-receipt", "audit-verify", "ledger", "compact", "records", "exposure"],
    "catalog": ["import"],
    "events": ["import"],
    "playbook": ["get", "put", "check"],
    "vault": ["rotate-master", "rotate-tenant"],
}


def test_every_command_has_help(shared):
    for command, subcommands in COMMANDS.items():
        listed = shared.command(command, "--help").out
        for subcommand in subcommands:
            assert re.search(rf"^  {subcommand}\b", listed, re.M), (command, subcommand)
            result = shared.command(command, subcommand, "--help")
            assert result.code == 0 and "USAGE" in result.out and max(map(len, result.out.splitlines())) < 400, result


def test_key_create_prints_the_key_alone(shared, tenant):
    result = shared.command("key", "create", "--tenant", "acme", "--kind", "secret")
    assert re.fullmatch(r"att_sk_[0-9A-Za-z]{36}\n", result.out) and "only once" in result.err, result
    rotated = shared.command("key", "rotate", result.out[7:15])
    assert re.fullmatch(r"att_sk_[0-9A-Za-z]{36}\n", rotated.out) and rotated.err, rotated
    document = shared.must("key", "create", "--tenant", "acme", "--kind", "publishable")
    assert document["key"].startswith("att_pk_") and document["id"] == document["key"][7:15]


def test_lists_have_a_header_and_columns(shared, tenant, api):
    api.post(user_path("ada", "/feature-usage"), {"feature": "brand-audit"})
    for arguments, header in ((["tenant", "list"], "TENANT"), (["key", "list", "--tenant", "acme"], "ID"), (["user", "items", "--tenant", "acme", "--user", "ada"], "PK")):
        lines = shared.command(*arguments).out.splitlines()
        assert lines[0].startswith(header) and len(lines) > 1
        second = re.search(r"  (\S)", lines[0]).start(1)
        assert all(line[second - 1] == " " and line[second] != " " for line in lines), lines
    doctor = shared.command("doctor").out
    assert re.match(r"1 tenant, \d+ partitions, [\d,]+ items, [\d,]+ bytes\n", doctor), doctor


WRONG = [
    (["tenat", "list"], "Did you mean tenant?"),
    (["tenant", "lst"], "Did you mean list?"),
    (["frobnicate"], "unknown command frobnicate"),
    (["tenant", "create", "Not A Name"], "the tenant's name must match"),
    (["token", "mint", "--tenant", "acme", "--user", "u", "--ttl", "0"], "--ttl must be 1 to 86400"),
    (["token", "mint", "--tenant", "acme", "--user", "u", "--scope", "no:such"], "--scope"),
    (["tenant", "set", "acme", "--retention-days", "0"], "--retention-days must be"),
    (["user", "show", "--tenant", "acme", "--user", ""], "--user must be 1 to 256 bytes"),
    (["key", "create", "--tenant", "acme", "--kind", "secret", "--origin", "https://a.example"], "--origin is for publishable keys"),
    (["tenant", "list", "--frobnicate"], "frobnicate"),
]


@pytest.mark.parametrize(("arguments", "text"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_errors_are_in_one_style_and_name_what_was_typed(shared, tenant, arguments, text):
    result = shared.command(*arguments)
    assert result.code == 64 and result.err.startswith("attune: ") and text in result.err and not result.out, result


def test_a_file_that_cannot_be_written_is_named(shared, tenant, api):
    api.post(user_path("ada", "/feature-usage"), {"feature": "brand-audit"})
    for arguments in (["user", "export", "--tenant", "acme", "--user", "ada"], ["tenant", "export", "acme"], ["privacy", "ledger"]):
        result = shared.command(*arguments, "--output", "/nowhere/file")
        assert result.code == 1 and result.err == "attune: cannot write /nowhere/file: No such file or directory\n", result
    result = shared.command("catalog", "import", "--tenant", "acme", "/nowhere/file")
    assert result.code == 1 and result.err == "attune: cannot read /nowhere/file: No such file or directory\n", result
    result = shared.command("catalog", "import", "--tenant", "acme", os.fspath("/tmp"))
    assert result.code == 1 and "Is a directory" in result.err, result


def test_scopes_may_be_separated_by_commas(shared, tenant):
    minted = shared.must("token", "mint", "--tenant", "acme", "--user", "ada", "--scope", "personalization:read,events:write")
    assert shared.client(minted["token"]).get(user_path("me")).status == 200


def test_a_playbook_is_got_checked_and_put(shared, tenant, api, tmp_path):
    path = tmp_path / "playbook.json"
    assert shared.command("playbook", "get", "--tenant", "acme", str(path)).code == 0
    playbook = json.loads(path.read_text())
    assert json.loads(shared.command("playbook", "get", "--tenant", "acme").out) == playbook
    playbook["features"][0]["title"] = "Renamed"
    path.write_bytes(json.dumps(playbook).encode("utf-16"))
    assert shared.must("playbook", "check", "--tenant", "acme", str(path))["valid"]
    assert api.get("/api/playbook").json()["features"][0]["title"] != "Renamed"
    assert shared.must("playbook", "put", "--tenant", "acme", str(path))["valid"]
    assert api.get("/api/playbook").json()["features"][0]["title"] == "Renamed"
    del playbook["features"][0]["title"]
    path.write_text("\ufeff" + json.dumps(playbook))
    for command in ("check", "put"):
        result = shared.command("playbook", command, "--tenant", "acme", str(path))
        assert result.code == 1 and "/features/0/title" in result.err and "invalid" in result.err and not result.out, result
        assert shared.command("playbook", command, "--tenant", "acme", str(path), "--json").json()["problems"]
    assert api.get("/api/playbook").json()["features"][0]["title"] == "Renamed"
    path.write_bytes("Café".encode("latin-1"))
    assert shared.command("playbook", "put", "--tenant", "acme", str(path)).code == 1
