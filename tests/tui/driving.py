"""Driving the cockpit in tests."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from cockpit.tui.app import CockpitApp
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
    seeded = seed(folder, scene)

    async def scenario() -> None:
        app = seeded.app(read_only=read_only)
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await script(pilot, app, seeded)

    try:
        asyncio.run(scenario())
    finally:
        seeded.close()
