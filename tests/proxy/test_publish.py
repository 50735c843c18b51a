"""Routes on other hosts: published, signed, never older; and confirmed to who waits for a kill."""

import base64
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cockpit.rollout import snapshot
from cockpit.rollout.route import RouteTable
from cockpit.state.rollout import proxies
from tests.proxy import messages
from tests.proxy.running import Rollout, RunningProxy, route, wait_until
from tests.proxy.sides import Sides

PAIR = Ed25519PrivateKey.generate()
PRIVATE = "ed25519-private:" + base64.b64encode(PAIR.private_bytes_raw()).decode()
PUBLIC = "ed25519-public:" + base64.b64encode(PAIR.public_key().public_bytes_raw()).decode()
TOKEN = "t" * 32


@pytest.fixture
def sides() -> Iterator[Sides]:
    with Sides() as made:
        yield made


@pytest.fixture
def rollout(tmp_path: Path, sides: Sides) -> Rollout:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    return Rollout(tmp_path / "here", [route("saml_1", sides.workos.port)])


class Publishing:
    """`cockpit rollout serve`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COCKPIT_SNAPSHOT_KEY", PRIVATE)
        monkeypatch.setenv("COCKPIT_SNAPSHOT_TOKEN", TOKEN)
        ready = folder / "publishing"
        command = [sys.executable, "-m", "cockpit", "rollout", "serve", "--listen", "127.0.0.1:0"]
        self._process = subprocess.Popen([*command, "--ready-file", str(ready)], cwd=folder)
        wait_until(ready.exists)
        wait_until(ready.read_text)
        self.url = f"http://127.0.0.1:{ready.read_text().strip()}/routes"

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(timeout=20) == 0


def post(proxy: RunningProxy, ident: str) -> int:
    return proxy.ask("POST", "/sso/saml_1/acs", messages.posted(messages.response(ident))).status


def test_a_kill_reaches_a_proxy_on_another_host_and_is_confirmed(
    tmp_path: Path, sides: Sides, rollout: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing = Publishing(tmp_path / "here", monkeypatch)
    there = RunningProxy(
        tmp_path / "there", sides, "--routes", publishing.url,
        COCKPIT_SNAPSHOT_KEY=PUBLIC, COCKPIT_SNAPSHOT_TOKEN=TOKEN,
    )  # fmt: skip
    with there as proxy:
        wait_until(lambda: proxy.health()["version"] > 0)
        assert post(proxy, "_1") == 200
        version = rollout.move("saml_1", "workos")
        wait_until(lambda: proxy.health()["version"] == version)
        assert post(proxy, "_2") == 307
        rollout.move("saml_1", "held")

        def confirmed() -> bool:
            connection = rollout.open()
            try:
                found = proxies.confirmation(connection, int(time.time() * 1000))
            finally:
                connection.close()
            return str(found) == "1 of 1 proxies confirmed"

        wait_until(confirmed)
        assert post(proxy, "_3") == 200
        publishing.end()
        wait_until(lambda: proxy.health()["fault"])
        assert (post(proxy, "_4"), proxy.health()["version"]) == (200, version + 1)
        proxy.stop()
        proxy.start()
        assert (proxy.health()["version"], proxy.health()["from_copy"]) == (version + 1, True)


def test_a_file_of_routes_is_taken_when_it_is_newer_and_signed(
    tmp_path: Path, sides: Sides, rollout: Rollout
) -> None:
    file = tmp_path / "there" / "routes.json"

    def bring(version: int, key: str = PRIVATE) -> None:
        table = RouteTable.of(version, [route("saml_1", sides.workos.port, column="workos")])
        new = file.with_name("new")
        new.write_bytes(snapshot.write(table, version, snapshot.key(key)))
        new.replace(file)

    def starting(*options: str) -> RunningProxy:
        folder = tmp_path / "there"
        return RunningProxy(folder, sides, "--routes", str(file), *options, COCKPIT_SNAPSHOT_KEY=PUBLIC)

    bring(5)
    with starting() as proxy:
        assert post(proxy, "_1") == 307
        bring(4)
        wait_until(lambda: "older" in (proxy.health()["fault"] or ""))
        bring(9, "k" * 32)
        wait_until(lambda: "no key of ours" in (proxy.health()["fault"] or ""))
        assert proxy.health()["version"] == 5
        file.unlink()
        wait_until(lambda: "No such file" in (proxy.health()["fault"] or ""))
        assert post(proxy, "_2") == 307, "the last good routes go on"
        bring(6)
        wait_until(lambda: proxy.health()["version"] == 6 and not proxy.health()["fault"])
    bring(3)
    with starting() as proxy:
        assert (proxy.health()["version"], proxy.health()["from_copy"]) == (6, True)
    with starting("--accept-older") as proxy:
        assert proxy.health()["version"] == 3


def test_without_a_key_nothing_is_published_or_taken(tmp_path: Path, rollout: Rollout, sides: Sides) -> None:
    command = [sys.executable, "-m", "cockpit", "rollout", "serve", "--listen", "127.0.0.1:0"]
    done = subprocess.run(command, cwd=tmp_path / "here", capture_output=True, text=True)
    assert (done.returncode, "COCKPIT_SNAPSHOT_KEY" in done.stderr) == (2, True)
    with pytest.raises(RuntimeError, match="COCKPIT_SNAPSHOT_KEY"):
        RunningProxy(tmp_path / "there", sides, "--routes", "x.json").__enter__()
