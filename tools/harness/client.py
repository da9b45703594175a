"""A small HTTP/1.1 client that sends exactly what it is told, which libraries that mend URLs and bodies do not."""

from __future__ import annotations

import base64
import json
import socket
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

# What may go wrong on a connection whose server is killed.
CONNECTION_ERRORS = (OSError, HTTPException)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def __getitem__(self, header: str) -> str | None:
        return self.headers.get(header.lower())

    def __repr__(self) -> str:
        return f"<{self.status} {self.headers.get('content-type')} {self.body[:300]!r}>"


class Client:
    """One connection with one credential; reconnects when the server has closed it."""

    def __init__(self, port: int, credential: str | None = None, timeout: float = 30):
        self.port = port
        self.credential = credential
        self.timeout = timeout
        self._connection: HTTPConnection | None = None

    def request(self, method: str, path: str, body=None, headers: dict[str, str] | None = None) -> Answer:
        """Sends once. A body that is neither bytes nor a string goes out as JSON."""
        sent = {"Authorization": f"Bearer {self.credential}"} if self.credential else {}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        if isinstance(body, str):
            body = body.encode()
        reused = self._connection is not None
        try:
            return self._exchange(method, path, body, sent)
        except (ConnectionError, HTTPException):
            self.close()
            # An idle connection may have been closed under us: only what changes nothing is sent again.
            if not reused or method not in ("GET", "HEAD"):
                raise
            return self._exchange(method, path, body, sent)
        except OSError:
            self.close()
            raise

    def get(self, path: str, **more) -> Answer:
        return self.request("GET", path, **more)

    def post(self, path: str, body=None, **more) -> Answer:
        return self.request("POST", path, body, **more)

    def put(self, path: str, body=None, **more) -> Answer:
        return self.request("PUT", path, body, **more)

    def patch(self, path: str, body=None, **more) -> Answer:
        return self.request("PATCH", path, body, **more)

    def delete(self, path: str, **more) -> Answer:
        return self.request("DELETE", path, **more)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _exchange(self, method, path, body, headers) -> Answer:
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        connection = self._connection
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None or method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body or b"")))
        connection.endheaders(body)
        response = connection.getresponse()
        answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        if response.will_close:
            self.close()
        return answer


def basic(user: str, password: str = "") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def raw_exchange(port: int, data: bytes, timeout: float = 10) -> bytes:
    """Sends bytes as they are and returns all that comes back until the server closes or is silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        received = b""
        try:
            connection.sendall(data)
            while chunk := connection.recv(65536):
                received += chunk
        except (TimeoutError, ConnectionError):
            pass
        return received
