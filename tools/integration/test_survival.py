"""Short forms of the scripts in tools/survival."""

import subprocess
import sys

import pytest

from harness.server import ROOT


@pytest.mark.parametrize("script, arguments", [
    ("kill9", ["--rounds", "6"]),
    ("bitflips", ["--flips", "20", "--users", "20"]),
    ("full", []),
    ("residue", ["--users", "32"]),
    ("erasures", ["--rounds", "8"]),
    ("compactions", ["--seconds", "4"]),
    ("powercuts", ["--images", "60"]),
    ("powercuts", ["--images", "300", "first"]),
])
def test_survives(script, arguments):
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "survival" / script, *arguments], capture_output=True, text=True, timeout=600, check=False,
    )
    print(done.stdout[-10_000:], done.stderr[-10_000:])
    assert done.returncode == 0
