"""Ports that commands open."""

import socket

from cockpit.cli.exits import ExitCode, Failed

BACKLOG = 2048


def bound(where: str) -> socket.socket:
    """A listening socket at HOST:PORT. Raises Failed."""
    host, _, port = where.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise Failed(f"{where}: HOST:PORT, such as 127.0.0.1:8080", ExitCode.USAGE)
    host = host.strip("[]")
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, int(port)))
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise Failed(f"can't listen on {where}: {error.strerror or error}") from error
    return made
