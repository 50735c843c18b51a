"""Ports and what is served on them: several uvicorn servers in one loop, ended together."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn

from cockpit.serving.asgi import App, Reply
from cockpit.serving.protocol import KEEP_ALIVE_S, Handler, whole_requests
from cockpit.serving.server import config

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
    # uvicorn wants an application, too; the protocol names one for each request that needs it.
    return Listener(
        _config(Reply(404).app, tls, http=whole_requests(handler), timeout_keep_alive=KEEP_ALIVE_S)
    )


def internal(app: App, tls: tuple[Path, Path] | None = None) -> Listener:
    """A port of the inside."""
    return Listener(_config(app, tls, http="httptools", timeout_keep_alive=30))


def _config(app: App, tls: tuple[Path, Path] | None, **more: Any) -> uvicorn.Config:
    return config(app, ssl_certfile=tls and tls[0], ssl_keyfile=tls and tls[1], **more)
