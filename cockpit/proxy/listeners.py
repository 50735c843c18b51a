"""Ports and what is served on them: several uvicorn servers in one loop, ended together."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from cockpit.serving.asgi import App
from cockpit.serving.protocol import Handler
from cockpit.serving.server import config, handling

FIRST_PASSED = 3
"""The first socket that systemd passes (sd_listen_fds(3))."""


class Listener(uvicorn.Server):
    """One port. Signals are the caller's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


def passed() -> socket.socket | None:
    """The socket that whoever started us holds open: while we are away browsers wait in its queue."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or int(os.environ.get("LISTEN_FDS", "0")) < 1:
        return None
    return socket.socket(fileno=FIRST_PASSED)


def public(handler: Handler, tls: tuple[Path, Path] | None) -> Listener:
    """The port of logins."""
    return Listener(handling(handler, **_files(tls)))


def internal(app: App, tls: tuple[Path, Path] | None = None) -> Listener:
    """A port of the inside."""
    return Listener(config(app, http="httptools", timeout_keep_alive=30, **_files(tls)))


def _files(tls: tuple[Path, Path] | None) -> dict[str, Path]:
    return {"ssl_certfile": tls[0], "ssl_keyfile": tls[1]} if tls else {}
