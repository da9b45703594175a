"""A gateway's event route and a site, on two origins of 127.0.0.1: they record what they are asked, and answer as a test tells them to."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PRODUCT = Path(__file__).resolve().parents[3] / "Sources/Gateway/Resources/attune.js"


@dataclass(frozen=True)
class Request:
    method: str
    headers: dict[str, str]
    text: str
    at: float
    status: int

    @property
    def body(self) -> dict:
        return json.loads(self.text)


@dataclass(frozen=True)
class Fault:
    """An answer other than 200; status 0 closes the connection without one."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    delay_seconds: float = 0


class Listener:
    """A server with a handler of its own, on a free port."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]):
        bound = type("Bound", (handler,), {"owner": self, "protocol_version": "HTTP/1.1", "log_message": lambda *_: None})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class _Route(BaseHTTPRequestHandler):
    owner: Collector

    def do_GET(self):
        self._answer(200, PRODUCT.read_bytes(), "text/javascript")

    def do_OPTIONS(self):
        self.owner.record(self, "", 204)
        self._answer(204, b"", "text/plain")

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fault = self.owner.faults.popleft() if self.owner.faults else self.owner.fault
        self.owner.record(self, text, fault.status)
        time.sleep(fault.delay_seconds)
        if not fault.status:
            self.close_connection = True
            return
        self._answer(fault.status, b'{"success":true}', "application/json", fault.headers)

    def _answer(self, status: int, body: bytes, kind: str, more=()):
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Access-Control-Allow-Origin", self.owner.allowed_origin),
            ("Access-Control-Expose-Headers", "Retry-After"),
            *more,
        ):
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # the page has gone


class Collector(Listener):
    """What the tracker talks to."""

    def __init__(self):
        self.requests: list[Request] = []
        self.faults: deque[Fault] = deque()
        self.fault = Fault(200)
        self.allowed_origin = "*"
        super().__init__(_Route)

    def record(self, handler: BaseHTTPRequestHandler, text: str, status: int):
        self.requests.append(Request(handler.command, {k.lower(): v for k, v in handler.headers.items()}, text, time.monotonic(), status))

    def taken(self) -> list[dict]:
        """The events answered with 200, each once, in the order of arrival."""
        events = {}
        for request in list(self.requests):
            if request.method == "POST" and request.status == 200:
                for event in request.body["batch"]:
                    events.setdefault(event["messageId"], event)
        return list(events.values())

    def names(self) -> list[str]:
        """The type of each event, or the name of a `track`."""
        return [event.get("event") or event["type"] for event in self.taken()]


class _Page(BaseHTTPRequestHandler):
    owner: Site

    def do_GET(self):
        path = self.path.split("?")[0]
        body = self.owner.pages.get(path, self.owner.pages["/"]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if path.endswith(".js") else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in self.owner.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Site(Listener):
    """The pages that embed the tracker."""

    def __init__(self, collector: Collector):
        self.collector = collector
        self.headers: list[tuple[str, str]] = []
        self.pages: dict[str, str] = {}
        self.page("/")
        super().__init__(_Page)

    def page(self, path: str, options: str = "", before: str = "", content: str = "<p>text</p>", title: str = "Title"):
        """A page with the tracker; `before` is a script that runs ahead of it."""
        self.pages[path] = (
            f"<!doctype html><html><head><title>{title}</title><script>{before}</script>"
            f'<script async src="{self.collector.origin}/attune.js" data-key="att_pk_test" {options}></script></head>'
            f"<body>{content}</body></html>"
        )
