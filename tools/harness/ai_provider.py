"""An AI provider to test against: Bedrock's Converse and OpenAI's chat completions over real HTTP, with every way to fail.

    with AIProviderServer() as ai:
        ai.behave("hang")                   # until told otherwise
        ai.behave_next("throttled", "ok")   # the next two calls
        ai.answer_with(lambda call: {...})  # what a right answer holds
        ai.calls[0].data                    # what was sent

Or as a program, in `tools`: `python3 -m harness.ai_provider --port-file FILE [--behaviour NAME] [--delay-ms N]`.

A call that a real service would refuse (a wrong path, header, signature or body) is answered with 400 or 403, whatever
behaviour is set, and noted in `problems`.
"""

from __future__ import annotations

import argparse
import json
import select
import sys
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Callable

from harness.ai_protocols import ACCESS_KEY_ID, SECRET_ACCESS_KEY, Call, Refused, answer_body, check, instance

BIG_BODY_BYTES = 10_000_000
TRICKLE_SECONDS = 0.1

BEHAVIOURS = {
    "ok": "a right answer",
    "refused": "400",
    "forbidden": "401 or 403, as the protocol has it",
    "not_found": "404",
    "throttled": "429 with Retry-After",
    "error": "500",
    "unavailable": "503",
    "hang": "reads the request and is silent",
    "trickle": "a right answer, a byte every 100 ms",
    "cut_off": "half of a right answer, then the connection is closed",
    "reset": "the connection is closed without a byte",
    "malformed": "200 with half of the JSON",
    "max_tokens": "stopped because the answer became too long",
    "content_filter": "stopped by a filter or a guardrail",
    "refusal": "the model declines",
    "schema_violation": "well-formed, and not of the shape that was asked for",
    "no_tool": "text, where a tool call or JSON was asked for",
    "big": "10 MB",
    "redirect": "307 to another address",
}


class AIProviderServer:
    """Listens on 127.0.0.1, on a free port unless told otherwise."""

    def __init__(self, port: int = 0, api_key: str | None = None, region: str = "us-east-1"):
        # With a key, calls without it get 401 or 403. Without one, OpenAI's need none and Bedrock's must be signed or bear any.
        self.api_key = api_key
        self.region = region
        self.session_token: str | None = None
        self.delay_seconds = 0.0
        self.retry_after = "2"
        self.redirect_to = "http://127.0.0.1:9/"
        self.usage = (1200, 300)
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._behaviour = "ok"
        self._next: deque[str] = deque()
        self._answer: Callable[[Call], object] = lambda call: instance(call.schema)
        self._closing = threading.Event()
        self._in_flight = 0
        self.in_flight_max = 0
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.provider = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    # -- life

    def __enter__(self) -> AIProviderServer:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(5)
        self._server.server_close()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def settings(self, protocol: str = "openai", model: str | None = None) -> dict[str, str]:
        """The environment that makes a server of ours use this one."""
        if protocol == "openai":
            given = {"ATTUNE_AI_MODEL": model or "test-model"}
        else:
            given = {
                "ATTUNE_AI_MODEL": model or "anthropic.claude-3-5-sonnet-20240620-v1:0", "AWS_REGION": self.region,
                "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            }
            if self.session_token:
                given["AWS_SESSION_TOKEN"] = self.session_token
        if self.api_key:
            given["ATTUNE_AI_API_KEY"] = self.api_key
        return given | {"ATTUNE_AI_PROVIDER": protocol, "ATTUNE_AI_ENDPOINT": self.url}

    # -- what it does

    def behave(self, behaviour: str, delay_ms: float = 0) -> None:
        """How calls are answered from now on; the delay comes before any behaviour."""
        _check(behaviour)
        with self._lock:
            self._behaviour, self.delay_seconds = behaviour, delay_ms / 1000
            self._next.clear()

    def behave_next(self, *behaviours: str) -> None:
        """How the next calls are answered, one each; after them the default holds again."""
        for behaviour in behaviours:
            _check(behaviour)
        with self._lock:
            self._next.extend(behaviours)

    def answer_with(self, answer: Callable[[Call], object]) -> None:
        """What a right answer holds. Text is sent as it is, anything else as JSON."""
        self._answer = answer

    # -- what it saw

    @property
    def calls(self) -> list[Call]:
        with self._lock:
            return list(self._calls)

    @property
    def problems(self) -> list[str]:
        return [call.problem for call in self.calls if call.problem]

    def forget(self) -> None:
        with self._lock:
            self._calls.clear()
            self.in_flight_max = self._in_flight

    def wait_for_calls(self, count: int, timeout: float = 10) -> list[Call]:
        end = time.monotonic() + timeout
        while len(self.calls) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.calls)} of {count} calls came")
            time.sleep(0.01)
        return self.calls

    # -- inside

    def begin(self, handler: _Handler, body: bytes) -> Call:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        protocol = "openai" if handler.raw_target.endswith("/v1/chat/completions") else "bedrock"
        with self._lock:
            behaviour = self._next.popleft() if self._next else self._behaviour
            call = Call(protocol, handler.raw_target, headers, body, behaviour, time.time())
            self._calls.append(call)
            self._in_flight += 1
            self.in_flight_max = max(self.in_flight_max, self._in_flight)
        return call

    def end(self) -> None:
        with self._lock:
            self._in_flight -= 1

    def content(self, call: Call) -> str:
        made = self._answer(call)
        return made if isinstance(made, str) else json.dumps(made, ensure_ascii=False)

    def wait(self, seconds: float, connection=None) -> bool:
        """Waits, unless the server is closed or the other side goes away first; says whether it may go on."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._closing.wait(min(left, 0.02)):
                return False
            if connection is not None and select.select([connection], [], [], 0)[0]:
                return False
        return not self._closing.is_set()


def _check(behaviour: str) -> None:
    if behaviour not in BEHAVIOURS:
        raise ValueError(f"no behaviour {behaviour!r}; there are {', '.join(BEHAVIOURS)}")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    provider: AIProviderServer

    def handle_error(self, request, client_address) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise the answer's head and body, written apart, wait for each other's acknowledgement.
    disable_nagle_algorithm = True
    server: _Server

    @property
    def raw_target(self) -> str:
        return self.requestline.split(" ")[1]

    def log_message(self, *_) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        provider = self.server.provider
        call = provider.begin(self, body)
        try:
            self.act(call, provider)
        except OSError:
            call.abandoned = True
            self.close_connection = True
        finally:
            provider.end()

    def act(self, call: Call, provider: AIProviderServer) -> None:
        try:
            try:
                check(call, provider)
            except (KeyError, TypeError, IndexError, AttributeError) as error:
                raise Refused(400, f"the body's shape: {error!r}") from None
        except Refused as refusal:
            call.problem = str(refusal)
            return self.send(refusal.status, json.dumps({"message": str(refusal)}).encode())
        if not provider.wait(provider.delay_seconds, self.connection):
            call.abandoned = True
            self.close_connection = True
            return None
        return getattr(self, f"act_{call.behaviour}", self.act_answer)(call, provider)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.head(status, len(body), **headers)
        self.wfile.write(body)

    def head(self, status: int, length: int, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    # -- behaviours

    def act_answer(self, call, provider) -> None:
        self.send(200, answer_body(call, provider, call.behaviour))

    def act_refused(self, call, provider) -> None:
        self.send(400, b'{"message":"ValidationException"}')

    def act_forbidden(self, call, provider) -> None:
        self.send(403 if call.protocol == "bedrock" else 401, b'{"message":"AccessDeniedException"}')

    def act_not_found(self, call, provider) -> None:
        self.send(404, b'{"message":"no such model"}')

    def act_throttled(self, call, provider) -> None:
        self.send(429, b'{"message":"ThrottlingException"}', Retry_After=provider.retry_after)

    def act_error(self, call, provider) -> None:
        self.send(500, b'{"message":"InternalServerException"}')

    def act_unavailable(self, call, provider) -> None:
        self.send(503, b'{"message":"ServiceUnavailableException"}')

    def act_redirect(self, call, provider) -> None:
        self.send(307, b"", Location=provider.redirect_to)

    def act_hang(self, call, provider) -> None:
        call.abandoned = not provider.wait(3600, self.connection)
        self.close_connection = True

    def act_trickle(self, call, provider) -> None:
        body = answer_body(call, provider, "ok")
        self.head(200, len(body))
        for index in range(len(body)):
            self.wfile.write(body[index : index + 1])
            if not provider.wait(TRICKLE_SECONDS, self.connection):
                raise ConnectionAbortedError

    def act_cut_off(self, call, provider) -> None:
        body = answer_body(call, provider, "ok")
        self.head(200, len(body))
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def act_reset(self, call, provider) -> None:
        self.close_connection = True

    def act_malformed(self, call, provider) -> None:
        body = answer_body(call, provider, "ok")
        self.send(200, body[: len(body) // 2])

    def act_big(self, call, provider) -> None:
        body = answer_body(call, provider, "ok")
        self.head(200, BIG_BODY_BYTES)
        self.wfile.write(body[:-1])
        left = BIG_BODY_BYTES - len(body)
        while left > 0:
            self.wfile.write(b" " * min(left, 65_536))
            left -= min(left, 65_536)
        self.wfile.write(body[-1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--port-file", type=Path, help="the port is written here once it listens")
    parser.add_argument("--behaviour", choices=BEHAVIOURS, default="ok")
    parser.add_argument("--delay-ms", type=float, default=0)
    parser.add_argument("--api-key")
    parser.add_argument("--region", default="us-east-1")
    given = parser.parse_args()
    with AIProviderServer(given.port, given.api_key, given.region) as provider:
        provider.behave(given.behaviour, given.delay_ms)
        print(f"listening on {provider.url}", flush=True)
        if given.port_file:
            whole = given.port_file.with_suffix(".new")
            whole.write_text(str(provider.port))
            whole.rename(given.port_file)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
