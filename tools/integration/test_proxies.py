"""What reverse proxies say of a request's origin counts where the proxy is trusted."""

import pytest

from harness.server import Server

EVENT = {"user_id": "ada", "product_id": 1, "interaction_type": "product_view"}
SCHEMES = ["https", "HTTPS", "https, http", " https"]


@pytest.fixture(scope="module")
def trusting(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("proxied"), ATTUNE_TRUSTED_PROXIES="10.0.0.0/8, 127.0.0.1",
                ATTUNE_EVENT_RATE_LIMIT_PER_ADDRESS="20") as running:
        yield running


def login(server, key, scheme):
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-Proto": scheme}
    return server.client().request("POST", "/login", f"key={key}", form)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_trusted_proxy_that_ends_tls_gives_a_secure_cookie(trusting, scheme):
    cookie = login(trusting, trusting.create_tenant(f"t{SCHEMES.index(scheme)}").key(), scheme)["set-cookie"]
    assert cookie.startswith("__Host-attune-session=") and "; Secure" in cookie and "; Path=/;" in cookie


def test_nobody_else_is_believed(folder):
    with Server(folder) as server:
        assert "Secure" not in login(server, server.create_tenant("acme").key(), "https")["set-cookie"]


def test_the_rate_of_an_address_is_that_of_the_client_behind_the_proxy(trusting):
    client = trusting.create_tenant("rated").client("publishable")
    def send(address): return client.post("/api/behavioral-ml/track-interaction", EVENT, headers={"X-Forwarded-For": address}).status
    first = [send("203.0.113.7") for _ in range(40)]
    assert first[0] == 202 and 429 in first
    assert send("203.0.113.8") == 202
    # What a client writes itself stands left of what the proxy has seen.
    assert send("203.0.113.9, 203.0.113.7") == 429
    assert send("203.0.113.7, 10.1.2.3") == 429
