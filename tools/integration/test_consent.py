"""What users allow: defaults by tenant, decisions that are merged and kept, and who may say and see it."""

import pytest

from shapes import check_invalid, check_problem, user_path

PURPOSES = ("analytics", "personalization", "marketing", "ai")


def path(user: str) -> str:
    return f"/api/consent/{user}"


def granted(answer) -> set[str]:
    assert answer.status == 200, answer
    return {purpose for purpose, allowed in answer.json()["purposes"].items() if allowed}


@pytest.mark.parametrize(
    "name, options, expected",
    [
        ("defaults", (), {"analytics", "personalization"}),
        ("opted-in", ("--consent", "opt-in"), set()),
        ("granting", ("--grant", "ai,marketing"), set(PURPOSES)),
        ("terms", ("--consent", "opt-in", "--grant", "ai"), {"ai"}),
    ],
)
def test_where_nothing_is_recorded_the_tenant_decides(shared, name, options, expected):
    answer = shared.create_tenant(name, *options).client().get(path("ada"))
    assert granted(answer) == expected
    assert set(answer.json()["purposes"]) == set(PURPOSES)
    assert answer.json()["source"] is None and answer.json()["updatedAt"] is None


def test_decisions_are_merged_and_outlive_a_crash(server):
    tenant = server.create_tenant("acme")
    api = tenant.client()
    assert granted(api.put(path("ada"), {"purposes": {"ai": True}, "source": "banner"})) == {"analytics", "personalization", "ai"}
    body = {"purposes": {"analytics": False}, "source": "support", "wordingVersion": "2025-06", "channel": "phone", "unknown": 1}
    api.put(path("ada"), body)
    server.kill()
    server.start()
    answer = tenant.client().get(path("ada"))
    assert granted(answer) == {"personalization", "ai"}
    assert answer.json()["source"] == "support" and answer.json()["updatedAt"].endswith("Z")
    items = server.must("user", "items", "--tenant", "acme", "--user", "ada")
    assert [item["SK"].split("#")[0] for item in items] == ["CONSENT", "CONSENT", "CONSENT"]
    assert granted(tenant.client().get(path("eve"))) == {"analytics", "personalization"}


@pytest.mark.parametrize(
    "body, pointer",
    [
        ({"source": "x"}, "/purposes"),
        ({"purposes": {}, "source": "x"}, "/purposes"),
        ({"purposes": {"ai": None}, "source": "x"}, "/purposes"),
        ({"purposes": {"ai": "yes"}, "source": "x"}, "/purposes/ai"),
        ({"purposes": {"ai": True}}, "/source"),
        ({"purposes": {"ai": True}, "source": ""}, "/source"),
        ({"purposes": {"ai": True}, "source": "x" * 65}, "/source"),
        ({"purposes": {"ai": True}, "source": "x", "channel": "a\nb"}, "/channel"),
        ({"purposes": {"ai": True}, "source": "x", "wordingVersion": 3}, "/wordingVersion"),
    ],
)
def test_what_is_wrong_is_refused_and_changes_nothing(api, body, pointer):
    check_invalid(api.put(path("wrong"), body), pointer)
    assert api.get(path("wrong")).json()["updatedAt"] is None


def test_a_publishable_key_sends_and_reads_nothing(tenant):
    tenant.client().put(path("bob"), {"purposes": {"marketing": True, "ai": True}, "source": "banner"})
    browser = tenant.client("publishable")
    check_problem(browser.get(path("bob")), 403)
    answer = browser.put(path("bob"), {"purposes": {"ai": False}, "source": "banner"})
    assert answer.json()["purposes"] == {"ai": False}
    assert granted(tenant.client().get(path("bob"))) == {"analytics", "personalization", "marketing"}


def test_a_user_decides_for_themselves_alone(tenant):
    client = tenant.as_user("cat")
    assert granted(client.put(path("me"), {"purposes": {"analytics": False}, "source": "settings"})) == {"personalization"}
    assert granted(client.get(path("cat"))) == {"personalization"}
    check_problem(client.get(path("bob")), 403)
    check_problem(client.put(path("bob"), {"purposes": {"ai": True}, "source": "settings"}), 403)
    check_problem(tenant.client("privacy").get(path("cat")), 403)


def check_nothing_is_learned(api, user: str) -> None:
    rejected = {"status": "rejected", "reason": "consent"}
    before = api.get(user_path(user)).json()
    usage = {"feature": "brand-audit"}
    outcome = {"contentType": "blog-post", "success": True}
    for route, body in (("/feature-usage", usage), ("/content-preferences", outcome)):
        for headers in ({}, {"Idempotency-Key": f"{user}{route[1:]}"}, {"Idempotency-Key": f"{user}{route[1:]}"}):
            answer = api.post(user_path(user, route), body, headers=headers)
            assert answer.status == 202 and answer.json() == rejected
    assert api.put(user_path(user, "/settings"), {"timeZone": "Europe/Paris"}).status == 403
    assert api.put(user_path(user, "/goals"), {"shortTerm": ["sell"], "longTerm": []}).status == 403
    assert api.patch(user_path(user, "/goals"), {"goal": "Win two listings", "progress": 0.5}).status == 403
    assert api.put(user_path(user, "/market-focus"), {"marketFocus": ["luxury homes"]}).status == 403
    assert api.get(user_path(user)).json() == before


def check_stranger(api, user: str) -> None:
    dashboard, fresh = (api.get(user_path(each, "/dashboard")).json() for each in (user, "a-stranger"))
    assert dashboard["personalized"] is False
    for part in ("priorityActions", "suggestedContent", "marketInsights", "nextBestActions"):
        assert dashboard[part] == fresh[part]
    for method, route in ((api.get, "/next-best-actions"), (lambda path: api.post(path, {}), "/suggestions")):
        entries, strangers = (method(user_path(each, route)).json() for each in (user, "a-stranger"))
        assert entries == [{**entry, "personalized": False} for entry in strangers]


def test_a_refusal_of_personalization_stops_learning_and_advice(shared):
    api = shared.create_tenant("refusing").client()
    for _ in range(3):
        assert api.post(user_path("ada", "/feature-usage"), {"feature": "marketing-plan"}).json() == {"status": "accepted"}
    assert api.put(user_path("ada", "/goals"), {"shortTerm": ["Win two listings"], "longTerm": []}).status == 200
    assert "personalized" not in api.get(user_path("ada", "/dashboard")).json()
    api.put(path("ada"), {"purposes": {"personalization": False}, "source": "test"})
    check_nothing_is_learned(api, "ada")
    check_stranger(api, "ada")
    api.put(path("ada"), {"purposes": {"personalization": True}, "source": "test"})
    assert api.post(user_path("ada", "/feature-usage"), {"feature": "marketing-plan"}).json() == {"status": "accepted"}
    api.put(path("ada"), {"purposes": {"personalization": False}, "source": "test"})
    assert api.delete(user_path("ada")).status == 204


def test_an_opt_in_tenant_learns_nothing_before_consent(shared):
    api = shared.create_tenant("asking", "--consent", "opt-in").client()
    check_nothing_is_learned(api, "ada")
    check_stranger(api, "ada")
