"""Every route x 12 principals x own, foreign and missing objects.

`foreign` is a user whom only the other tenant has, `missing` one whom nobody has. Whoever asks, the answers about the two
must not differ in one byte, but for the name that was asked for, the request's id and the time.
"""

import re
import time
from dataclasses import dataclass

import pytest

from harness.client import Answer
from shapes import check_problem, usage

OWN, FOREIGN, MISSING = "own-user", "foreign1", "missing2"

USER = "/api/personalization/users/{userId}"
CONSENT = "/api/consent/{userId}"
READ, WRITE = "personalization:read", "personalization:write"
EVENTS, PROFILE = "events:write", "profile:read"
EXPORT, ERASE = "privacy:export", "privacy:erase"
REQUEST_ID, SUBJECT_REQUEST_ID = "req_e6550e2ffff-0123abcd", "a7551968-d5d6-44b2-9831-815ac9017798"
OFFICERS = ("secret", "privacy")
SENDERS = ("secret", "publishable")
EVENT = {"userId": "{userId}", "messageId": "m1", "event": "looked", "previousId": "{userId}-before", "groupId": "g1", "writeKey": None}


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    # What a token needs; None: only the key kinds named below may call.
    scope: str | None = None
    body: object = None
    kinds: tuple[str, ...] = ("secret",)
    success: int = 200

    def __str__(self):
        return f"{self.method} {self.path}"


ROUTES = [
    Route("GET", USER, READ),
    Route("PUT", USER + "/settings", WRITE, {"timeZone": "Europe/Paris"}),
    Route("POST", USER + "/feature-usage", WRITE, {"feature": "brand-audit"}, success=202),
    Route("POST", USER + "/content-preferences", WRITE, {"contentType": "video", "success": True}, success=202),
    Route("PUT", USER + "/goals", WRITE, {"shortTerm": ["a"], "longTerm": []}),
    Route("PATCH", USER + "/goals", WRITE, {"goal": "a", "progress": 0.5}),
    Route("PUT", USER + "/market-focus", WRITE, {"marketFocus": ["luxury homes"]}),
    Route("GET", USER + "/frequent-features", READ),
    Route("GET", USER + "/dashboard", READ),
    Route("POST", USER + "/suggestions", READ, {}),
    Route("GET", USER + "/next-best-actions", READ),
    Route("DELETE", USER, WRITE, success=204),
    Route("GET", CONSENT, READ),
    Route("PUT", CONSENT, WRITE, {"purposes": {"marketing": True}, "source": "test"}, kinds=("secret", "publishable")),
    Route("POST", "/api/personalization/batch", body={"items": []}, success=202),
    Route("GET", "/api/playbook"),
    Route("PUT", "/api/playbook", body={"features": []}, success=422),
    Route("POST", "/api/track/page-view", EVENTS, {"userId": "{userId}", "url": "/a", "messageId": "v1"}, SENDERS, 202),
    Route("POST", "/api/track/interaction", EVENTS, {"userId": "{userId}", "type": "add_to_cart", "messageId": "i1"}, SENDERS, 202),
    *(Route("POST", f"/v1/{name}", EVENTS, EVENT, SENDERS)
      for kind in ("identify", "track", "page", "screen", "group", "alias") for name in (kind, kind[0])),
    Route("POST", "/api/behavioral-ml/track-interaction", EVENTS,
          {"user_id": "{userId}", "product_id": 1, "interaction_type": "product_view", "messageId": "b1"}, SENDERS, 202),
    Route("GET", "/api/behavioral-ml/user-profile/behavioral?user_id={userId}", READ),
    Route("GET", "/api/behavioral-ml/features/implicit-rating?user_id={userId}&product_id=1", READ),
    Route("GET", "/api/profiles/{userId}/timeline?limit=1", PROFILE),
    Route("POST", "/api/behavioral-ml/features/extract-batch", body={"user_ids": [OWN]}),
    Route("POST", "/api/behavioral-profiles", body={"user_id": OWN, "behavioral_score": 101, "interests": ""}, success=422),
    Route("GET", "/api/behavioral-profiles"),
    Route("GET", "/api/behavioral-profiles/user/nobody-has-one", success=404),
    Route("GET", "/api/behavioral-profiles/strategy/nobody-has-one", success=404),
    Route("PUT", "/api/behavioral-profiles/999", body={}, success=404),
    Route("GET", "/api/catalog/products"),
    Route("POST", "/api/catalog/products/batch", body={"products": []}),
    Route("PUT", "/api/catalog/products/17", body={"name": "Lamp", "category": "lamps"}),
    Route("GET", "/api/catalog/products/17"),
    Route("DELETE", "/api/catalog/products/no-such-product", success=404),
    Route("GET", "/api/insights/journeys"),
    Route("GET", "/api/insights/navigation"),
    Route("POST", "/api/tokens", body={"userId": OWN}, success=201),
    Route("POST", "/api/tokens/introspect", body={"token": "x"}, kinds=("secret", "privacy")),
    Route("POST", "/api/tokens/revoke", body={"token": "x"}),
    Route("GET", "/api/privacy/audit", kinds=OFFICERS),
    Route("GET", "/api/privacy/audit/consistency?first=0&second=0", kinds=OFFICERS),
    Route("GET", "/api/privacy/receipts/nobody-has-one", kinds=OFFICERS, success=404),
    Route("POST", "/api/privacy/receipts/verify", body={}, kinds=OFFICERS, success=422),
    Route("POST", "/regulations", body={}, kinds=OFFICERS, success=422),
    Route("GET", "/regulations/nobody-has-one", kinds=OFFICERS, success=404),
    Route("GET", "/api/privacy/users/{userId}/export", EXPORT, kinds=OFFICERS),
    Route("PUT", "/api/privacy/users/{userId}/restriction", ERASE, {"restricted": False}, OFFICERS),
    Route("POST", "/api/privacy/users/{userId}/link", body={}, kinds=OFFICERS, success=201),
    Route("GET", "/api/privacy/users/{userId}/hold", kinds=OFFICERS),
    Route("PUT", "/api/privacy/users/{userId}/hold", body={"reason": ""}, kinds=OFFICERS, success=422),
    Route("DELETE", "/api/privacy/users/{userId}/hold", kinds=OFFICERS),
    Route("GET", "/api/privacy/requests", kinds=OFFICERS),
    Route("POST", "/api/privacy/requests", body={"type": "objection"}, kinds=OFFICERS, success=201),
    Route("GET", f"/api/privacy/requests/{REQUEST_ID}", kinds=OFFICERS, success=404),
    Route("POST", f"/api/privacy/requests/{REQUEST_ID}/extension", body={"reason": "a"}, kinds=OFFICERS, success=404),
    Route("POST", f"/api/privacy/requests/{REQUEST_ID}/completion", kinds=OFFICERS, success=404),
    *(Route(method, path, kinds=OFFICERS, success=success, body=body)
      for version, name in (("v1", "opengdpr_requests"), ("v2", "requests"))
      for method, path, success, body in (
          ("POST", f"/{version}/{name}", 400, {}), ("GET", f"/{version}/{name}/{SUBJECT_REQUEST_ID}", 404, None),
          ("DELETE", f"/{version}/{name}/{SUBJECT_REQUEST_ID}", 404, None), ("GET", f"/{version}/status/{SUBJECT_REQUEST_ID}", 404, None))),
    Route("GET", f"/v2/requests/{SUBJECT_REQUEST_ID}/results", kinds=OFFICERS, success=404),
    Route("GET", "/api/profiles/{userId}", PROFILE, kinds=OFFICERS),
    Route("PATCH", f"/api/profiles/{OWN}", body={"traits": {"a": 1}}, kinds=OFFICERS),
    Route("GET", "/api/privacy/exposure?credential=none", kinds=OFFICERS, success=404),
    Route("GET", "/api/privacy/processing-records", kinds=OFFICERS),
    Route("POST", "/api/tenant/export"),
    # Whoever is taken out of the data comes last.
    Route("POST", "/api/profiles/{userId}/anonymize", ERASE, {}, OFFICERS),
    Route("DELETE", "/api/profiles/{userId}", ERASE, kinds=OFFICERS),
    Route("DELETE", "/api/privacy/users/{userId}", ERASE, kinds=OFFICERS),
]
USER_ROUTES = [route for route in ROUTES if route.scope]

# What each event of a batch comes to is told one by one: test_events.py sees to that.
BATCHES = {"POST /api/track/batch", "POST /v1/batch", "POST /v1/import", "POST /v1/b"}

# It ends the tenant: test_rights.py sees to who may.
FATAL = {"DELETE /api/tenant"}

# No credential is asked for.
OPEN = {
    "GET /attune.js", "GET /api/behavioral-ml/health", "GET /v1/projects/{writeKey}/settings",
    "GET /v1/discovery", "GET /v1/certificate", "GET /v2/discovery", "GET /v2/certificate",
    "GET /.well-known/gpc.json",
    "GET /livez", "GET /readyz", "GET /metrics", "GET /openapi.yaml", "GET /openapi.json", "GET /debug/routes",
    "GET /tenants/{name}/.well-known/jwks.json",
}

PRINCIPALS = [
    "no credential", "malformed", "unknown key", "expired token", "revoked token", "other tenant's secret key",
    "other tenant's token", "other user's token", "publishable key", "privacy key", "token without the scope", "right",
]


@pytest.fixture(scope="module")
def credentials(tenant, other):
    """One credential per principal; those of tokens are for OWN."""
    unknown_key = tenant.new_key("secret")
    tenant.server.must("key", "revoke", unknown_key["id"], "--yes")
    revoked = tenant.token(OWN)
    tenant.client().post("/api/tokens/revoke", {"token": revoked})
    made = {
        "no credential": None,
        "malformed": "att_sk_nonsense",
        "unknown key": unknown_key["key"],
        "expired token": tenant.token(OWN, seconds=1),
        "revoked token": revoked,
        "other tenant's secret key": other.key(),
        "other tenant's token": other.token(OWN, f"{READ} {WRITE} {EVENTS} {PROFILE}"),
        "other user's token": tenant.token("someone-else", f"{READ} {WRITE} {EVENTS} {PROFILE}"),
        "publishable key": tenant.key("publishable"),
        "privacy key": tenant.key("privacy"),
        READ: tenant.token(OWN, READ),
        WRITE: tenant.token(OWN, WRITE),
        EVENTS: tenant.token(OWN, EVENTS),
        PROFILE: tenant.token(OWN, PROFILE),
        EXPORT: tenant.token(OWN, EXPORT),
        ERASE: tenant.token(OWN, ERASE),
        "other tenant's token, privacy": other.token(OWN, f"{EXPORT} {ERASE}"),
        "other user's token, privacy": tenant.token("someone-else", f"{EXPORT} {ERASE}"),
        "key": tenant.key(),
    }
    # The clock skew allowed is 60 s at most.
    probe, end = tenant.server.client(made["expired token"]), time.monotonic() + 66
    while probe.get(USER.format(userId=OWN)).status == 200 and time.monotonic() < end:
        time.sleep(1)
    return made


@pytest.fixture(scope="module")
def seeded(tenant, other):
    for whose, user in ((tenant, OWN), (other, FOREIGN)):
        client = whose.client()
        assert client.post(USER.format(userId=user) + "/feature-usage", {"feature": "brand-audit"}).status == 202
        assert client.put(USER.format(userId=user) + "/goals", {"shortTerm": ["a"], "longTerm": []}).status == 200


# Pages have sessions instead of credentials; what they answer without one is tried with them, in `pages/`.
PAGES = {
    "GET /login", "POST /login", "POST /logout", "GET /", "GET /profiles", "GET /profiles/{userId}", "GET /keys", "POST /keys",
    "GET /keys/{keyId}/rotate", "POST /keys/{keyId}/rotate", "GET /keys/{keyId}/revoke", "POST /keys/{keyId}/revoke", "GET /live",
    "GET /assets/{file}", "GET /api/ui-dashboard/behavioral-profiling-dashboard-ui",
    "POST /api/ui-dashboard/behavioral-profiling-dashboard-ui",
    "GET /privacy", "GET /privacy/log", "GET /privacy/receipts/{receiptId}",
    "GET /privacy/receipts/{receiptId}/receipt.json", "POST /privacy/verify", "POST /privacy/users", "POST /privacy/erase",
    "GET /privacy-center", "POST /privacy-center", "GET /privacy-center/export", "GET /privacy-center/erase",
    "POST /privacy-center/erase",
    "GET /privacy-center/receipt", "POST /privacy-center/leave", "GET /privacy-center/receipt.json",
}


def credential(credentials, principal: str, route: Route) -> str | None:
    if principal == "right":
        return credentials[route.scope or "key"]
    if principal == "token without the scope":
        return credentials[{READ: WRITE, WRITE: READ, EVENTS: READ, PROFILE: READ, EXPORT: ERASE, ERASE: EXPORT, None: PROFILE}[route.scope]]
    if principal.endswith("'s token") and route.scope in (EXPORT, ERASE):
        return credentials[principal + ", privacy"]
    return credentials[principal]


def expected(principal: str, route: Route, user: str) -> int:
    """The status by the contract."""
    if principal in PRINCIPALS[:5]:
        return 401
    if principal == "right":
        return route.success if user == OWN else 403
    if principal == "other tenant's secret key" or principal == "other tenant's token" and route.scope and user == OWN:
        # A user of the same name in that tenant, whose goal is the one that the route before has put.
        return route.success
    if principal in ("privacy key", "publishable key") and principal.split()[0] in route.kinds:
        return route.success
    return 403


def send(shared, route: Route, key: str | None, user: str) -> Answer:
    body = route.body
    if route.scope and isinstance(body, dict):
        body = {name: value.format(userId=user) if isinstance(value, str) else value for name, value in body.items()}
    return shared.client(key).request(route.method, route.path.format(userId=user), body)


def alike(answer: Answer, user: str, method: str) -> tuple:
    """The answer without what may differ between two users."""
    text = answer.body.decode().replace(user, "USER")
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text)
    # What decays with time, and cursors, which are times.
    text = re.sub(r"\d+\.\d+(e-\d+)?", "NUMBER", text)
    differing = ["date", "x-request-id", "ratelimit", "content-length"]
    # What a write leaves behind is a version of its own, and a person's tag holds the id.
    if method != "GET" or answer["etag"] != '"0"':
        differing.append("etag")
    headers = {name: value for name, value in answer.headers.items() if name not in differing}
    if answer["x-request-id"]:
        text = text.replace(answer["x-request-id"], "REQUEST")
    if "inclusionPath" in text:
        # Every receipt is its own; what it counts is told in `test_privacy.py`.
        text = sorted(answer.json())
    return answer.status, headers, text


@pytest.mark.parametrize("principal", PRINCIPALS)
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_own_objects(shared, credentials, seeded, route, principal):
    answer = send(shared, route, credential(credentials, principal, route), OWN)
    status = expected(principal, route, OWN)
    assert answer.status == status, answer
    if status >= 400:
        check_problem(answer, status)


@pytest.mark.parametrize("principal", PRINCIPALS)
@pytest.mark.parametrize("route", USER_ROUTES, ids=str)
def test_foreign_and_missing_are_alike(shared, credentials, seeded, route, principal):
    if principal == "other tenant's secret key":
        pytest.skip("the foreign user is that tenant's own")
    key = credential(credentials, principal, route)
    foreign, missing = (alike(send(shared, route, key, user), user, route.method) for user in (FOREIGN, MISSING))
    assert foreign == missing
    assert foreign[0] == expected(principal, route, FOREIGN)


@pytest.mark.parametrize("route", USER_ROUTES, ids=str)
def test_the_tenants_key_sees_no_foreign_user(shared, credentials, seeded, route):
    foreign, missing = (alike(send(shared, route, credentials["key"], user), user, route.method) for user in (FOREIGN, MISSING))
    assert foreign == missing


def test_the_foreign_user_is_untouched_at_the_end(shared, other, seeded):
    profile = other.client().get(USER.format(userId=FOREIGN)).json()
    assert usage(profile) == {"brand-audit": 1} and profile["goals"]["shortTerm"] == ["a"]


def test_every_documented_route_is_tried(shared):
    """A route that the document gains has to be added above."""
    import yaml

    document = yaml.safe_load(shared.client().get("/openapi.yaml").body)
    documented = {
        f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}"
        for path, item in document["paths"].items()
        for method in item if method in ("get", "put", "post", "patch", "delete")
    }
    tried = {re.sub(r"{[^}]*}", "{}", name.split("?")[0]) for name in OPEN | PAGES | BATCHES | FATAL | {str(route) for route in ROUTES}}
    tried = {re.sub(f"/(nobody-has-one|999|17|no-such-product|{REQUEST_ID}|{SUBJECT_REQUEST_ID}|{OWN})(?=/|$)", "/{}", name) for name in tried}
    assert documented == tried
