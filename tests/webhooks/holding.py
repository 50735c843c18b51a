"""A tank and both ends of webhooks as real processes."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cockpit.state.database import open_readonly
from cockpit.state.tank import TANK, beside
from tests.sandbox.running import Running

SECRET = "whsec_c2FuZGJveC1zZWNyZXQ="
WAIT_S = 120.0


class Ends(Running):
    """`python -m cockpit.sandbox.webhooks`."""

    module = "cockpit.sandbox.webhooks"

    @property
    def hook(self) -> str:
        """The consumer's endpoint."""
        return f"{self.base_url}/hook"

    def call(self, path: str, **body: object) -> Any:
        """GET, or POST where there is something to say."""
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"{self.base_url}/_sandbox/{path}", data)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def well(self) -> Self:
        """With a consumer that remembers nothing, has no limit and knows the secret."""
        self.call("consumer/reset", now=True)
        self.call("consumer", scheme="svix", secret=SECRET)
        return self

    def until(self, path: str, condition: Callable[[Any], bool]) -> Any:
        """Until what it tells is so."""
        return until(path, lambda: self.call(path), condition)

    def until_acknowledged(self, wanted: int) -> None:
        """Until so many of the sender's events were answered 2xx."""
        self.until("sender", lambda told: told["acknowledged"] >= wanted)

    def until_taken(self, wanted: int) -> None:
        """Until the consumer took so many events."""
        self.until("consumer", lambda told: told["taken"] >= wanted)


def until(what: str, ask: Callable[[], Any], condition: Callable[[Any], bool], wait_s: float = WAIT_S) -> Any:
    """Ask until the answer is so; fails after a long while."""
    deadline = time.monotonic() + wait_s
    while not condition(found := ask()):
        assert time.monotonic() < deadline, f"not in {wait_s:.0f} s: {what}; {found}"
        time.sleep(0.01)
    return found


class Holding:
    """`cockpit webhooks hold` in a folder; ended by its own pid."""

    def __init__(self, folder: Path, *sources: str, port: int = 0, **environment: str) -> None:
        self.state = folder / "cockpit.db"
        self.file = beside(self.state)
        self.port = port
        self._sources = sources or ("clerk",)
        self._environment = {**os.environ, "CLERK_WEBHOOK_SECRET": SECRET, **environment}
        self.before: Callable[[], None] | None = None
        """Called in the child before the tank begins."""

    def command(self) -> list[str]:
        """The command line."""
        sources = [part for source in self._sources for part in ("--source", source)]
        where = ["--state", str(self.state), "--listen", f"127.0.0.1:{self.port}"]
        return [sys.executable, "-m", "cockpit", "webhooks", "hold", "--json", *where, *sources]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self.command(),
            env=self._environment,
            cwd=self.state.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=self.before,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._process.communicate()[1]
        self.urls: dict[str, str] = json.loads(line)["urls"]
        self.port = int(json.loads(line)["listen"].rpartition(":")[2])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """End it; the exit code and what it said."""
        self._process.send_signal(how)
        out, err = self._process.communicate(timeout=30)
        return self._process.returncode, out + err

    def read(self) -> sqlite3.Connection:
        """A reading connection to the tank's file."""
        return open_readonly(self.file, kind=TANK)

    def ask(self, query: str, *values: object) -> list[Any]:
        """Rows of a query; of one column, just its values."""
        connection = self.read()
        rows = connection.execute(query, values).fetchall()
        connection.close()
        return [row[0] if len(row) == 1 else row for row in rows]


def post(url: str, body: bytes, headers: Mapping[str, str] | None = None, method: str = "POST") -> int:
    """One request; its status."""
    request = urllib.request.Request(url, body, dict(headers or {}), method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
