"""Checkpoints: in one place, at four megabytes, never in a reader's way, and by nobody else."""

import ast
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

import cockpit
from cockpit.state import checkpoint, meta
from cockpit.state.database import open_readonly, open_state, transaction

MEGABYTE = 1 << 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cockpit.db"


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    opened = open_state(path, create=True)
    yield opened
    opened.close()


def write(connection: sqlite3.Connection, megabytes: float) -> None:
    """Grow the log by that much."""
    with transaction(connection):
        meta.put(connection, "filling", os.urandom(int(megabytes * MEGABYTE / 2)).hex())


def test_a_log_below_the_limit_is_left_alone(path: Path, connection: sqlite3.Connection) -> None:
    write(connection, 3)
    before = checkpoint.wal_size(path)
    assert not checkpoint.if_due(connection, path)
    assert checkpoint.wal_size(path) == before


def test_beyond_the_limit_the_log_is_emptied_and_nothing_of_it_lost(
    path: Path, connection: sqlite3.Connection
) -> None:
    write(connection, 5)
    written = meta.get(connection, "filling")
    assert checkpoint.wal_size(path) > checkpoint.WAL_LIMIT
    assert checkpoint.if_due(connection, path)
    assert checkpoint.wal_size(path) == 0
    assert meta.get(connection, "filling") == written


def test_a_reader_that_holds_an_old_view_puts_it_off_by_a_megabyte(
    path: Path, connection: sqlite3.Connection
) -> None:
    write(connection, 1)
    reader = open_readonly(path)
    reader.execute("begin")
    before = meta.get(reader, "filling")
    write(connection, 5)
    assert not checkpoint.if_due(connection, path)
    assert meta.get(reader, "filling") == before
    reader.execute("commit")
    assert not checkpoint.if_due(connection, path), "not asked again before another megabyte"
    write(connection, 2)
    assert checkpoint.if_due(connection, path)
    assert checkpoint.wal_size(path) == 0
    reader.close()


def test_it_never_waits_for_another_process_that_is_at_it(path: Path, connection: sqlite3.Connection) -> None:
    write(connection, 5)
    other = os.open(f"{path}.checkpoint.lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(other, fcntl.LOCK_EX)
    assert not checkpoint.if_due(connection, path)
    os.close(other)
    write(connection, 2)
    assert checkpoint.if_due(connection, path)


def test_writers_wait_as_long_as_before_after_a_checkpoint(
    path: Path, connection: sqlite3.Connection
) -> None:
    write(connection, 5)
    checkpoint.if_due(connection, path)
    assert connection.execute("pragma busy_timeout").fetchone() == (5000,)


def test_sqlite_itself_never_makes_one(path: Path, connection: sqlite3.Connection) -> None:
    for _ in range(8):
        write(connection, 1)
    assert checkpoint.wal_size(path) > 8 * MEGABYTE


def test_nobody_else_makes_one() -> None:
    package = Path(cockpit.__file__).parent
    found = {
        str(file.relative_to(package))
        for file in package.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if "wal_checkpoint(" in node.value
    }
    assert found == {"state/checkpoint.py"}
