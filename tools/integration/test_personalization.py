"""Each route of a user's personalization."""

import json
import threading
from datetime import datetime, timedelta, timezone

import pytest

from shapes import check_invalid, check_problem, usage, user_path

EMPTY = {
    "featureUsage": [], "workflowPatterns": {"commonSequences": [], "timeOfDayUsage": {}}, "contentPreferences": [],
    "goals": {"shortTerm": [], "longTerm": []}, "goalProgress": [], "marketFocus": [],
}


def stamp(**ago) -> str:
    return (datetime.now(timezone.utc) - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def use(client, user: str, feature: str, **more):
    answer = client.post(user_path(user, "/feature-usage"), {"feature": feature, **more})
    assert answer.status == 202 and answer.json() == {"status": "accepted"}, answer


def test_an_unseen_user_has_an_empty_profile(api):
    answer = api.get(user_path("unseen"))
    assert answer.status == 200 and answer["etag"]
    profile = answer.json()
    assert profile["userId"] == "unseen"
    assert {name: profile[name] for name in EMPTY} == EMPTY


def test_feature_usage(api):
    for feature in ("marketing-plan", "brand-audit", "marketing-plan"):
        use(api, "uses", feature)
    profile = api.get(user_path("uses")).json()
    assert usage(profile) == {"marketing-plan": 2, "brand-audit": 1}
    assert sum(profile["workflowPatterns"]["timeOfDayUsage"].values()) == 3
    assert [(len(used["byHour"]), sum(used["byHour"])) for used in profile["featureUsage"]] == [(24, 2), (24, 1)]
    assert api.get(user_path("uses", "/frequent-features")).json() == ["marketing-plan", "brand-audit"]
    assert api.get(user_path("uses", "/frequent-features?limit=1")).json() == ["marketing-plan"]
    for limit in ("0", "-1", "x", "101", "99999999999999999999"):
        check_problem(api.get(user_path("uses", f"/frequent-features?limit={limit}")), 422)


def test_feature_names_and_times(api):
    use(api, "names", "x" * 128)
    use(api, "names", "Ünïcode ✓")
    use(api, "names", "old", at=stamp(days=399))
    for body in ({"feature": ""}, {"feature": "x" * 129}, {"feature": 7}, {"feature": None}, {}):
        check_invalid(api.post(user_path("names", "/feature-usage"), body), "/feature")
    for at in (stamp(days=401), stamp(minutes=-6), "yesterday", 7, "2026-02-30T00:00:00Z"):
        check_invalid(api.post(user_path("names", "/feature-usage"), {"feature": "x", "at": at}), "/at")


def test_settings_move_the_hours(api):
    at = (datetime.now(timezone.utc) - timedelta(days=2)).strftime("%Y-%m-%dT03:30:00Z")
    assert api.put(user_path("tokyo", "/settings"), {"timeZone": "Asia/Tokyo"}).status == 200
    use(api, "tokyo", "brand-audit", at=at)
    assert api.get(user_path("tokyo")).json()["workflowPatterns"]["timeOfDayUsage"] == {"12": 1}
    assert api.get(user_path("tokyo")).json()["featureUsage"][0]["byHour"][12] == 1
    check_invalid(api.put(user_path("tokyo", "/settings"), {"timeZone": "Mars/Olympus"}), "/timeZone")
    check_invalid(api.put(user_path("tokyo", "/settings"), {"timeZone": "../etc/passwd"}), "/timeZone")


def test_content_preferences(api):
    for success in (True, True, False):
        assert api.post(user_path("reads", "/content-preferences"), {"contentType": "video", "success": success}).status == 202
    [preference] = api.get(user_path("reads")).json()["contentPreferences"]
    assert (preference["contentType"], preference["successes"], preference["failures"]) == ("video", 2, 1)
    assert 0.5 < preference["score"] < 1
    check_invalid(api.post(user_path("reads", "/content-preferences"), {"contentType": "video", "success": "yes"}), "/success")


def test_goals(api):
    goals = {"shortTerm": ["sell a home", "ünï"], "longTerm": ["open an office"]}
    answer = api.put(user_path("goals", "/goals"), goals)
    assert answer.status == 200
    answer = api.patch(user_path("goals", "/goals"), {"goal": "sell a home", "progress": 0.5})
    assert answer.status == 200
    profile = api.get(user_path("goals")).json()
    assert profile["goals"] == goals
    progress = {entry["goal"]: entry["progress"] for entry in profile["goalProgress"]}
    assert progress["sell a home"] == 0.5
    check_problem(api.patch(user_path("goals", "/goals"), {"goal": "fly", "progress": 0.5}), 404)
    for wrong in (-0.1, 1.1, "half", None):
        check_invalid(api.patch(user_path("goals", "/goals"), {"goal": "sell a home", "progress": wrong}), "/progress")
    check_problem(api.put(user_path("goals", "/goals"), {"shortTerm": [str(n) for n in range(51)], "longTerm": []}), 422)
    check_invalid(api.put(user_path("goals", "/goals"), {"shortTerm": ["a", "b", "c", "x" * 501], "longTerm": []}), "/shortTerm/3")
    assert api.get(user_path("goals")).json()["goals"] == goals


def test_market_focus(api):
    assert api.put(user_path("focus", "/market-focus"), {"marketFocus": ["luxury homes"]}).status == 200
    assert api.get(user_path("focus")).json()["marketFocus"] == ["luxury homes"]
    check_invalid(api.put(user_path("focus", "/market-focus"), {"marketFocus": "luxury homes"}), "/marketFocus")
    check_invalid(api.put(user_path("focus", "/market-focus"), {"marketFocus": ["a", 1]}), "/marketFocus/1")


def test_unknown_members_are_ignored(api):
    use(api, "ignored", "x", unknown={"deep": [1]})


def test_dashboards_are_never_empty(api):
    for user in ("dash-unseen", "dash-seen"):
        board = api.get(user_path(user, "/dashboard")).json()
        assert board["userId"] == user and board["source"] in ("rules", "ai", "cache")
        assert board["priorityActions"] and board["suggestedContent"] and board["nextBestActions"]
        for action in board["priorityActions"]:
            assert action["priority"] in ("high", "medium", "low") and action["reason"] and action["link"].startswith("/")
        for action in board["nextBestActions"]:
            assert action["reason"] and action["link"].startswith("/") and round(action["confidence"], 2) == action["confidence"]
        assert not {action["action"] for action in board["priorityActions"]} & {action["action"] for action in board["nextBestActions"]}
        titles = [action["action"] for action in board["priorityActions"]]
        assert len(titles) == len(set(titles))
        for insight in board["marketInsights"]:
            assert insight["category"] in ("opportunity", "trend", "tip", "warning") and insight["reason"]
        use(api, "dash-seen", "marketing-plan")


def test_suggestions_and_next_best_actions(api):
    answer = api.post(user_path("suggest", "/suggestions"), {"currentPage": "marketing-plan", "recentActions": ["brand-audit"]})
    assert answer.status == 200 and answer.json()
    assert api.post(user_path("suggest", "/suggestions"), {}).json()
    for entry in answer.json():
        assert {"title", "description", "action", "priority", "source", "reason", "link"} <= set(entry)
        assert "personalized" not in entry
    for entry in api.get(user_path("suggest", "/next-best-actions")).json():
        assert 0 <= entry["confidence"] <= 1 and isinstance(entry["basedOn"], list)


def test_common_sequences_tell_the_number_and_the_weight_alike(api):
    """In the profile and in the export; walked twice eight weeks ago and once now."""
    for day in (57, 56, 0):
        for minute, feature in ((9, "market-analysis"), (8, "listing-studio")):
            use(api, "walker", feature, at=stamp(days=day, minutes=minute))
    profile = api.get(user_path("walker")).json()
    walked = profile["workflowPatterns"]["commonSequences"]
    assert [(each["sequence"], each["count"]) for each in walked] == [(["market-analysis", "listing-studio"], 3)]
    assert 1.5 < walked[0]["weight"] < 1.6
    export = api.get("/api/privacy/users/walker/export").json()
    found = export["personalization"]
    assert found["sequences"][0]["count"] == 3 and found["sequences"][0]["weight"] == pytest.approx(walked[0]["weight"])
    assert [used["byHour"] for used in found["featureUsage"]] == [used["byHour"] for used in profile["featureUsage"]]


def test_me_is_the_tokens_user(tenant, api):
    ada = tenant.as_user("me-ada")
    use(ada, "me", "brand-audit")
    assert usage(ada.get(user_path("me")).json()) == usage(api.get(user_path("me-ada")).json()) == {"brand-audit": 1}
    check_problem(ada.get(user_path("other-user")), 403)
    check_problem(api.get(user_path("me")), 422)


def test_reset(api):
    use(api, "resets", "brand-audit")
    answer = api.delete(user_path("resets"))
    assert answer.status == 204 and answer.body == b""
    assert usage(api.get(user_path("resets")).json()) == {}


def test_etags(api):
    first = api.get(user_path("tagged"))["etag"]
    assert api.put(user_path("tagged", "/goals"), {"shortTerm": ["a"], "longTerm": []}, headers={"If-Match": first}).status == 200
    second = api.get(user_path("tagged"))["etag"]
    assert second != first
    stale = {"If-Match": first}
    check_problem(api.put(user_path("tagged", "/goals"), {"shortTerm": ["b"], "longTerm": []}, headers=stale), 412)
    check_problem(api.put(user_path("tagged", "/market-focus"), {"marketFocus": ["b"]}, headers=stale), 412)
    check_problem(api.patch(user_path("tagged", "/goals"), {"goal": "a", "progress": 1}, headers=stale), 412)
    check_problem(api.delete(user_path("tagged"), headers=stale), 412)
    assert api.get(user_path("tagged"))["etag"] == second
    assert api.get(user_path("tagged")).json()["goals"]["shortTerm"] == ["a"]
    for fits in (f'"other", {second}', "*"):
        assert api.put(user_path("tagged", "/market-focus"), {"marketFocus": ["b"]}, headers={"If-Match": fits}).status == 200
        second = api.get(user_path("tagged"))["etag"]


def test_concurrent_writes_are_all_counted(tenant, api):
    def work():
        client = tenant.client()
        for _ in range(25):
            use(client, "crowd", "brand-audit")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert usage(api.get(user_path("crowd")).json()) == {"brand-audit": 200}


def test_idempotency(tenant, api):
    path, body, key = user_path("idem", "/feature-usage"), {"feature": "brand-audit"}, {"Idempotency-Key": "one"}
    first, second = api.post(path, body, headers=key), api.post(path, body, headers=key)
    assert (first.status, first.body) == (second.status, second.body) == (202, first.body)
    check_problem(api.post(path, {"feature": "other"}, headers=key), 422)
    assert usage(api.get(user_path("idem")).json()) == {"brand-audit": 1}
    # The scope is tenant, credential, method and path: elsewhere the same key is another one.
    assert api.post(user_path("idem-2", "/feature-usage"), body, headers=key).status == 202
    assert tenant.as_user("idem").post(path, body, headers=key).status == 202
    assert usage(api.get(user_path("idem")).json()) == {"brand-audit": 2}
    # A refusal is an answer too, and is kept.
    key = {"Idempotency-Key": "two"}
    for _ in range(2):
        check_problem(api.post(path, {"feature": ""}, headers=key), 422)
    check_problem(api.post(path, body, headers={"Idempotency-Key": "x" * 257}), 422)


def test_racing_copies_of_a_request_have_one_effect(tenant, api):
    path, statuses = user_path("race", "/feature-usage"), []

    def work():
        statuses.append(tenant.client().post(path, {"feature": "x"}, headers={"Idempotency-Key": "race"}).status)

    tenant.key()
    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {202, 409} and 202 in statuses
    assert usage(api.get(user_path("race")).json()) == {"x": 1}


def test_all_is_there_after_kill_and_after_stop(server):
    tenant = server.create_tenant("acme")
    client = tenant.client()
    path, key = user_path("ada", "/feature-usage"), {"Idempotency-Key": "k"}
    first = client.post(path, {"feature": "brand-audit"}, headers=key)
    client.put(user_path("ada", "/goals"), {"shortTerm": ["a"], "longTerm": ["b"]})
    client.put(user_path("ada", "/settings"), {"timeZone": "Europe/Paris"})
    before = client.get(user_path("ada"))
    for end in (server.kill, server.stop):
        end()
        server.start()
        client = tenant.client()
        client.port = server.port
        after = client.get(user_path("ada"))
        assert (after.json(), after["etag"]) == (before.json(), before["etag"])
        again = client.post(path, {"feature": "brand-audit"}, headers=key)
        assert (again.status, again.body) == (first.status, first.body)
        check_problem(client.post(path, {"feature": "other"}, headers=key), 422)
        assert usage(client.get(user_path("ada")).json()) == {"brand-audit": 1}


def test_tenants_are_apart(api, other):
    use(api, "shared-name", "brand-audit")
    assert usage(other.client().get(user_path("shared-name")).json()) == {}


def test_playbook(tenant, api, other):
    book = api.get("/api/playbook")
    assert book.status == 200
    playbook = book.json()
    assert playbook["features"] and playbook["rules"] and len(playbook["rules"]) >= 20
    playbook["features"][0]["title"] = "Another title"
    assert api.put("/api/playbook", playbook).status == 200
    assert api.get("/api/playbook").json()["features"][0]["title"] == "Another title"
    broken = json.loads(json.dumps(playbook))
    broken["rules"][0]["when"] = {"noSuchCondition": True}
    check_problem(api.put("/api/playbook", broken), 422)
    check_problem(api.put("/api/playbook", {"features": "none"}), 422)
    assert api.get("/api/playbook").json()["features"][0]["title"] == "Another title"
    assert other.client().get("/api/playbook").json()["features"][0]["title"] != "Another title"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/openapi.yaml", "/debug/routes"])
def test_open_routes(shared, path):
    answer = shared.client().get(path)
    assert answer.status == 200 and answer["x-request-id"], answer


def test_metrics_name_nobody(shared, tenant, api):
    use(api, "metric-user", "metric-feature")
    text = shared.client().get("/metrics").body.decode()
    assert "# TYPE" in text
    for name in ("metric-user", "metric-feature", "acme"):
        assert name not in text


def test_a_batch_records_each_item_once(tenant):
    api, path = tenant.client(), "/api/personalization/batch"
    good = [{"id": "a1", "type": "feature-usage", "userId": "batched", "feature": "brand-audit"},
            {"id": "a2", "type": "feature-usage", "userId": "batched", "feature": "brand-audit", "at": stamp(seconds=60)},
            {"type": "content-preference", "userId": 17, "contentType": "video", "success": True}]
    bad = [{"id": "b1", "type": "feature-usage", "userId": "batched"}, {"type": "other", "userId": "batched"}, 7,
           {"type": "feature-usage", "userId": "undefined", "feature": "x"}, {"type": "feature-usage", "feature": "x"},
           {"type": "feature-usage", "userId": "batched", "feature": "x", "at": "soon"},
           {"type": "feature-usage", "userId": "batched", "feature": "x", "at": "1999-01-01T00:00:00Z"}]
    answer = api.post(path, {"items": good + bad})
    assert answer.status == 202
    results = answer.json()["results"]
    assert results[:3] == [{"id": "a1", "status": "accepted"}, {"id": "a2", "status": "accepted"}, {"status": "accepted"}]
    assert [result["reason"] for result in results[3:]] == ["invalid", "invalid", "invalid", "id", "id", "timestamp", "timestamp"]
    again = api.post(path, {"items": good[:2] + [{"id": "a1", "type": "feature-usage", "userId": "other", "feature": "brand-audit"}]})
    assert [result["status"] for result in again.json()["results"]] == ["duplicate", "duplicate", "accepted"]
    profile = api.get(user_path("batched")).json()
    assert [(entry["feature"], entry["count"]) for entry in profile["featureUsage"]] == [("brand-audit", 2)]
    assert api.get(user_path("17")).json()["contentPreferences"][0]["successes"] == 1
    api.put("/api/consent/batched", {"purposes": {"personalization": False}, "source": "test"})
    refused = api.post(path, {"items": [good[0] | {"id": "c"}]}).json()["results"]
    assert refused == [{"id": "c", "status": "rejected", "reason": "consent"}]
    assert api.post(path, {"items": [good[0]] * 501}).status == 422 and api.post(path, {}).status == 422
    assert tenant.client("publishable").post(path, {"items": good}).status == 403


def test_a_batch_counts_once_under_an_idempotency_key(tenant):
    api, path = tenant.client(), "/api/personalization/batch"
    items = [{"type": "feature-usage", "userId": "keyed", "feature": "brand-audit"}, {"type": "other", "userId": "keyed"},
             {"id": "k", "type": "feature-usage", "userId": "keyed", "feature": "brand-audit"}]
    first = api.post(path, {"items": items}, headers={"Idempotency-Key": "batch-1"})
    again = api.post(path, {"items": items}, headers={"Idempotency-Key": "batch-1"})
    assert first.status == again.status == 202 and first.json() == again.json()
    assert first.json()["results"] == [
        {"status": "accepted"}, {"status": "rejected", "reason": "invalid"}, {"id": "k", "status": "accepted"}]
    assert again["idempotency-replayed"] == "true" and not first["idempotency-replayed"]
    assert [use["count"] for use in api.get(user_path("keyed")).json()["featureUsage"]] == [2]
    assert api.post(path, {"items": items[:1]}, headers={"Idempotency-Key": "batch-1"}).status == 422
    assert api.post(path, {"items": items[:1]}, headers={"Idempotency-Key": "batch-2"}).status == 202
    assert [use["count"] for use in api.get(user_path("keyed")).json()["featureUsage"]] == [3]
