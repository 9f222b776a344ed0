# SPDX-License-Identifier: Apache-2.0
"""smuggling.py BUILD DATA SCRATCH - shapes of request smuggling against a live service (called by smuggling.sh).

Three ways: each shape alone to the service, with a route that it does not have and with one that reads its body; each
through nginx, which buffers bodies in one of its servers and streams them in the other. Behind nginx the judge is the
log: what nginx forwarded is, request by request, what the service says it served, and a marker that follows on other
connections gets its own answer.
"""
import json
import re
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from service import Peer, Service, check, free_port, main, wait_until  # noqa: E402
from http_oracle import unescape  # noqa: E402

BUILD, DATA, SCRATCH = (Path(word) for word in sys.argv[1:4])
NGINX = """
daemon off; master_process off; pid {scratch}/nginx.pid; error_log {scratch}/error.log info;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {scratch}/t1; proxy_temp_path {scratch}/t2; fastcgi_temp_path {scratch}/t3;
    uwsgi_temp_path {scratch}/t4; scgi_temp_path {scratch}/t5;
    log_format forwarded '$request_method $request_uri $upstream_status';
    access_log {scratch}/forwarded.log forwarded;
    client_header_timeout 500ms; client_body_timeout 500ms; underscores_in_headers on; ignore_invalid_headers off;
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
    proxy_ignore_client_abort on; proxy_next_upstream off;
    upstream service {{ server 127.0.0.1:{port}; keepalive 4; }}
    server {{ listen 127.0.0.1:{buffering}; location / {{ proxy_pass http://service; }} }}
    server {{ listen 127.0.0.1:{streaming}; location / {{ proxy_pass http://service; proxy_request_buffering off; }} }}
}}
"""
SERVED = re.compile(r"^(\d{3})( (\S+))?( then nothing)?$")


def shapes(path):
    """(title, bytes, outcomes)"""
    for part in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
        title, _, rest = part.partition("\n")
        lines = rest.removesuffix("\n").split("\n")
        sent = [line for line in lines if not line.startswith("--- ")]
        yield (title, b"".join(unescape(line) + (b"" if line.endswith("\\") else b"\r\n") for line in sent),
               [line[4:] for line in lines if line.startswith("--- ") and not line.startswith("--- nginx ")])


def exchange(port, sent, half_close):
    """Statuses of all answers, and whether the connection ended."""
    with Peer(port, timeout=3) as peer:
        try:
            peer.send(sent)
            if half_close:
                peer.half_close()
            said = peer.rest()
        except (TimeoutError, ConnectionError):
            return statuses(peer.bytes), False
        return statuses(said), True


def statuses(said):
    return [found.decode() for found in re.findall(rb"(?:^|[\n}])HTTP/1\.1 (\d{3}) ", said) if found != b"100"]


def served(service, since):
    """METHOD PATH STATUS of the requests in the log from line SINCE on."""
    return [f"{event.get('method')} {event.get('path')} {event.get('status')}"
            for event in map(json.loads, service.lines[since:]) if event.get("event") == "request"]


def unique(sent, number, carrier=None):
    """The same bytes with paths of their own, as long as before (the poison's; the carrier stands in no content)."""
    sent = sent.replace(b"/poison", b"/p%05d" % number)
    return sent.replace(b"/carrier", carrier or b"/c%06d" % number)


def alone(service, number, title, sent, outcomes):
    """Answers, in order; a poison counts where the outcomes say so; a refusal ends the connection by itself."""
    told = [SERVED.match(outcome) for outcome in outcomes]
    refused = not told[-1][2] or told[-1][4]
    poison = f"/p{number:05d}"
    since = len(service.lines)
    found, ended = exchange(service.port, unique(sent, number), not refused)
    wanted = [one[1] for one in told]
    check(f"alone, {title}: answers", found == wanted, f"{found}, wanted {wanted}")
    check(f"alone, {title}: the connection ends", ended)
    expected = sum(1 for one in told if one[3] == "/poison")
    wait_until(lambda: len(served(service, since)) >= len(wanted), 1)
    counted = sum(1 for line in served(service, since) if poison in line)
    check(f"alone, {title}: the poison counts {expected} times", counted == expected, served(service, since))


def handled(service, number, title, sent, outcomes):
    """The same at a route that reads its body: as many answers, and the refusals are those of the framing."""
    told = [SERVED.match(outcome) for outcome in outcomes]
    refused = not told[-1][2] or told[-1][4]
    since = len(service.lines)
    typed = re.sub(rb"^(POST /mcp [^\r\n]*\r\n)", rb"\1Content-Type: application/json\r\n", unique(sent, number, b"/mcp"))
    found, ended = exchange(service.port, typed, not refused)
    check(f"handled, {title}: as many answers", len(found) == len(told) and ended, (found, ended))
    if refused:
        wanted = ("400", "413") if told[-1][4] else (told[-1][1],)
        check(f"handled, {title}: the last is the refusal", found and found[-1] in wanted, f"{found}, wanted {wanted}")
    expected = sum(1 for one in told if one[3] == "/poison")
    wait_until(lambda: len(served(service, since)) >= len(told), 1)
    counted = sum(1 for line in served(service, since) if f"/p{number:05d}" in line)
    check(f"handled, {title}: the poison counts {expected} times", counted == expected, served(service, since))


def marker(port, number):
    """A request whose answer names it."""
    body = json.dumps({"jsonrpc": "2.0", "id": f"marker-{number}", "method": "ping"}).encode()
    with Peer(port, timeout=5) as peer:
        answer = peer.ask("POST", "/mcp", body, ["Content-Type: application/json",
                                                 "Accept: application/json, text/event-stream"])
    return answer.status == 200 and f'"marker-{number}"'.encode() in answer.body, answer


def behind(service, fronts, log, number, title, sent):
    """What nginx forwards is what the service serves: no more, no less, in its order."""
    for way, port in fronts.items():
        since, from_line = len(service.lines), len(log.read_text().splitlines())
        exchange(port, unique(sent, number), True)
        for _ in range(4):  # as many as connections are kept
            holds, answer = marker(port, number)
            check(f"nginx, {way}, {title}: the next one gets its own answer", holds, answer)

        def forwarded():
            """What the service refused for its head has no path in the service's log."""
            for line in log.read_text().splitlines()[from_line:]:
                method, path, status = line.split(" ")
                if status != "-":
                    yield f"None None {status}" if status == "400" else f"{method} {path.split('?')[0]} {status}"

        def ours():
            return served(service, since)
        wait_until(lambda: len(log.read_text().splitlines()) >= from_line + 4 and
                   sorted(ours()) == sorted(forwarded()), 1)
        check(f"nginx, {way}, {title}: served is what was forwarded", sorted(ours()) == sorted(forwarded()),
              f"served {ours()}, forwarded {list(forwarded())}")


def plain_cases(service):
    """Every case of requests.test: what the reader refuses is refused by the whole service, and ends the connection.

    Where only the content is wrong, the head may have been answered already (no such host, route or method).
    """
    for title, sent, outcomes in shapes(DATA / "requests.test"):
        last = outcomes[-1]
        if title.endswith("(small)") or not last[0].isdigit():
            continue
        found, ended = exchange(service.port, sent, False)
        check(f"requests.test, {title}: refused with {last.split()[0]}, and closed",
              ended and len(found) == len(outcomes) and found[-1] in (last.split()[0], "404", "405", "421"), (found, ended))


def run():
    service = Service(BUILD / "barehull", {"ALLOWED_HOSTS": "app", "BAREHULL_BODY_TIMEOUT": "1s"})
    ports = {"port": service.port, "buffering": free_port(), "streaming": free_port()}
    (SCRATCH / "nginx.conf").write_text(NGINX.format(scratch=SCRATCH, **ports))
    nginx = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "nginx", "-p", str(SCRATCH), "-c", str(SCRATCH / "nginx.conf"),
                              "-e", str(SCRATCH / "error.log")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        fronts = {"buffering": ports["buffering"], "streaming": ports["streaming"]}
        log = SCRATCH / "forwarded.log"

        def answers():
            try:
                return all(marker(port, 0)[0] for port in fronts.values())
            except OSError:
                return False
        check("nginx starts and reaches the service", wait_until(answers, 10), (SCRATCH / "error.log").read_text()[-500:])
        time.sleep(0.2)
        count = 0
        for number, (title, sent, outcomes) in enumerate(shapes(DATA / "smuggling.test")):
            count += 1
            alone(service, number, title, sent, outcomes)
            handled(service, number, title, sent, outcomes)
            behind(service, fronts, log, number, title, sent)
        plain_cases(service)
        check("nginx lives still", nginx.poll() is None)
        check("the service lives still", service.is_alive())
        print(f"{count} shapes, alone at two routes and behind nginx in two ways")
    finally:
        nginx.terminate()
        nginx.wait()
    check("it ends well", service.stop() == 0, service.lines[-3:])


main(run)
