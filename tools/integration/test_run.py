"""`tools/run`: what it prints once the server listens, and that signals reach the server."""

import os
import re
import shutil
import signal
import subprocess
import threading

import pytest

from harness.client import Client
from harness.server import ROOT, binary


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose build is the binary under test."""
    (tmp_path / "tools").mkdir()
    for name in ("run", "setup"):
        shutil.copy(ROOT / "tools" / name, tmp_path / "tools" / name)
    (tmp_path / ".build" / "release").mkdir(parents=True)
    (tmp_path / ".build" / "release" / "attune").symlink_to(binary())
    (tmp_path / "bin").mkdir()
    for name in ("swift", "dpkg-query"):
        stub = tmp_path / "bin" / name
        stub.write_text("#!/bin/sh\necho 'install ok installed'\n" if name == "dpkg-query" else "#!/bin/sh\n")
        stub.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_lines_to_try_name_where_the_server_listens(checkout, host):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ATTUNE_")}
    environment |= {"PATH": f"{checkout / 'bin'}:{environment['PATH']}", "ATTUNE_PORT": "0", "ATTUNE_HOST": host}
    process = subprocess.Popen(
        [checkout / "tools" / "run"], env=environment, cwd=checkout, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "/dashboard" in line:
                break
        text = "".join(lines)
        port = int(re.search(r"^listening on http://\S+:(\d+)$", text, re.M)[1])
        urls = re.findall(r"^  curl .* (http://\S+)$", text, re.M)
        assert port > 0 and len(urls) == 3, text
        assert all(url.startswith(f"http://127.0.0.1:{port}/api/personalization/users/ada") for url in urls), urls
        key = re.search(r"secret key +(att_sk_\w+)", text)[1]
        assert text.count(f"curl -u {key}:") == 3
        assert Client(port, key).get("/api/personalization/users/ada").status == 200
        # The script's process is the server's.
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=30)
        assert process.returncode == 0, errors
        assert "curl" not in rest
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
