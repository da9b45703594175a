"""Rate limits per tenant."""

import pytest

from harness.server import Server
from shapes import check_problem, user_path

LIMIT = 60


@pytest.fixture
def limited(folder):
    with Server(folder, ATTUNE_RATE_LIMIT=str(LIMIT)) as running:
        yield running


def test_a_tenant_over_its_limit_gets_429_and_the_other_does_not(limited):
    noisy, quiet = limited.create_tenant("noisy"), limited.create_tenant("quiet")
    client, bystander = noisy.client(), quiet.client()
    answers = [client.get(user_path("ada")) for _ in range(LIMIT * 3)]
    assert answers[0].status == 200
    allowed = [answer for answer in answers if answer.status == 200]
    refused = [answer for answer in answers if answer.status == 429]
    assert len(allowed) + len(refused) == len(answers)
    # A minute's allowance, and what trickles in meanwhile.
    assert LIMIT / 2 <= len(allowed) <= LIMIT * 1.5
    for answer in refused:
        check_problem(answer, 429)
        assert 1 <= int(answer["retry-after"]) <= 60
        assert answer["ratelimit"] and str(LIMIT) in answer["ratelimit-policy"]
    assert client.post(user_path("ada", "/feature-usage"), {"feature": "x"}).status == 429
    assert noisy.server.client(noisy.key()).get(user_path("ada")).status == 429, "the limit is the tenant's, not the connection's"
    for _ in range(LIMIT // 3):
        assert bystander.get(user_path("ada")).status == 200


def test_open_routes_and_strangers_do_not_use_a_tenants_allowance(limited):
    tenant = limited.create_tenant("acme")
    for _ in range(LIMIT * 2):
        assert limited.client().get("/livez").status == 200
        assert limited.client().get(user_path("ada")).status in (401, 429)
    assert tenant.client().get(user_path("ada")).status == 200


def test_a_refused_answer_is_not_kept_under_its_idempotency_key(limited):
    tenant = limited.create_tenant("acme")
    client, path = tenant.client(), user_path("ada", "/feature-usage")
    while client.get(user_path("ada")).status == 200:
        pass
    assert client.post(path, {"feature": "x"}, headers={"Idempotency-Key": "k"}).status == 429
    limited.stop()
    limited.settings["ATTUNE_RATE_LIMIT"] = "0"
    limited.start()
    assert limited.client(tenant.key()).post(path, {"feature": "x"}, headers={"Idempotency-Key": "k"}).status == 202


EVENT = {"user_id": "ada", "product_id": 1, "interaction_type": "product_view"}


def test_rates_of_keys_and_addresses_bound_events_and_nothing_else(folder):
    limits = {"ATTUNE_EVENT_RATE_LIMIT_PER_KEY": "20", "ATTUNE_EVENT_RATE_LIMIT_PER_ADDRESS": "8"}
    with Server(folder, **limits) as server:
        tenant, other = server.create_tenant("acme"), server.create_tenant("other")
        browser = server.client(tenant.new_key("publishable")["key"])
        routes = [
            ("/api/behavioral-ml/track-interaction", EVENT),
            ("/api/track/page-view", {"userId": "ada", "url": "/a"}),
            ("/v1/page", {"userId": "ada", "properties": {"url": "/a"}}),
        ]
        answers = [browser.post(path, body) for _ in range(8) for path, body in routes]
        assert [answer.status for answer in answers[:8]] == [202, 202, 200] * 2 + [202, 202]
        assert answers[-1].status == 429 and answers[-1]["ratelimit-policy"] == '"address";q=8;w=60'
        check_problem(answers[-1], 429)
        # Another key of the tenant at the same address finds the address's bucket empty; another tenant's does not.
        assert server.client(tenant.new_key("publishable")["key"]).post(*routes[1]).status == 429
        assert server.client(other.new_key("publishable")["key"]).post(*routes[1]).status == 202
        # A tenant's server sends for everybody from one address: its key's rate alone counts, and for events alone.
        backend = tenant.client()
        taken = [backend.post(*routes[0]).status for _ in range(30)]
        assert taken[:20] == [202] * 20 and 429 in taken[20:]
        assert all(backend.get(user_path("ada")).status == 200 for _ in range(30))


def test_a_rate_that_is_no_number_is_refused_at_start(folder):
    refused = Server(folder, ATTUNE_EVENT_RATE_LIMIT_PER_KEY="many")
    with pytest.raises(Exception, match="ATTUNE_EVENT_RATE_LIMIT_PER_KEY must be a whole number"):
        refused.start()
