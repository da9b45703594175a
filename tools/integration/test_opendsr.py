"""OpenDSR 2.0 as a controller's tooling sees it: every answer and callback is checked with `openssl`."""

import base64
import hashlib
import json
import subprocess
import time
import uuid

import pytest

from harness.callbacks import CallbackServer
from harness.server import Server, wait_until
from shapes import check_invalid, check_problem, usage, user_path
from test_privacy import live, payload

CALLBACKS = {"ATTUNE_ALLOW_PRIVATE_CALLBACKS": "true"}


def request(kind="erasure", *identities, callbacks=(), **more) -> dict:
    identities = identities or (("controller_customer_id", "nobody", "raw"),)
    return {
        "regulation": "gdpr", "subject_request_id": str(uuid.uuid4()), "subject_request_type": kind,
        "submitted_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "api_version": "2.0",
        "subject_identities": [
            {"identity_type": kind, "identity_value": value, "identity_format": form} for kind, value, form in identities
        ],
        "status_callback_urls": list(callbacks),
    } | more


class Verifier:
    """Checks signatures with OpenSSL, under the key of the certificate that the server gives out."""

    def __init__(self, folder, server, path="/v2/certificate"):
        self.folder = folder
        self.certificate = folder / "processor.pem"
        self.certificate.write_bytes(server.client().get(path).body)
        self.key = folder / "processor.pub"
        self.key.write_text(self.openssl("x509", "-in", str(self.certificate), "-pubkey", "-noout"))

    @staticmethod
    def openssl(*arguments) -> str:
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True, timeout=60).stdout

    def check(self, headers, body: bytes, name="opendsr") -> None:
        assert headers[f"x-{name}-processor-domain"] == "attune.test"
        self.check_signature(headers[f"x-{name}-signature"], body)

    def check_signature(self, text: str, body: bytes) -> None:
        (self.folder / "signature").write_bytes(base64.b64decode(text, validate=True))
        (self.folder / "body").write_bytes(body)
        self.openssl(
            "dgst", "-sha256", "-verify", str(self.key), "-signature", str(self.folder / "signature"), str(self.folder / "body"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("attune") / "data", **CALLBACKS) as running:
        yield running


@pytest.fixture
def verifier(shared, tmp_path):
    return Verifier(tmp_path, shared)


def completed(api, identity: str, legacy=False) -> dict:
    path = f"/v1/opengdpr_requests/{identity}" if legacy else f"/v2/requests/{identity}"
    return wait_until(lambda: (answer := api.get(path).json())["request_status"] == "completed" and answer)


def test_discovery_and_certificate(shared, verifier):
    for path, version in (("/v2/discovery", "2.0"), ("/v1/discovery", "1.0")):
        answer = shared.client().get(path)
        document = answer.json()
        assert answer.status == 200 and document["api_version"] == version
        assert set(document["supported_subject_request_types"]) == {"access", "portability", "erasure"}
        assert document["supported_regulations"] == ["gdpr", "ccpa"]
        pairs = {(entry["identity_type"], entry["identity_format"]) for entry in document["supported_identities"]}
        assert pairs == {(kind, form) for kind in ("controller_customer_id", "email") for form in ("raw", "sha1", "md5", "sha256")}
        assert document["processor_certificate"] == f"http://attune.test{path.replace('discovery', 'certificate')}"
    verifier.check(shared.client().get("/v2/discovery").headers, shared.client().get("/v2/discovery").body)
    text = Verifier.openssl("x509", "-in", str(verifier.certificate), "-noout", "-subject", "-ext", "subjectAltName", "-checkend", "86400")
    assert "attune.test" in text and "DNS:attune.test" in text
    Verifier.openssl("verify", "-CAfile", str(verifier.certificate), "-partial_chain", str(verifier.certificate))


def test_erasure_from_request_to_callbacks(shared, tenant, verifier):
    api = tenant.client("privacy")
    live(tenant.client(), "goes", "goes")
    with CallbackServer() as first, CallbackServer() as second:
        body = request("erasure", ("controller_customer_id", "goes", "raw"), callbacks=[first.url("/a?b=1"), second.url()])
        sent = json.dumps(body, indent=2).encode()
        answer = api.post("/v2/requests", sent, headers={"Content-Type": "application/json"})
        assert answer.status == 201, answer
        verifier.check(answer.headers, answer.body)
        taken = answer.json()
        assert base64.b64decode(taken["encoded_request"]) == sent
        assert taken["controller_id"] == "acme" and taken["subject_request_id"] == body["subject_request_id"]
        assert taken["received_time"] < taken["expected_completion_time"]
        # `processor_signature` is that of the body without it, of which it is the last member.
        unsigned = answer.body.replace(f',"processor_signature":"{taken["processor_signature"]}"'.encode(), b"")
        verifier.check_signature(taken["processor_signature"], unsigned)
        for server, url in ((first, first.url("/a?b=1")), (second, second.url())):
            callbacks = server.wait(2)
            assert [callback.json()["request_status"] for callback in callbacks] == ["in_progress", "completed"]
            for callback in callbacks:
                verifier.check(callback.headers, callback.body)
                told = callback.json()
                assert told["status_callback_url"] == url and told["subject_request_id"] == body["subject_request_id"]
                assert b"goes" not in callback.body
    status = api.get(f"/v2/requests/{body['subject_request_id']}")
    verifier.check(status.headers, status.body)
    assert status.json()["request_status"] == "completed" and status.json()["results_count"] == 1
    assert api.get(f"/v2/status/{body['subject_request_id']}").json() == status.json()
    assert usage(tenant.client().get(user_path("goes")).json()) == {}
    line = api.get("/api/privacy/requests?limit=1").json()["items"][0]
    assert line["source"] == "opendsr" and line["status"] == "completed"
    receipt = api.get(f"/api/privacy/receipts/{line['receiptId']}").json()
    assert payload(receipt)["action"] == "erasure" and payload(receipt)["counts"]["Event"] == 7
    # The same once more gives the same answer, and does nothing.
    again = api.post("/v2/requests", sent, headers={"Content-Type": "application/json"})
    assert again.status == 201 and again.body == answer.body
    verifier.check(again.headers, again.body)
    check_problem(api.post("/v2/requests", body | {"regulation": "ccpa"}), 409)


FORMS = [
    ("controller_customer_id", "md5", "{id}"), ("controller_customer_id", "sha1", "{id}"), ("controller_customer_id", "sha256", "{id}"),
    ("email", "raw", "{word}@Example.org "), ("email", "md5", "{word}@example.org"), ("email", "sha1", "{word}@example.org"),
    ("email", "sha256", "{word}@example.org"),
]


@pytest.mark.parametrize("kind,form,text", FORMS, ids=lambda value: value)
def test_hashed_identities_find_their_user_and_no_other(tenant, api, kind, form, text):
    word = f"{kind[:4]}{form}".lower()
    live(api, f"user-{word}", word)
    live(api, f"other-{word}", f"other{word}")
    value = text.format(id=f"user-{word}", word=word)
    if form != "raw":
        value = getattr(hashlib, form)(value.encode()).hexdigest()
    body = request("erasure", (kind, value.upper() if form == "sha1" else value, form))
    assert api.post("/v2/requests", body).status == 201
    assert completed(api, body["subject_request_id"])["results_count"] == 1
    assert usage(api.get(user_path(f"user-{word}")).json()) == {}
    assert usage(api.get(user_path(f"other-{word}")).json()) == {f"feature-other{word}": 1}


@pytest.mark.parametrize("kind", ["access", "portability"])
def test_results_are_there_for_keys_alone_until_the_user_goes(shared, tenant, api, kind):
    user = f"wants-{kind}"
    live(api, user, user)
    digest = hashlib.sha256(f"{user}@example.org".encode()).hexdigest()
    body = request(kind, ("email", digest, "sha256"), ("controller_customer_id", user, "raw"))
    assert api.post("/v2/requests", body).status == 201
    status = completed(api, body["subject_request_id"])
    assert status["results_count"] == 1 and status["results_url"].startswith("http://attune.test/v2/requests/")
    path = status["results_url"].removeprefix("http://attune.test")
    results = tenant.client("privacy").get(path).json()["results"]
    assert [(result["userId"], len(result["events"])) for result in results] == [(user, 7)]
    check_problem(shared.client().get(path), 401)
    check_problem(tenant.client("publishable").get(path), 403)
    check_problem(tenant.as_user(user, scope="privacy:export").get(path), 403)
    api.delete(f"/api/privacy/users/{user}")
    check_problem(api.get(path), 404)


def test_an_id_may_be_a_number_and_the_version_is_what_is_spoken(api):
    live(api, "4711", "number")
    body = request("erasure", ("controller_customer_id", 4711, "raw"), api_version="9.9")
    answer = api.post("/v2/requests", body)
    assert answer.status == 201 and answer.json()["api_version"] == "2.0"
    assert completed(api, body["subject_request_id"])["results_count"] == 1


def test_nobody_is_found(api):
    body = request("access", ("email", hashlib.md5(b"never@example.org").hexdigest(), "md5"))
    assert api.post("/v2/requests", body).status == 201
    status = completed(api, body["subject_request_id"])
    assert status["results_count"] == 0 and "results_url" not in status


BAD = [
    ({"subject_request_id": "x"}, "subject_request_id"), ({"subject_request_id": str(uuid.uuid4()).upper()}, "subject_request_id"),
    ({"subject_request_type": "rectification"}, "subject_request_type"), ({"submitted_time": "yesterday"}, "submitted_time"),
    ({"subject_identities": []}, "subject_identities"), ({"subject_identities": None}, "subject_identities"),
    ({"subject_identities": [{"identity_type": "roku_publisher_id", "identity_value": "x", "identity_format": "raw"}]}, "identity_type"),
    ({"subject_identities": [{"identity_type": "email", "identity_value": "x", "identity_format": "sha512"}]}, "identity_format"),
    ({"subject_identities": [{"identity_type": "email", "identity_value": "me@x.org", "identity_format": "md5"}]}, "identity_value"),
    ({"status_callback_urls": ["ftp://a.example/"]}, "status_callback_urls"), ({"status_callback_urls": ["http://u:p@a/"]}, "status_callback"),
    ({"regulation": ""}, "regulation"), ({"regulation": None}, "regulation"), ({"regulation": "lgpd"}, "regulation"),
    ({"status_callback_urls": ["https://a.example/"] * 11}, "status_callback_urls"),
]


@pytest.mark.parametrize("change,word", BAD, ids=[f"{word}-{place}" for place, (_, word) in enumerate(BAD)])
def test_what_the_specification_does_not_allow(api, verifier, change, word):
    answer = api.post("/v2/requests", request() | change)
    check_problem(answer, 400)
    verifier.check(answer.headers, answer.body)
    error = answer.json()["error"]
    assert error["code"] == 400 and word in error["message"]
    assert error["errors"][0].keys() == {"domain", "reason", "message"}
    assert "me@x.org" not in answer.body.decode()


REQUIRED = ("regulation", "subject_request_id", "subject_request_type", "submitted_time", "subject_identities")
IDENTITY = ("identity_type", "identity_value", "identity_format")


@pytest.mark.parametrize("path", ["/v2/requests", "/v1/opengdpr_requests"])
@pytest.mark.parametrize("member", [*REQUIRED, *IDENTITY])
def test_each_required_member_is_required(api, path, member):
    body = request()
    if member in IDENTITY:
        del body["subject_identities"][0][member]
    else:
        del body[member]
    answer = api.post(path, body)
    if path.startswith("/v1") and member == "regulation":
        # OpenGDPR 1.0 had no such member.
        assert answer.status == 201
        entered = next(line for line in api.get("/api/privacy/requests?limit=1").json()["items"])
        assert entered["regulation"] == "gdpr"
    else:
        check_problem(answer, 400)
        assert member in answer.json()["error"]["message"]


@pytest.mark.parametrize("member", ["regulationType", "subjectType", "subjectIds"])
def test_each_required_member_of_a_regulation_is_required(api, member):
    body = {"regulationType": "UNSUPPRESS", "subjectType": "USER_ID", "subjectIds": ["nobody"]}
    assert api.post("/regulations", body).status == 200
    del body[member]
    check_invalid(api.post("/regulations", body), f"/{member}")


@pytest.mark.parametrize("path", ["/api/tokens/introspect", "/api/tokens/revoke"])
def test_a_token_is_required(api, path):
    check_invalid(api.post(path, {}), "/token")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    check_invalid(api.post(path, "token_type_hint=access_token", headers=form), "/token")


def test_a_planted_address_names_nobody(shared, tenant, api):
    """Anybody can read a publishable key: what was said with it is no identity."""
    live(api, "planted", "planted")
    evil = "attacker@evil.example"
    page = tenant.client("publishable")
    own = tenant.as_user("planted")
    for sender, address in ((page, evil), (own, "other@evil.example")):
        assert sender.post("/v1/identify", {"userId": "planted", "traits": {"email": address}}).ok
        body = request("access", ("email", address, "raw"))
        assert api.post("/v2/requests", body).status == 201
        assert completed(api, body["subject_request_id"])["results_count"] == 0
    assert api.post("/v1/identify", {"userId": "planted", "traits": {"email": "right@shop.example"}}).ok
    # A later one, with another credential, takes nothing's place.
    for sender in (page, own):
        for value in (evil, None):
            assert sender.post("/v1/identify", {"userId": "planted", "traits": {"email": value}}).ok
    assert api.get("/api/profiles/planted").json()["traits"]["email"] == "right@shop.example"
    body = request("access", ("email", "right@shop.example", "raw"))
    api.post("/v2/requests", body)
    assert completed(api, body["subject_request_id"])["results_count"] == 1


@pytest.mark.parametrize("identity", ["controller_customer_id", "email"])
def test_an_id_that_a_page_has_joined_names_nobody(shared, tenant, api, identity):
    victim, mine = f"joined-{identity}", f"mine-{identity}@evil.example"
    live(api, victim, victim)
    page = tenant.client("publishable")
    assert page.post("/v1/track", {"anonymousId": mine, "event": "looked"}).ok
    assert page.post("/v1/identify", {"userId": victim, "anonymousId": mine}).ok
    wait_until(lambda: mine in api.get(f"/api/profiles/{victim}").json()["joinedIds"])
    for kind in ("access", "erasure"):
        body = request(kind, (identity, mine, "raw"))
        assert api.post("/v2/requests", body).status == 201
        assert completed(api, body["subject_request_id"])["results_count"] == 0
    regulation = {"regulationType": "DELETE_ONLY", "subjectType": "USER_ID", "subjectIds": [mine]}
    assert api.post("/regulations", regulation).status == 200
    assert api.get(f"/api/privacy/users/{victim}/export").json()["events"]


def test_refusals_have_the_protocols_form(shared, tenant, other, verifier, api):
    body = request()
    assert api.post("/v2/requests", body).status == 201
    path = f"/v2/requests/{body['subject_request_id']}"
    completed(api, body["subject_request_id"])
    refusals = [
        (shared.client().post("/v2/requests", body), 401), (tenant.client("publishable").post("/v2/requests", body), 403),
        (tenant.as_user("u").get(path), 403), (other.client().get(path), 404), (api.get(f"/v2/requests/{uuid.uuid4()}"), 404),
        (api.get("/v2/status/nonsense"), 404), (api.delete(path), 409), (api.post("/v2/requests", "{", headers={"Content-Type": "application/json"}), 400),
        (api.post("/v2/requests", "x", headers={"Content-Type": "text/plain"}), 415),
    ]
    for answer, status in refusals:
        check_problem(answer, status)
        assert answer.json()["error"]["code"] == status
        verifier.check(answer.headers, answer.body)
    # Of another tenant the same id is another request.
    assert other.client().post("/v2/requests", body).status == 201


def test_older_names(shared, tenant, api, verifier):
    live(api, "older", "older")
    with CallbackServer() as server:
        body = request("erasure", ("controller_customer_id", "older", "raw"), callbacks=[server.url()], api_version="1.0")
        answer = api.post("/v1/opengdpr_requests", body)
        assert answer.status == 201
        verifier.check(answer.headers, answer.body, "opengdpr")
        assert completed(api, body["subject_request_id"], legacy=True)["api_version"] == "1.0"
        for callback in server.wait(2):
            verifier.check(callback.headers, callback.body, "opengdpr")
    status = api.get(f"/v1/status/{body['subject_request_id']}")
    verifier.check(status.headers, status.body, "opengdpr")
    refused = api.delete(f"/v1/opengdpr_requests/{body['subject_request_id']}")
    check_problem(refused, 409)
    verifier.check(refused.headers, refused.body, "opengdpr")
    assert shared.client().get("/v1/certificate").body == verifier.certificate.read_bytes()


def test_cancelled_while_pending_and_kept_over_a_restart(folder, tmp_path):
    with CallbackServer() as callbacks, Server(folder, **CALLBACKS, ATTUNE_OPENDSR_PENDING_SECONDS="4") as server:
        api = server.create_tenant("acme").client()
        live(api, "stays", "stays")
        live(api, "goes", "goes")
        cancelled = request("erasure", ("controller_customer_id", "stays", "raw"), callbacks=[callbacks.url("/cancelled")])
        goes = request("erasure", ("controller_customer_id", "goes", "raw"), callbacks=[callbacks.url("/goes")])
        for body in (cancelled, goes):
            assert api.post("/v2/requests", body).status == 201
        began = time.monotonic()
        path = f"/v2/requests/{cancelled['subject_request_id']}"
        assert api.get(path).json()["request_status"] == "pending"
        listed = server.must("privacy", "requests", "--tenant", "acme", "--open")
        assert [line["type"] for line in listed] == ["erasure"] * 2 and all(line["daysLeft"] in range(27, 32) for line in listed)
        answer = api.delete(path)
        assert answer.status == 202 and answer.json()["subject_request_id"] == cancelled["subject_request_id"]
        Verifier(tmp_path, server).check(answer.headers, answer.body)
        check_problem(api.delete(path), 409)
        server.restart()
        api = server.client(api.credential)
        assert api.get(f"/v2/requests/{goes['subject_request_id']}").json()["request_status"] == "pending"
        assert completed(api, goes["subject_request_id"]) and time.monotonic() - began > 3.5
        assert api.get(path).json()["request_status"] == "cancelled"
        told = {(callback.path, callback.json()["request_status"]) for callback in callbacks.wait(3)}
        assert told == {("/cancelled", "cancelled"), ("/goes", "in_progress"), ("/goes", "completed")}
        assert usage(api.get(user_path("stays")).json()) == {"feature-stays": 1} and usage(api.get(user_path("goes")).json()) == {}
        assert server.must("doctor")["problems"] == []
        certificate = server.client().get("/v2/certificate").body
        server.restart()
        assert server.client().get("/v2/certificate").body == certificate


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_callbacks_come_over_a_restart_and_in_order(folder, ending):
    with CallbackServer(statuses=[500, 503, 500]) as probe:
        port = probe.port
    with Server(folder, **CALLBACKS) as server:
        api = server.create_tenant("acme").client()
        body = request(callbacks=[f"http://127.0.0.1:{port}/late"])
        assert api.post("/v2/requests", body).status == 201
        completed(api, body["subject_request_id"])
        getattr(server, ending)()
        with CallbackServer(statuses=[500, 503], port=port) as callbacks:
            server.start()
            received = callbacks.wait(4)
            time.sleep(1)
            assert [callback.json()["request_status"] for callback in received] == ["in_progress"] * 3 + ["completed"]
            assert len(callbacks.received) == 4
            assert server.log().count("given up") == 0


def test_killed_again_and_again_every_request_is_done(folder):
    """Each kill comes a little later; whoever was named by a digest is gone, and was found."""
    with Server(folder, **CALLBACKS) as server:
        api = server.create_tenant("acme").client()
        for number in range(10):
            user = f"k{number}"
            live(api, user, user, events=40)
            body = request("erasure", ("controller_customer_id", hashlib.sha256(user.encode()).hexdigest(), "sha256"))
            assert api.post("/v2/requests", body).status == 201
            time.sleep(number * 0.015)
            server.kill()
            api.close()
            server.start()
            api = server.client(api.credential)
            assert completed(api, body["subject_request_id"])["results_count"] == 1
            assert server.must("user", "items", "--tenant", "acme", "--user", user) == []
        lines = server.must("privacy", "requests", "--tenant", "acme")
        assert len(lines) == 10 and all(line["status"] == "completed" and line["receiptId"] for line in lines)
        assert server.must("doctor")["problems"] == [] and server.must("privacy", "audit-verify", "--tenant", "acme")["valid"]


def test_no_redirect_is_followed(shared, api):
    with CallbackServer() as target, CallbackServer(statuses=[307] * 50, location=target.url()) as redirecting:
        body = request(callbacks=[redirecting.url()])
        assert api.post("/v2/requests", body).status == 201
        redirecting.wait(2)
        assert target.received == []


def test_nothing_goes_to_private_addresses_unless_allowed(server):
    api = server.create_tenant("acme").client()
    with CallbackServer() as callbacks:
        check_problem(api.post("/v2/requests", request(callbacks=[callbacks.url()])), 400)
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"):
            body = request(callbacks=[f"https://{host}:{callbacks.port}/"])
            assert api.post("/v2/requests", body).status == 201
            completed(api, body["subject_request_id"])
        wait_until(lambda: server.log().count("given up") >= 14, seconds=30)
        assert callbacks.received == []


def test_a_legal_hold_keeps_what_is_held(tenant, api):
    live(api, "held", "held")
    path = "/api/privacy/users/held"
    assert api.get(path + "/hold").json()["held"] is False
    answer = tenant.client("privacy").put(path + "/hold", {"reason": "claim 17"})
    assert answer.status == 200 and answer.json()["held"] and answer.json()["reason"] == "claim 17"
    for refused in (api.delete(path), api.post("/api/profiles/held/anonymize")):
        assert "legal hold" in check_problem(refused, 409)["detail"]
    with CallbackServer() as callbacks:
        body = request("erasure", ("controller_customer_id", "held", "raw"), callbacks=[callbacks.url()])
        assert api.post("/v2/requests", body).status == 201
        lines = wait_until(lambda: [
            line for line in api.get("/api/privacy/requests?status=open").json()["items"] if line.get("blockedBy") == "hold"])
        assert lines[0]["status"] == "in_progress"
        assert usage(api.get(user_path("held")).json()) == {"feature-held": 1}
        assert api.delete(path + "/hold").json()["held"] is False
        assert completed(api, body["subject_request_id"])
        assert [callback.json()["request_status"] for callback in callbacks.wait(2)] == ["in_progress", "completed"]
    assert usage(api.get(user_path("held")).json()) == {}
    actions, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/api/privacy/audit?limit=100{cursor and '&cursor='}{cursor}").json()
        actions += [entry["action"] for entry in page["items"]]
        cursor = page["nextCursor"]
    assert "hold" in actions and "hold-lifted" in actions and "request-blocked" in actions
    assert api.delete(path + "/hold").json()["held"] is False


def test_the_same_idempotency_key(api):
    body, headers = request(), {"Idempotency-Key": "dsr-1"}
    first = api.post("/v2/requests", body, headers=headers)
    again = api.post("/v2/requests", body, headers=headers)
    assert first.status == again.status == 201 and first.body == again.body and again["idempotency-replayed"] == "true"
    check_problem(api.post("/v2/requests", request(), headers=headers), 422)


def test_nothing_of_who_was_meant_is_left(folder):
    """The files are searched for what only the requests said, once they are done."""
    with Server(folder, **CALLBACKS) as server:
        tenant = server.create_tenant("acme")
        api = tenant.client()
        body = request("erasure", ("controller_customer_id", "canary-of-a-user", "raw"), ("email", "canary@mail.example", "raw"))
        assert api.post("/v2/requests", body, headers={"Idempotency-Key": "k"}).status == 201
        completed(api, body["subject_request_id"])
        tenant_items = server.must("doctor")
        assert tenant_items["problems"] == []
        server.stop()
        for file in folder.rglob("*"):
            if file.is_file():
                held = file.read_bytes()
                assert b"canary" not in held and b"mail.example" not in held, file
