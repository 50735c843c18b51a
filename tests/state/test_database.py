"""Opening a state file: what is accepted, what is refused, and in which words."""

import multiprocessing
import os
import random
import sqlite3
import stat
from collections.abc import Callable
from importlib import import_module
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import Thread

import pytest

from cockpit.state import check, database, filelock, meta
from cockpit.state.database import (
    APPLICATION_ID,
    SCHEMA_VERSION,
    STATE,
    FileKind,
    StateError,
    open_readonly,
    open_state,
    transaction,
)
from cockpit.state.rollout import ROLLOUT
from cockpit.state.tank import TANK


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state file with a fact in it, closed."""
    path = tmp_path / "cockpit.db"
    connection = open_state(path, create=True)
    with transaction(connection):
        meta.put(connection, "fact", "kept")
    connection.close()
    return path


def fact(path: Path) -> str | None:
    connection = open_state(path)
    try:
        return meta.get(connection, "fact")
    finally:
        connection.close()


def refusal(path: Path, opening: Callable[[Path], sqlite3.Connection] = open_state) -> str:
    with pytest.raises(StateError) as refused:
        opening(path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def altered(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_what_was_written_is_there_when_it_is_opened_again(state: Path) -> None:
    assert fact(state) == "kept"


def test_a_missing_file_is_made_only_when_asked_to(tmp_path: Path) -> None:
    for opening in (open_state, open_readonly):
        said = refusal(tmp_path / "cockpit.db", opening)
        assert "no state at" in said
        assert "start with: cockpit users export" in said
    assert list(tmp_path.iterdir()) == []
    open_state(tmp_path / "new" / "cockpit.db", create=True).close()


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        connection = open_state(tmp_path / "cockpit.db", create=True)
        with transaction(connection):
            meta.put(connection, "fact", "kept")
        for file in tmp_path.iterdir():  # the log and the shared memory beside it, too
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
        connection.close()
    finally:
        os.umask(before)


def test_it_says_whose_file_it_is_and_of_which_version(state: Path) -> None:
    connection = sqlite3.connect(state)
    assert connection.execute("pragma application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("pragma user_version").fetchone() == (SCHEMA_VERSION,)
    assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
    connection.close()


def test_every_connection_syncs_fully_and_never_checkpoints_by_itself(state: Path) -> None:
    for connection in (open_state(state), open_readonly(state)):
        assert connection.execute("pragma synchronous").fetchone() == (2,)
        assert connection.execute("pragma wal_autocheckpoint").fetchone() == (0,)
        connection.close()


def test_an_empty_file_becomes_a_state(tmp_path: Path) -> None:
    path = tmp_path / "cockpit.db"
    path.touch()
    assert fact(path) is None
    connection = open_readonly(path)
    assert check.check(connection) == []
    connection.close()


def test_a_first_opening_that_was_cut_short_is_made_up_for(tmp_path: Path) -> None:
    path = tmp_path / "cockpit.db"
    altered(path, "pragma journal_mode = wal", f"pragma application_id = {APPLICATION_ID}")
    assert fact(path) is None


@pytest.mark.parametrize("kind", [STATE, ROLLOUT, TANK], ids=lambda kind: kind.name)
def test_several_that_begin_at_once_find_one_file(tmp_path: Path, kind: FileKind) -> None:
    import_module(kind.schema)  # not each in its own time
    fork = multiprocessing.get_context("fork")
    for number in range(10):
        path, together = tmp_path / f"{number}.db", fork.Barrier(4)

        def opening(path: Path = path, together: Barrier = together) -> None:
            together.wait()
            open_state(path, create=True, kind=kind).close()

        processes = [fork.Process(target=opening) for _ in range(4)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0, 0, 0, 0]


def test_who_comes_while_another_makes_the_tables_waits_for_them(tmp_path: Path) -> None:
    path = tmp_path / "cockpit.db"
    path.touch()
    with filelock.held(path, "schema", wait=True):
        opened = Thread(target=lambda: open_state(path, create=True).close())
        opened.start()
        opened.join(0.2)
        assert opened.is_alive()
        connection = sqlite3.connect(path)
        assert connection.execute("select count(*) from sqlite_schema").fetchone() == (0,)
        connection.close()
    opened.join()
    assert fact(path) is None


def test_random_bytes_are_damage_and_are_left_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "cockpit.db"
    path.write_bytes(random.Random(1).randbytes(8192))
    before = path.read_bytes()
    for opening in (open_state, open_readonly):
        said = refusal(path, opening)
        assert "is damaged" in said
        assert "cockpit state backup" in said
    assert path.read_bytes() == before


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.1])
def test_a_truncated_file_is_damage(state: Path, kept: float) -> None:
    os.truncate(state, int(state.stat().st_size * kept))
    assert "is damaged" in refusal(state)
    assert "is damaged" in refusal(state, open_readonly)


def test_the_file_of_a_newer_cockpit_is_refused(state: Path) -> None:
    altered(state, f"pragma user_version = {SCHEMA_VERSION + 1}")
    assert "written by a newer cockpit" in refusal(state)
    assert "upgrade cockpit" in refusal(state, open_readonly)


@pytest.mark.parametrize(
    "marks", ["pragma application_id = 77", "pragma user_version = 60", "pragma user_version = 0"]
)
def test_the_database_of_another_program_is_refused_and_not_touched(tmp_path: Path, marks: str) -> None:
    path = tmp_path / "cockpit.db"
    altered(path, "create table bookmarks(url text)", marks)
    before = path.read_bytes()
    assert "is a database of another program" in refusal(path)
    assert "is a database of another program" in refusal(path, open_readonly)
    assert path.read_bytes() == before


def test_a_readonly_connection_cannot_write(state: Path) -> None:
    connection = open_readonly(state)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        meta.put(connection, "fact", "changed")
    connection.close()


def test_a_place_where_no_file_can_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = refusal(tmp_path / "file" / "cockpit.db", lambda path: open_state(path, create=True))
    assert "can't be made" in said
    assert "can't be opened" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("mounts", "refused"),
    [
        ("nas:/home {folder} nfs4 rw 0 0", "nfs4"),
        ("host {folder} fuse.sshfs rw 0 0", "fuse.sshfs"),
        ("/dev/sda1 {folder} ext4 rw 0 0", None),
        ("nas:/home {folder} nfs4 rw 0 0\n/dev/sda1 {folder} ext4 rw 0 0", None),
        ("nas:/home {folder}-elsewhere nfs4 rw 0 0", None),
    ],
)
def test_a_network_file_system_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mounts: str, refused: str | None
) -> None:
    folder = tmp_path / "with space"
    told = mounts.format(folder=str(folder).replace(" ", "\\040"))
    listed = tmp_path / "mounts"
    listed.write_text(f"/dev/sda1 / ext4 rw 0 0\n{told}\n")
    monkeypatch.setattr(database, "MOUNTS", listed)
    if refused is None:
        open_state(folder / "cockpit.db", create=True).close()
    else:
        said = refusal(folder / "cockpit.db", lambda path: open_state(path, create=True))
        assert f"lies on a {refused} file system" in said
        assert not folder.exists()


def test_a_transaction_that_raises_leaves_nothing_behind(state: Path) -> None:
    connection = open_state(state)
    with pytest.raises(KeyError), transaction(connection):
        meta.put(connection, "fact", "lost")
        raise KeyError
    assert meta.get(connection, "fact") == "kept"
    with transaction(connection):  # and the next one begins
        meta.put(connection, "fact", "changed")
    connection.close()
    assert fact(state) == "changed"


def test_two_connections_write_in_turn(state: Path) -> None:
    one, other = open_state(state), open_state(state)
    other.execute("pragma busy_timeout = 0")
    with transaction(one):
        meta.put(one, "fact", "one")
        with pytest.raises(sqlite3.OperationalError, match="locked"), transaction(other):
            raise AssertionError("not reached")
        assert meta.get(other, "fact") == "kept"  # readers see the last commit meanwhile
    with transaction(other):
        meta.put(other, "fact", "other")
    assert meta.get(one, "fact") == "other"
    one.close()
    other.close()
