"""The OpenAPI document, and whether the server does what it says."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import yaml
from openapi_spec_validator import validate

from harness.server import ROOT
from shapes import check_invalid, user_path

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


# Here the gateway refuses members that it does not know. Elsewhere it ignores them, as in every body; the schema, which is for those
# who write a playbook, warns of them.
STRICT = {"condition", "unfinishedGoal", "abandonedContent", "strongContent"}


def component(name: str) -> str:
    return "Playbook" + name[0].upper() + name[1:]


def as_component(schema, name: str | None = None):
    """A part of `playbook.schema.json` as OpenAPI's components have it."""
    if isinstance(schema, list):
        return [as_component(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: "#/components/schemas/" + component(part.removeprefix("#/$defs/")) if key == "$ref" else as_component(part, key)
        for key, part in schema.items()
        if key != "additionalProperties" or name in STRICT
    }


def test_the_playbook_is_that_of_its_schema():
    schema = json.loads((ROOT / "Schemas" / "playbook.schema.json").read_text())
    definitions = schema.pop("$defs")
    for member in ("$schema", "title"):
        schema.pop(member)
    expected = {"Playbook": as_component(schema)} | {component(name): as_component(part, name) for name, part in definitions.items()}
    document = yaml.safe_load((ROOT / "Schemas" / "openapi.yaml").read_text())
    schemas = document["components"]["schemas"]
    assert {name: schemas.get(name) for name in expected} == expected
    assert {name for name in schemas if name.startswith("Playbook")} == set(expected)


def test_the_standard_playbook_fits_and_unknown_members_are_taken_as_described(shared):
    schema = json.loads((ROOT / "Schemas" / "playbook.schema.json").read_text())
    api = shared.create_tenant("standard").client()
    playbook = api.get("/api/playbook").json()
    jsonschema.validate(playbook, schema)
    playbook["unknown"] = playbook["features"][0]["unknown"] = 1
    assert api.put("/api/playbook", playbook).status == 200
    assert api.get("/api/playbook").json() == playbook
    playbook["rules"][0]["when"]["unknown"] = 1
    check_invalid(api.put("/api/playbook", playbook), "/rules/0/when/unknown")
