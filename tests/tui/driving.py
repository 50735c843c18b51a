"""Driving the cockpit in tests."""

from typing import Any

from textual.pilot import Pilot

from cockpit.tui.app import CockpitApp


async def settled(pilot: Pilot[Any]) -> None:
    """Let every worker finish and the screen be painted, then read the state once more."""
    app = pilot.app
    assert isinstance(app, CockpitApp)
    for _ in range(3):
        await pilot.pause()
        await app.workers.wait_for_complete([worker for worker in app.workers if worker.group != "ask"])
    await app.tick()
    await pilot.pause()
    await app.workers.wait_for_complete([worker for worker in app.workers if worker.group != "ask"])
    await pilot.pause()
