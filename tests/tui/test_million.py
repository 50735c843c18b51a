"""A million users open without the UI thread touching the database."""

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
