"""`attune serve` as a child process, and the commands beside it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .client import Client

ROOT = Path(__file__).resolve().parents[2]


def binary() -> Path:
    """The executable under test: ATTUNE_BINARY, or the release build, or the debug build."""
    named = os.environ.get("ATTUNE_BINARY")
    candidates = [Path(named)] if named else [ROOT / ".build" / kind / "attune" for kind in ("release", "debug")]
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve()
    raise SystemExit(f"no attune binary at {', '.join(map(str, candidates))}; build it or set ATTUNE_BINARY")


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)


class NotStarted(Exception):
    """The server ended, or stayed silent, instead of listening."""

    def __init__(self, code: int | None, errors: str):
        super().__init__(f"attune serve did not start (exit code {code}):\n{errors[-2000:]}")
        self.code = code


class Server:
    """One data folder and the server on it; used as a context manager it is started and stopped."""

    def __init__(self, data: Path | str, **settings: str):
        self.data = Path(data)
        self.settings = settings
        # What the server is started through: a shell that sets limits, for example.
        self.prefix: list[str] = []
        self.port = 0
        self.tls = False
        self.process: subprocess.Popen | None = None
        self.errors = tempfile.TemporaryFile("w+")

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_) -> None:
        self.kill()

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ATTUNE_")}
        ours = {
            "ATTUNE_DATA": str(self.data),
            "ATTUNE_HOST": "127.0.0.1",
            "ATTUNE_PORT": "0",
            "ATTUNE_PUBLIC_URL": "http://attune.test",
            "ATTUNE_LOG_LEVEL": "warning",
        }
        return inherited | ours | self.settings

    def start(self, timeout: float = 30) -> Server:
        self.errors.seek(0)
        self.errors.truncate()
        self.process = subprocess.Popen(
            [*self.prefix, binary(), "serve"], env=self.environment, cwd=self.data.parent,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors, text=True,
        )
        # A silent server is killed, which ends the read below.
        watchdog = threading.Timer(timeout, self.process.kill)
        watchdog.start()
        try:
            line = self.process.stdout.readline()
        finally:
            watchdog.cancel()
        match = re.match(r"listening on (https?)://\S+:(\d+)\s*$", line)
        if not match:
            self.process.kill()
            code = self.process.wait()
            raise NotStarted(code, line + self.log())
        self.tls = match[1] == "https"
        self.port = int(match[2])
        return self

    def stop(self, timeout: float = 30) -> int:
        """SIGTERM, and the exit code."""
        return self._end(signal.SIGTERM, timeout)

    def kill(self) -> None:
        self._end(signal.SIGKILL, 30)

    def restart(self) -> Server:
        self.stop()
        return self.start()

    def log(self) -> str:
        self.errors.seek(0)
        return self.errors.read()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def client(self, credential: str | None = None, **more) -> Client:
        return Client(self.port, credential, **more)

    def command(self, *arguments: str, timeout: float = 120) -> Result:
        """Runs another `attune` command on the same folder."""
        done = subprocess.run(
            [binary(), *arguments], env=self.environment, cwd=self.data.parent,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def must(self, *arguments: str):
        """The JSON document that a command prints; the command has to succeed."""
        result = self.command(*arguments, "--json")
        if result.code != 0:
            raise RuntimeError(f"attune {' '.join(arguments)}: exit code {result.code}\n{result.err}")
        return result.json()

    def create_tenant(self, name: str, *options: str) -> Tenant:
        self.must("tenant", "create", name, *options)
        return Tenant(self, name)

    def _end(self, with_signal: signal.Signals, timeout: float) -> int:
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
        code = self.process.wait()
        self.process.stdout.close()
        self.process = None
        return code


class Tenant:
    """A tenant and one key of each kind, made when first asked for."""

    def __init__(self, server: Server, name: str):
        self.server = server
        self.name = name
        self._keys: dict[str, dict] = {}

    def key(self, kind: str = "secret") -> str:
        return self.key_record(kind)["key"]

    def key_record(self, kind: str = "secret") -> dict:
        if kind not in self._keys:
            self._keys[kind] = self.new_key(kind)
        return self._keys[kind]

    def new_key(self, kind: str, *options: str) -> dict:
        return self.server.must("key", "create", "--tenant", self.name, "--kind", kind, *options)

    def client(self, kind: str = "secret", **more) -> Client:
        return self.server.client(self.key(kind), **more)

    def token(self, user: str, scope: str | None = None, seconds: int | None = None) -> str:
        body: dict = {"userId": user}
        if scope is not None:
            body["scope"] = scope
        if seconds is not None:
            body["ttlSeconds"] = seconds
        answer = self.client().post("/api/tokens", body)
        assert answer.status == 201, answer
        return answer.json()["token"]

    def as_user(self, user: str, **more) -> Client:
        return self.server.client(self.token(user, **more))


def wait_until(condition, seconds: float = 10, every: float = 0.05):
    """What the condition yields once it is true; an error after the time is over."""
    end = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(every)
