"""What Bedrock's Converse and OpenAI's chat completions take and answer: calls read, checked as the real services check them, and answered."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

try:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError:
    SigV4Auth = None

if TYPE_CHECKING:
    from harness.ai_provider import AIProviderServer

# AWS's published example; it opens nothing.
ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
CLOCK_SKEW_SECONDS = 300


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
