"""A service as the stack sees it: it obeys its settings, answers health, and ends when it is told to."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from signal import SIGTERM, signal
from types import FrameType


class _Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({name: text for name, text in os.environ.items() if name.startswith("LOTSE_")}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _end(_: int, __: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    signal(SIGTERM, _end)
    HTTPServer(("127.0.0.1", int(os.environ["LOTSE_HTTP_PORT"])), _Health).serve_forever()
