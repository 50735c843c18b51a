"""Driving the cockpit in tests."""

import asyncio
import html
import json
import re
import sqlite3
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from cockpit.clock import Clock
from cockpit.jobs import launch
from cockpit.state import audit
from cockpit.state.audit import AuditRow
from cockpit.state.database import open_readonly
from cockpit.tui.app import CockpitApp
from cockpit.tui.screens.dialog import Confirm
from tests.tui.seeded import Scene, Seeded, seed

Cockpit = Pilot[None]


async def settled(pilot: Pilot[Any]) -> None:
    """Let every worker that waits for no person finish, and the screen be painted."""
    app = pilot.app
    assert isinstance(app, CockpitApp)
    for _ in range(2):
        await _quiet(pilot)
        await app.tick()
    await _quiet(pilot)


async def _quiet(pilot: Pilot[Any]) -> None:
    await pilot.pause()
    while busy := [
        worker for worker in pilot.app.workers if worker.group != "ask" and not worker.is_finished
    ]:
        await pilot.app.workers.wait_for_complete(busy)
        await pilot.pause()
    await pilot.pause()


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, each after the last has had its effect."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


def drive(
    folder: Path,
    scene: Scene,
    script: Callable[[Cockpit, CockpitApp, Seeded], Coroutine[Any, Any, None]],
    *,
    size: tuple[int, int] = (120, 40),
    read_only: bool = False,
) -> None:
    """Run a script against the cockpit over a seeded state."""
    drive_over(seed(folder, scene), script, size=size, read_only=read_only)


def drive_over(
    seeded: Seeded,
    script: Callable[[Cockpit, CockpitApp, Seeded], Coroutine[Any, Any, None]],
    *,
    size: tuple[int, int] = (120, 40),
    read_only: bool = False,
) -> None:
    """The same over one that is seeded already; it is closed then."""

    async def scenario() -> None:
        app = seeded.app(read_only=read_only)
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await script(pilot, app, seeded)

    try:
        asyncio.run(scenario())
    finally:
        seeded.close()


def database(seeded: Seeded) -> sqlite3.Connection:
    """The state as it is now, to look at."""
    return open_readonly(seeded.path)


def last_action(seeded: Seeded) -> AuditRow:
    """The newest row of the audit trail."""
    return audit.tail(database(seeded), 1)[0]


def said(app: CockpitApp) -> str:
    """All that the cockpit told in its corner."""
    return " ".join(notification.message for notification in app._notifications)


def painted(app: CockpitApp) -> str:
    """What is on the screen."""
    return app.export_screenshot().replace("&#160;", " ")


def opened(app: CockpitApp) -> str:
    """The open record as JSON."""
    view = app.pane.opened
    assert view is not None and view.record is not None
    return json.dumps(view.record.document(), ensure_ascii=False)


def read(app: CockpitApp) -> str:
    """The words on the screen, whatever their colours."""
    return html.unescape("".join(re.findall(r"<text[^>]*>(.*?)</text>", painted(app))))


def asked(app: CockpitApp) -> str:
    """The question on the screen."""
    assert isinstance(app.screen, Confirm)
    return f"{app.screen._title} {app.screen._says}"


def not_launched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Mapping[str, Any]]]:
    """Jobs are noted, (kind, args), instead of launched."""
    started: list[tuple[str, Mapping[str, Any]]] = []

    def start(
        state: Path, kind: str, args: Mapping[str, Any], *, operator: str, clock: Clock, config: Path | None
    ) -> int:
        started.append((kind, args))
        return 9

    monkeypatch.setattr(launch, "start", start)
    return started
