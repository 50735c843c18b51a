"""Slow and silent connections end, and nobody else waits for them."""

import socket
from pathlib import Path

import pytest

from tests.proxy.running import Rollout, RunningProxy, route, wait_until
from tests.proxy.sides import Sides

HEAD = b"POST /sso/saml_1/acs HTTP/1.1\r\nHost: login.acme.test\r\n"


@pytest.mark.parametrize("sent", [b"", HEAD, HEAD + b"Content-Length: 9\r\n\r\nabc"])
def test_a_head_or_body_that_does_not_come_is_not_waited_for(tmp_path: Path, sent: bytes) -> None:
    with Sides() as sides:
        Rollout(tmp_path, [route("saml_1", sides.workos.port)])
        with RunningProxy(tmp_path, sides, settings="reading_s = 0.5") as proxy:
            with socket.create_connection(("127.0.0.1", proxy.port), timeout=20) as slow:
                slow.sendall(sent)
                assert proxy.ask("GET", "/").body == b"legacy", "others are served meanwhile"
                assert slow.recv(100) == b"", "closed"
            wait_until(lambda: 'cockpit_proxy_refused_total{reason="timeout"} 1.0' in proxy.metrics())
            assert sides.legacy.bodies == [b""], "nothing of it reached legacy"


def test_legacy_that_is_down_or_silent_is_said_so(tmp_path: Path) -> None:
    with Sides() as sides, socket.create_server(("127.0.0.1", 0)) as silent:
        Rollout(tmp_path, [route("saml_1", sides.workos.port)])
        sides.legacy.port = silent.getsockname()[1]
        settings = 'legacy_answer_s = 0.3\nhelp_url = "https://help.acme.test/?a=<b>"'
        with RunningProxy(tmp_path, sides, settings=settings) as proxy:
            answer = proxy.ask("GET", "/")
            assert (answer.status, b"?a=&lt;b&gt;" in answer.body) == (504, True)
            silent.close()
            assert proxy.ask("GET", "/").status == 502
