"""Events over HTTP: Attune's own routes and the Segment tracking protocol, with the shapes that real SDKs send."""

import base64
import gzip
import json
import socket
import time
from datetime import datetime, timedelta, timezone

import pytest

from harness.client import basic
from harness.server import Server
from shapes import check_invalid

TRACK, SUCCESS = "/api/track", {"success": True}


def now(**ago):
    return (datetime.now(timezone.utc) - timedelta(**ago)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def features(api, *users):
    answer = api.post("/api/behavioral-ml/features/extract-batch", {"user_ids": list(users)})
    assert answer.status == 200, answer
    return [entry["features"] for entry in answer.json()]


def timeline(api, user):
    answer = api.get(f"/api/profiles/{user}/timeline")
    assert answer.status == 200, answer
    return answer.json()["items"]


def test_page_view_and_interaction(api):
    view = api.post(f"{TRACK}/page-view", {"userId": "p1", "url": "https://a.example/x?y", "title": "X", "dwellSeconds": 12.5, "messageId": "m1"})
    assert (view.status, view.json()) == (202, {"messageId": "m1", "status": "accepted"})
    assert api.post(f"{TRACK}/page-view", {"userId": "p1", "url": "/", "messageId": "m1"}).json()["status"] == "duplicate"
    cart = api.post(f"{TRACK}/interaction", {"userId": "p1", "type": "add_to_cart", "properties": {"product_id": 17, "category": "lamps"}})
    assert cart.status == 202 and cart.json()["status"] == "accepted" and cart.json()["messageId"]
    (found,) = features(api, "p1")
    assert (found["total_events"], found["cart_adds"], found["unique_products"], found["categories_explored"]) == (2, 1, 1, 1)
    newest, oldest = timeline(api, "p1")
    assert newest["product_id"] == "17" and oldest["properties"] == {"dwellSeconds": 12.5} and oldest["title"] == "X"


@pytest.mark.parametrize("body, pointer", [
    ({"url": "/"}, "/userId"), ({"userId": "u"}, "/url"), ({"userId": "u", "url": 7}, "/url"), ({"userId": ["u"], "url": "/"}, "/userId"),
    ({"userId": "u", "url": "/", "timestamp": "soon"}, "/timestamp"), ({"userId": "u", "url": "/", "dwellSeconds": -1}, "/dwellSeconds"),
])
def test_a_wrong_event_is_422(api, body, pointer):
    answer = api.post(f"{TRACK}/page-view", body)
    assert answer.status == 422 and [e["pointer"] for e in answer.json()["errors"]] == [pointer], answer


def test_batches_answer_for_each(api):
    batch = [
        {"type": "page", "userId": "b1", "messageId": "1", "properties": {"url": "/"}}, {"type": "track", "userId": "b1", "messageId": "2"},
        {"type": "track", "event": "x", "userId": "b2", "messageId": "3"}, {"type": "page", "userId": "b1", "messageId": "1"}, 7,
        {"type": "track", "event": "x", "userId": "b2", "messageId": "4", "properties": {"x": "x" * 33000}},
    ]
    answer = api.post(f"{TRACK}/batch", {"batch": batch})
    results = [(r["messageId"], r["status"], r.get("reason")) for r in answer.json()["results"]]
    assert answer.status == 202
    assert results[:4] == [("1", "accepted", None), ("2", "rejected", "invalid"), ("3", "accepted", None), ("1", "duplicate", None)]
    assert results[4][1:] == ("rejected", "invalid") and results[5] == ("4", "rejected", "too_large")


@pytest.mark.parametrize("path", ["/v1/track", "/v1/t", "/v1/identify", "/v1/i", "/v1/page", "/v1/screen", "/v1/group", "/v1/alias"])
@pytest.mark.parametrize("how", ["bearer", "basic", "body"])
def test_segment_takes_the_key_anywhere(tenant, shared, path, how):
    body = {"userId": "s1", "event": "e", "name": None, "groupId": "g", "previousId": "s0", "context": None, "traits": None, "properties": None}
    headers = {"Content-Type": "text/plain"}
    if how == "body":
        body["writeKey"] = tenant.key("publishable")
    else:
        headers |= basic(tenant.key()) if how == "basic" else {"Authorization": f"Bearer {tenant.key()}"}
    answer = shared.client().post(path, json.dumps(body), headers=headers)
    assert (answer.status, answer.json()) == (200, SUCCESS), answer


def test_errors_carry_code_and_message(shared):
    answer = shared.client().post("/v1/track", {"event": "e"})
    problem = answer.json()
    assert answer.status == 401 and problem["code"] == "unauthorized" and problem["message"] == problem["detail"]
    assert answer["www-authenticate"]


@pytest.mark.parametrize("method, path, body, status", [
    ("POST", "/api/track/page-view", b"{}", 422), ("POST", "/api/track/batch", b"[", 400), ("POST", "/api/track/interaction", b"[]", 422),
    ("POST", "/api/track/batch", b" " * 600_000, 413), ("GET", "/v1/track", None, 405), ("POST", "/v1/nothing", b"{}", 404),
])
def test_all_errors_of_event_routes_carry_them(tenant, shared, method, path, body, status):
    headers = basic(tenant.key()) | {"Content-Type": "application/json"}
    answer = shared.client().request(method, path, body, headers=headers)
    problem = answer.json()
    assert answer.status == status == problem["status"], answer
    assert problem["message"] == problem["detail"] and problem["code"]


def test_a_banner_s_answer_goes_with_the_visitor(tenant, shared):
    server, browser = shared.client(tenant.key()), shared.client(tenant.key("publishable"))
    answer = browser.put("/api/consent/banner-visitor", {"purposes": {"analytics": True, "marketing": False}, "source": "banner"})
    assert answer.status == 200
    send = lambda kind, **members: browser.post(f"/v1/{kind}", members)  # noqa: E731
    assert send("page", anonymousId="banner-visitor", properties={"url": "/a"}).status == 200
    assert send("identify", anonymousId="banner-visitor", userId="banner-user").status == 200
    answer = server.post("/api/behavioral-ml/features/extract-batch", {"user_ids": ["banner-user"]})
    assert answer.json()[0]["features"]["total_events"] == 1
    assert server.get("/api/consent/banner-user").json()["source"] == "banner"
    assert server.get("/api/profiles/banner-user").json()["joinedIds"] == ["banner-visitor"]


def test_gzip_chunked_and_fractions(tenant, shared, api):
    batch = {"batch": [
        {"type": "track", "event": "product_view", "userId": "z1", "timestamp": now(seconds=30), "messageId": "z-1"},
        {"type": "track", "event": "product_view", "userId": "z1", "timestamp": now(seconds=20).replace("Z", "123Z"), "messageId": "z-2"},
    ]}
    body = gzip.compress(json.dumps(batch).encode())
    head = (
        "POST /v1/b HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"
        f"Authorization: Basic {base64.b64encode((tenant.key() + ':').encode()).decode()}\r\nConnection: close\r\n\r\n")
    with socket.create_connection(("127.0.0.1", shared.port), timeout=10) as connection:
        connection.sendall(head.encode())
        for start in range(0, len(body), 40):
            piece = body[start:start + 40]
            connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        connection.sendall(b"0\r\n\r\n")
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    assert received.startswith(b"HTTP/1.1 200") and received.endswith(b'{"success":true}'), received
    assert features(api, "z1")[0]["product_views"] == 2


def test_bombs_and_large_bodies_store_nothing(api):
    bomb = gzip.compress(b'{"batch":[' + b" " * 40_000_000 + b"]}")
    for path in ("/v1/batch", f"{TRACK}/batch"):
        assert api.post(path, bomb, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"}).status == 413
        assert api.post(path, b"x" * (512 * 1024 + 1), headers={"Content-Type": "application/json"}).status == 413
        many = [{"type": "track", "event": "e", "userId": "many"}] * 2501
        assert api.post(path, {"batch": many}).status == 413
    large = {"userId": "many", "event": "e", "properties": {"x": "x" * 33000}}
    assert api.post("/v1/track", large).status == 413
    assert api.post("/v1/track", b"{", headers={"Content-Type": "application/json"}).status == 400
    assert api.post("/v1/b", b"no gzip", headers={"Content-Encoding": "gzip"}).status == 400
    assert features(api, "many")[0]["total_events"] == 0


def test_skew(api):
    sent = datetime.now(timezone.utc) + timedelta(days=30)
    body = {"sentAt": sent.isoformat(), "batch": [
        {"type": "track", "event": "e", "userId": "k1", "timestamp": (sent - timedelta(minutes=2)).isoformat(), "messageId": "k"}]}
    assert api.post("/v1/batch", body).status == 200
    told = datetime.fromisoformat(timeline(api, "k1")[0]["timestamp"].replace("Z", "+00:00"))
    assert 110 < (datetime.now(timezone.utc) - told).total_seconds() < 130


def test_gpc_and_consent(api):
    event = {"userId": "g1", "url": "/", "messageId": "g"}
    refused = {"messageId": "g", "status": "rejected", "reason": "consent"}
    assert api.post(f"{TRACK}/page-view", event, headers={"Sec-GPC": "1"}).json() == refused
    assert api.post("/v1/page", event, headers={"Sec-GPC": "1"}).status == 200
    for value in ("1, 1", "0, 1", " 1 ,0"):
        assert api.post(f"{TRACK}/page-view", event, headers={"Sec-GPC": value}).json() == refused, value
    assert api.put("/api/consent/g1", {"purposes": {"analytics": False}, "source": "test"}).status == 200
    assert api.post(f"{TRACK}/page-view", event).json() == refused
    assert features(api, "g1")[0]["total_events"] == 0 and timeline(api, "g1") == []


def test_origins(tenant, shared):
    bound = tenant.new_key("publishable", "--origin", "https://shop.example")["key"]
    event = {"userId": "o1", "url": "/"}
    for path in (f"{TRACK}/page-view", "/v1/page"):
        preflight = shared.client().request("OPTIONS", path, headers={
            "Origin": "https://evil.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"})
        assert preflight.status == 204 and preflight["access-control-allow-origin"] == "*"
        assert preflight["access-control-allow-credentials"] is None
        good = shared.client(bound).post(path, event, headers={"Origin": "https://shop.example"})
        assert good.ok and good["access-control-allow-origin"]
        assert shared.client(bound).post(path, event, headers={"Origin": "https://evil.example"}).status == 403
        free = shared.client(tenant.key("publishable"))
        assert free.post(path, event, headers={"Origin": "https://any.example"}).ok


@pytest.mark.parametrize("written, sent", [
    ("https://Shop.Example", "https://shop.example"), ("https://shop.example:443", "https://shop.example"),
    ("http://shop.example:80", "http://shop.example"), ("http://[0:0:0:0:0:0:0:1]:3000", "http://[::1]:3000")])
def test_an_origin_is_compared_as_browsers_write_it(tenant, shared, written, sent):
    client = shared.client(tenant.new_key("publishable", "--origin", written)["key"])
    event = {"userId": "o2", "url": "/"}
    assert client.post(f"{TRACK}/page-view", event, headers={"Origin": sent}).ok
    for other in ("https://other.example", f"{sent}:8443", "null"):
        assert client.post(f"{TRACK}/page-view", event, headers={"Origin": other}).status == 403


@pytest.mark.parametrize("written, words", [
    ("https://bücher.example", "ASCII"), ("https://shop.example/", "without a slash"), ("shop.example", "https://"), ("null", "https://")])
def test_what_no_browser_sends_is_refused_when_the_key_is_made(tenant, shared, written, words):
    made = shared.command("key", "create", "--tenant", tenant.name, "--kind", "publishable", "--origin", written)
    assert made.code == 64 and "origin" in made.err and words in made.err, made


@pytest.mark.parametrize("path, method", [("/v1/batch", "POST"), (f"{TRACK}/batch", "POST"), ("/api/consent/u1", "PUT"), ("/v1/projects/k/settings", "GET")])
def test_preflights_allow_what_a_sites_libraries_add(shared, path, method):
    preflight = shared.client().request("OPTIONS", path, headers={
        "Origin": "https://shop.example", "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,baggage,content-type,sentry-trace,traceparent,x-b3-traceid"})
    assert preflight.status == 204 and preflight["access-control-allow-origin"] == "*"
    allowed = {name.strip().lower() for name in preflight["access-control-allow-headers"].split(",")}
    # The wildcard stands for every header but this one, and for nothing where cookies may be sent.
    assert {"*", "authorization"} <= allowed and preflight["access-control-allow-credentials"] is None
    assert method in preflight["access-control-allow-methods"] and int(preflight["access-control-max-age"]) > 0


EXPOSED = {"Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-Id"}


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/track", f"{TRACK}/batch", f"{TRACK}/page-view", "/api/behavioral-ml/track-interaction"])
@pytest.mark.parametrize("origin", [None, "null", "https://shop.example"])
def test_pages_of_other_origins_can_read_every_answer(tenant, shared, path, origin):
    headers = {"Content-Type": "application/json"} | ({"Origin": origin} if origin else {})
    key = tenant.key("publishable")
    body = {"user_id": 5, "interaction_type": "page_view", "userId": "5", "event": "e", "url": "/", "batch": []}
    bound = tenant.new_key("publishable", "--origin", "https://else.example")["key"]
    answers = {
        "good": (shared.client(key).post(path, json.dumps(body), headers=headers), (200, 202)),
        "no JSON": (shared.client(key).post(path, "{", headers=headers), (400,)),
        "no key": (shared.client().post(path, json.dumps(body), headers=headers), (401,)),
        "bad key": (shared.client("att_pk_x").post(path, json.dumps(body), headers=headers), (401,)),
        "other origin": (shared.client(bound).post(path, json.dumps(body), headers=headers), (403,)),
        "too large": (shared.client(key).post(path, b"{" + b" " * (512 * 1024) + b"}", headers=headers), (413,)),
    }
    for name, (answer, statuses) in answers.items():
        assert answer.status in statuses, (name, answer)
        assert answer["access-control-allow-origin"] == "*" and answer["access-control-allow-credentials"] is None, name
        assert EXPOSED <= {field.strip() for field in answer["access-control-expose-headers"].split(",")}, name


def test_pages_can_read_when_to_try_again(folder):
    with Server(folder, ATTUNE_RATE_LIMIT="2") as server:
        client = server.client(server.create_tenant("few").key("publishable"))
        answers = [client.post("/v1/batch", {"batch": []}, headers={"Origin": "null"}) for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 429, 429]
        assert int(answers[-1]["retry-after"]) >= 1 and answers[-1]["access-control-allow-origin"] == "*"


def test_cookies_say_nothing(tenant, shared):
    session = shared.client().request(
        "POST", "/login", f"key={tenant.key()}", headers={"Content-Type": "application/x-www-form-urlencoded"})
    cookie = {"Cookie": session["set-cookie"].split(";")[0]}
    assert session.status == 303
    batch = {"batch": [{"type": "track", "event": "e", "userId": "cookie", "messageId": "c"}]}
    assert shared.client().post("/v1/batch", batch, headers=cookie).status == 401
    answer = shared.client(tenant.key("publishable")).post("/v1/batch", batch, headers=cookie | {"Sec-Fetch-Site": "cross-site"})
    assert answer.status == 200 and answer["set-cookie"] is None
    assert features(tenant.client(), "cookie")[0]["total_events"] == 1


def test_settings(tenant, shared):
    assert shared.client().get(f"/v1/projects/{tenant.key('publishable')}/settings").json()["integrations"]
    assert shared.client().get("/v1/projects/att_pk_nonsense/settings").status == 404


def test_idempotency_key(api):
    headers, event = {"Idempotency-Key": "k-1"}, {"userId": "ik", "url": "/"}
    first, again = (api.post(f"{TRACK}/page-view", event, headers=headers) for _ in range(2))
    assert first.json() == again.json() and again["idempotency-replayed"] == "true"
    assert api.post(f"{TRACK}/page-view", event | {"url": "/b"}, headers=headers).status == 422
    assert features(api, "ik")[0]["total_events"] == 1


def test_first_login_joins_the_visitor(api):
    for number in range(5):
        api.post("/v1/page", {"anonymousId": "visitor-1", "properties": {"url": f"/p/{number}"}, "messageId": f"j{number}"})
    assert api.post("/v1/identify", {"anonymousId": "visitor-1", "userId": "joined", "traits": {"plan": "gold"}}).status == 200
    assert features(api, "joined")[0]["total_events"] == 5
    profile = api.get("/api/behavioral-ml/user-profile/behavioral?user_id=joined").json()
    assert profile["static_preferences"]["traits"] == {"plan": "gold"}


def test_implicit_rating(api):
    for kind, ago in (("product_view", 0), ("add_to_cart", 30)):
        body = {"user_id": 99, "product_id": "r1", "interaction_type": kind, "timestamp": now(days=ago)}
        assert api.post("/api/behavioral-ml/track-interaction", body).status == 202
    answer = api.get("/api/behavioral-ml/features/implicit-rating?user_id=99&product_id=r1").json()
    assert answer["implicit_rating"] == pytest.approx((2 + 6 * 0.5) / 2, abs=1e-4)
    assert {s["interaction_type"] for s in answer["signals"]} == {"product_view", "add_to_cart"}
    wrong = {"user_id": 99, "interaction_type": "add_to_cart"}
    assert api.post("/api/behavioral-ml/track-interaction", wrong).status == 422


def test_behavioral_profiles(api):
    made = api.post("/api/behavioral-profiles/", {"user_id": 7, "lead_id": 12, "behavioral_score": 82, "interests": "lamps"})
    assert made.status == 201
    profile = made.json()
    assert (profile["user_id"], profile["lead_id"], profile["engagement_level"]) == (7, 12, "high")
    assert api.post("/api/behavioral-profiles", {"user_id": 7, "behavioral_score": 1, "interests": ""}).status == 409
    assert api.get("/api/behavioral-profiles/user/7").json() == profile
    strategy = api.get("/api/behavioral-profiles/strategy/7").json()
    assert strategy["confidence_score"] == 0.9 and "82" in strategy["reasoning"] and strategy["user_id"] == 7
    changed = api.put(f"/api/behavioral-profiles/{profile['id']}", {"behavioral_score": 39.5})
    assert changed.json()["engagement_level"] == "low"
    wrong = api.put(f"/api/behavioral-profiles/{profile['id']}", {"engagement_level": "high"})
    assert wrong.status == 422
    assert [p["user_id"] for p in api.get("/api/behavioral-profiles/?engagement_level=low").json()] == [7]
    assert api.get("/api/behavioral-profiles?engagement_level=high").json() == []
    assert [p["user_id"] for p in api.get("/api/behavioral-profiles?engagement_level=").json()] == [7]
    assert api.get("/api/behavioral-profiles/strategy/8").status == 404


def test_catalog(api):
    product = {"name": "Lamp", "category": "lamps", "price": 19.5, "tags": ["a"], "attributes": {"watt": 5}}
    assert api.put("/api/catalog/products/17", product).status == 200
    assert api.get("/api/catalog/products/17").json() == {"id": "17", **product, "available": True}
    many = [{"id": n, "name": f"P{n}", "category": "c"} for n in range(250)]
    assert api.post("/api/catalog/products/batch", {"products": many}).json() == {"stored": 250}
    assert api.post("/api/catalog/products/batch", {"products": [many[0], many[0]]}).json() == {"stored": 1}
    found, cursor = [], ""
    while cursor is not None:
        page = api.get("/api/catalog/products?limit=100" + (f"&cursor={cursor}" if cursor else "")).json()
        found += [p["id"] for p in page["items"]]
        cursor = page["nextCursor"]
    assert sorted(found) == sorted({str(n) for n in range(250)})
    assert api.delete("/api/catalog/products/18").status == 204 and api.get("/api/catalog/products/18").status == 404
    assert api.put("/api/catalog/products/19", {"name": "x"}).status == 422


def test_navigation(shared):
    api = shared.create_tenant("paths").client()
    for user, pages in (("n1", ["/", "/a", "/b"]), ("n2", ["/", "/a"]), ("n3", ["/a"])):
        for step, page in enumerate(pages):
            api.post(f"{TRACK}/page-view", {"userId": user, "url": page, "timestamp": now(seconds=600 - step * 10)})
    told = api.get("/api/insights/navigation").json()
    assert (told["sessions"], told["pageViews"], told["pagesPerSession"]) == (3, 6, 2)
    assert told["timeOnSiteSeconds"] == pytest.approx(10, abs=0.1)
    assert {p["page"]: (p["views"], p["entries"], p["exits"]) for p in told["pages"]} == {"/": (2, 2, 0), "/a": (3, 1, 2), "/b": (1, 0, 1)}
    journeys = api.get("/api/insights/journeys").json()["journeys"]
    assert journeys[0] == {"path": ["/", "/a"], "sessions": 2} and {"path": ["/", "/a", "/b"], "sessions": 1} in journeys


def test_stars_count(tenant):
    api = tenant.client()
    rate = {"user_id": "critic", "product_id": 5, "interaction_type": "rating_submitted"}
    path = "/api/behavioral-ml/features/implicit-rating?user_id=critic&product_id=5"
    assert api.get(path).json() == {"implicit_rating": 0, "explicit_rating": None, "combined_rating": 0, "signals": []}
    assert api.post("/api/behavioral-ml/track-interaction", rate | {"rating": 5, "timestamp": now(seconds=600)}).status == 202
    assert api.post("/api/behavioral-ml/track-interaction", rate | {"rating": 1}).status == 202
    told = api.get(path).json()
    assert (told["explicit_rating"], told["combined_rating"]) == (1, 1) and told["implicit_rating"] > 3.9


def test_a_login_within_a_batch_is_one_session_with_an_intent(shared):
    api = shared.create_tenant("logins").client()
    def page(url, seconds, **who): return {"type": "page", "properties": {"url": url}, "timestamp": now(seconds=600 - seconds)} | who
    both = {"anonymousId": "v1", "userId": "lou"}
    batch = [page("/", 0, anonymousId="v1"), {"type": "identify", **both}, page("/a", 20, **both), page("/b", 40, **both)]
    assert [r["status"] for r in api.post(f"{TRACK}/batch", {"batch": batch}).json()["results"]] == ["accepted"] * 4
    assert api.post(f"{TRACK}/page-view", {"userId": "lou", "url": "/read", "dwellSeconds": 300, "timestamp": now(seconds=550)}).status == 202
    told = api.get("/api/insights/navigation").json()
    assert (told["sessions"], told["pageViews"]) == (1, 4) and told["timeOnSiteSeconds"] == pytest.approx(350, abs=0.1)
    [session] = api.get("/api/profiles/lou").json()["sessions"]
    assert (session["pages"], session["intent"]) == (4, "browsing") and session["secondsOnSite"] == pytest.approx(350, abs=0.1)
    export = api.get("/api/privacy/users/lou/export").json()
    assert export["behavior"]["openSession"]["intent"] == "browsing"


def test_a_bought_page_is_no_drop_off(shared):
    api = shared.create_tenant("goals").client()
    for user in ("a", "b", "c"):
        for step, page in enumerate(["/checkout", "/thank-you"]):
            api.post(f"{TRACK}/page-view", {"userId": user, "url": page, "timestamp": now(seconds=600 - step * 10)})
        api.post("/api/behavioral-ml/track-interaction", {"user_id": user, "product_id": 1, "interaction_type": "purchase_completed",
                                                          "timestamp": now(seconds=589)})
        api.post(f"{TRACK}/page-view", {"userId": user + "2", "url": "/cart", "timestamp": now(seconds=600)})
    told = api.get("/api/insights/navigation").json()
    assert [p["page"] for p in told["dropOffPoints"]] == ["/cart"]
    assert {p["page"] for p in told["exitPages"]} == {"/cart", "/thank-you"}


def test_a_profile_is_told_at_once_as_it_is_read_afterwards(tenant):
    client = tenant.client()
    seen = {"user_id": "behaved", "product_id": 1, "category": "lamps", "interaction_type": "product_view"}
    assert client.post("/api/behavioral-ml/track-interaction", seen).status == 202
    made = client.post("/api/behavioral-profiles", {"user_id": "behaved", "behavioral_score": 55, "interests": ""})
    assert made.status == 201 and made.json()["interests"] == "lamps"
    assert made.json() == client.get("/api/behavioral-profiles/user/behaved").json()


@pytest.mark.parametrize("query", ["", "?user_id=me"])
def test_a_key_names_the_user(tenant, query):
    for path in ("user-profile/behavioral", "features/implicit-rating"):
        check_invalid(tenant.client().get(f"/api/behavioral-ml/{path}{query}"), "/user_id")
    token = tenant.server.client(tenant.token("own"))
    assert token.get(f"/api/behavioral-ml/user-profile/behavioral{query}").json()["user_id"] == "own"


def test_many_logins_in_one_batch_lose_nothing_when_the_server_is_killed(folder):
    """What is acknowledged is joined: within the request, or soon after, or after the next start."""
    count = 150
    with Server(folder) as server:
        tenant = server.create_tenant("acme")
        browser = server.client(tenant.new_key("publishable")["key"])
        views = [{"type": "page", "anonymousId": f"v{i}", "messageId": f"p{i}", "properties": {"url": "/a"}} for i in range(count)]
        assert browser.post("/api/track/batch", {"batch": views}).status == 202
        logins = [{"type": "identify", "anonymousId": f"v{i}", "userId": f"u{i}", "messageId": f"i{i}"} for i in range(count)]
        assert browser.post("/api/track/batch", {"batch": logins}).status == 202
        server.kill()
        server.start()
        client = server.client(tenant.key())

        def moved() -> int:
            users = [f"u{i}" for i in range(count)]
            features = client.post("/api/behavioral-ml/features/extract-batch", {"user_ids": users}).json()
            return sum(entry["features"]["total_events"] == 1 for entry in features)

        ends = time.monotonic() + 30
        while moved() < count and time.monotonic() < ends:
            time.sleep(0.2)
        assert moved() == count


def test_the_tracker_is_compressed_and_kept_by_caches(shared):
    client = shared.client()
    plain = client.get("/attune.js")
    small = client.get("/attune.js", headers={"Accept-Encoding": "gzip, br"})
    assert small["content-encoding"] == "gzip" and len(small.body) <= 2048
    assert gzip.decompress(small.body) == plain.body and small["etag"] != plain["etag"]
    again = client.get("/attune.js", headers={"Accept-Encoding": "gzip, br", "If-None-Match": small["etag"]})
    assert again.status == 304 and again.body == b"" and again["etag"] == small["etag"]
