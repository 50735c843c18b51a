"""The sandbox of a demo: a process of its own, and what a person would change at the source."""

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

IDLE_S = 1800
"""The sandbox ends by itself after half an hour in which nobody asked it anything."""

_STARTS_WITHIN_S = 30.0
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SandboxFailed(Exception):
    """The sandbox does not start or no longer answers; one line."""


@dataclass(frozen=True)
class Bad:
    """A record that the target refuses: why, what cures it, and the fields that correct it."""

    id: str
    reason: str
    cure: str
    patch: dict[str, Any]


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox, by its address on loopback."""

    url: str

    def alive(self) -> bool:
        """Whether it answers."""
        try:
            self._ask("GET", "/_sandbox/config")
        except SandboxFailed:
            return False
        return True

    def bad(self) -> list[Bad]:
        """The records that were made bad."""
        return [Bad(**item) for item in json.loads(self._ask("GET", "/_sandbox/bad"))]

    def correct(self, bad: Bad) -> None:
        """Correct a record at the source, as its administrator would."""
        self._ask("PATCH", f"/_sandbox/source/users/{quote(bad.id, safe='')}", bad.patch)

    def download(self, path: str, file: Path) -> None:
        """Store what the sandbox serves under a path, 0600."""
        body = self._ask("GET", path)
        file.touch(0o600)
        file.write_bytes(body)

    def _ask(self, method: str, path: str, body: object = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        try:
            with _OPENER.open(request, timeout=30) as response:
                content: bytes = response.read()
        except (urllib.error.URLError, OSError) as error:
            raise SandboxFailed(f"the sandbox at {self.url} does not answer: {error}") from error
        return content


def found(ready_file: Path) -> Sandbox | None:
    """The sandbox that wrote this file, when it still answers."""
    try:
        sandbox = Sandbox(json.loads(ready_file.read_text())["base_url"])
    except (OSError, ValueError, KeyError):
        return None
    return sandbox if sandbox.alive() else None


def start(ready_file: Path, *, source: str, users: int, seed: int, faults: str, connections: int) -> Sandbox:
    """Start a sandbox that outlives this process and its terminal. Raises SandboxFailed.

    Its limits are off: the pace of a demo is set on cockpit's side.
    """
    command = [sys.executable, "-m", "cockpit.sandbox", "--port", "0", "--source", source]
    command += ["--users", str(users), "--seed", str(seed), "--faults", faults, "--limits", "off"]
    command += ["--connections", str(connections)]
    command += ["--ready-file", str(ready_file), "--exit-when-idle", str(IDLE_S)]
    ready_file.unlink(missing_ok=True)
    log = ready_file.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    wait = threading.Event()
    for _ in range(int(_STARTS_WITHIN_S / 0.1)):
        if (sandbox := found(ready_file)) is not None:
            return sandbox
        if process.poll() is not None:
            break
        wait.wait(0.1)
    raise SandboxFailed(f"the sandbox did not start; see {log}")
