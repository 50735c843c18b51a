"""Ports and what is served on them: several uvicorn servers in one loop, ended together."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn

from cockpit.proxy.asgi import App
from cockpit.proxy.counts import Counts
from cockpit.proxy.protocol import LoginProtocol

FIRST_PASSED = 3
"""The first socket that systemd passes (sd_listen_fds(3))."""


class Listener(uvicorn.Server):
    """One port. Signals are the caller's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


def bound(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(2048)
    except OSError:
        made.close()
        raise
    return made


def passed() -> socket.socket | None:
    """The socket that whoever started us holds open: while we are away browsers wait in its queue."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or int(os.environ.get("LISTEN_FDS", "0")) < 1:
        return None
    return socket.socket(fileno=FIRST_PASSED)


def public(app: App, counts: Counts, most: int, tls: tuple[Path, Path] | None) -> Listener:
    """The port of logins."""
    protocol = type("Protocol", (LoginProtocol,), {"counts": counts})
    return Listener(_config(app, tls, http=protocol, limit_concurrency=most, timeout_keep_alive=60))


def internal(app: App, tls: tuple[Path, Path] | None = None) -> Listener:
    """A port of the inside."""
    return Listener(_config(app, tls, http="httptools", timeout_keep_alive=30))


def _config(app: App, tls: tuple[Path, Path] | None, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        ssl_certfile=tls and tls[0],
        ssl_keyfile=tls and tls[1],
        **more,
    )
