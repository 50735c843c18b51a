"""A rollout file with three connections that may move."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.state.database import open_state
from cockpit.state.rollout import ROLLOUT, routes
from cockpit.state.rollout.routes import Described
from tests.rollout.test_route import route


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_state(tmp_path / "rollout.db", create=True, kind=ROLLOUT)
    routes.describe(connection, [Described(route(f"con_{number}", "legacy")) for number in range(3)])
    yield connection
    connection.close()
