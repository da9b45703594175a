"""The container's files, as far as they can be tried without a container engine."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import yaml

from harness.server import ROOT, Server

DOCKER = ROOT / "docker"


def health(server: Server, **settings: str) -> int:
    environment = {"PATH": os.environ["PATH"], "ATTUNE_PORT": str(server.port)} | settings
    return subprocess.run([DOCKER / "healthcheck"], env=environment, timeout=20, check=False).returncode


def instructions() -> list[list[str]]:
    text = re.sub(r"\\\n", " ", (DOCKER / "Dockerfile").read_text())
    return [shlex.split(line) for line in text.splitlines() if line and not line.startswith("#")]


def copied() -> list[str]:
    """What the image takes from the repository."""
    lines = [line for line in instructions() if line[0] == "COPY" and not any(part.startswith("--from") for part in line)]
    return [path for line in lines for path in [part for part in line[1:] if not part.startswith("--")][:-1]]


def test_the_health_check_says_whether_the_server_lives(server):
    assert health(server) == 0
    server.stop()
    assert health(server) != 0


def test_everything_that_is_copied_is_there_and_let_in():
    let_in = {line[1:] for line in (DOCKER / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")}
    sources = copied()
    assert set(sources) == let_in
    for source in sources:
        assert (ROOT / source).exists(), source
    # A link leads nowhere in the image where it leaves what is copied.
    for source in sources:
        for path in [ROOT / source, *(ROOT / source).rglob("*")]:
            if path.is_symlink():
                target = path.resolve().relative_to(ROOT)
                assert any(target.is_relative_to(Path(other)) for other in sources), path


def test_every_folder_that_the_manifest_needs_is_copied():
    manifest = (ROOT / "Package.swift").read_text()
    names = re.findall(r'\.(?:executableTarget|target|testTarget|systemLibrary)\(\s*name: "(\w+)"(?:.*path: "([\w/]+)")?', manifest)
    assert len(names) > 10
    for name, path in names:
        folder = path or ("Tests/" if name.endswith("Tests") else "Sources/") + name
        assert (ROOT / folder).is_dir() and folder.split("/")[0] in copied(), folder


def test_the_image_runs_as_nobody_and_is_stopped_by_sigterm():
    last = {line[0]: line for line in instructions()}
    assert last["USER"][1] not in ("root", "0")
    assert last["STOPSIGNAL"] == ["STOPSIGNAL", "SIGTERM"]
    # Not through a shell, which would keep signals to itself.
    assert last["ENTRYPOINT"][1].startswith("[") and last["CMD"][1].startswith("[")
    assert [line[1] for line in instructions() if line[0] == "FROM"] == ["swift:6.3-bookworm", "debian:12-slim"]


def test_what_is_built_with_is_what_the_setup_installs():
    setup = (ROOT / "tools" / "setup").read_text()
    needed = set(re.search(r"setup_build\(\) \{.*?setup_packages ([^\n]+)", setup, re.S)[1].split())
    build = next(line for line in instructions() if line[0] == "RUN")
    assert needed <= set(build)


def test_compose_names_settings_that_there_are():
    service = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]["attune"]
    known = (ROOT / "README.md").read_text()
    for entry in service["environment"]:
        assert f"`{entry.split('=')[0]}`" in known, entry
    assert int(service["stop_grace_period"].removesuffix("s")) > 20
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert any(volume.endswith(":/data") for volume in service["volumes"])
