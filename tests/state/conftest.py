"""A state of its own for every test."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.state.database import open_state


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """An empty state, open for writing, in autocommit."""
    opened = open_state(tmp_path / "cockpit.db", create=True)
    opened.execute("pragma synchronous = off")  # nothing here outlives its test
    yield opened
    opened.close()
