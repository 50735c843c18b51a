"""HAProxy and nginx as tests start them."""

import shutil
import socket

NGINX_FOLDERS = """
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
"""
"""Where nginx may write, of its block `http`."""


def program(name: str) -> str | None:
    """Where it is: Debian keeps servers where a person's path does not lead."""
    return shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


def open_port(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
