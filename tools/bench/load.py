"""The load generators and the other servers of the benchmark, as Python calls."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.server import ROOT, Server, wait_until  # noqa: E402

HERE = Path(__file__).resolve().parent
BUILD = ROOT / ".build" / "bench"
THREADS = 2
READ_CONNECTIONS, WRITE_CONNECTIONS = 64, 256


@dataclass(frozen=True)
class Target:
    """A server to load: where it is, the key it wants, how many users it has."""

    port: int
    key: str = ""
    users: int = 1


def note(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def wrk(target: Target, job: str, connections: int, seconds: float, threads: int = THREADS) -> float:
    """Answers per second, closed loop; an error where an answer was not 2xx. The job `fill` ends by itself and has no rate."""
    environment = os.environ | {"BENCH_JOB": job, "BENCH_KEY": target.key, "BENCH_USERS": str(target.users)}
    done = subprocess.run(
        ["wrk", f"-t{threads}", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "60s", "-s", HERE / "load.lua",
         f"http://127.0.0.1:{target.port}/"],
        env=environment, capture_output=True, text=True, check=False,
    )
    bad = re.search(r"(Non-2xx.*|Socket errors.*)", done.stdout)
    if bad or done.returncode:
        raise RuntimeError(f"{job} at {connections} connections: {bad[1] if bad else done.stderr[-300:]}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    return float(rate[1]) if rate else 0


def fill(target: Target) -> None:
    """Writes each user once."""
    began = time.monotonic()
    wrk(target, "fill", WRITE_CONNECTIONS, 3600, threads=1)
    note(f"{target.users:,} users written in {time.monotonic() - began:.0f} s")


def until_events(target: Target, count: int) -> int:
    """Sends batches of events until about so many more are stored."""
    began, sent = time.monotonic(), 0
    while sent < count:
        seconds = 2 if count - sent < 200_000 else 10
        sent += int(wrk(target, "events10", 16, seconds) * seconds * 100)
    note(f"{sent:,} events stored in {time.monotonic() - began:.0f} s")
    return sent


def latencies(target: Target, job: str, seconds: float) -> float:
    """The 99th percentile in milliseconds on one connection."""
    environment = os.environ | {"BENCH_JOB": job, "BENCH_KEY": target.key, "BENCH_USERS": str(target.users)}
    done = subprocess.run(
        ["wrk", "-t1", "-c1", f"-d{max(1, round(seconds))}s", "--latency", "-s", HERE / "load.lua", f"http://127.0.0.1:{target.port}/"],
        env=environment, capture_output=True, text=True, check=True,
    )
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.stdout).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def openloop(target: Target, job: str, rate: float, seconds: float, connections: int = 256) -> dict:
    """Latencies at a fixed rate, coordinated omission excluded."""
    with started_openloop(target, job, rate, seconds, connections) as result:
        return result()


@contextmanager
def started_openloop(target: Target, job: str, rate: float, seconds: float, connections: int = 256):
    """The same, beside whatever is done meanwhile."""
    program = BUILD / "openloop"
    if not program.exists() or program.stat().st_mtime < (HERE / "openloop.c").stat().st_mtime:
        BUILD.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-O2", "-o", program, HERE / "openloop.c", "-lm"], check=True)
    arguments = [target.port, round(rate), seconds, connections, job, target.key, target.users]
    process = subprocess.Popen([program, *map(str, arguments)], stdout=subprocess.PIPE, text=True)

    def result() -> dict:
        output = process.communicate()[0]
        if process.returncode:
            raise RuntimeError(f"openloop ended with {process.returncode}")
        return json.loads(output)

    try:
        yield result
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@contextmanager
def attune(folder: Path, users: int, **settings: str):
    """An Attune with one tenant and this many users, and the target that it is."""
    with Server(folder / "data", **settings) as server:
        target = Target(server.port, server.create_tenant("bench").key(), users)
        fill(target)
        yield server, target


@contextmanager
def hello():
    """The bare Hummingbird server."""
    scratch = BUILD / "hello"
    subprocess.run(
        ["swift", "build", "-c", "release", "--package-path", HERE / "hello", "--scratch-path", scratch], check=True, stdout=sys.stderr,
    )
    port = free_port()
    process = subprocess.Popen([scratch / "release" / "hello", str(port)])
    try:
        wait_until(lambda: is_open(port), 30)
        yield Target(port)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def peer(folder: Path, users: int):
    """FastAPI with SQLAlchemy and SQLite, two workers."""
    venv = BUILD / "peer"
    subprocess.run(
        ["bash", "-c", 'source tools/setup; setup_python "$0" tools/bench/peer/requirements.txt', venv], cwd=ROOT, check=True,
    )
    port = free_port()
    environment = os.environ | {"BENCH_DATABASE": str(folder / "peer.db"), "BENCH_KEY": "peer"}
    subprocess.run([venv / "bin" / "python", HERE / "peer" / "app.py"], env=environment, check=True)
    process = subprocess.Popen(
        [venv / "bin" / "uvicorn", "app:app", "--workers", "2", "--port", str(port), "--log-level", "error", "--no-access-log"],
        cwd=HERE / "peer", env=environment,
    )
    try:
        wait_until(lambda: is_open(port), 30)
        target = Target(port, "peer", users)
        fill(target)
        yield target
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def private_bytes(pid: int) -> tuple[int, int]:
    """Memory that is the process's own: without and with its clean and dirty pages of the store's map.

    The map is shared with the page cache and given back under pressure, yet Linux calls a page that one process alone has
    mapped `Private`.
    """
    own = mapped = 0
    in_map = False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            in_map = line.endswith("data.mdb")
        elif line.startswith(("Private_Clean:", "Private_Dirty:")):
            size = int(line.split()[1]) * 1024
            mapped += size * in_map
            own += size * (not in_map)
    return own, own + mapped
