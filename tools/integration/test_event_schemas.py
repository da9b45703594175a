"""`Schemas/events` and the gateway judge the same samples alike."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).resolve().parents[2] / "Schemas" / "events"
VIEW, DEED = {"userId": "u1", "url": "/a"}, {"userId": "u1", "type": "add_to_cart"}
TRACK = {"type": "track", "event": "e", "userId": "u1"}

SAMPLES = {
    "page-view": [
        (VIEW, True), ({"anonymousId": "a", "url": "/"}, True), ({"userId": 17, "url": "/"}, True), ({"url": "/"}, False),
        ({"userId": "u1"}, False), (VIEW | {"url": ""}, False), (VIEW | {"url": None}, False), (VIEW | {"url": 1}, False),
        (VIEW | {"title": None, "referrer": None, "dwellSeconds": None, "messageId": None, "timestamp": None}, True),
        (VIEW | {"dwellSeconds": -1}, False), (VIEW | {"scrollDepth": "deep"}, False), (VIEW | {"timestamp": "now"}, False),
        (VIEW | {"userId": ""}, False), (VIEW | {"userId": "me"}, False), (VIEW | {"userId": "a\nb"}, False), (VIEW | {"userId": 1.5}, False),
        (VIEW | {"messageId": ""}, False), (VIEW | {"messageId": "x" * 257}, False), (VIEW | {"unknown": [1]}, True),
    ],
    "interaction": [
        (DEED, True), (DEED | {"type": ""}, False), (DEED | {"type": None}, False), ({"userId": "u1"}, False),
        (DEED | {"properties": {"product_id": 7, "category": "c", "rating": 4.5}}, True), (DEED | {"properties": []}, True), (DEED | {"properties": [1]}, False),
        (DEED | {"properties": {"rating": 6}}, False), (DEED | {"properties": {"product_id": True}}, False),
        (DEED | {"properties": {"category": 7}}, False), (DEED | {"type": "x" * 201}, False),
    ],
    "event": [
        (TRACK, True), (TRACK | {"event": None}, False), (TRACK | {"type": "other"}, False), ({"type": "track", "event": "e"}, False),
        ({"type": "page", "anonymousId": "a"}, True), ({"type": "identify", "userId": "u1", "traits": {"a": 1}}, True),
        ({"type": "identify", "userId": "u1", "traits": [1]}, False), ({"type": "group", "userId": "u1"}, False),
        ({"type": "group", "userId": "u1", "groupId": "g"}, True), ({"type": "alias", "userId": "u1"}, False),
        ({"type": "alias", "userId": "u1", "previousId": "p"}, True), ({"type": "alias", "anonymousId": "u1", "previousId": "p"}, False),
        (TRACK | {"sentAt": "2030-01-01T00:00:00.123456Z", "timestamp": "2029-12-31T23:59:50.123Z"}, True), (TRACK | {"context": 7}, False),
    ],
}


@pytest.mark.parametrize("kind, sample, good", [
    pytest.param(kind, sample, good, id=f"{kind}-{at}") for kind, samples in SAMPLES.items() for at, (sample, good) in enumerate(samples)
])
def test_both_judge_alike(api, kind, sample, good):
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(sample) == good
    if kind == "event":
        (result,) = api.post("/api/track/batch", {"batch": [sample]}).json()["results"]
        assert (result["status"] != "rejected") == good, result
    else:
        answer = api.post(f"/api/track/{kind}", sample)
        assert answer.status == (202 if good else 422), answer
