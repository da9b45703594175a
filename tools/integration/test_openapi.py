"""The OpenAPI document, and whether the server does what it says."""

import subprocess
import sys
from pathlib import Path

import yaml
from openapi_spec_validator import validate

from harness.server import ROOT
from shapes import user_path

EXAMPLES = 80


def test_the_document_is_valid_openapi(shared):
    served = shared.client().get("/openapi.yaml")
    printed = shared.command("openapi")
    committed = (ROOT / "Schemas" / "openapi.yaml").read_text()
    assert served.body.decode() == committed and printed.out.rstrip() == committed.rstrip()
    document = yaml.safe_load(printed.out)
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_schemathesis_finds_nothing(shared, tenant, tmp_path):
    """Generated requests, valid and not: no 5xx, no status, header or body that the document does not have."""
    tenant.client().post(user_path("ada", "/feature-usage"), {"feature": "brand-audit"})
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"), "--config-file", Path(__file__).with_name("schemathesis.toml"), "run", f"http://127.0.0.1:{shared.port}/openapi.yaml",
            "--url", f"http://127.0.0.1:{shared.port}", "--checks", "all", "--max-examples", str(EXAMPLES), "--seed", "1",
            "--workers", "1", "--header", f"Authorization: Bearer {tenant.key()}", "--generation-database", "none", "--no-color",
        ],
        capture_output=True, text=True, timeout=900, check=False, cwd=tmp_path,
    )
    print(done.stdout[-30_000:], done.stderr[-5000:])
    assert done.returncode == 0, "schemathesis objects; its output is above"
    assert shared.running
