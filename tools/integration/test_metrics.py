"""What /metrics tells, and how much of it."""

import json
import re
import shutil
import subprocess

import pytest

from harness.server import ROOT

FAMILIES = ["attune_build_info", "attune_http_requests_total", "attune_events_accepted_total", "attune_store_bytes", "attune_store_commit_duration_seconds",
            "attune_outbox_messages", "attune_data_requests_open", "attune_erasures_total", "process_resident_memory_bytes"]


def test_the_metrics_are_few_and_described(server):
    client = server.create_tenant("metered").client()
    client.post("/api/track/interaction", {"userId": "private-person", "type": "add_to_cart", "properties": {"product_id": 1}})
    client.get("/api/personalization/users/private-person")
    text = server.client().get("/metrics").body.decode()
    series = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert 20 < len(series) <= 400
    names = {re.match(r"[a-zA-Z_:]+", line)[0] for line in series}
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    helped = set(re.findall(r"^# HELP (\S+) .", text, re.M))
    for name in names:
        family = re.sub(r"_(bucket|sum|count)$", "", name) if name not in types else name
        assert family in types and family in helped, name
    assert "private-person" not in text and "metered" not in text
    missing = [family for family in FAMILIES if family not in types]
    assert not missing, (missing, sorted(types))


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Debian's prometheus")
def test_promtool_finds_nothing(server):
    text = server.client().get("/metrics").body
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_the_api_is_described_in_json_too(server):
    answer = server.client().get("/openapi.json")
    assert answer.status == 200 and answer["content-type"].startswith("application/json")
    document = answer.json()
    version = json.loads((ROOT / "tools" / "client" / "package.json").read_text())["version"]
    assert document["info"]["version"] == version
    assert server.command("--version").out.strip() == version
