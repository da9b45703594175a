"""Generators of clients take the API description whole: no operation is dropped, nothing is warned of."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from harness.server import ROOT

HERE = Path(__file__).parent
DOCUMENT = ROOT / "Schemas" / "openapi.yaml"
METHODS = ("get", "put", "post", "patch", "delete")


@pytest.fixture(scope="module")
def generator() -> Path:
    """`openapi-python-client` in an environment of its own: it and Schemathesis want different versions of the same packages."""
    folder, wanted = ROOT / ".build" / "generators", HERE / "generators.txt"
    installed = folder / "generators.txt"
    if not installed.is_file() or installed.read_text() != wanted.read_text():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", wanted], check=True)
        installed.write_text(wanted.read_text())
    return folder / "bin" / "openapi-python-client"


def operations(document) -> set[str]:
    return {item[method]["operationId"] for item in document["paths"].values() for method in METHODS if method in item}


def arrays_without_items(node, path=""):
    if isinstance(node, dict):
        kind = node.get("type")
        if (kind == "array" or isinstance(kind, list) and "array" in kind) and "items" not in node:
            yield path
        for name, child in node.items():
            yield from arrays_without_items(child, f"{path}/{name}")
    elif isinstance(node, list):
        for place, child in enumerate(node):
            yield from arrays_without_items(child, f"{path}/{place}")


def test_the_document_has_no_aliases_and_types_every_array():
    """Parsers of YAML refuse documents with many aliases; generators drop an operation with an array of unknown items."""
    text = DOCUMENT.read_text()
    assert not [event for event in yaml.parse(text) if isinstance(event, yaml.AliasEvent)]
    assert list(arrays_without_items(yaml.safe_load(text))) == []


def test_a_python_client_is_generated_with_every_operation(generator, tmp_path):
    client = tmp_path / "client"
    done = subprocess.run(
        [generator, "generate", "--path", DOCUMENT, "--config", HERE / "openapi-python-client.yaml", "--output-path", client, "--meta", "none"],
        capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path,
        env={"PATH": f"{generator.parent}:/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 0 and "WARNING" not in printed.upper(), printed[-5000:]
    made = {path.stem for path in client.glob("api/*/*.py")} - {"__init__"}
    wanted = {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() for name in operations(yaml.safe_load(DOCUMENT.read_text()))}
    missing = {name for name in wanted if name.replace("_", "") not in {stem.replace("_", "") for stem in made}}
    assert not missing
