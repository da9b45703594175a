"""`segment-analytics-python`, unchanged, in the versions that are about, with `host` pointing here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

VERSIONS = ["2.2.3", "2.3.4", "2.4.0"]
PROGRAM = """
import sys, segment.analytics as analytics
analytics.write_key, analytics.host, analytics.gzip = sys.argv[1], sys.argv[2], sys.argv[3] == "gzip"
failures = []
analytics.on_error = lambda error, items: failures.append(str(error))
analytics.identify("sdk-user", {"plan": "gold", "when": __import__("datetime").datetime.now()})
analytics.track("sdk-user", "product_view", {"product_id": 17, "category": "lamps"})
analytics.page("sdk-user", "shop", "lamps", {"url": "https://shop.example/lamps"})
analytics.screen("sdk-user", "main", "start")
analytics.group("sdk-user", "acme", {"size": 7})
analytics.alias("sdk-before", "sdk-user")
for number in range(150):
    analytics.track("sdk-user", "add_to_cart", {"product_id": number})
analytics.shutdown()
print(failures)
sys.exit(bool(failures))
"""


@pytest.fixture(scope="module", params=VERSIONS)
def sdk(request):
    folder = Path(__file__).resolve().parents[2] / ".build" / f"sdk-{request.param}"
    if not (folder / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "-q", f"segment-analytics-python=={request.param}"], check=True)
    return request.param, folder / "bin" / "python"


@pytest.mark.parametrize("coding", ["plain", "gzip"])
def test_sends_all_of_it(shared, sdk, coding):
    version, python = sdk
    tenant = shared.create_tenant(f"sdk-{version.replace('.', '-')}-{coding}")
    program = [python, "-c", PROGRAM, tenant.key("publishable"), f"http://127.0.0.1:{shared.port}", coding]
    done = subprocess.run(program, capture_output=True, text=True, timeout=120, env=os.environ | {"no_proxy": "127.0.0.1"})
    assert done.returncode == 0, done.stdout + done.stderr
    answer = tenant.client().post("/api/behavioral-ml/features/extract-batch", {"user_ids": ["sdk-user"]})
    features = answer.json()[0]["features"]
    assert (features["total_events"], features["cart_adds"], features["product_views"]) == (153, 150, 1)
    profile = tenant.client().get("/api/behavioral-ml/user-profile/behavioral?user_id=sdk-user").json()
    assert profile["static_preferences"]["traits"]["plan"] == "gold"
