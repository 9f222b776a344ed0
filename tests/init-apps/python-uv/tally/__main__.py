# SPDX-License-Identifier: Apache-2.0
"""Counts requests, with the standard library alone."""
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

count = 0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        global count
        if self.path == "/livez":
            body = b"ok\n"
        else:
            count += 1
            body = f"{count}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8085"))
    ThreadingHTTPServer(("0.0.0.0", port), Handler).serve_forever()
