"""Finding one's way on the rollout board in tests, and looking at rollout.db beside it."""

import sqlite3

from cockpit.connections.board import Column
from cockpit.state.database import open_readonly
from cockpit.state.rollout import ROLLOUT, audit, beside, flips, routes
from cockpit.state.rollout.audit import Entry
from cockpit.state.rollout.flips import Flip
from cockpit.tui.app import CockpitApp
from cockpit.tui.panes.rollout import RolloutPane
from tests.tui.board_state import WAVE, members
from tests.tui.driving import Cockpit, press
from tests.tui.seeded import Seeded


def rollout(seeded: Seeded) -> sqlite3.Connection:
    """rollout.db as it is now, to look at."""
    return open_readonly(beside(seeded.path), kind=ROLLOUT)


def column(seeded: Seeded, ident: str) -> Column:
    return routes.one(rollout(seeded), ident).described.route.column


def flip_of(seeded: Seeded, ident: str) -> Flip:
    found = flips.newest(rollout(seeded), ident)
    assert found is not None
    return found


def entry(seeded: Seeded) -> Entry:
    """The newest of the chained audit trail."""
    return audit.tail(rollout(seeded), 1)[0]


def pane(app: CockpitApp) -> RolloutPane:
    found = app.pane
    assert isinstance(found, RolloutPane)
    return found


async def to(pilot: Cockpit, app: CockpitApp, ident: str) -> None:
    """Put the cursor on a connection of the board, by its own keys."""
    await press(pilot, "7", "slash", *ident, "enter")
    assert pane(app).current == ident


def of_three(seeded: Seeded) -> tuple[str, str, str]:
    """Of the wave under way: one that is live, one that waits for a sign-in, one that is armed."""
    live, waiting, armed, *_ = members(seeded, WAVE)
    return live, waiting, armed
