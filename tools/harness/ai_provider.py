#!/usr/bin/env python3
"""An AI provider to test against: Bedrock's Converse and OpenAI's chat completions over real HTTP, with every way to fail.

    with AIProviderServer() as ai:
        ai.behave("hang")                   # until told otherwise
        ai.behave_next("throttled", "ok")   # the next two calls
        ai.answer_with(lambda call: {...})  # what a right answer holds
        ai.calls[0].data                    # what was sent

Or as a program: `ai_provider.py --port-file FILE [--behaviour NAME] [--delay-ms N]`.

A call that a real service would refuse (a wrong path, header, signature or body) is answered with 400 or 403, whatever
behaviour is set, and noted in `problems`.
"""

from __future__ import annotations

import argparse
import json
import re
import select
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Callable
from urllib.parse import unquote

try:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError:
    SigV4Auth = None

# AWS's published example; it opens nothing.
ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
CLOCK_SKEW_SECONDS = 300
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


@dataclass
class Call:
    """One request as it arrived."""

    protocol: str
    # Raw, as on the wire.
    target: str
    headers: dict[str, str]
    body: bytes
    behaviour: str
    at: float
    problem: str | None = None
    # Whether the other side went away before the answer was written.
    abandoned: bool = False

    @property
    def json(self) -> dict:
        return json.loads(self.body)

    @property
    def model(self) -> str:
        return unquote(self.target.split("/")[2]) if self.protocol == "bedrock" else self.json["model"]

    @property
    def schema(self) -> dict:
        if self.protocol == "bedrock":
            return self.json["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"]
        return self.json["response_format"]["json_schema"]["schema"]

    @property
    def name(self) -> str:
        if self.protocol == "bedrock":
            return self.json["toolConfig"]["tools"][0]["toolSpec"]["name"]
        return self.json["response_format"]["json_schema"]["name"]

    @property
    def instructions(self) -> str:
        if self.protocol == "bedrock":
            return "\n".join(block["text"] for block in self.json["system"])
        return "\n".join(m["content"] for m in self.json["messages"] if m["role"] == "system")

    @property
    def data(self) -> str:
        """The user's message: all that is about somebody."""
        if self.protocol == "bedrock":
            return "\n".join(block["text"] for m in self.json["messages"] for block in m["content"])
        return "\n".join(m["content"] for m in self.json["messages"] if m["role"] == "user")


def instance(schema: dict, path: str = "answer", root: dict | None = None):
    """Something that fits a JSON Schema: the first choice of each, short texts, two elements where nothing else is said."""
    root = root if root is not None else schema
    if "$ref" in schema:
        target = root
        for step in schema["$ref"].lstrip("#/").split("/"):
            target = target[step]
        return instance(target, path, root)
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    if "enum" in schema:
        return schema["enum"][0]
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return instance(schema[word][0], path, root)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: instance(part, name, root) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        count = max(schema.get("minItems", 0), min(2, schema.get("maxItems", 2)))
        return elements(schema.get("items", {}), count, path, root)
    if kind in ("integer", "number"):
        return number(schema, kind)
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    text = f"{path} from the AI"
    text = text + "." * (schema.get("minLength", 0) - len(text))
    return text[: schema["maxLength"]] if "maxLength" in schema else text


def elements(schema: dict, count: int, path: str, root: dict) -> list:
    """`count` elements that differ where the schema lets them: enums take turns, texts are numbered."""
    return [vary(instance(schema, path, root), schema, index, root) for index in range(count)]


def vary(value, schema: dict, index: int, root: dict):
    if "enum" in schema:
        return schema["enum"][index % len(schema["enum"])]
    if isinstance(value, dict):
        parts = schema.get("properties", {})
        return {name: vary(part, parts.get(name, {}), index, root) for name, part in value.items()}
    if isinstance(value, str) and index and "const" not in schema:
        numbered = f"{value} {index + 1}"
        return value if len(numbered) > schema.get("maxLength", len(numbered)) else numbered
    return value


def number(schema: dict, kind: str):
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is not None and high is not None:
        value = (low + high) / 2
    else:
        value = low + 1 if low is not None else high - 1 if high is not None else 1
    return int(value) if kind == "integer" else value


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


class Refused(Exception):
    """What a real service would not take."""

    def __init__(self, status: int, text: str):
        super().__init__(text)
        self.status = status


def check(call: Call, provider: AIProviderServer) -> None:
    """Raises `Refused` for a call that the real service would refuse."""
    if not call.headers.get("content-type", "").startswith("application/json"):
        raise Refused(400, "content-type is not application/json")
    try:
        body = json.loads(call.body)
    except ValueError:
        raise Refused(400, "the body is no JSON") from None
    if call.protocol == "bedrock":
        check_converse(call, body)
        check_bedrock_credentials(call, provider)
    else:
        check_chat(body)
        if provider.api_key and call.headers.get("authorization") != f"Bearer {provider.api_key}":
            raise Refused(401, "not the API key")


def need(condition, text: str) -> None:
    if not condition:
        raise Refused(400, text)


def check_converse(call: Call, body: dict) -> None:
    # Bedrock's own client leaves nothing but unreserved characters and escapes in the model's segment.
    need(re.fullmatch(r"/model/(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+/converse", call.target), f"the path is {call.target}")
    need(set(body) <= {"system", "messages", "inferenceConfig", "toolConfig"}, f"unknown members in {sorted(body)}")
    need(all(set(block) == {"text"} and block["text"] for block in body["system"]), "system holds more than text")
    for message in body["messages"]:
        need(message["role"] == "user", "a message is not the user's")
        need(all(set(block) == {"text"} and block["text"] for block in message["content"]), "content holds more than text")
    need(body["inferenceConfig"]["maxTokens"] > 0, "maxTokens is not positive")
    tools = body["toolConfig"]["tools"]
    need(len(tools) == 1, "there is not one tool")
    tool = tools[0]["toolSpec"]
    need(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", tool["name"]), "the tool's name")
    need(tool["inputSchema"]["json"]["type"] == "object", "the schema is not one of an object")
    need(body["toolConfig"]["toolChoice"] == {"tool": {"name": tool["name"]}}, "the tool is not forced")


def check_chat(body: dict) -> None:
    known = {"model", "messages", "response_format", "max_tokens", "max_completion_tokens", "temperature", "stream"}
    need(set(body) <= known, f"unknown members in {sorted(body)}")
    need(isinstance(body["model"], str) and body["model"], "no model")
    need([m["role"] for m in body["messages"]] == ["system", "user"], "the messages are not system and user")
    need(all(isinstance(m["content"], str) and m["content"] for m in body["messages"]), "a message is no text")
    need(not body.get("stream"), "a stream was asked for")
    need(("max_tokens" in body) != ("max_completion_tokens" in body), "one bound of tokens, not none or two")
    shape = body["response_format"]
    need(shape["type"] == "json_schema" and shape["json_schema"]["strict"] is True, "no strict JSON schema")
    need(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", shape["json_schema"]["name"]), "the schema's name")
    check_strict(shape["json_schema"]["schema"])


def check_strict(schema) -> None:
    """OpenAI's rules for strict schemas: every object is closed, and all its members are required."""
    if isinstance(schema, list):
        for part in schema:
            check_strict(part)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object" or "properties" in schema:
        need(schema.get("additionalProperties") is False, "an object of a strict schema is open")
        need(set(schema.get("required", [])) == set(schema.get("properties", {})), "a member of a strict schema is optional")
    for part in schema.values():
        check_strict(part)


def check_bedrock_credentials(call: Call, provider: AIProviderServer) -> None:
    authorization = call.headers.get("authorization", "")
    if provider.api_key or authorization.startswith("Bearer "):
        if not authorization.startswith("Bearer ") or provider.api_key not in (None, authorization[7:]):
            raise Refused(403, "not the API key")
        return
    match = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/bedrock/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
        authorization,
    )
    if not match:
        raise Refused(403, "the authorization is no signature for bedrock")
    key, day, region, names, signature = match.groups()
    moment = call.headers.get("x-amz-date", "")
    if key != ACCESS_KEY_ID or region != provider.region or moment[:8] != day:
        raise Refused(403, "the scope of the signature")
    if abs(time.time() - _seconds(moment)) > CLOCK_SKEW_SECONDS:
        raise Refused(403, "the signature's time")
    if not {"host", "x-amz-date"} <= set(names.split(";")) or ("x-amz-security-token" in call.headers) != (
        "x-amz-security-token" in names.split(";")
    ):
        raise Refused(403, "a header is not signed")
    if call.headers.get("x-amz-security-token") != provider.session_token:
        raise Refused(403, "not the session token")
    if SigV4Auth is not None and signature != expected_signature(call, moment, region, names):
        raise Refused(403, "the signature does not match")


def _seconds(moment: str) -> float:
    from calendar import timegm

    try:
        return timegm(time.strptime(moment, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise Refused(403, "x-amz-date") from None


def expected_signature(call: Call, moment: str, region: str, names: str) -> str:
    """As botocore makes it from what arrived."""
    headers = {name: call.headers[name] for name in names.split(";") if name in call.headers}
    request = AWSRequest(method="POST", url=f"http://{call.headers['host']}{call.target}", headers=headers, data=call.body)
    request.context["timestamp"] = moment
    signer = SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY), "bedrock", region)
    return signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)


# -- answers


def answer_body(call: Call, provider: AIProviderServer, kind: str) -> bytes:
    content = json.dumps({"unexpected": [1, 2, 3]}) if kind == "schema_violation" else provider.content(call)
    text = "I would rather not say." if kind in ("refusal", "no_tool") else None
    made = converse_answer if call.protocol == "bedrock" else chat_answer
    return made(call, provider, kind, content, text).encode()


def converse_answer(call: Call, provider: AIProviderServer, kind: str, content: str, text: str | None) -> str:
    reasons = {"max_tokens": "max_tokens", "content_filter": "guardrail_intervened", "refusal": "end_turn", "no_tool": "end_turn"}
    use = '{"toolUse":{"toolUseId":"tooluse_1","name":%s,"input":%s}}' % (json.dumps(call.name), content)
    block = json.dumps({"text": text}) if text else use
    inputs, outputs = provider.usage
    return (
        '{"output":{"message":{"role":"assistant","content":[%s]}},"stopReason":"%s",'
        '"usage":{"inputTokens":%d,"outputTokens":%d,"totalTokens":%d},"metrics":{"latencyMs":42}}'
        % (block, reasons.get(kind, "tool_use"), inputs, outputs, inputs + outputs)
    )


def chat_answer(call: Call, provider: AIProviderServer, kind: str, content: str, text: str | None) -> str:
    reasons = {"max_tokens": "length", "content_filter": "content_filter"}
    message: dict = {"role": "assistant", "content": content, "refusal": None}
    if kind == "refusal":
        message |= {"content": None, "refusal": text}
    elif text:
        message["content"] = text
    inputs, outputs = provider.usage
    return json.dumps(
        {
            "id": "chatcmpl-1", "object": "chat.completion", "created": int(time.time()), "model": call.model,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reasons.get(kind, "stop")}],
            "usage": {"prompt_tokens": inputs, "completion_tokens": outputs, "total_tokens": inputs + outputs},
        },
        ensure_ascii=False,
    )


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
