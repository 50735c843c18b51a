"""A real `cockpit proxy serve`, in a process of its own, with the routes of a rollout.db."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any, NamedTuple, Self

from cockpit.connections.board import Column
from cockpit.rollout.route import Route
from cockpit.state.database import open_state, transaction
from cockpit.state.rollout import ROLLOUT, routes
from cockpit.state.rollout.audit import Actor
from cockpit.state.rollout.routes import Described
from tests.proxy.sides import Sides

HOST = "login.acme.test"
COOKIE_KEY = "c" * 40
LEAD = Actor("lead")
_HELD = """import os, sys
if int(sys.argv[1]) != 3:
    os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])"""
"""What systemd does for a service with a socket: sd_listen_fds(3)."""
CONNECTIONS = ("saml_1", "saml_2", "oidc_1", "oidc_2")


class Answer(NamedTuple):
    """What the proxy said."""

    status: int
    headers: HTTPMessage
    body: bytes


def route(ident: str, workos: int, column: Column = "legacy", **changed: Any) -> Route:
    """A route to the stand-in of WorkOS."""
    saml = ident.startswith("saml")
    end = "acs" if saml else "callback"
    known: dict[str, Any] = {
        "organization": f"org_{ident}",
        "target_id": f"conn_{ident}",
        "callback_endpoint": f"http://127.0.0.1:{workos}/in/{ident}/{end}",
        "callback_url": f"https://{HOST}/sso/{ident}/{end}",
        "issuer": f"https://idp.test/{ident}",
    }
    return Route(ident, "saml" if saml else "oidc", column, **{**known, **changed})


class Rollout:
    """A rollout.db beside a state file that need not exist."""

    def __init__(self, folder: Path, described: Sequence[Route] = ()) -> None:
        self.path = folder / "rollout.db"
        self.open(create=True).close()
        self.describe(described)

    def describe(self, described: Sequence[Route]) -> None:
        """Take connections over, as a sync does."""
        connection = self.open()
        with transaction(connection):
            routes.describe(connection, [Described(one) for one in described])
        connection.close()

    def open(self, *, create: bool = False) -> sqlite3.Connection:
        """A connection of a face."""
        return open_state(self.path, kind=ROLLOUT, create=create)

    def move(self, ident: str, column: Column, *, hard: bool = False) -> int:
        """Flip one, as a person; the version that this made."""
        connection = self.open()
        try:
            with transaction(connection):
                routes.move(connection, {ident: column}, LEAD, 1, hard=hard)
            return routes.version(connection)
        finally:
            connection.close()

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds."""
        connection = self.open()
        try:
            found: list[tuple[Any, ...]] = connection.execute(query, values).fetchall()
            return found
        finally:
            connection.close()


class RunningProxy:
    """The process, on a socket that stays open while it restarts, as systemd would hold it."""

    def __init__(
        self, folder: Path, sides: Sides, *options: str, settings: str = "", **environment: str
    ) -> None:
        self._folder = folder
        self._options = options
        self._environment = environment
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._socket.getsockname()[1]
        self.admin, self.decision = (free_port() for _ in range(2))
        self._log = folder / "proxy.log"
        (folder / "cockpit.toml").write_text(
            f"""[proxy]
legacy_origin = "http://127.0.0.1:{sides.legacy.port}"
hosts = ["{HOST}", "127.0.0.1"]
workos_hosts = ["127.0.0.1:{sides.workos.port}"]
starts = ["/sso/{{connection}}/login"]
callbacks = ["/sso/{{connection}}/acs", "/sso/{{connection}}/callback", "/shared/callback"]
redirect_uri = "https://app.acme.test/callback"
authorize_url = "http://127.0.0.1:{sides.workos.port}/sso/authorize"
admin_listen = "127.0.0.1:{self.admin}"
decision_listen = "127.0.0.1:{self.decision}"
{settings}
"""
        )

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._socket.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.stop()
        self._socket.close()

    def start(self) -> None:
        """Start it and wait until it serves."""
        ready = self._folder / "ready"
        ready.unlink(missing_ok=True)
        number = self._socket.fileno()
        command = [sys.executable, "-m", "cockpit", "proxy", "serve", "--listen", "127.0.0.1:0"]
        command += ["--name", "one", "--ready-file", str(ready), *self._options]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _HELD, str(number), *command],
                cwd=self._folder,
                pass_fds=(number,),
                stdout=log,
                stderr=log,
                env={
                    **os.environ,
                    "COCKPIT_COOKIE_KEY": COOKIE_KEY,
                    "WORKOS_CLIENT_ID": "client_1",
                    **self._environment,
                },
            )
        wait_until(lambda: ready.exists() or self._process.poll() is not None, 30)
        if self._process.poll() is not None:
            raise RuntimeError(f"the proxy did not start: {self.log()}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it."""
        self._process.send_signal(how)
        return self._process.wait(timeout=20)

    def log(self) -> str:
        """What it printed."""
        return self._log.read_text()

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request; redirects are not followed."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        try:
            connection.request(method, path, body, {"Host": HOST, **kind, **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def raw(self, request: bytes) -> bytes:
        """What comes back for these bytes, until the proxy closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as sent:
            sent.sendall(request)
            sent.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: sent.recv(65536), b""))

    def decide(self, connection: str, query: str = "") -> dict[str, Any]:
        """What the decision port says."""
        found: dict[str, Any] = json.loads(self.admin_text(f"/decision/{connection}{query}", self.decision))
        return found

    def health(self) -> dict[str, Any]:
        """What the admin port says."""
        found: dict[str, Any] = json.loads(self.admin_text("/healthz"))
        return found

    def apply(self, version: int) -> None:
        """Wait until it routes by this version."""
        wait_until(lambda: self.health()["version"] >= version)

    def metrics(self) -> str:
        """Prometheus's text."""
        return self.admin_text("/metrics")

    def admin_text(self, path: str, port: int | None = None) -> str:
        """What an internal port answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{port or self.admin}{path}", timeout=20) as found:
            text: str = found.read().decode()
            return text


def wait_until(done: Callable[[], object], seconds: float = 20.0) -> None:
    """Look again and again; AssertionError when it does not come to pass."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number
