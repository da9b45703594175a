"""User tokens as a real client meets them."""

import time
from urllib.parse import urlencode

import jwt
import pytest

from shapes import check_invalid, check_problem, user_path

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DEFAULT_SCOPE = {"personalization:read", "personalization:write", "events:write"}


def keys(shared, name="acme") -> list[dict]:
    answer = shared.client().get(f"/tenants/{name}/.well-known/jwks.json")
    assert answer.status == 200, answer
    return answer.json()["keys"]


def verified(shared, token: str, name="acme", **options) -> dict:
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(key for key in keys(shared, name) if key["kid"] == kid)
    assert "d" not in key, "a private key is published"
    return jwt.decode(token, jwt.PyJWK(key), algorithms=["EdDSA"], audience="attune", issuer=f"http://attune.test/tenants/{name}", **options)


def test_pyjwt_verifies_a_token(shared, tenant, api):
    answer = api.post("/api/tokens", {"userId": "ada", "ttlSeconds": 120})
    assert answer.status == 201, answer
    minted = answer.json()
    claims = verified(shared, minted["token"], options={"require": ["exp", "iat", "nbf", "jti", "sub"]})
    header = jwt.get_unverified_header(minted["token"])
    assert (header["alg"], header["typ"]) == ("EdDSA", "at+jwt")
    assert (claims["sub"], claims["tid"], claims["jti"]) == ("ada", "acme", minted["jti"])
    assert set(claims["scope"].split(" ")) == DEFAULT_SCOPE
    assert claims["exp"] - claims["iat"] == minted["expiresIn"] == 120
    assert minted["tokenType"] == "Bearer"


def test_default_life_is_900_seconds(api):
    assert api.post("/api/tokens", {"userId": "ada"}).json()["expiresIn"] == 900


@pytest.mark.parametrize("body", [
    {"userId": "ada", "ttlSeconds": 0},
    {"userId": "ada", "ttlSeconds": 86_401},
    {"userId": "ada", "ttlSeconds": "60"},
    {"userId": "ada", "scope": "personalization:read no:such"},
    {"userId": "me"},
    {"userId": ""},
    {"userId": "a" * 257},
    {},
])
def test_invalid_requests(api, body):
    check_problem(api.post("/api/tokens", body), 422)


def test_the_pointer_names_the_member(api):
    check_invalid(api.post("/api/tokens", {"userId": "ada", "ttlSeconds": 0}), "/ttlSeconds")
    check_invalid(api.post("/api/tokens", {}), "/userId")


def test_integer_ids_are_taken(api):
    token = api.post("/api/tokens", {"userId": 42}).json()["token"]
    assert jwt.decode(token, options={"verify_signature": False})["sub"] == "42"


def test_introspection(shared, tenant, other, api):
    token = tenant.token("ada")
    for client in (api, tenant.client("privacy")):
        for body, headers in (({"token": token}, {}), (urlencode({"token": token}), FORM)):
            answer = client.post("/api/tokens/introspect", body, headers=headers)
            assert answer.status == 200, answer
            assert answer.json()["active"] is True and answer.json()["sub"] == "ada"
    inactive = [token + "x", "nonsense", "", "a.b.c", other.token("ada")]
    for text in inactive:
        assert api.post("/api/tokens/introspect", {"token": text}).json() == {"active": False}


def test_another_tenants_key_sees_nothing(tenant, other):
    assert other.client().post("/api/tokens/introspect", {"token": tenant.token("ada")}).json() == {"active": False}


@pytest.mark.parametrize("form", [False, True])
def test_revocation_holds_at_once_and_after_kill(server, form):
    tenant = server.create_tenant("acme")
    token, kept = tenant.token("ada"), tenant.token("ada")
    client = server.client(token)
    assert client.get(user_path("me")).status == 200
    if form:
        answer = tenant.client().post("/api/tokens/revoke", urlencode({"token": token}), headers=FORM)
    else:
        answer = tenant.client().post("/api/tokens/revoke", {"token": token})
    assert answer.status == 200, answer
    check_problem(client.get(user_path("me")), 401)
    server.kill()
    server.start()
    check_problem(server.client(token).get(user_path("me")), 401)
    assert server.client(kept).get(user_path("me")).status == 200
    assert tenant.client().post("/api/tokens/introspect", {"token": token}).json() == {"active": False}


def test_revoking_what_is_no_token_is_200_and_foreign_tokens_stay(shared, tenant, other, api):
    assert api.post("/api/tokens/revoke", {"token": "nonsense"}).status == 200
    foreign = other.token("ada")
    assert api.post("/api/tokens/revoke", {"token": foreign}).status == 200
    assert shared.client(foreign).get(user_path("me")).status == 200


def test_an_expired_token_is_refused(shared, tenant, api):
    """The clock skew allowed is 60 s at most, so this test cannot be shorter unless none is allowed."""
    token = tenant.token("ada", seconds=1)
    assert shared.client(token).get(user_path("me")).status == 200
    end = time.monotonic() + 66
    while (answer := shared.client(token).get(user_path("me"))).status == 200 and time.monotonic() < end:
        time.sleep(1)
    check_problem(answer, 401)
    assert api.post("/api/tokens/introspect", {"token": token}).json() == {"active": False}


def test_forged_tokens_are_refused(shared, tenant):
    token = tenant.token("ada")
    header, payload, signature = token.split(".")
    claims = jwt.decode(token, options={"verify_signature": False})
    real = jwt.get_unverified_header(token)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    own = Ed25519PrivateKey.generate()
    secret = "0123456789abcdef0123456789abcdef"
    forged = [
        f"{header}.{payload}.",
        f"{header}.{payload}.{'A' * 86}",
        f"{header}.{payload}",
        f"{header}.{payload}.{signature}.{signature}",
        jwt.encode(claims, own, "EdDSA", headers={"kid": real["kid"], "typ": "at+jwt"}),
        jwt.encode(claims, own, "EdDSA", headers={"kid": "unknown", "typ": "at+jwt"}),
        jwt.encode(claims, secret, "HS256", headers={"kid": real["kid"], "typ": "at+jwt"}),
        jwt.encode(claims, None, "none", headers={"kid": real["kid"], "typ": "at+jwt"}),
    ]
    for text in forged:
        check_problem(shared.client(text).get(user_path("me")), 401)


def test_bearer_and_basic(shared, tenant):
    from harness.client import basic

    client = shared.client()
    assert client.get(user_path("ada"), headers=basic(tenant.key())).status == 200
    assert client.get(user_path("me"), headers=basic(tenant.token("ada"))).status == 200
    assert client.get(user_path("ada"), headers={"Authorization": f"bearer {tenant.key()}"}).status == 200
    check_problem(client.get(user_path("ada"), headers=basic(tenant.key(), "password")), 401)
    for bad in ("", "Bearer", "Bearer ", "Basic", "Basic !!!", "Digest x", f"Bearer {tenant.key()} x", tenant.key()):
        check_problem(client.get(user_path("ada"), headers={"Authorization": bad}), 401)


def test_a_mistyped_key_is_refused(shared, tenant):
    key = tenant.key()
    for place in (7, 20, 36, 42):
        wrong = key[:place] + ("a" if key[place] != "a" else "b") + key[place + 1:]
        check_problem(shared.client(wrong).get(user_path("ada")), 401)


def test_the_jwks_of_no_tenant_is_404(shared):
    check_problem(shared.client().get("/tenants/nobody/.well-known/jwks.json"), 404)
