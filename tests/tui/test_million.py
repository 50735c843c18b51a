"""A million users, and 400,000 memberships, open without the UI thread touching the database."""

import sqlite3
import threading
from array import array
from pathlib import Path
from typing import Any

import pytest

from cockpit.state import browse
from cockpit.state.database import open_state
from cockpit.tui import feeds
from cockpit.tui.app import CockpitApp
from tests.tui.driving import Cockpit, drive, press, settled
from tests.tui.seeded import Seeded

MILLION = 1_000_000
MEMBERSHIPS = 400_000


def fill(seeded: Seeded) -> None:
    """As many users, by SQL."""
    connection = open_state(seeded.path, create=True)
    counting = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000) "
    connection.execute("pragma synchronous = off")
    connection.execute("begin")
    connection.execute(
        f"insert into raw(id, source_id, page, body) {counting} select i, 'id-' || i, 1, '{{}}' from n"
    )
    connection.execute(f"insert into operations(id, kind, subject) {counting} select i, 'user', i from n")
    connection.execute("insert into counters(kind, state, n) values('user', 'ready', 1000000)")
    connection.execute("insert into exports(started_at, complete_at, read) values(1, 2, 1000000)")
    connection.execute("commit")
    connection.close()


def fill_memberships(seeded: Seeded) -> None:
    """As many memberships of 1,000 users and 1,000 organizations, by SQL."""
    connection = open_state(seeded.path, create=True)
    counting = f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {MEMBERSHIPS}) "
    connection.execute("pragma synchronous = off")
    connection.execute("begin")
    connection.execute(
        "insert into resources(id, kind, source_id, page, name, user, organization) "
        f"{counting} select i, 'membership', 'id-' || i, 1, 'member', i % 1000, i / 400 from n"
    )
    connection.execute(
        f"insert into operations(id, kind, subject) {counting} select i, 'membership', i from n"
    )
    connection.execute(f"insert into counters(kind, state, n) values('membership', 'ready', {MEMBERSHIPS})")
    connection.execute("insert into exports(kind, started_at, complete_at) values('membership', 1, 2)")
    connection.execute("commit")
    connection.close()


@pytest.mark.parametrize("keys", [("2", "v"), ("3", "v")])
def test_memberships_are_as_quick_and_only_what_is_visible_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]
) -> None:
    threads: set[str] = set()
    ids, rows = browse.ids, feeds.ResourcesFeed.rows

    def watched_ids(*args: Any, **kwargs: Any) -> "array[int]":
        threads.add(threading.current_thread().name)
        return ids(*args, **kwargs)

    def watched_rows(self: feeds.ResourcesFeed, connection: sqlite3.Connection, wanted: Any) -> Any:
        threads.add(threading.current_thread().name)
        assert len(wanted) <= 400
        return rows(self, connection, wanted)

    monkeypatch.setattr(browse, "ids", watched_ids)
    monkeypatch.setattr(feeds.ResourcesFeed, "rows", watched_rows)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        fill_memberships(seeded)
        await settled(pilot)
        await press(pilot, *keys, "G")
        browser = app.pane.browser
        assert browser is not None
        assert (len(browser.ids), browser.cursor) == (MEMBERSHIPS, MEMBERSHIPS)
        assert all(browser.row(id_) is not None for id_ in browser.visible_ids())
        assert threads and all(name.startswith("lists") for name in threads)

    drive(tmp_path, "empty", script)


def test_all_ids_of_a_kind_come_from_an_index_alone(tmp_path: Path) -> None:
    connection = open_state(tmp_path / "cockpit.db", create=True)
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    browse.ids(connection, browse.resources(("membership",)))
    connection.set_trace_callback(None)
    plan = connection.execute(f"explain query plan {asked[0]}").fetchall()
    assert [row[3] for row in plan] == [
        "SEARCH o USING COVERING INDEX sqlite_autoindex_operations_1 (kind=?)"
    ]
    connection.close()


def test_a_million_rows_appear_and_are_read_off_the_ui_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[str] = set()
    ids, rows = browse.ids, feeds.UsersFeed.rows

    def watched_ids(*args: Any, **kwargs: Any) -> "array[int]":
        threads.add(threading.current_thread().name)
        return ids(*args, **kwargs)

    def watched_rows(self: feeds.UsersFeed, connection: sqlite3.Connection, wanted: Any) -> Any:
        threads.add(threading.current_thread().name)
        assert len(wanted) <= 400
        return rows(self, connection, wanted)

    monkeypatch.setattr(browse, "ids", watched_ids)
    monkeypatch.setattr(feeds.UsersFeed, "rows", watched_rows)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        fill(seeded)
        await settled(pilot)
        await press(pilot, "2")
        browser = app.pane.browser
        assert browser is not None
        assert len(browser.ids) == MILLION
        assert all(browser.row(id_) is not None for id_ in browser.visible_ids())
        await press(pilot, "G")
        assert browser.cursor == MILLION
        assert browser.row(MILLION) is not None
        await press(pilot, "pageup", "ctrl+u", "g", "pagedown")
        assert all(browser.row(id_) is not None for id_ in browser.visible_ids())
        assert threads and all(name.startswith("lists") for name in threads)

    drive(tmp_path, "empty", script)
