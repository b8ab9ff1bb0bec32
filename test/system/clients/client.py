"""What httpx gets over HTTP/1.1 and h2c, and grpcio over h2c, one JSON line a case. client.py BASE_URL"""

import hashlib
import json
import sys

import grpc
import httpx

base = sys.argv[1]


def say(case, **what):
    print(json.dumps({"case": case, **what}, sort_keys=True), flush=True)


def seen(response):
    body = b"".join(response.iter_raw()) if response.is_stream_consumed is False else response.content
    fields = [[name.decode("latin1"), value.decode("latin1")] for name, value in response.headers.raw]
    text = body.decode("latin1") if len(body) < 5000 else None
    return {"status": response.status_code, "fields": fields, "sha256": hashlib.sha256(body).hexdigest(), "text": text}


def ask(client, case, method, path, **options):
    with client.stream(method, base + path, **options) as response:
        say(case, **seen(response))


def pieces():
    for number in range(5):
        yield b"piece %d;" % number


for name, options in {"h1": {"http1": True, "http2": False}, "h2c": {"http1": False, "http2": True}}.items():
    with httpx.Client(timeout=30, trust_env=False, **options) as client:
        ask(client, f"{name} get", "GET", "/echo?a=1&b=%20", headers=[("x-dup", "one"), ("x-dup", "two"), ("x-empty", "")])
        ask(client, f"{name} json", "POST", "/echo", json={"text": "café"})
        ask(client, f"{name} form", "POST", "/echo", data={"a": ["1", "2"]})
        ask(client, f"{name} streamed", "POST", "/echo", content=pieces())
        ask(client, f"{name} patch", "PATCH", "/echo", content=bytes(range(256)))
        ask(client, f"{name} delete", "DELETE", "/echo")
        ask(client, f"{name} head", "HEAD", "/plain")
        ask(client, f"{name} chunked", "GET", "/chunked")
        ask(client, f"{name} fields", "GET", "/fields")
        ask(client, f"{name} no content", "GET", "/status/204")
        ask(client, f"{name} not modified", "GET", "/status/304")
        ask(client, f"{name} error", "GET", "/status/500")
        ask(client, f"{name} gzip", "GET", "/gzip")
        ask(client, f"{name} big", "GET", "/big")

with grpc.insecure_channel(base.removeprefix("http://"), options=[("grpc.enable_http_proxy", 0)]) as channel:
    metadata = [("x-text", "plain"), ("x-bytes-bin", bytes(range(200)))]
    unary = channel.unary_unary("/zoo.Echo/Unary")
    for size in (0, 5, 100_000):
        answer, call = unary.with_call(b"m" * size, timeout=30, metadata=metadata)
        say(f"grpc unary {size}", sha256=hashlib.sha256(answer).hexdigest(), trailers=[list(pair) for pair in call.trailing_metadata()])
    stream = channel.unary_stream("/zoo.Echo/Stream")(b"go", timeout=30)
    say("grpc stream", messages=[message.decode() for message in stream], trailers=[list(pair) for pair in stream.trailing_metadata()])
    try:
        channel.unary_unary("/zoo.Echo/Fail")(b"x", timeout=30)
    except grpc.RpcError as failure:
        say("grpc failure", code=failure.code().name, details=failure.details())
