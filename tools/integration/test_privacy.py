"""What a person may ask for, and the proof of it: export, erasure, receipts, the log, restriction, regulations."""

import base64
import csv
import io
import json
import subprocess
import sys
import threading
import time

import jsonschema
import pytest

from harness.server import ROOT, Server
from shapes import check_invalid, check_problem, usage, user_path

VERIFIER = ROOT / "tools" / "verify-receipt"


def privacy(user: str, rest: str = "") -> str:
    return f"/api/privacy/users/{user}{rest}"


def live(api, user: str, word: str, events: int = 5) -> None:
    """Leaves something of everything, with a word in every field."""
    path = user_path(user)
    assert api.post(path + "/feature-usage", {"feature": f"feature-{word}"}).status == 202
    assert api.put(path + "/goals", {"shortTerm": [f"goal {word}"], "longTerm": []}).status == 200
    assert api.put(f"/api/consent/{user}", {"purposes": {"ai": True}, "source": f"source {word}"}).status == 200
    profile = {"user_id": user, "behavioral_score": 80, "interests": f"interests {word}"}
    assert api.post("/api/behavioral-profiles", profile).status == 201
    batch = [
        {"type": "identify", "userId": user, "messageId": f"i-{word}", "traits": {"email": f"{word}@example.org"}},
        *(
            {"type": "track", "event": "product_view", "userId": user, "messageId": f"t{number}-{word}",
             "properties": {"product_id": f"product-{word}", "category": f"category-{word}", "note": f"note {word}"}}
            for number in range(events)
        ),
        {"type": "page", "userId": user, "messageId": f"p-{word}", "properties": {"url": f"https://shop.example/page-{word}"}},
    ]
    answer = api.post("/api/track/batch", {"batch": batch})
    assert answer.status == 202 and all(result["status"] == "accepted" for result in answer.json()["results"]), answer


def payload(document) -> dict:
    text = document["payload"]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def verified(tmp_path, server, tenant: str, receipt, *more) -> subprocess.CompletedProcess:
    (tmp_path / "receipt.json").write_text(json.dumps(receipt))
    (tmp_path / "jwks.json").write_bytes(server.client().get(f"/tenants/{tenant}/.well-known/jwks.json").body)
    command = [sys.executable, str(VERIFIER), str(tmp_path / "receipt.json"), str(tmp_path / "jwks.json"), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_erased_when_it_answers_with_a_receipt_that_anyone_can_check(shared, tenant, api, tmp_path):
    live(api, "goes", "goes")
    live(api, "stays", "stays")
    answer = api.delete(privacy("goes"))
    assert answer.status == 200, answer
    receipt = answer.json()
    said = payload(receipt)
    assert said["action"] == "erasure" and said["counts"]["Event"] == 7 and said["id"] == receipt["id"]
    assert "goes" not in json.dumps(said)
    assert usage(api.get(user_path("goes")).json()) == {}
    assert usage(api.get(user_path("stays")).json()) == {"feature-stays": 1}
    assert shared.must("user", "items", "--tenant", "acme", "--user", "goes") == []
    assert api.get("/api/behavioral-profiles/user/goes").status == 404
    again = api.get(f"/api/privacy/receipts/{receipt['id']}").json()
    assert again["payload"] == receipt["payload"]
    assert api.post("/api/privacy/receipts/verify", again).json() == {"valid": True}
    assert verified(tmp_path, shared, "acme", receipt).returncode == 0
    assert shared.must("privacy", "verify-receipt", str(tmp_path / "receipt.json"))["valid"]
    changed = receipt | {"payload": base64.urlsafe_b64encode(json.dumps(said | {"counts": {}}).encode()).decode().rstrip("=")}
    assert api.post("/api/privacy/receipts/verify", changed).json() == {"valid": False}
    assert verified(tmp_path, shared, "acme", changed).returncode == 1
    assert shared.command("privacy", "verify-receipt", str(tmp_path / "receipt.json")).code == 1
    check_problem(api.get("/api/privacy/receipts/rcp_nobody"), 404)


def test_nobody_and_twice_count_nothing(api):
    for _ in range(2):
        receipt = api.delete(privacy("never")).json()
        said = payload(receipt)
        assert said["counts"] == {} and said["nothingHeld"] is True and receipt["nothingHeld"] is True
        assert api.post("/api/privacy/receipts/verify", receipt).json() == {"valid": True}
        assert api.post("/api/privacy/receipts/verify", receipt | {"nothingHeld": False}).json() == {"valid": False}
    live(api, "somebody", "somebody")
    held = api.delete(privacy("somebody")).json()
    assert "nothingHeld" not in held and "nothingHeld" not in payload(held)
    assert api.post("/api/privacy/receipts/verify", held | {"nothingHeld": True}).json() == {"valid": False}


def test_only_proof_keys_vouch_for_receipts(shared, tenant, api, tmp_path):
    """The key set lists token keys, too: a receipt of one of those is none."""
    receipt = api.delete(privacy("nobody")).json()
    done = verified(tmp_path, shared, "acme", receipt)
    assert done.returncode == 0 and "nothing was held" in done.stderr
    keys = json.loads((tmp_path / "jwks.json").read_text())
    kid = json.loads(base64.urlsafe_b64decode(receipt["protected"] + "=="))["kid"]
    uses = {key["kid"]: key["attune_use"] for key in keys["keys"]}
    assert uses.pop(kid) == "proofs" and set(uses.values()) == {"tokens"}
    command = [sys.executable, str(VERIFIER), str(tmp_path / "receipt.json"), str(tmp_path / "jwks.json")]

    def refused(reason: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1 and reason in done.stderr, done

    for use in ("tokens", None):
        changed = {"keys": [key | {"attune_use": use} if key["kid"] == kid else key for key in keys["keys"]]}
        (tmp_path / "jwks.json").write_text(json.dumps(changed))
        refused("signs proofs")
    (tmp_path / "jwks.json").write_text(json.dumps(keys))
    text = json.dumps(receipt)
    for twice in (text.replace("{", '{"payload": "e30", ', 1), text.replace('"leafIndex"', '"leafIndex": 0, "leafIndex"', 1)):
        (tmp_path / "receipt.json").write_text(twice)
        refused("twice")


def test_kept_answers_go_with_the_person(shared, tenant, api):
    """Clients choose message ids, and an id can be a name."""
    key = {"Idempotency-Key": "kept-1"}
    calls = [
        ("/api/track/page-view", {"userId": "kept", "url": "https://a.example/", "messageId": "kept-secret-1"}),
        ("/api/track/batch", {"batch": [{"type": "track", "event": "e", "userId": "kept", "messageId": f"kept-secret-{n}"} for n in (2, 3)]}),
        ("/api/behavioral-ml/track-interaction", {"user_id": "kept", "product_id": "p", "interaction_type": "product_view"}),
        ("/v1/track", {"userId": "kept", "event": "e", "messageId": "kept-secret-4"}),
    ]
    first = [api.post(path, body, headers=key) for path, body in calls]
    for (path, body), before in zip(calls, first):
        again = api.post(path, body, headers=key)
        assert again.body == before.body and again["idempotency-replayed"] == "true", path
    kinds = [item["entityType"] for item in shared.must("user", "items", "--tenant", "acme", "--user", "kept")]
    assert kinds.count("KeptAnswer") == len(calls)
    assert api.delete(privacy("kept")).ok
    for path, body in calls:
        assert "idempotency-replayed" not in api.post(path, body, headers=key).headers, path
    # Of several, what became of their events is kept, and no id.
    batch = {"batch": [{"type": "track", "event": "e", "userId": user, "messageId": f"of-{user}"} for user in ("kept-a", "kept-b")]}
    batch["batch"].append({"type": "track", "userId": "kept-a", "messageId": "of-nothing"})
    before = api.post("/api/track/batch", batch, headers=key)
    assert [result["status"] for result in before.json()["results"]] == ["accepted", "accepted", "rejected"]
    for user in ("kept-a", "kept-b"):
        assert api.delete(privacy(user)).ok
    again = api.post("/api/track/batch", batch, headers=key)
    assert again.body == before.body and again["idempotency-replayed"] == "true"
    assert api.post("/api/track/batch", {"batch": []}, headers=key).status == 422


def test_who_may(shared, tenant, api):
    api.post(user_path("ann") + "/feature-usage", {"feature": "a"})
    tooling = tenant.client("privacy")
    assert tooling.get(privacy("ann", "/export")).status == 200
    assert tooling.get(user_path("ann")).status == 403
    export = tenant.as_user("ann", scope="privacy:export")
    erase = tenant.as_user("ann", scope="privacy:erase")
    assert export.get(privacy("me", "/export")).json()["userId"] == "ann"
    for refused in (
        export.delete(privacy("me")), export.get(privacy("bob", "/export")), erase.get(privacy("me", "/export")),
        tenant.as_user("ann").delete(privacy("me")), tenant.client("publishable").delete(privacy("ann")), erase.get("/api/privacy/audit"),
        tenant.client("publishable").get("/api/privacy/audit"),
    ):
        check_problem(refused, 403)
    check_problem(shared.client().delete(privacy("ann")), 401)
    receipt = erase.delete(privacy("me")).json()
    assert erase.get(f"/api/privacy/receipts/{receipt['id']}").status == 200
    assert tenant.as_user("bob", scope="privacy:erase").get(f"/api/privacy/receipts/{receipt['id']}").status == 404


def test_the_export_holds_everything_and_is_as_its_schema_says(api):
    live(api, "exp", "expword")
    schema = json.loads((ROOT / "Schemas" / "export.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    answer = api.get(privacy("exp", "/export"))
    assert answer["content-type"] == "application/json" and "attachment" in answer["content-disposition"]
    document = answer.json()
    validator.validate(document)
    assert len(document["events"]) == 7 and document["behavioralProfile"]["score"] == 80
    for word in ("feature-", "goal ", "source ", "interests ", "product-", "category-", "note ", "https://shop.example/page-"):
        assert f"{word}expword".encode() in answer.body, word
    validator.validate(api.get(privacy("unseen", "/export")).json())
    lines = [json.loads(line) for line in api.get(privacy("exp", "/export?format=ndjson")).body.splitlines()]
    assert sum(line["section"] == "events" for line in lines) == 7
    check_table(api.get(privacy("exp", "/export?format=csv")), document)
    check_invalid(api.get(privacy("exp", "/export?format=xml")), "/format")


def test_scores_come_with_their_factors_and_not_without_consent(api):
    live(api, "scored", "scored")
    derived = api.get(privacy("scored", "/export")).json()["derived"]
    score = derived["scores"][0]
    assert score["name"] == "behavior" and score["score"] > 0
    assert {factor["name"] for factor in score["factors"]} == {"engagementScore", "recencyScore"}
    for factor in score["factors"]:
        assert factor["contribution"] == pytest.approx(factor["weight"] * factor["value"])
    assert sum(factor["contribution"] for factor in score["factors"]) == pytest.approx(score["score"], abs=0.1)
    assert api.put("/api/consent/scored", {"purposes": {"personalization": False}, "source": "test"}).ok
    assert api.get(privacy("scored", "/export")).json()["derived"]["scores"] == []


def check_table(answer, document) -> None:
    """As Excel opens it: a column a member, nothing in JSON, and all that the document has."""
    assert answer["content-type"].startswith("text/csv") and answer.body.startswith(b"\xef\xbb\xbf")
    text = answer.body.decode("utf-8-sig")
    assert text.count("\n") == text.count("\r\n")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(set(rows[0])) == len(rows[0]) and {"section", "userId", "entry", "part"} < set(rows[0])
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(("{", "[")), row
    events = [row for row in rows if row["section"] == "events"]
    for event, row in zip(document["events"], events, strict=True):
        assert (row["messageId"], row["type"], row["at"]) == (event["messageId"], event["type"], event["at"])
        named = {pair["name"]: pair["value"] for pair in rows if pair["entry"] == row["entry"] and pair["section"] == "events.properties"}
        assert named == {name: str(value) for name, value in event.get("properties", {}).items()}
    traits = {row["name"]: row["value"] for row in rows if row["section"] == "traits.traits"}
    assert traits == {trait["name"]: trait["value"] for trait in (document["traits"] or {"traits": []})["traits"]}


def test_a_large_export_is_written_as_it_is_read(shared, tenant, api):
    for start in range(0, 10_000, 1000):
        batch = [
            {"type": "track", "event": "product_view", "userId": "large", "messageId": f"large-{start + number}", "properties": {"n": number}}
            for number in range(1000)
        ]
        assert api.post("/api/track/batch", {"batch": batch}).status == 202
    before = memory(shared)
    answer = api.get(privacy("large", "/export"))
    assert len(answer.json()["events"]) == 10_000
    assert memory(shared) - before < 50 * 1024
    began = time.monotonic()
    assert payload(api.delete(privacy("large")).json())["counts"]["Event"] == 10_000
    assert time.monotonic() - began < 5


def memory(server) -> int:
    """Resident, in KB."""
    status = open(f"/proc/{server.process.pid}/status").read()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def test_the_log_grows_and_is_never_rewritten(server, tmp_path):
    tenant = server.create_tenant("acme")
    api = tenant.client()
    api.delete(privacy("a"))
    first = api.get("/api/privacy/audit?limit=1").json()
    (tmp_path / "kept.json").write_text(json.dumps(first["checkpoint"]))
    for user in "bcdef":
        receipt = api.delete(privacy(user)).json()
    entries, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/api/privacy/audit?limit=4{'&cursor=' + cursor if cursor else ''}").json()
        entries += page["items"]
        cursor = page["nextCursor"]
    assert [entry["index"] for entry in entries] == list(range(len(entries)))
    assert all(json.loads(base64.b64decode(entry["leaf"]))["action"] == entry["action"] for entry in entries)
    sizes = payload(first["checkpoint"])["treeSize"], receipt["log"]["treeSize"]
    proof = api.get(f"/api/privacy/audit/consistency?first={sizes[0]}&second={sizes[1]}").json()
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    more = ("--checkpoint", str(tmp_path / "kept.json"), str(tmp_path / "proof.json"))
    assert verified(tmp_path, server, "acme", receipt, *more).returncode == 0
    (tmp_path / "proof.json").write_text(json.dumps(proof | {"path": proof["path"][::-1]}))
    assert len(proof["path"]) < 2 or verified(tmp_path, server, "acme", receipt, *more).returncode == 1
    verify = ("privacy", "audit-verify", "--tenant", "acme", "--checkpoint")
    assert server.must(*verify, str(tmp_path / "kept.json"))["valid"]
    assert server.must(*verify, str(tmp_path / "receipt.json"))["valid"]
    other = server.create_tenant("other").client().get("/api/privacy/audit").json()
    (tmp_path / "other.json").write_text(json.dumps(other))
    assert server.command(*verify, str(tmp_path / "other.json")).code == 1
    check_invalid(api.get("/api/privacy/audit/consistency?first=1&second=100000"), "/second")


def test_restricted_data_stays_and_is_not_used(api):
    live(api, "rest", "rest")
    fresh = api.get(user_path("nobody-at-all", "/dashboard")).json()
    assert api.put(privacy("rest", "/restriction"), {"restricted": True}).json()["restricted"] is True
    check_problem(api.post(user_path("rest", "/feature-usage"), {"feature": "more"}), 409)
    event = {"userId": "rest", "url": "https://shop.example/x", "messageId": "late"}
    refused = api.post("/api/track/page-view", event).json()
    assert refused["status"] == "rejected" and refused["messageId"] == "late"
    assert api.get(user_path("rest", "/dashboard")).json()["priorityActions"] == fresh["priorityActions"]
    assert usage(api.get(user_path("rest")).json()) == {"feature-rest": 1}
    assert api.get(privacy("rest", "/export")).json()["consent"]["restricted"] is True
    assert api.put(privacy("rest", "/restriction"), {"restricted": False}).json()["restricted"] is False
    assert api.post(user_path("rest", "/feature-usage"), {"feature": "more"}).status == 202
    check_invalid(api.put(privacy("rest", "/restriction"), {"restricted": "yes"}), "/restricted")


def test_anonymized_and_again_with_the_same_key(api):
    live(api, "anon", "anon")
    headers = {"Idempotency-Key": "once"}
    first = api.post("/api/profiles/anon/anonymize", headers=headers)
    assert first.status == 200 and payload(first.json())["action"] == "anonymization"
    assert api.post("/api/profiles/anon/anonymize", headers=headers).json() == first.json()
    assert usage(api.get(user_path("anon")).json()) == {}


def test_regulations(api):
    for user in ("r1", "r2"):
        live(api, user, user)
    body = {"regulationType": "SUPPRESS_WITH_DELETE", "subjectType": "USER_ID", "subjectIds": ["r1", "r2"]}
    answer = api.post("/regulations", body)
    assert answer.status == 200, answer
    assert api.get(f"/regulations/{answer.json()['id']}").json()["status"] == "FINISHED"
    event = {"userId": "r1", "url": "https://shop.example/x"}
    assert api.post("/api/track/page-view", event).json()["status"] == "rejected"
    assert api.post("/regulations", body | {"regulationType": "UNSUPPRESS"}).status == 200
    assert api.post("/api/track/page-view", event).json()["status"] == "accepted"
    check_invalid(api.post("/regulations", body | {"subjectIds": []}), "/subjectIds")
    check_invalid(api.post("/regulations", body | {"regulationType": "X"}), "/regulationType")
    check_problem(api.get("/regulations/reg_nobody"), 404)


def test_gpc(shared):
    answer = shared.client().get("/.well-known/gpc.json")
    assert answer.status == 200 and answer.json()["gpc"] is True


def test_commands_do_the_same(shared, tenant, api, tmp_path):
    live(api, "cmd", "cmd")
    printed = shared.must("user", "export", "--tenant", "acme", "--user", "cmd")
    assert printed["userId"] == "cmd" and len(printed["events"]) == 7
    receipt = shared.must("user", "erase", "--yes", "--tenant", "acme", "--user", "cmd")
    assert verified(tmp_path, shared, "acme", receipt).returncode == 0
    assert usage(api.get(user_path("cmd")).json()) == {}
    assert payload(shared.must("user", "anonymize", "--yes", "--tenant", "acme", "--user", "cmd"))["action"] == "anonymization"
    assert shared.must("privacy", "requests", "--tenant", "acme", "--open") == []
    assert shared.must("privacy", "audit-verify", "--tenant", "acme")["valid"]
    assert shared.command("privacy", "verify-receipt", "/nowhere").code == 1


def test_many_at_once_by_the_command(shared, tenant, api, tmp_path):
    users = [f"bulk{number}" for number in range(120)]
    for user in users[:5]:
        live(api, user, user)
    api.put("/api/privacy/users/bulk1/hold", {"reason": "claim"})
    file = tmp_path / "ids.txt"
    file.write_text("\ufeff" + "\n".join(users + users[:3]) + "\n")
    done = shared.command("user", "erase", "--yes", "--tenant", "acme", "--ids-file", str(file), "--force", "--json")
    assert done.code == 1
    answer = done.json()
    assert len(answer["erased"]) == 119 and [kept["user"] for kept in answer["kept"]] == ["bulk1"]
    assert usage(api.get(user_path("bulk0")).json()) == {} and usage(api.get(user_path("bulk1")).json()) == {"feature-bulk1": 1}
    assert api.get(f"/api/privacy/receipts/{answer['erased'][0]['receiptId']}").status == 200
    assert shared.command("user", "erase", "--yes", "--tenant", "acme").code == 64
    for line in (" bulk9", "bulk9 ", "bulk9\t"):
        file.write_text(f"bulk8\n{line}\n")
        assert shared.command("user", "erase", "--yes", "--tenant", "acme", "--ids-file", str(file)).code == 64
    file.write_text("\n".join(str(number) for number in range(5001)))
    assert shared.command("user", "erase", "--yes", "--tenant", "acme", "--ids-file", str(file)).code == 64


def test_killed_again_and_again_every_erasure_that_was_begun_is_finished(folder):
    """Each kill comes a little later; afterwards a user is whole, or gone with a receipt that counts all of it."""
    with Server(folder) as server:
        tenant = server.create_tenant("acme")
        for number in range(12):
            live(tenant.client(), f"k{number}", f"k{number}", events=40)
        for number in range(12):
            def erase():
                try:
                    tenant.client().delete(privacy(f"k{number}"))
                except Exception:
                    pass
            thread = threading.Thread(target=erase)
            thread.start()
            time.sleep(0.002 + number * 0.002)
            server.kill()
            thread.join()
            server.start()
            api = tenant.client()
            items = server.must("user", "items", "--tenant", "acme", "--user", f"k{number}")
            assert server.must("privacy", "requests", "--tenant", "acme", "--open") == []
            assert usage(api.get(user_path(f"k{number}")).json()) == ({f"feature-k{number}": 1} if items else {})
        entries = tenant.client().get("/api/privacy/audit?limit=100").json()["items"]
        actions = [entry["action"] for entry in entries]
        assert actions.count("erasure-requested") == actions.count("erasure")
        leaves = [json.loads(base64.b64decode(entry["leaf"])) for entry in entries if entry["action"] == "erasure"]
        assert all(leaf["counts"]["Event"] == 42 for leaf in leaves)
        assert server.must("privacy", "audit-verify", "--tenant", "acme")["valid"]
        assert server.must("doctor")["problems"] == []


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_receipts_outlive_the_server_and_the_tenant(server, tmp_path, ending):
    tenant = server.create_tenant("acme")
    receipt = tenant.client().delete(privacy("a")).json()
    getattr(server, ending)()
    server.start()
    assert tenant.client().get(f"/api/privacy/receipts/{receipt['id']}").json()["payload"] == receipt["payload"]
    server.must("tenant", "delete", "acme", "--yes")
    assert verified(tmp_path, server, "acme", receipt).returncode == 0
    assert server.must("privacy", "verify-receipt", str(tmp_path / "receipt.json"))["valid"]
