"""The writer: one thread, one transaction a call; a failure is handed over and leaves nothing behind."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cockpit.state import meta
from cockpit.state.database import StateError, open_readonly, open_state
from cockpit.state.writer import Writer


def writing(state: Path, test: Callable[[Writer], Awaitable[None]]) -> None:
    """Run the test with an open writer."""

    async def main() -> None:
        writer = Writer(state)
        await writer.open()
        try:
            await test(writer)
        finally:
            await writer.close()

    asyncio.run(main())


def stored(state: Path) -> dict[str, str]:
    connection = open_readonly(state)
    facts = meta.facts(connection, "")
    connection.close()
    return facts


def fill(connection: sqlite3.Connection, size: int) -> None:
    meta.put(connection, "filling", "x" * size)


def test_what_returned_is_durable_and_comes_in_the_order_asked_for(tmp_path: Path) -> None:
    state = tmp_path / "cockpit.db"

    async def test(writer: Writer) -> None:
        await asyncio.gather(*(writer.run(meta.put, "fact", str(n)) for n in range(50)))
        assert stored(state) == {"fact": "49"}
        assert await writer.run(meta.get, "fact") == "49"

    writing(state, test)


def test_all_of_it_happens_in_one_thread_that_is_not_the_callers(tmp_path: Path) -> None:
    async def test(writer: Writer) -> None:
        threads = {await writer.run(lambda _: threading.current_thread()) for _ in range(5)}
        assert len(threads) == 1
        assert threads != {threading.current_thread()}

    writing(tmp_path / "cockpit.db", test)


def test_a_call_that_raises_is_undone_and_its_error_handed_over(tmp_path: Path) -> None:
    state = tmp_path / "cockpit.db"

    def half(connection: sqlite3.Connection) -> None:
        meta.put(connection, "half", "done")
        raise LookupError("the other half")

    async def test(writer: Writer) -> None:
        with pytest.raises(LookupError, match="the other half"):
            await writer.run(half)
        await writer.run(meta.put, "next", "written")

    writing(state, test)
    assert stored(state) == {"next": "written"}


def test_a_full_database_is_told_in_one_line_and_loses_nothing(tmp_path: Path) -> None:
    state = tmp_path / "cockpit.db"

    async def test(writer: Writer) -> None:
        await writer.run(meta.put, "fact", "kept")
        pages = await writer.run(lambda c: c.execute("pragma page_count").fetchone()[0])
        await writer.run(lambda c: c.execute(f"pragma max_page_count = {pages + 2}"))
        with pytest.raises(StateError) as full:
            await writer.run(fill, 100_000)
        assert str(full.value) == (
            f"no space left for {state}; free some and run the same command again, nothing is lost"
        )
        await writer.run(lambda c: c.execute("pragma max_page_count = 1000000"))  # space was freed
        await writer.run(fill, 10)

    writing(state, test)
    assert stored(state) == {"fact": "kept", "filling": "x" * 10}


def test_a_file_that_stays_locked_is_told_in_one_line(tmp_path: Path) -> None:
    state = tmp_path / "cockpit.db"

    async def test(writer: Writer) -> None:
        await writer.run(lambda c: c.execute("pragma busy_timeout = 50"))
        other = open_state(state)
        other.execute("begin immediate")
        with pytest.raises(StateError, match="stayed locked"):
            await writer.run(meta.put, "fact", "x")
        other.execute("rollback")
        other.close()
        await writer.run(meta.put, "fact", "written")

    writing(state, test)
    assert stored(state) == {"fact": "written"}


def test_a_file_that_cannot_be_opened_is_told_when_it_is_opened(tmp_path: Path) -> None:
    state = tmp_path / "cockpit.db"
    state.write_bytes(b"not a database, but long enough to look at" * 100)

    async def opening() -> None:
        writer = Writer(state)
        try:
            with pytest.raises(StateError, match="is damaged"):
                await writer.open()
        finally:
            await writer.close()

    asyncio.run(opening())
