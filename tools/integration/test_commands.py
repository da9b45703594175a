"""The commands, beside a running server and without one."""

import json

import pytest

from harness.server import Server
from shapes import usage, user_path

WRONG_USAGE = [
    ["frobnicate"],
    ["serve", "--no-such-flag"],
    ["tenant", "create"],
    ["tenant", "create", "Not A Name"],
    ["tenant", "create", "_dash"],
    ["tenant", "create", "a" * 64],
    ["tenant", "create", "fine", "--consent", "perhaps"],
    ["tenant", "create", "fine", "--grant", "telepathy"],
    ["tenant", "create", "fine", "--playbook", "plumbing"],
    ["key", "create", "--tenant", "acme"],
    ["key", "create", "--tenant", "acme", "--kind", "golden"],
    ["key", "revoke"],
    ["token", "mint", "--tenant", "acme"],
    ["user", "show", "--tenant", "acme"],
    ["user", "items", "--user", "ada"],
    ["backup"],
    ["restore"],
]

NOT_THERE = [
    ["tenant", "show", "nobody"],
    ["tenant", "suspend", "nobody"],
    ["tenant", "resume", "nobody"],
    ["key", "create", "--tenant", "nobody", "--kind", "secret"],
    ["key", "list", "--tenant", "nobody"],
    ["key", "revoke", "zzzzzzzz", "--yes"],
    ["key", "rotate", "zzzzzzzz"],
    ["token", "mint", "--tenant", "nobody", "--user", "ada"],
    ["user", "show", "--tenant", "nobody", "--user", "ada"],
    ["user", "items", "--tenant", "nobody", "--user", "ada"],
]


@pytest.fixture(params=["beside a server", "alone"])
def place(request, folder):
    """A data folder with a server running on it, and without one."""
    server = Server(folder)
    if request.param == "beside a server":
        server.start()
    yield server
    server.kill()


def names(listing) -> list[str]:
    items = listing["items"] if isinstance(listing, dict) else listing
    return [item.get("tenant") or item.get("name") for item in items]


def key_ids(listing) -> list[str]:
    items = listing["items"] if isinstance(listing, dict) else listing
    return [item["id"] for item in items]


@pytest.mark.parametrize("arguments", WRONG_USAGE, ids=" ".join)
def test_wrong_usage_is_64_and_goes_to_standard_error(shared, tenant, arguments):
    result = shared.command(*arguments)
    assert result.code == 64, result
    assert result.err and not result.out, result


@pytest.mark.parametrize("arguments", NOT_THERE, ids=" ".join)
def test_what_is_not_there_is_1_and_goes_to_standard_error(shared, arguments):
    for more in ([], ["--json"]):
        result = shared.command(*arguments, *more)
        assert result.code == 1, result
        assert result.err and not result.out, result


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["tenant", "create", "--help"], ["key", "--help"]], ids=" ".join)
def test_help_is_0(shared, arguments):
    result = shared.command(*arguments)
    assert result.code == 0 and "USAGE" in result.out, result


def test_a_tenant_is_made_once(place):
    assert place.must("tenant", "create", "acme")["tenant"] == "acme"
    again = place.command("tenant", "create", "acme", "--json")
    assert again.code == 1 and again.err and not again.out
    place.must("tenant", "create", "globex_2-b", "--consent", "opt-in", "--grant", "ai,marketing")
    assert sorted(names(place.must("tenant", "list"))) == ["acme", "globex_2-b"]
    assert place.must("tenant", "show", "acme")["tenant"] == "acme"
    assert "acme" in place.command("tenant", "list").out


def test_a_tenant_begins_with_one_of_the_playbooks_built_in(place):
    assert place.must("tenant", "create", "acme")["playbook"] == "real-estate"
    assert place.must("tenant", "create", "shop", "--playbook", "general")["playbook"] == "general"
    assert place.must("tenant", "create", "agency", "--playbook", "real-estate")["playbook"] == "real-estate"
    refused = place.command("tenant", "create", "other", "--playbook", "plumbing")
    assert refused.code == 64 and "real-estate" in refused.err and "general" in refused.err, refused
    assert {tenant["tenant"]: tenant["playbook"] for tenant in place.must("tenant", "list")} == {
        "acme": "real-estate", "agency": "real-estate", "shop": "general"}
    general, estate = (json.loads(place.command("playbook", "get", "--tenant", name).out) for name in ("shop", "acme"))
    assert general["features"] and general != estate


def test_keys_are_listed_without_their_secret(place):
    place.must("tenant", "create", "acme")
    place.must("tenant", "create", "globex")
    made = {}
    for kind, mark in (("secret", "att_sk_"), ("publishable", "att_pk_"), ("privacy", "att_dk_")):
        key = place.must("key", "create", "--tenant", "acme", "--kind", kind, "--label", f"the {kind} one")
        assert key["key"].startswith(mark) and len(key["key"]) == len(mark) + 36
        assert key["id"] == key["key"][7:15]
        made[key["id"]] = key["key"]
    foreign = place.must("key", "create", "--tenant", "globex", "--kind", "secret")
    place.must("key", "create", "--tenant", "acme", "--kind", "publishable", "--origin", "https://a.example", "--origin", "https://b.example")
    listing = place.must("key", "list", "--tenant", "acme")
    assert set(made) <= set(key_ids(listing)) and foreign["id"] not in key_ids(listing)
    text = json.dumps(listing)
    assert not any(key[15:37] in text for key in made.values())
    assert "the secret one" in text


def test_user_show_and_items(place):
    place.must("tenant", "create", "acme")
    unseen = place.must("user", "show", "--tenant", "acme", "--user", "nobody")
    assert unseen["userId"] == "nobody" and not unseen.get("personalization")
    items = place.must("user", "items", "--tenant", "acme", "--user", "nobody")
    assert (items["items"] if isinstance(items, dict) else items) == []


def test_user_items_shows_logical_keys(server):
    tenant = server.create_tenant("acme")
    assert tenant.client().post(user_path("u1", "/feature-usage"), {"feature": "brand-audit"}).status == 202

    def check():
        items = server.must("user", "items", "--tenant", "acme", "--user", "u1")
        items = items["items"] if isinstance(items, dict) else items
        profile = [item for item in items if item["SK"] == "PERSONALIZATION"]
        assert len(profile) == 1 and profile[0]["PK"] == "USER#u1"
        assert profile[0]["entityType"] == "PersonalizationProfile"
        assert profile[0]["version"] >= 1 and profile[0]["bytes"] > 0
        shown = server.must("user", "show", "--tenant", "acme", "--user", "u1")
        assert usage(shown["personalization"]) == {"brand-audit": 1}

    check()
    assert server.stop() == 0
    check()


def test_suspend_and_resume_hold_at_once(server):
    tenant = server.create_tenant("acme")
    client = tenant.as_user("ada")
    assert client.get(user_path("ada")).status == 200
    server.must("tenant", "suspend", "acme")
    assert client.get(user_path("ada")).status == 403
    assert tenant.client().get(user_path("ada")).status == 403
    server.must("tenant", "resume", "acme")
    assert client.get(user_path("ada")).status == 200


def test_key_revoke_and_rotate_hold_at_once(server):
    tenant = server.create_tenant("acme")
    first = tenant.key_record()
    client = tenant.client()
    rotated = server.must("key", "rotate", first["id"])
    assert rotated["key"] != first["key"]
    newer = server.client(rotated["key"])
    assert client.get(user_path("a")).status == 200 and newer.get(user_path("a")).status == 200
    server.must("key", "revoke", first["id"], "--yes")
    assert client.get(user_path("a")).status == 401
    assert newer.get(user_path("a")).status == 200
    third = server.must("key", "rotate", rotated["id"], "--overlap", "0")
    assert newer.get(user_path("a")).status == 401
    assert server.client(third["key"]).get(user_path("a")).status == 200
    server.kill()
    server.start()
    assert server.client(first["key"]).get(user_path("a")).status == 401
    assert server.client(third["key"]).get(user_path("a")).status == 200


def test_token_mint_is_accepted(server):
    server.create_tenant("acme")
    minted = server.must("token", "mint", "--tenant", "acme", "--user", "ada", "--scope", "personalization:read", "--ttl", "60")
    client = server.client(minted["token"])
    assert minted["tokenType"] == "Bearer" and minted["expiresIn"] == 60
    assert client.get(user_path("me")).json()["userId"] == "ada"
    assert client.put(user_path("me", "/goals"), {"shortTerm": [], "longTerm": []}).status == 403
    refused = server.command("token", "mint", "--tenant", "acme", "--user", "ada", "--scope", "no:such")
    assert refused.code in (1, 64) and refused.err


def test_backup_and_restore(server, tmp_path):
    tenant = server.create_tenant("acme")
    client = tenant.client()
    client.post(user_path("ada", "/feature-usage"), {"feature": "brand-audit"})
    backup = tmp_path / "backup"
    server.must("backup", str(backup))
    assert not list(backup.rglob("master.key"))
    client.post(user_path("ada", "/feature-usage"), {"feature": "brand-audit"})
    refused = server.command("restore", str(backup))
    assert refused.code == 1 and refused.err, "restore runs only with the server stopped"
    assert server.stop() == 0
    server.must("restore", str(backup))
    server.start()
    assert usage(server.client(tenant.key()).get(user_path("ada")).json()) == {"brand-audit": 1}
    server.stop()

    elsewhere = Server(tmp_path / "elsewhere")
    assert elsewhere.command("restore", str(backup)).code in (1, 64), "an empty folder needs the master key"
    key_file = tmp_path / "kept.key"
    key_file.write_bytes((server.data / "master.key").read_bytes())
    key_file.chmod(0o600)
    elsewhere.must("restore", str(backup), "--master-key-file", str(key_file))
    elsewhere.settings["ATTUNE_MASTER_KEY_FILE"] = str(key_file)
    with elsewhere:
        assert usage(elsewhere.client(tenant.key()).get(user_path("ada")).json()) == {"brand-audit": 1}


def test_doctor_is_content_with_a_sound_folder(place):
    place.must("tenant", "create", "acme")
    result = place.command("doctor", "--json")
    assert result.code == 0, result
    result.json()


def test_an_open_master_key_is_refused(folder):
    server = Server(folder)
    server.must("tenant", "create", "acme")
    (folder / "master.key").chmod(0o644)
    result = server.command("tenant", "list")
    assert result.code == 1 and result.err
    assert (folder / "master.key").stat().st_size > 0


def test_openapi_needs_no_folder(place):
    result = place.command("openapi")
    assert result.code == 0 and "openapi: 3.1" in result.out


def test_a_second_server_on_the_folder_is_refused(server):
    second = Server(server.data)
    result = second.command("serve", timeout=20)
    assert result.code == 1 and result.err
    assert server.running


def test_sigterm_ends_with_0(server):
    assert server.stop() == 0
