"""Commands that destroy something: they ask, they can be tried out, and an id of nobody is told."""

import json

import pytest

from harness.terminal import on_terminal
from shapes import usage, user_path


@pytest.fixture
def acme(server):
    """A tenant with one user and a key besides its own."""
    tenant = server.create_tenant("acme")
    assert tenant.client().post(user_path("ada", "/feature-usage"), {"feature": "brand-audit"}).status == 202
    return tenant


def is_untouched(tenant) -> bool:
    return usage(tenant.client().get(user_path("ada")).json()) == {"brand-audit": 1}


def destructive(tenant) -> list[list[str]]:
    return [
        ["tenant", "delete", "acme"],
        ["user", "erase", "--tenant", "acme", "--user", "ada"],
        ["user", "anonymize", "--tenant", "acme", "--user", "ada"],
        ["key", "revoke", tenant.key_record()["id"]],
    ]


def test_without_a_terminal_and_without_yes_nothing_happens(server, acme, tmp_path):
    ids = tmp_path / "ids.txt"
    ids.write_text("ada\n")
    for arguments in [*destructive(acme), ["user", "erase", "--tenant", "acme", "--ids-file", str(ids)]]:
        result = server.command(*arguments)
        assert result.code == 64 and "--yes" in result.err and not result.out, (arguments, result)
    assert is_untouched(acme)


def test_a_dry_run_says_what_would_go(server, acme):
    entries = acme.client().get("/api/privacy/audit").json()["items"]
    for arguments in destructive(acme):
        for more in ([], ["--yes"]):
            result = server.command(*arguments, "--dry-run", *more)
            assert result.code == 0, (arguments, result)
            assert "ada" in result.out or "acme" in result.out, result
        json.loads(server.command(*arguments, "--dry-run", "--json").out)
    assert is_untouched(acme)
    assert acme.client().get("/api/privacy/audit").json()["items"] == entries
    assert server.must("tenant", "delete", "acme", "--dry-run")["counts"]["User"] == 1
    preview = server.must("user", "erase", "--tenant", "acme", "--user", "ada", "--dry-run")
    assert preview["counts"]["PersonalizationProfile"] == 1 and not preview["nothingHeld"]


@pytest.mark.parametrize("answer", ["", "n", "no", "ada", "Acme", "acm"])
def test_any_other_answer_changes_nothing(server, acme, answer):
    for arguments in destructive(acme):
        result = on_terminal(server, *arguments, answer=answer)
        assert result.code == 1 and "nothing was changed" in result.err, (arguments, result)
    assert is_untouched(acme)


def test_it_asks_on_a_terminal_and_names_what_will_go(server, acme):
    asked = on_terminal(server, "key", "revoke", acme.new_key("publishable", "--label", "web")["id"], answer="y")
    assert asked.code == 0 and "publishable" in asked.err and "web" in asked.err
    asked = on_terminal(server, "user", "erase", "--tenant", "acme", "--user", "ada", answer="yes")
    assert asked.code == 0 and "ada" in asked.err and "PersonalizationProfile 1" in asked.err and "rcp_" in asked.out
    assert not is_untouched(acme)
    asked = on_terminal(server, "tenant", "delete", "acme", answer="acme")
    assert asked.code == 0 and "2 API keys" in asked.err and "rcp_" in asked.out
    assert server.command("tenant", "show", "acme").code == 1


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_an_id_of_nobody_is_no_success(server, acme, tmp_path, more):
    entries = acme.client().get("/api/privacy/audit").json()["items"]
    for arguments in (["erase", "--yes"], ["export"], ["export", "-o", str(tmp_path / "out.json")]):
        result = server.command("user", *arguments, "--tenant", "acme", "--user", "adda", *more)
        assert result.code == 1 and "othing is held" in result.err and not result.out, result
    assert not (tmp_path / "out.json").exists()
    assert server.command("user", "erase", "--tenant", "acme", "--user", "adda", "--dry-run", *more).code == 1
    assert acme.client().get("/api/privacy/audit").json()["items"] == entries, "no request and no receipt of a mistyped id"
    assert server.must("user", "erase", "--yes", "--force", "--tenant", "acme", "--user", "adda")["id"].startswith("rcp_")
    assert server.must("user", "export", "--force", "--tenant", "acme", "--user", "adda")["userId"] == "adda"


def test_ids_of_nobody_in_a_file_are_told_and_the_others_erased(server, acme, tmp_path):
    ids = tmp_path / "ids.txt"
    ids.write_text("ada\nadda\n")
    result = server.command("user", "erase", "--yes", "--tenant", "acme", "--ids-file", str(ids))
    assert result.code == 1 and "adda" in result.err and "1 user" in result.out, result
    assert not is_untouched(acme)
