"""What is on pane 8, and what state and tank say beside it."""

import sqlite3
from typing import Any

from cockpit.state import jobs
from cockpit.state.database import open_readonly
from cockpit.state.tank import TANK, beside
from cockpit.tui.app import CockpitApp
from cockpit.tui.widgets.table import Table
from tests.tui.driving import database
from tests.tui.seeded import Seeded


def tank(seeded: Seeded) -> sqlite3.Connection:
    return open_readonly(beside(seeded.path), kind=TANK)


def table(app: CockpitApp) -> Table:
    found = app.pane.table
    assert found is not None
    return found


def shown(app: CockpitApp) -> list[str]:
    """What `y` copies of each row, in their order."""
    rows = table(app)
    return [row.name if (row := rows.row(id_)) is not None else "" for id_ in rows.ids]


def control(seeded: Seeded, kind: Any) -> jobs.Control:
    job = jobs.latest(database(seeded), kind)
    assert job is not None
    return jobs.control(database(seeded), job.id)
