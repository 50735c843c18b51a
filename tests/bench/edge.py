"""nginx as plain reverse proxy, the legacy handler behind it, and wrk: what the proxy is measured against."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.proxy.edges import NGINX_FOLDERS, open_port, program
from tests.proxy.running import HOST, free_port, wait_until

_CONF = """
worker_processes 1;
pid {folder}/{name}.pid;
error_log {folder}/{name}.log;
daemon off;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    {folders}
    client_body_buffer_size 512k;
    upstream legacy {{ server 127.0.0.1:{legacy}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 100000000;
        {content}
    }}
}}
"""
_LEGACY = "location / { return 302 https://app.acme.test/; }"
_PLAIN = 'location / { proxy_pass http://legacy; proxy_http_version 1.1; proxy_set_header Connection ""; }'


class Edge(NamedTuple):
    """Ports of the legacy handler and of the plain proxy before it."""

    legacy: int
    plain: int


class Load(NamedTuple):
    """What wrk measured: requests a second, and half of them took no longer than this (ms)."""

    rate: float
    p50_ms: float


@contextmanager
def serving(folder: Path) -> Iterator[Edge]:
    """Both, one worker each. SystemExit where nginx or wrk is missing."""
    nginx = program("nginx")
    if nginx is None or shutil.which("wrk") is None:
        raise SystemExit("the bench of the proxy needs nginx and wrk (Debian: apt install nginx wrk)")
    edge = Edge(free_port(), free_port())
    with ExitStack() as stack:
        folders = NGINX_FOLDERS.format(folder=folder)
        for name, port, content in (("legacy", edge.legacy, _LEGACY), ("plain", edge.plain, _PLAIN)):
            conf = folder / f"{name}.conf"
            conf.write_text(
                _CONF.format(
                    folder=folder, folders=folders, name=name, port=port, legacy=edge.legacy, content=content
                )
            )
            process = subprocess.Popen(
                [nginx, "-p", str(folder), "-c", str(conf)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
        wait_until(lambda: open_port(edge.legacy) and open_port(edge.plain))
        yield edge


def load(
    port: int, path: str, *, script: Path | None = None, connections: int = 32, seconds: int = 2
) -> Load:
    """Requests as fast as they go. AssertionError where one was answered with an error."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["-s", str(script)] if script else ["-H", f"Host: {HOST}"]
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True
    ).stdout
    assert "Non-2xx" not in said and "Socket errors" not in said, said
    rate, half = re.search(r"Requests/sec:\s+([\d.]+)", said), re.search(r"50%\s+([\d.]+)(us|ms|s)", said)
    assert rate and half, said
    return Load(float(rate[1]), float(half[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[half[2]])
