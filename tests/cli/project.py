"""A Firebase project whose pages are just what a test says, byte for byte."""

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class Project:
    """Serves the pages in their order and counts `total` users.

    `troubles` are answered first: (status, content type, body).
    """

    def __init__(self, *pages: str, total: int, troubles: Sequence[tuple[int, str, str]] = ()) -> None:
        self.pages, self.total = list(pages), total
        self.troubles = list(troubles)
        project = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if "accounts:batchGet" not in self.path:
                    self._answer(404, "application/json", '{"error":{"message":"NOT_FOUND"}}')
                elif project.troubles:
                    self._answer(*project.troubles.pop(0))
                else:
                    number = int(self.path.partition("nextPageToken=")[2] or 0)
                    self._answer(200, "application/json", project.pages[number])

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self._answer(200, "application/json", json.dumps({"recordsCount": str(project.total)}))

            def _answer(self, status: int, kind: str, body: str) -> None:
                content = body.encode()
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def environment(self) -> dict[str, str]:
        """What makes cockpit read this project."""
        host = f"127.0.0.1:{self._server.server_port}"
        return {"FIREBASE_AUTH_EMULATOR_HOST": host, "GOOGLE_CLOUD_PROJECT": "demo"}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
