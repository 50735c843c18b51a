"""nginx ends TLS for everybody, by the name that a browser asked for.

It listens on one port for each way to the application, so that a browser chooses the way by its port.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.peers.sso import names
from tests.peers.sso.authority import Tls

_SERVER = "  server {{ listen 127.0.0.1:{port} ssl; server_name {name}; {locations} }}\n"
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def program() -> str | None:
    """Where nginx is, which Debian keeps out of most people's PATH."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def configuration(
    folder: Path, tls: Tls, applications: Mapping[int, Sequence[str]], others: Mapping[str, int]
) -> str:
    """nginx's: the application's locations for each port to listen on, and all others' ports by name."""
    servers = "".join(
        _SERVER.format(port=port, name=names.APP, locations=" ".join(locations))
        + "".join(
            _SERVER.format(port=port, name=name, locations=to(upstream)) for name, upstream in others.items()
        )
        for port, locations in applications.items()
    )
    temporary = "".join(f"  {kind}_temp_path {folder}/{kind};\n" for kind in _TEMPORARY)
    return f"""daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
{temporary}
  ssl_certificate {tls.cert};
  ssl_certificate_key {tls.key};
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto https;
{servers}}}
"""


def to(port: int, more: str = "") -> str:
    """Everything is served at that port of loopback."""
    return f"location / {{ proxy_pass http://127.0.0.1:{port}; {more} }}"


def redirected(address: str, target: str) -> str:
    """Requests for that address go on to another, as they are."""
    return f"location = {urlsplit(address).path} {{ return 307 {target}$is_args$args; }}"


@contextmanager
def nginx(folder: Path, text: str) -> Iterator[None]:
    """nginx with that configuration, until the end of the block."""
    file, log = folder / "nginx.conf", folder / "nginx.log"
    file.write_text(text, encoding="utf-8")
    command = [str(program()), "-p", str(folder), "-c", str(file), "-e", str(log)]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)
