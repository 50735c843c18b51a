"""The real servers as processes of their own, on free loopback ports; each is ended by its own pid."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
FIREBASE = MODULES / "firebase-tools" / "lib" / "bin" / "firebase.js"
WORKOS = MODULES / "workos" / "dist" / "bin.js"
BETTER_AUTH = HERE / "better_auth.mjs"
_INSTALLED = (
    FIREBASE,
    WORKOS,
    *(MODULES / name for name in ("better-auth", "libsql", "samlp", "oidc-provider")),
)

START_S = 120.0
END_S = 20.0
POLL_S = 0.1


@dataclass(frozen=True)
class Server:
    """One that answers."""

    host: str
    pid: int

    @property
    def base_url(self) -> str:
        """http:// and its host."""
        return f"http://{self.host}"


def missing() -> str | None:
    """Why the real servers can't be started here; None when they can."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not all(path.exists() for path in _INSTALLED):
        return "tests/peers/node_modules is missing or not the newest: make peers"
    return None


@contextmanager
def firebase_emulator(folder: Path) -> Iterator[Server]:
    """Firebase's auth emulator. It keeps everything in memory and tells projects apart by their names."""
    auth, hub, logs = free_ports(3)
    listening = {
        name: {"host": "127.0.0.1", "port": port}
        for name, port in (("auth", auth), ("hub", hub), ("logging", logs))
    }
    emulators = {**listening, "ui": {"enabled": False}, "singleProjectMode": False}
    (folder / "firebase.json").write_text(json.dumps({"emulators": emulators}), encoding="utf-8")
    arguments = [str(FIREBASE), "emulators:start", "--only", "auth", "--project", "demo-cockpit"]
    environment = {"CI": "1", "FIREBASE_CLI_DISABLE_ANALYTICS": "1", "NO_UPDATE_NOTIFIER": "1"}
    with node(arguments, folder, environment, f"127.0.0.1:{auth}", "/") as server:
        yield server


@contextmanager
def workos_emulator(folder: Path) -> Iterator[Server]:
    """`workos emulate`: 1,000 requests a minute, counted by key; its key is KEY."""
    (port,) = free_ports(1)
    arguments = ["--require", str(HERE / "loopback.cjs"), str(WORKOS), "emulate", "--port", str(port)]
    environment = {"CI": "1", "WORKOS_TELEMETRY": "false", "DO_NOT_TRACK": "1"}
    with node(arguments, folder, environment, f"127.0.0.1:{port}", "/health") as server:
        yield server


KEY = "sk_test_default"


@contextmanager
def better_auth(file: Path, limit: tuple[int, int] | None = None) -> Iterator[Server]:
    """Better Auth on a SQLite file, whose tables it creates; `limit`: requests of a path, in seconds."""
    (port,) = free_ports(1)
    arguments = [str(BETTER_AUTH), str(file), str(port), *map(str, limit or ())]
    environment = {"BETTER_AUTH_TELEMETRY": "0"}
    with node(arguments, file.parent, environment, f"127.0.0.1:{port}", "/api/auth/ok") as server:
        yield server


def node(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], host: str, path: str
) -> AbstractContextManager[Server]:
    """A server on node; as `served`."""
    return served(["node", *arguments], folder, environment, host, path)


@contextmanager
def served(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], host: str, path: str
) -> Iterator[Server]:
    """A server as a process, which answers at that host and path when the block begins.

    What it prints is kept in the folder. Raises RuntimeError with the end of that when it does not start.
    """
    log = folder / f"{host.rpartition(':')[2]}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            # Settings of whoever runs the tests are neither read nor written.
            env={**os.environ, **environment, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, f"http://{host}{path}", log)
        yield Server(host, process.pid)
    finally:
        _end(process)


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            late = time.monotonic() > deadline
            if late or process.poll() is not None:
                said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise RuntimeError(f"a real server did not start ({process.returncode}): {said}") from None
        time.sleep(POLL_S)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=END_S)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for opened in sockets:
            opened.bind(("127.0.0.1", 0))
        return [int(opened.getsockname()[1]) for opened in sockets]
    finally:
        for opened in sockets:
            opened.close()
