"""A server that takes callbacks, as a controller's does: keeps every one, and answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Callback:
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)


class CallbackServer:
    """Used as a context manager. `statuses` are answered one after another, then 200."""

    def __init__(self, statuses: list[int] | None = None, location: str | None = None, port: int = 0):
        self.statuses = list(statuses or [])
        self.location = location
        self.received: list[Callback] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.received.append(Callback(self.path, headers, body))
                self.send_response(outer.statuses.pop(0) if outer.statuses else 200)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]

    def __enter__(self) -> CallbackServer:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()

    def url(self, path: str = "/callback") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def wait(self, count: int, seconds: float = 20) -> list[Callback]:
        end = time.monotonic() + seconds
        while len(self.received) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.received)} of {count} callbacks within {seconds} s")
            time.sleep(0.02)
        return list(self.received)
