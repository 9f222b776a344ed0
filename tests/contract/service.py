#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/service.py BUILD - the HTTP face of `barehull serve` over real sockets: each route, method, status,
form, field and problem; CORS; OpenAPI against what is really answered; MCP as event streams.

Runs alone: it measures time, or fills the machine.
"""
import base64
import gzip
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jsonschema import Draft202012Validator as Validator

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from service import Peer, Service, check, check_body, free_port, main, once, wait_until  # noqa: E402

PROGRAM = Path(sys.argv[1]).resolve() / "barehull"
ORIGIN = "https://app.example.org"
JSON = "Content-Type: application/json"
DOCKERFILE = b"FROM alpine\nCMD run\n"
MODERN = "2026-07-28"


def is_problem(answer, status, code, port=None):
    """A whole problem document, with the request's id as its instance, and a page that tells what its code means."""
    try:
        problem = json.loads(answer.body)
    except ValueError:
        return False
    fine = (answer.status == problem.get("status") == status and problem.get("code") == code
            and problem.get("type") == f"/problems/{code}" and problem.get("title")
            and answer.field("content-type") == "application/problem+json"
            and answer.field("cache-control") == "no-store"
            and problem.get("instance") == answer.field("x-request-id"))
    return fine and (not port or once(port, "GET", problem["type"]).status == 200)


def test_routes(service):
    index = json.loads(once(service.port, "GET", "/").body)
    check("what the service is", index["name"] == "barehull" and "Dockerfiles" in index["summary"] and re.fullmatch(r"\d+\.\d+\.\d+", index["version"]), index)
    routes = {route["path"]: route["methods"] for route in index["routes"]}
    wanted = {"/", "/mcp", "/v1/check", "/v1/init", "/v1/rules", "/v1/rules/{id}", "/openapi.json", "/problems/{code}",
              "/livez", "/readyz", "/healthz", "/metrics"}
    check("the routes", set(routes) == wanted, routes)
    with Peer(service.port) as peer:
        for path, methods in routes.items():
            target = path.replace("{id}", "exec-form").replace("{code}", "usage")
            for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
                body = b"{}" if method in ("POST", "PUT", "PATCH") else None
                answer = peer.ask(method, target, body, [JSON] if body else [], head_only=method == "HEAD")
                if answer.closes():
                    peer.close()
                    peer = Peer(service.port)
                if method == "OPTIONS":
                    holds = answer.status == 204 and answer.field("allow") == ", ".join(methods)
                elif method == "BREW":
                    holds = answer.status == 501
                elif method in methods:
                    holds = answer.status == (400 if method == "POST" else 200)
                else:
                    holds = answer.status == 405 and answer.field("allow") == ", ".join(methods)
                check(f"{method} {target}", holds, answer)
                check(f"{method} {target}: its id", re.fullmatch(r"[0-9a-f]{32}", answer.field("x-request-id")), answer)
        peer.close()
    for path in ("/x", "/v1/", "/v1/rules/", "/livez/", "//", "/v1/rules/exec-form/x", "/v1/rules/a%2Fb"):
        answer = once(service.port, "GET", path)
        check(f"GET {path}", is_problem(answer, 404, "not-found"), answer)


def test_head(service):
    with Peer(service.port) as peer:
        for path in ("/", "/v1/rules", "/v1/rules/exec-form", "/livez", "/openapi.json", "/problems/usage", "/x"):
            get, head = peer.get(path), peer.ask("HEAD", path, head_only=True)
            same = [name for name in ("content-type", "content-length", "etag", "vary")
                    if get.field(name) != head.field(name)]
            check(f"HEAD {path} has what GET has", get.status == head.status and not same, (same, get.fields, head.fields))


def test_constants(service):
    with Peer(service.port) as peer:
        for path in ("/", "/v1/rules", "/v1/rules/exec-form", "/openapi.json", "/v1/rules?surface=compose"):
            plain = peer.get(path)
            packed = peer.get(path, ["Accept-Encoding: br;q=1, gzip"])
            check(f"{path}: gzip", packed.field("content-encoding") == "gzip" and
                  gzip.decompress(packed.body) == plain.body and len(packed.body) < len(plain.body), packed)
            check(f"{path}: Vary", "Accept-Encoding" in packed.field("vary") and "Accept-Encoding" in plain.field("vary"))
            check(f"{path}: tags differ by coding", plain.field("etag") != packed.field("etag"), plain)
            for tag in (plain.field("etag"), "W/" + packed.field("etag"), '"x", ' + plain.field("etag"), "*"):
                again = peer.get(path, [f"If-None-Match: {tag}"])
                check(f"{path}: 304 for {tag}", again.status == 304 and again.field("etag") == plain.field("etag")
                      and again.field("content-length") in (None, str(len(plain.body)))
                      and again.field("content-type") is None, again)
            check(f"{path}: 200 for another tag", peer.get(path, ['If-None-Match: "x"']).status == 200)
            check(f"{path}: may be kept", plain.field("cache-control") == "public, max-age=300", plain)
        small = peer.get("/livez", ["Accept-Encoding: gzip"])
        check("small answers are sent as they are", small.field("content-encoding") is None and small.body == b"ok\n")


def test_check(service):
    with Peer(service.port) as peer:
        whole = peer.post("/v1/check", check_body(("Dockerfile", DOCKERFILE.decode()), ("a/b.txt", "x")))
        result = json.loads(whole.body)
        check("check of named files", whole.status == 200 and result["verdict"] == "fail" and
              [file["file"] for file in result["files"]] == ["Dockerfile", "a/b.txt"], whole)
        raw = peer.post("/v1/check", DOCKERFILE, ["Content-Type: text/x-dockerfile"])
        check("check of one file", json.loads(raw.body)["findings"] == result["findings"], raw)
        named = peer.post("/v1/check?name=x.yaml&profile=pss-restricted&kubernetes=1.30",
                          b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n",
                          ["Content-Type: application/yaml"])
        result = json.loads(named.body)
        check("options in the query", result["profile"] == "pss-restricted" and result["kubernetes"] == "1.30" and
              result["files"][0] == {**result["files"][0], "file": "x.yaml", "surface": "kubernetes"}, result)
        forms = {"application/sarif+json": b'{', "application/xml": b"<?xml", "text/plain": b"Dockerfile:1:6: error"}
        for form, begin in forms.items():
            answer = peer.post("/v1/check", DOCKERFILE, ["Content-Type: text/x-dockerfile", f"Accept: {form}"])
            check(form, answer.status == 200 and answer.field("content-type").startswith(form) and
                  answer.body.startswith(begin), answer)
        packed = peer.post("/v1/check?format=sarif", DOCKERFILE,
                           ["Content-Type: text/x-dockerfile", "Accept-Encoding: gzip"])
        check("a gzip answer", json.loads(gzip.decompress(packed.body))["version"] == "2.1.0", packed)
        chunked = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (DOCKERFILE[:5], DOCKERFILE[5:]))
        peer.send(b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/x-dockerfile\r\n"
                  b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
        check("100 Continue", peer.answer().status == 100)
        peer.send(chunked + b"0\r\n\r\n")
        check("chunks", peer.answer().body == raw.body)


def test_problems(service):
    port = service.port
    dockerfile = ["Content-Type: text/x-dockerfile"]
    cases = [
        ("POST", "/v1/check", b"{", [JSON], 400, "malformed-json"),
        ("POST", "/v1/check", b"{}", [JSON], 400, "usage"),
        ("POST", "/v1/check?x=1", b"x", dockerfile, 400, "usage"),
        ("POST", "/v1/check?format=x", b"x", dockerfile, 400, "usage"),
        ("POST", "/v1/check", b"x", [], 415, "unsupported-media-type"),
        ("POST", "/v1/check", b"x", ["Content-Type: application/x-www-form-urlencoded"], 415, "unsupported-media-type"),
        ("POST", "/v1/check", b"x", [*dockerfile, "Content-Encoding: gzip"], 415, "unsupported-coding"),
        ("POST", "/v1/check", b"x", [*dockerfile, "Accept: image/png"], 406, "not-acceptable"),
        ("GET", "/v1/rules/exec-from", None, [], 404, "not-found"),
        ("GET", "/v1/rules?surface=x", None, [], 400, "usage"),
        ("GET", "/v1/rules", None, ["Origin: https://evil.example.org"], 403, "origin-not-allowed"),
        ("GET", "/v1/rules", None, ["Origin: null"], 403, "origin-not-allowed"),
        ("DELETE", "/v1/rules", None, [], 405, "method-not-allowed"),
        ("BREW", "/", None, [], 501, "unknown-method"),
    ]
    for method, path, body, fields, status, code in cases:
        answer = once(port, method, path, body, fields)
        check(f"{status} {code} of {method} {path}", is_problem(answer, status, code, port), answer)
    hint = json.loads(once(port, "GET", "/v1/rules/exec-from").body)["hint"]
    check("did you mean", hint.startswith("did you mean 'exec-form'?"), hint)
    raw = [
        (b"GET / HTTP/1.1\nHost: a\n\n", 400, "bare-lf"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "host-missing"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "host-twice"),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "target-long"),
        (b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/x-dockerfile\r\n"
         b"Content-Length: 99999999999\r\n\r\n", 413, "body-long"),
        (b"GET / HTTP/1.1\r\nHost: evil.example.org\r\n\r\n", 421, "host-not-allowed"),
        (b"GET http://evil.example.org/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 421, "host-not-allowed"),
    ]
    for sent, status, code in raw:
        with Peer(port) as peer:
            peer.send(sent)
            answer = peer.answer()
            check(f"{status} {code}", is_problem(answer, status, code, port), answer)
    large = [("POST /v1/check", "text/plain", "at most 10000000 bytes are taken"),
             ("POST /mcp", "application/json", "at most 10000000 bytes are taken"),
             ("GET /v1/rules", "text/plain", "nothing is taken here: send it without content")]
    for line, kind, hint in large:
        with Peer(port) as peer:
            peer.send(f"{line} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nMCP-Protocol-Version: 2025-11-25\r\n"
                      "Content-Length: 10000001\r\n\r\n".encode())
            answer = peer.answer()
            body = json.loads(answer.body)
            told = body["error"]["data"] if "mcp" in line else body
            check(f"too much at {line}", answer.status == 413 and told["hint"] == hint, answer)
    told = lambda: [event for event in service.events("request") if event["status"] == 413 and "path" in event]  # noqa: E731
    check("the log says where", wait_until(lambda: {event["path"] for event in told()} >= {"/mcp", "/v1/check"}))
    for host in ("localhost:1", "[::1]:8080", "10.1.2.3", "app.localhost"):
        with Peer(port) as peer:
            peer.send(f"GET /v1/rules HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            check(f"Host {host}", peer.answer().status == 200)
    with Peer(port) as peer:
        peer.send(b"GET /livez HTTP/1.1\r\nHost: evil.example.org\r\nOrigin: https://evil.example.org\r\n\r\n")
        check("probes come by any name", peer.answer().status == 200)


def test_cors(service):
    preflight = [f"Origin: {ORIGIN}", "Access-Control-Request-Method: POST",
                 "Access-Control-Request-Headers: content-type,mcp-method,mcp-param-region"]
    answer = once(service.port, "OPTIONS", "/mcp", None, preflight)
    allowed = {name.strip().lower() for name in (answer.field("access-control-allow-headers") or "").split(",")}
    check("preflight", answer.status == 204 and answer.field("access-control-allow-origin") == ORIGIN and
          answer.field("access-control-allow-methods") == "POST, OPTIONS" and
          answer.field("access-control-max-age") == "7200" and answer.field("vary").startswith("Origin,"), answer)
    check("preflight: headers", allowed >= {"content-type", "accept", "mcp-protocol-version", "mcp-method", "mcp-name",
                                            "mcp-param-region", "traceparent"}, allowed)
    refused = once(service.port, "OPTIONS", "/mcp", None, ["Origin: https://evil.example.org", *preflight[1:]])
    check("preflight of others", refused.status == 403 and refused.field("access-control-allow-origin") is None, refused)
    for path in ("/v1/rules", "/x"):
        answer = once(service.port, "GET", path, None, [f"Origin: {ORIGIN}"])
        check(f"{path} to a page", answer.field("access-control-allow-origin") == ORIGIN and
              "Origin" in answer.field("vary") and "ETag" in answer.field("access-control-expose-headers"), answer)
    own = once(service.port, "GET", "/v1/rules", None, [f"Origin: http://127.0.0.1:{service.port}"])
    check("the same origin needs nothing", own.status == 200 and own.field("access-control-allow-origin") is None, own)
    mcp = once(service.port, "POST", "/mcp", b"{}", [JSON, "Origin: https://evil.example.org"])
    check("MCP: 403 with an error of JSON-RPC", mcp.status == 403 and "error" in json.loads(mcp.body) and
          "id" not in json.loads(mcp.body), mcp)


def test_wildcard():
    service = Service(PROGRAM, {"ALLOWED_ORIGINS": "*", "ALLOW_CORS_WILDCARD_DEV": "true"})
    answer = once(service.port, "GET", "/v1/rules", None, ["Origin: https://any.example.org"])
    check("wildcard", answer.status == 200 and answer.field("access-control-allow-origin") == "*", answer)
    answer = once(service.port, "OPTIONS", "/v1/check", None,
                  ["Origin: https://any.example.org", "Access-Control-Request-Method: POST",
                   "Access-Control-Request-Private-Network: true"])
    check("wildcard: preflight", answer.field("access-control-allow-private-network") == "true", answer)
    check("wildcard: the Host is looked at nevertheless", once(service.port, "GET", "http://evil.example.org/").status == 421)
    check("it stops cleanly", service.stop() == 0)


def test_log(service):
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = once(service.port, "GET", "/v1/rules/none?q=%22", None,
                  [f"traceparent: {parent}", "X-Request-Id: my-id.1", 'User-Agent: a"b\x7f'.replace("\x7f", "")])
    check("the request's own id", answer.field("x-request-id") == "my-id.1", answer)
    wait_until(lambda: any(event.get("request_id") == "my-id.1" for event in service.events("request")))
    event = [event for event in service.events("request") if event.get("request_id") == "my-id.1"][0]
    wanted = {"level": "info", "method": "GET", "route": "/v1/rules/{id}", "path": "/v1/rules/none", "status": 404,
              "peer": "127.0.0.1", "trace_id": parent[3:35], "parent_id": parent[36:52], "user_agent": 'a"b'}
    check("the line of the log", {name: event.get(name) for name in wanted} == wanted, event)
    check("a span of its own", re.fullmatch("[0-9a-f]{16}", event["span_id"]) and event["span_id"] != parent[36:52])
    for number, params, wanted in (
            (1, {"name": "explain", "arguments": {"rule": "no"}}, ("tools/call", "explain", "tool_error")),
            (2, {"name": "none", "arguments": {}}, ("tools/call", "other", "-32602"))):
        body, fields = modern("tools/call", **params)
        once(service.port, "POST", "/mcp", body,
             [*fields, f"Mcp-Name: {params['name']}", f"X-Request-Id: mcp.{number}"])
        wait_until(lambda: any(event.get("request_id") == f"mcp.{number}" for event in service.events("request")))
        event = [event for event in service.events("request") if event.get("request_id") == f"mcp.{number}"][0]
        told = tuple(event.get(name) for name in ("mcp_method", "mcp_tool", "mcp_error"))
        check(f"what a message asked for is told: {wanted}", told == wanted, event)
    with Peer(service.port) as peer:
        peer.send(b"GET / HTTP/1.1\nHost: a\n\n")
        peer.rest()
    check("a fault is named", wait_until(lambda: any(event.get("fault") == "bare-lf" for event in service.events())))
    quiet = [event for event in service.events("request") if event.get("path") in ("/livez", "/readyz", "/metrics")
             and event["status"] < 400]
    check("probes are not told", not quiet, quiet[:1])


def test_openapi(service):
    document = json.loads(once(service.port, "GET", "/openapi.json").body)
    check("OpenAPI 3.1", document["openapi"].startswith("3.1.") and document["info"]["title"] == "barehull", document)
    index = json.loads(once(service.port, "GET", "/").body)
    check("OpenAPI: all routes", set(document["paths"]) == {route["path"] for route in index["routes"]})
    ids = [method["operationId"] for item in document["paths"].values() for method in item.values()]
    check("OpenAPI: ids are unique", len(ids) == len(set(ids)), ids)
    post = document["paths"]["/v1/check"]["post"]
    content = post["requestBody"]["content"]
    for schema in [content["application/json"]["schema"],
                   *(item["get"]["responses"]["200"]["content"]["application/json"]["schema"]
                     for path, item in document["paths"].items() if path.startswith("/v1/rules"))]:
        Validator.check_schema(schema)
    body = check_body(("Dockerfile", DOCKERFILE.decode()))
    check("OpenAPI: the request", not list(Validator(content["application/json"]["schema"]).iter_errors(json.loads(body))))
    result = json.loads(once(service.port, "POST", "/v1/check", body, [JSON]).body)
    schema = post["responses"]["200"]["content"]["application/json"]["schema"]
    check("OpenAPI: the answer", not list(Validator(schema).iter_errors(result)), result)
    for path in ("/v1/rules", "/v1/rules/{id}"):
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        answer = json.loads(once(service.port, "GET", path.replace("{id}", "exec-form")).body)
        check(f"OpenAPI: {path}", not list(Validator(schema).iter_errors(answer)))
    problem = json.loads(once(service.port, "GET", "/x").body)
    check("OpenAPI: a problem", not list(Validator(document["components"]["schemas"]["Problem"]).iter_errors(problem)))
    for type_ in content:
        answer = once(service.port, "POST", "/v1/check", b"{}" if type_ == "application/json" else b"FROM a\n",
                      [f"Content-Type: {type_}"])
        check(f"OpenAPI: {type_} is taken", answer.status != 415, answer)
    for parameter in post["parameters"]:
        value = parameter["schema"].get("enum", ["1.30" if parameter["name"] == "kubernetes" else "exec-form"])[0]
        value = "true" if parameter["schema"].get("type") == "boolean" else value
        value = "" if parameter["name"] == "config" else value
        answer = once(service.port, "POST", f"/v1/check?{parameter['name']}={value}", DOCKERFILE,
                      ["Content-Type: text/x-dockerfile"])
        check(f"OpenAPI: parameter {parameter['name']}", answer.status in (200, 422), answer)


def test_init(service):
    document = json.loads(once(service.port, "GET", "/openapi.json").body)
    post = document["paths"]["/v1/init"]["post"]
    asked = post["requestBody"]["content"]
    answered = post["responses"]["200"]["content"]["application/json"]["schema"]
    check("init: JSON alone is taken", list(asked) == ["application/json"], list(asked))
    wanted = Validator(asked["application/json"]["schema"])
    description = {"name": "shop", "language": "c", "port": 8080, "port_variable": "PORT", "health": "/health"}
    check("init: the request", wanted.is_valid(description))
    for wrong in ({"language": "c"}, {**description, "port": 65536}, {**description, "language": "cobol"},
                  {**description, "secret": "A=b"}, {**description, "x": 1}):
        check(f"init: refused by the schema and by the service: {wrong}", not wanted.is_valid(wrong) and
              once(service.port, "POST", "/v1/init", json.dumps(wrong).encode(), [JSON]).status == 400)
    body = json.dumps(description).encode()
    result = json.loads(once(service.port, "POST", "/v1/init", body, [JSON]).body)
    check("init: the answer", not list(Validator(answered).iter_errors(result)), result)
    files = {file["path"]: file for file in result["files"]}
    check("init: the files", {"Dockerfile", ".dockerignore", "docker-compose.yml", "k8s/deployment.yaml",
                              "k8s/kustomization.yaml", "k8s/service.yaml"} <= set(files), list(files))
    sizes = {path: len(base64.b64decode(file["content"]) if file["encoding"] == "base64" else file["content"].encode())
             for path, file in files.items()}
    check("init: sizes", sizes == {path: file["size_bytes"] for path, file in files.items()}, sizes)
    text = once(service.port, "POST", "/v1/init?format=text", body, [JSON])
    check("init: as text", text.body.startswith(b"==> .dockerignore <==\n") and
          files["docker-compose.yml"]["content"].encode() in text.body, text)
    refused = once(service.port, "POST", "/v1/init", b"FROM scratch\n", ["Content-Type: text/x-dockerfile"])
    check("init: no Dockerfile is taken", refused.status == 415 and refused.field("accept-post") == "application/json",
          refused)
    body, fields = modern("tools/call", name="init", arguments=description)
    answer = once(service.port, "POST", "/mcp", body, [*fields, "Mcp-Name: init"])
    check("init: MCP and REST answer alike", json.loads(answer.body)["result"]["structuredContent"] == result, answer)


def modern(method, **params):
    meta = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
    return json.dumps(body).encode(), [JSON, f"MCP-Protocol-Version: {MODERN}", f"Mcp-Method: {method}"]


def test_mcp(service):
    port = service.port
    body, fields = modern("server/discover")
    answer = once(port, "POST", "/mcp", body, fields)
    check("MCP: discover", MODERN in json.loads(answer.body)["result"]["supportedVersions"], answer)
    legacy = {"jsonrpc": "2.0", "id": 1, "method": "initialize",
              "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}}
    answer = once(port, "POST", "/mcp", json.dumps(legacy).encode(), [JSON])
    check("MCP: initialize", json.loads(answer.body)["result"]["protocolVersion"] == "2025-11-25" and
          answer.field("mcp-session-id") is None, answer)
    note = once(port, "POST", "/mcp", b'{"jsonrpc":"2.0","method":"notifications/initialized"}', [JSON])
    check("MCP: a notification", note.status == 202 and note.body == b"", note)
    arguments = {"files": [{"name": "Dockerfile", "content": DOCKERFILE.decode()}]}
    body, fields = modern("tools/call", name="check", arguments=arguments)
    answer = once(port, "POST", "/mcp", body, [*fields, "Mcp-Name: check", "Accept-Encoding: gzip"])
    result = json.loads(gzip.decompress(answer.body))["result"]
    rest = json.loads(once(port, "POST", "/v1/check", json.dumps(arguments).encode(), [JSON]).body)
    check("MCP and REST answer alike", result["structuredContent"]["findings"] == rest["findings"], result)
    answer = once(port, "POST", "/mcp", body, [*fields, "Mcp-Name: check", "Accept: text/event-stream"])
    events = answer.body.decode().split("\n\n")
    check("MCP: as a stream", answer.field("content-type") == "text/event-stream" and
          answer.field("x-accel-buffering") == "no" and answer.field("cache-control") == "no-store" and
          answer.field("content-encoding") is None and len(events) == 2 and
          json.loads(events[0].removeprefix("event: message\ndata: "))["id"] == 1, answer)
    for method in ("GET", "DELETE"):
        answer = once(port, method, "/mcp")
        check(f"MCP: {method}", answer.status == 405 and answer.field("allow") == "POST, OPTIONS", answer)


def test_listen_and_drain():
    """A subscription is acknowledged at once, kept alive, and ended with its last message when the service stops."""
    service = Service(PROGRAM, {"BAREHULL_SSE_KEEPALIVE": "1s"})
    with Peer(service.port) as peer:
        body, fields = modern("subscriptions/listen", notifications={"toolsListChanged": True})
        peer.send("\r\n".join(["POST /mcp HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *fields,
                               "Accept: application/json, text/event-stream", "", ""]).encode() + body)
        head = peer.answer(head_only=True)
        check("listen: a stream", head.status == 200 and head.field("transfer-encoding") == "chunked", head)
        came = wait_until(lambda: peer.more() and b"acknowledged" in peer.bytes)
        check("listen: acknowledged", came, peer.bytes)
        check("listen: kept alive", wait_until(lambda: peer.more() and b": keep-alive" in peer.bytes, 5), peer.bytes)
        service.term()
        rest = peer.rest()
        check("listen: ended", b'"result"' in rest and rest.endswith(b"0\r\n\r\n"), rest)
    check("it stops cleanly", service.stop() == 0)


def test_metrics_port():
    metrics = free_port()
    service = Service(PROGRAM, {"METRICS_PORT": str(metrics)})
    page = once(metrics, "GET", "/metrics")
    check("METRICS_PORT", page.status == 200 and page.field("content-type").startswith("text/plain; version=0.0.4") and
          b'http_route="/readyz"' in page.body, page)
    check("not on the main port", once(service.port, "GET", "/metrics").status == 404)
    check("nothing else there", once(metrics, "GET", "/v1/rules").status == 404)
    check("but health", once(metrics, "GET", "/livez").body == b"ok\n")
    check("it stops cleanly", service.stop() == 0)


def test_memory():
    """What large bodies took is given back, whichever thread had it."""
    service = Service(PROGRAM, {"LOG_LEVEL": "off"})
    once(service.port, "POST", "/v1/check", check_body(("Dockerfile", "FROM scratch\n")), [JSON])
    before = service.rss()
    body = check_body(("Dockerfile", "FROM scratch\n" + "# x\n" * 1800000))
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: once(service.port, "POST", "/v1/check", body, [JSON]), range(12)))
    check("large bodies are judged", all(answer.status == 200 for answer in answers), answers[0])
    slack = (200 if "asan" in str(PROGRAM) else 12) << 20
    check("their memory is back", wait_until(lambda: service.rss() - before < slack, 3), (before, service.rss()))
    check("it stops cleanly", service.stop() == 0)


def run():
    service = Service(PROGRAM, {"ALLOWED_HOSTS": "barehull.example.org"})
    for test in (test_routes, test_head, test_constants, test_check, test_problems, test_cors, test_log, test_openapi,
                 test_init, test_mcp):
        test(service)
    check("it stops cleanly", service.stop() == 0)
    test_wildcard()
    test_listen_and_drain()
    test_metrics_port()
    test_memory()


main(run)
