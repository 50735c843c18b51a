"""The exported maps in the real HAProxy and the real nginx."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.proxy.edges import NGINX_FOLDERS, open_port, program
from tests.proxy.running import HOST, Rollout, free_port, route, wait_until
from tests.proxy.sides import Sides

HAPROXY = """
defaults
    mode http
    timeout connect 5s
    timeout client 10s
    timeout server 10s
frontend logins
    bind 127.0.0.1:{port}
    http-request set-var(txn.target) base,map({map})
    acl at_workos var(txn.target) -m found
    http-request redirect code 307 location %[var(txn.target)]?%[query] if at_workos {{ query -m found }}
    http-request redirect code 307 location %[var(txn.target)] if at_workos
    default_backend legacy
backend legacy
    server one 127.0.0.1:{legacy}
"""

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    {folders}
    map_hash_bucket_size 512;
    map $host$uri $workos {{
        default "";
        include {map};
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            if ($workos) {{ return 307 $workos$is_args$args; }}
            proxy_pass http://127.0.0.1:{legacy};
        }}
    }}
}}
"""


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: process.poll() is not None or open_port(port))
        assert process.poll() is None, "it did not start"
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def ask(port: int, path: str) -> tuple[int, str | None, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", path, b"a=b", {"Host": HOST})
        response = connection.getresponse()
        return response.status, response.headers["location"], response.read()
    finally:
        connection.close()


def export(folder: Path, form: str, sides: Sides) -> Path:
    rollout = Rollout(folder, [route(ident, sides.workos.port) for ident in ("saml_1", "saml_2", "oidc_1")])
    for ident in ("saml_1", "oidc_1"):
        rollout.move(ident, "workos")
    (folder / "cockpit.toml").write_text(f'[proxy]\nworkos_hosts = ["127.0.0.1:{sides.workos.port}"]\n')
    file = folder / "map"
    command = [sys.executable, "-m", "cockpit", "rollout", "export", "--format", form, str(file)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return file


@pytest.mark.parametrize("edge", ["haproxy", "nginx"])
def test_an_edge_sends_on_what_is_at_workos_and_nothing_else(tmp_path: Path, edge: str) -> None:
    binary = program(edge)
    if binary is None:
        pytest.skip(f"{edge} is not installed")
    with Sides() as sides:
        file = export(tmp_path, f"{edge}-map", sides)
        port, config = free_port(), tmp_path / "edge.conf"
        text = HAPROXY if edge == "haproxy" else NGINX
        folders = NGINX_FOLDERS.format(folder=tmp_path)
        config.write_text(
            text.format(port=port, map=file, legacy=sides.legacy.port, folder=tmp_path, folders=folders)
        )
        command = (
            [binary, "-f", str(config)]
            if edge == "haproxy"
            else [binary, "-p", str(tmp_path), "-c", str(config)]
        )
        with running(command, port):
            target = f"http://127.0.0.1:{sides.workos.port}/in"
            assert ask(port, "/sso/saml_1/acs")[:2] == (307, f"{target}/saml_1/acs")
            query = "code=1&state=a%2Fb"
            assert ask(port, f"/sso/oidc_1/callback?{query}")[:2] == (
                307,
                f"{target}/oidc_1/callback?{query}",
            )
            status, location, _ = ask(port, "/sso/saml_2/acs")
            assert (status, location) == (403, None), "legacy's own answer"
            assert ask(port, "/else")[2] == b"legacy"
