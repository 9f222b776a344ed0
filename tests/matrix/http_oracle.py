# SPDX-License-Identifier: Apache-2.0
"""Sends the cases of tests/data/http/requests.test to a server and compares what becomes of them.

http_oracle.py CASES PORT: each case goes to 127.0.0.1:PORT on a connection of its own, whose sending half is closed
then. 200 is read as "accepts", 4xx and 5xx as "refuses", a connection closed without an answer as "waits" (for what
did not come). Where the server judges otherwise than the case says, the case must say so ("--- nginx ..."), and the
other way round. Prints what does not hold; the last line tells the counts.
"""
import re
import socket
import sys

ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
BYTES = re.compile(r"\\(?:\{(\d+):([^}]*)\}|x([0-9a-f]{2})|([rnt0\\])|$)|(.)")


def unescape(text):
    out = b""
    for count, repeated, code, name, plain in BYTES.findall(text):
        if count:
            out += unescape(repeated) * int(count)
        else:
            out += bytes([int(code, 16)]) if code else ESCAPES[name] if name else plain.encode()
    return out


def cases(path):
    """(title, bytes, outcomes, the server's other verdict or None)"""
    for part in re.split(r"^=== ", open(path, encoding="utf-8").read(), flags=re.M)[1:]:
        title, _, rest = part.partition("\n")
        lines = rest.removesuffix("\n").split("\n")
        sent = [line for line in lines if not line.startswith("--- ")]
        told = [line[4:] for line in lines if line.startswith("--- ")]
        other = [line.split()[1].rstrip(":") for line in told if line.startswith("nginx ")]
        yield (title, b"".join(unescape(line) + (b"" if line.endswith("\\") else b"\r\n") for line in sent),
               [line for line in told if not line.startswith("nginx ")], other[0] if other else None)


def verdict(outcome):
    if outcome in ("more", "idle"):
        return "WAITS"
    return "REFUSES" if outcome[0].isdigit() else "ACCEPTS"


def exchange(port, sent):
    """The statuses of the answers."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
        try:
            peer.sendall(sent)
            peer.shutdown(socket.SHUT_WR)
            while block := peer.recv(65536):
                answer += block
        except ConnectionError:
            pass
    if answer and not answer.startswith(b"HTTP/"):
        return [200] if b"the answer" in answer else [400]
    statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]
    return [status for status in statuses if status != 100]


def verdicts(statuses, count):
    """As many as the case has outcomes; what nginx says more comes from what follows a request."""
    found = ["ACCEPTS" if status < 400 else "REFUSES" for status in statuses]
    return (found + ["WAITS"] * count)[:count]


def main():
    path, port = sys.argv[1], int(sys.argv[2])
    counts = {"same": 0, "stricter": 0, "otherwise": 0, "failed": 0}
    for title, sent, outcomes, other in cases(path):
        if title.endswith("(small)"):
            continue
        expected = [verdict(outcome) for outcome in outcomes]
        found = verdicts(exchange(port, sent), len(expected))
        wanted = expected[:-1] + [other or expected[-1]]
        if found != wanted or other == expected[-1]:
            counts["failed"] += 1
            print(f"{title}: ours {' '.join(expected)}, nginx {' '.join(found)}, said of nginx: {other}")
        elif other:
            counts["stricter" if expected[-1] == "REFUSES" else "otherwise"] += 1
        else:
            counts["same"] += 1
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if counts["failed"] or counts["same"] < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
