"""Tenants whole, rectification, a person taken to another tenant, and what operators do in the log."""

import base64
import json

import pytest

from shapes import check_invalid, check_problem, user_path
from test_privacy import live, payload, privacy, verified


def person(user: str) -> str:
    return f"/api/profiles/{user}"


def actions(api) -> list[tuple[str, str, str | None]]:
    """Action, actor and object of every entry of the log."""
    entries, cursor = [], "0"
    while cursor is not None:
        page = api.get(f"/api/privacy/audit?limit=100&cursor={cursor}").json()
        entries += page["items"]
        cursor = page["nextCursor"]
    leaves = [json.loads(base64.b64decode(entry["leaf"])) for entry in entries]
    return [(entry["action"], entry["actor"], leaf.get("object")) for entry, leaf in zip(entries, leaves)]


# Tenants whole


@pytest.mark.parametrize("ending", [None, "kill"])
def test_a_tenant_is_exported_and_deleted_with_receipts(server, tmp_path, ending):
    tenant, other = server.create_tenant("acme"), server.create_tenant("globex")
    api = tenant.client()
    for number in range(3):
        live(api, f"u{number}", f"u{number}")
    live(other.client(), "foreign", "foreign")
    assert api.put("/api/catalog/products/17", {"name": "Lamp", "category": "lamps"}).ok
    answer = api.post("/api/tenant/export")
    assert answer.status == 200 and answer["content-type"] == "application/x-ndjson", answer
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert lines[0]["section"] == "tenant" and lines[-1]["section"] == "receipt"
    receipt = lines[-1]["data"]
    said = payload(receipt)
    assert said["action"] == "tenant-export" and receipt["id"] == answer["receipt-id"]
    assert said["counts"]["User"] == 3 and said["counts"]["events"] == sum(line["section"] == "events" for line in lines) == 21
    own = api.get(privacy("u1", "/export?format=ndjson")).body.splitlines()
    ours = [json.dumps(line, sort_keys=True) for line in lines if line.get("userId") == "u1" and line["section"] != "export"]
    assert ours == [json.dumps(json.loads(line), sort_keys=True) for line in own[1:]]
    assert {line["data"]["entityType"] for line in lines if line["section"] == "item"} >= {"Product", "AuditLeaf"}
    for secret in (b"foreign", tenant.key()[15:].encode(), b"secretCode", b"privateKey"):
        assert secret not in answer.body
    assert api.get(f"/api/privacy/receipts/{receipt['id']}").json()["payload"] == receipt["payload"]
    assert verified(tmp_path, server, "acme", receipt).returncode == 0
    token = tenant.token("u1")

    gone = api.delete("/api/tenant")
    assert gone.status == 200, gone
    receipt = gone.json()
    said = payload(receipt)
    assert said["action"] == "tenant-erasure" and said["counts"]["User"] == 3 and said["counts"]["PERSONALIZATION"] == 3
    assert receipt["log"]["leafIndex"] == receipt["log"]["treeSize"] - 1
    if ending:
        getattr(server, ending)()
        server.start()
    for credential in (tenant.key(), token):
        check_problem(server.client(credential).get(user_path("u1")), 401)
    check_problem(server.client(tenant.key()).delete("/api/tenant"), 401)
    assert verified(tmp_path, server, "acme", receipt).returncode == 0
    assert server.must("privacy", "verify-receipt", str(tmp_path / "receipt.json"))["valid"]
    assert server.must("tenant", "list", "--deleted")[0]["receipt"] == receipt
    assert len(other.client().get(privacy("foreign", "/export")).json()["events"]) == 7
    # Another tenant of the name has nothing of it, and the receipt holds all the same.
    again = server.create_tenant("acme")
    assert again.client().get(user_path("u1")).json()["featureUsage"] == []
    assert server.must("privacy", "verify-receipt", str(tmp_path / "receipt.json"))["valid"]
    assert server.must("doctor")["problems"] == []


@pytest.mark.parametrize("kind", ["publishable", "privacy", "token", "none"])
def test_who_may_not_touch_the_tenant(shared, tenant, kind):
    client = {"token": lambda: tenant.as_user("u1"), "none": shared.client}.get(kind, lambda: tenant.client(kind))()
    for answer in (client.delete("/api/tenant"), client.post("/api/tenant/export")):
        check_problem(answer, 401 if kind == "none" else 403)
    assert tenant.client().get(user_path("u1")).ok


def test_the_commands_give_receipts_too(server, tmp_path):
    tenant = server.create_tenant("acme")
    live(tenant.client(), "u1", "u1")
    exported = server.must("tenant", "export", "acme", "-o", str(tmp_path / "acme.jsonl"))
    assert payload(exported["receipt"])["action"] == "tenant-export"
    assert verified(tmp_path, server, "acme", exported["receipt"]).returncode == 0
    assert [action for action, actor, _ in actions(tenant.client()) if actor == "operator"][-2:] == ["tenant-export-requested", "tenant-export"]
    receipt = server.must("tenant", "delete", "acme", "--yes")
    assert payload(receipt)["action"] == "tenant-erasure"
    assert verified(tmp_path, server, "acme", receipt).returncode == 0
    check_problem(tenant.client().get(user_path("u1")), 401)


# Rectification


def test_a_profile_is_put_right(shared, tenant, api, tmp_path):
    live(api, "right", "wrong")
    before = api.get(person("right"))
    assert before.status == 200 and before.json()["traits"] == {"email": "wrong@example.org"}, before
    patch = {
        "traits": {"email": "right@example.org", "nick": {"a": [1]}}, "timeZone": "Europe/Paris", "marketFocus": ["lofts"],
        "goals": {"shortTerm": ["goal right"]}, "interests": "lamps", "behavioralScore": 20, "unknown": 1,
    }
    answer = api.patch(person("right"), patch, headers={"If-Match": before["etag"]})
    assert answer.status == 200 and answer["etag"] != before["etag"], answer
    profile = answer.json()
    assert profile == api.get(person("right")).json()
    assert profile["traits"] == {"email": "right@example.org", "nick": {"a": [1]}}
    assert profile["personalization"]["timeZone"] == "Europe/Paris" and profile["personalization"]["marketFocus"] == ["lofts"]
    assert profile["personalization"]["goals"] == {"shortTerm": ["goal right"], "longTerm": []}
    assert (profile["behavioralProfile"]["interests"], profile["behavioralProfile"]["engagementLevel"]) == ("lamps", "low")
    # What follows from it has followed.
    static = api.get("/api/behavioral-ml/user-profile/behavioral?user_id=right").json()["static_preferences"]
    assert static["traits"]["email"] == "right@example.org" and static["market_focus"] == ["lofts"]
    assert "Win-back" in api.get("/api/behavioral-profiles/strategy/right").json()["recommended_strategy"]
    receipt = api.get(f"/api/privacy/receipts/{answer['receipt-id']}").json()
    said = payload(receipt)
    assert said["action"] == "rectification"
    assert said["counts"] == {"BehavioralProfile": 2, "PersonalizationProfile": 3, "Traits": 2}
    assert verified(tmp_path, shared, "acme", receipt).returncode == 0
    check_problem(api.patch(person("right"), patch, headers={"If-Match": before["etag"]}), 412)
    # What is shown is more than what the tag is of.
    assert api.get(person("right"), headers={"If-None-Match": answer["etag"]}).status == 200
    gone = api.patch(person("right"), {"traits": {"nick": None}, "marketFocus": None, "timeZone": None}).json()
    assert gone["traits"] == {"email": "right@example.org"} and gone["personalization"]["marketFocus"] == []
    assert gone["personalization"]["timeZone"] == "UTC"
    # What an event said earlier and comes late does not bring the old value back.
    late = {"type": "identify", "userId": "right", "messageId": "late", "traits": {"email": "late@example.org"},
            "timestamp": "2026-01-01T00:00:00Z"}
    api.post("/api/track/batch", {"batch": [late]})
    assert api.get(person("right")).json()["traits"] == {"email": "right@example.org"}


@pytest.mark.parametrize(
    "patch, pointer",
    [
        ([], ""), ({"traits": 1}, "/traits"), ({"timeZone": "Mars"}, "/timeZone"), ({"timeZone": 1}, "/timeZone"),
        ({"goals": {"shortTerm": [1]}}, "/goals/shortTerm/0"), ({"goals": {"shortTerm": [""]}}, "/goals/shortTerm/0"),
        ({"marketFocus": "x"}, "/marketFocus"), ({"marketFocus": [""]}, "/marketFocus/0"), ({"interests": 1}, "/interests"),
        ({"behavioralScore": 101}, "/behavioralScore"), ({"traits": {"a": "x" * 3000}}, "/traits"), ({"traits": {"": 1}}, "/traits"),
    ],
)
def test_what_cannot_be_right(api, patch, pointer):
    api.post(user_path("bounds", "/feature-usage"), {"feature": "a"})
    tag = api.get(person("bounds"))["etag"]
    check_invalid(api.patch(person("bounds"), patch), pointer)
    assert api.get(person("bounds"))["etag"] == tag


def test_rectification_of_nobody_and_of_the_restricted(tenant, api):
    check_problem(api.patch(person("nobody"), {"traits": {"a": 1}}), 404)
    check_problem(api.get(person("nobody")), 404)
    api.post(user_path("kept", "/feature-usage"), {"feature": "a"})
    check_invalid(api.patch(person("kept"), {"interests": "x"}), "/interests")
    api.put(privacy("kept", "/restriction"), {"restricted": True})
    tooling = tenant.client("privacy")
    answer = tooling.patch(person("kept"), json.dumps({"traits": {"name": "Ann"}}), headers={"Content-Type": "application/merge-patch+json"})
    assert answer.status == 200 and answer.json()["consent"]["restricted"] and answer.json()["behavior"] is None, answer
    assert tooling.patch(person("kept"), {})["receipt-id"] is None
    check_problem(tenant.as_user("kept").patch(person("me"), {"traits": {}}), 403)
    assert tenant.as_user("kept", scope="profile:read").get(person("me")).json()["traits"] == {"name": "Ann"}
    api.post("/regulations", {"regulationType": "SUPPRESS_ONLY", "subjectType": "USER_ID", "subjectIds": ["kept"]})
    check_problem(api.patch(person("kept"), {"traits": {"name": "Bob"}}), 409)
    assert payload(api.delete(person("kept")).json())["action"] == "erasure"
    check_problem(api.get(person("kept")), 404)


# Objection and the ledger of consent


@pytest.mark.parametrize("purpose", ["analytics", "personalization", "marketing", "ai"])
def test_an_objection_holds_from_the_next_request(api, purpose):
    user = f"objects-{purpose}"
    live(api, user, user)
    decided = {"purposes": {purpose: False}, "source": "support", "wordingVersion": "2026-02", "channel": "phone"}
    assert api.put(f"/api/consent/{user}", decided).json()["purposes"][purpose] is False
    assert api.get(person(user)).json()["consent"]["purposes"][purpose] is False
    sent = api.post("/api/track/batch", {"batch": [{"type": "track", "event": "product_view", "userId": user, "messageId": f"o-{user}"}]})
    status = sent.json()["results"][0]["status"]
    assert status == ("rejected" if purpose == "analytics" else "accepted")
    assert (api.get(person(user)).json()["behavior"] is None) == (purpose == "personalization")
    entry = api.get(privacy(user, "/export")).json()["consentHistory"][-1]
    assert (entry["source"], entry["wordingVersion"], entry["channel"], entry["credential"]) == ("support", "2026-02", "phone", "secretKey")
    assert [decision["purpose"] for decision in entry["decisions"]] == [purpose] and entry["decidedAt"]


# A person taken along


def test_an_export_imported_elsewhere_is_the_same_person(server, tmp_path):
    first, second = server.create_tenant("first").client(), server.create_tenant("second").client()
    live(first, "mover", "mover", events=60)
    first.post("/api/behavioral-profiles", {"user_id": "taken", "behavioral_score": 1, "interests": ""})
    for feature in ("a", "b", "a", "c"):
        first.post(user_path("mover", "/feature-usage"), {"feature": feature})
    first.patch(user_path("mover", "/goals"), {"goal": "goal mover", "progress": 0.5})
    first.put(user_path("mover", "/market-focus"), {"marketFocus": ["lofts"]})
    first.post(user_path("mover", "/content-preferences"), {"contentType": "video", "success": True})
    old = [
        {"type": "track", "event": name, "userId": "mover", "messageId": f"old-{day}-{name}", "timestamp": f"2026-11-{day:02}T10:00:00.000Z",
         "properties": {"product_id": day, "category": f"c{day % 3}"}}
        for day in range(2, 18) for name in ("product_view", "add_to_cart")
    ]
    first.post("/api/track/batch", {"batch": old + [
        {"type": "group", "userId": "mover", "messageId": "g", "groupId": "firm", "traits": {"plan": "pro"}},
    ]})
    first.put("/api/consent/mover", {"purposes": {"marketing": True}, "source": "banner", "wordingVersion": "7", "channel": "web"})
    (tmp_path / "export.json").write_bytes(first.get(privacy("mover", "/export")).body)
    answer = server.must("user", "import", "--tenant", "second", str(tmp_path / "export.json"))
    assert answer["userId"] == "mover" and answer["restored"]["events"] == 95, answer
    before, after = (api.get(privacy("mover", "/export")).json() for api in (first, second))
    for section in before:
        if section in ("tenant", "generatedAt", "keptAnswers", "processing"):
            continue
        one, other = before[section], after[section]
        if section == "behavioralProfile":
            one.pop("id"), other.pop("id")
        if section == "derived":
            # They fade as time passes.
            scores, others = ([score["score"] for score in each.pop("scores")] for each in (one, other))
            assert scores == pytest.approx(others, abs=0.2) and scores
            one, other = ({name: round(value, 3) if isinstance(value, float) else value for name, value in each.items()} for each in (one, other))
        if section == "events":
            # Those of one moment come in an order that is each tenant's own.
            one, other = (sorted(each, key=lambda event: event["messageId"]) for each in (one, other))
        assert other == one, section
    level = second.get("/api/behavioral-profiles/user/mover").json()["engagement_level"]
    assert [p["user_id"] for p in second.get(f"/api/behavioral-profiles?engagement_level={level}").json()] == ["mover"]
    again = server.command("user", "import", "--tenant", "second", str(tmp_path / "export.json"))
    assert again.code == 1 and "kept of this user already" in again.err
    assert ("user-import", "operator", None) in actions(second)
    # The other tenant's own sums hold the person, and lose the person with the erasure.
    assert second.get("/api/insights/navigation").json() == first.get("/api/insights/navigation").json()
    assert second.delete(privacy("mover")).ok
    assert second.get("/api/insights/navigation").json()["pages"] == []
    (tmp_path / "none.json").write_text("{}")
    assert server.command("user", "import", "--tenant", "second", str(tmp_path / "none.json")).code == 64


# What operators do


def test_what_operators_do_is_in_the_log_and_names_nobody(server, tmp_path):
    tenant = server.create_tenant("acme")
    api = tenant.client()
    made = tenant.new_key("publishable", "--label", "Ann's label")
    rotated = server.must("key", "rotate", made["id"])
    server.must("key", "revoke", rotated["id"], "--yes")
    server.must("tenant", "set", "acme", "--retention-days", "90")
    server.must("tenant", "suspend", "acme")
    server.must("tenant", "resume", "acme")
    playbook = api.get("/api/playbook").json()
    assert api.put("/api/playbook", playbook).ok
    minted = api.post("/api/tokens", {"userId": "personal-id"}).json()
    api.post("/api/tokens/revoke", {"token": minted["token"]})
    api.post("/regulations", {"regulationType": "SUPPRESS_ONLY", "subjectType": "USER_ID", "subjectIds": ["personal-id"]})
    found = actions(api)
    key = f"secret-key:{tenant.key_record()['id']}"
    for expected in [
        ("tenant-created", "operator", None), ("key-created", "operator", f"publishable:{made['id']}"),
        ("key-rotated", "operator", f"{made['id']} to {rotated['id']}"), ("key-revoked", "operator", rotated["id"]),
        ("tenant-set", "operator", "retentionDays 90"), ("tenant-suspended", "operator", None), ("tenant-resumed", "operator", None),
        ("playbook-set", key, None), ("token-revoked", key, minted["jti"]), ("suppression", key, None),
    ]:
        assert expected in found, expected
    assert found[0][0] == "tenant-created"
    whole = api.get("/api/privacy/audit?limit=100").body.decode()
    leaves = "".join(base64.b64decode(item["leaf"]).decode() for item in json.loads(whole)["items"])
    assert "Ann" not in leaves and "personal-id" not in leaves
    server.must("backup", str(tmp_path / "backup"))
    server.stop()
    assert server.command("restore", str(tmp_path / "backup")).code == 0
    server.start()
    assert actions(tenant.client())[-1] == ("restore", "operator", None)
    assert server.must("privacy", "audit-verify", "--tenant", "acme")["valid"]
