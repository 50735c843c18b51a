"""A link to the Admin Portal: asked of a command by a pipe, copied, counted down, kept nowhere."""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.tui.app import CockpitApp
from cockpit.tui.commands import Commands, Refused
from cockpit.tui.connections import portal
from cockpit.tui.connections.portal import Link
from cockpit.tui.given import Given
from cockpit.tui.screens.link import LinkShown
from tests.clocks import FakeClock
from tests.jobs.connections.files import OFF, load, saml
from tests.jobs.connections.living import certificate
from tests.jobs.remote import Remote
from tests.jobs.world import UNLIMITED, World
from tests.sandbox.running import Running
from tests.tui.driving import Cockpit, drive, painted, press, said
from tests.tui.seeded import NOW, Seeded

SECRET = "https://setup.workos.example/portal?token=quite-secret"


def given_link(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Links come at once; returns the ids they are asked for."""
    wanted: list[str] = []

    async def link(commands: Commands, source_id: str) -> Link:
        wanted.append(source_id)
        return Link("Umbra Labs", SECRET, NOW + 300)

    monkeypatch.setattr(portal, "link", link)
    return wanted


def test_it_is_copied_and_counted_down_and_seen_only_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = given_link(monkeypatch)
    copied: list[str] = []

    def to_clipboard(text: str) -> bool:
        copied.append(text)
        return True

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        monkeypatch.setattr(app, "to_clipboard", to_clipboard)
        await press(pilot, "6", "slash", *"umbra-labs-ping", "enter", "t", "l")
        assert wanted == ["con_0003"]
        screen = app.screen
        assert isinstance(screen, LinkShown)
        assert copied == [SECRET]
        assert "5:00" in painted(app) and "on the clipboard" in painted(app)
        assert "quite-secret" not in painted(app)
        await seeded.clock.sleep(61)
        screen.paint()
        await press(pilot, "y")
        assert "3:59" in painted(app)
        assert copied == [SECRET, SECRET]
        await press(pilot, "u")
        assert "quite-secret" in painted(app)
        await seeded.clock.sleep(300)
        screen.paint()
        await press(pilot, "y")
        assert "It has ended." in painted(app) and "quite-secret" not in painted(app)
        assert len(copied) == 2
        await press(pilot, "escape")
        assert len(app.screen_stack) == 1

    drive(tmp_path, "stopped", script)
    for file in tmp_path.iterdir():
        assert b"quite-secret" not in file.read_bytes(), file


def test_the_clipboard_alone_gets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given_link(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        written: list[str] = []
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", written.append)
        await press(pilot, "6", "t", "l")
        assert sum("\x1b]52;c;" in text for text in written) == 1

    drive(tmp_path, "stopped", script)
    assert not (tmp_path / "cockpit-copied.txt").exists()


def test_a_refusal_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def link(commands: Commands, source_id: str) -> Link:
        raise Refused("its organization Acme is not at WorkOS")

    monkeypatch.setattr(portal, "link", link)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "6", "t", "l")
        assert "its organization Acme is not at WorkOS" in said(app)
        assert len(app.screen_stack) == 1

    drive(tmp_path, "stopped", script)


@pytest.fixture
def target() -> Iterator[Remote]:
    """A sandbox of WorkOS alone."""
    with Running("--source", "none", "--limits", "off") as running:
        yield Remote(running.base_url)


def commands(state: Path, config: Path | None = None) -> Commands:
    return Commands(state, "tester", FakeClock(), config, Given(), False)


def asks(state: Path, source_id: str, config: Path | None = None) -> Link:
    return asyncio.run(portal.link(commands(state, config), source_id))


def test_the_command_says_why_there_is_no_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKOS_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    world = World(tmp_path, "http://127.0.0.1:9")
    load(world, saml(1, certificate()))
    with pytest.raises(Refused, match="API key"):
        asks(world.state, "con_1")


def test_a_link_comes_by_a_pipe_and_is_in_no_file(
    tmp_path: Path, target: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, target.base_url, UNLIMITED + OFF)
    load(world, saml(1, certificate()))
    world.run_here("check", offline=True)
    world.run_here("create")
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    made = asks(world.state, "con_1", world.config)
    assert made.organization == "Customer 1"
    assert made.url.startswith(target.base_url)
    assert 0 < made.expires_at - time.time() <= 300
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or made.url.encode() not in file.read_bytes(), file


def test_a_read_only_cockpit_asks_for_none(tmp_path: Path) -> None:
    gated = Commands(tmp_path / "cockpit.db", "tester", FakeClock(), None, Given(), True)
    with pytest.raises(Refused, match="read-only"):
        asyncio.run(portal.link(gated, "con_1"))


def test_nothing_secret_is_among_the_arguments(tmp_path: Path) -> None:
    told = portal.command(commands(tmp_path / "cockpit.db", tmp_path / "other.toml"), "-rf")
    assert told[:3] == [sys.executable, "-m", "cockpit"]
    assert told[-2:] == ["--", "-rf"]
    assert "--config" in told


def test_a_link_does_not_show_itself() -> None:
    assert "quite-secret" not in repr(Link("Umbra Labs", SECRET, 1.0))
