#!/usr/bin/env python3
"""Makes sigv4.json: requests as botocore's own serializer and signer make them, to compare ours with.

Needs botocore (1.43 made what is committed). Run it in its folder; the keys are AWS's published examples and open nothing.
"""

import datetime
import json
import sys
from pathlib import Path
from unittest import mock

import botocore
import botocore.session
from botocore import auth, serialize
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SESSION_TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJ+/=="

MODELS = [
    "anthropic.claude-3-5-sonnet-20240620-v1:0",
    "us.amazon.nova-lite-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-3-5-sonnet-20240620-v1:0",
    "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/a1b2c3d4e5f6",
    "plain",
    "with blank + plus & and = é 漢 ~ * ' ( ) ! @ , ; ? # %",
    "100%25:0",
]
REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2"]
TIMES = ["2024-06-20T08:15:00Z", "2026-02-28T23:59:59Z", "1999-12-31T00:00:00Z"]
HEADERS = [
    {"accept": "application/json", "content-type": "application/json"},
    {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.GetItem"},
    {"content-type": "  text/plain;   charset=utf-8 ", "x-b": "2", "x-a": "1", "x-a-b": "3"},
]
# Paths whose dots and slashes are resolved before they are signed.
PATHS = ["/", "", "/a/b/", "/a//b", "/a/./b/../c", "/a/%2E%2E/b", "/proxy/model/x%3A0/converse", "/%C3%A9/~*"]


def signed(service, region, time, token, url, headers, body):
    moment = datetime.datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ")
    request = AWSRequest(method="POST", url=url, headers=dict(headers), data=body)
    signer = auth.SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY, token), service, region)
    with mock.patch("botocore.auth.get_current_datetime", return_value=moment):
        signer.add_auth(request)
        canonical = signer.canonical_request(without_authorization(request))
    return {
        "service": service, "region": region, "time": time, "sessionToken": token,
        "host": auth._host_from_url(url), "path": auth.urlsplit(url).path,
        "headers": [[name, value] for name, value in headers.items()], "body": body.decode(),
        "canonicalPath": canonical.split("\n")[1], "authorization": request.headers["Authorization"],
    }


def without_authorization(request):
    copy = AWSRequest(method=request.method, url=request.url, headers=dict(request.headers), data=request.data)
    del copy.headers["Authorization"]
    copy.context.update(request.context)
    return copy


def converse(model, serializer, operation):
    parameters = {
        "modelId": model,
        "system": [{"text": "Answer with the tool."}],
        "messages": [{"role": "user", "content": [{"text": '{"feature":"caf\u00e9 \u6f22 \\" \\\\"}'}]}],
        "inferenceConfig": {"maxTokens": 700},
    }
    return serializer.serialize_to_request(parameters, operation)


def vectors():
    service = botocore.session.get_session().get_service_model("bedrock-runtime")
    serializer = serialize.create_serializer(service.metadata["protocol"], False)
    operation = service.operation_model("Converse")
    for index, model in enumerate(MODELS):
        request = converse(model, serializer, operation)
        for token in (None, SESSION_TOKEN):
            region = REGIONS[index % len(REGIONS)]
            url = f"https://bedrock-runtime.{region}.amazonaws.com" + request["url_path"]
            vector = signed("bedrock", region, TIMES[index % len(TIMES)], token, url, HEADERS[0], request["body"])
            yield vector | {"model": model}
    for index, headers in enumerate(HEADERS):
        yield signed("dynamodb", REGIONS[index], TIMES[index], SESSION_TOKEN, "http://127.0.0.1:8000/", headers, b"{}")
    for path in PATHS:
        yield signed("execute-api", "us-east-1", TIMES[0], None, "https://example.com:8443" + path, HEADERS[0], b"")


if __name__ == "__main__":
    content = {
        "botocore": botocore.__version__, "accessKeyID": ACCESS_KEY, "secretAccessKey": SECRET_KEY, "vectors": list(vectors()),
    }
    out = Path(__file__).with_name("sigv4.json")
    out.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(content['vectors'])} vectors", file=sys.stderr)
