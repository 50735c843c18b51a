"""An export that is killed at any commit and resumed has the same records, each once."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.jobs.reading import Reader, Take
from cockpit.state import check, exports
from cockpit.state.database import open_state, transaction
from cockpit.terms import Page
from tests.jobs.chains import Asked, Provider, Reading


class Killed(Exception):
    """The process is gone: nothing is committed any more."""


class Kept:
    """A state whose process dies before the commit number `kill_at`."""

    def __init__(self, connection: sqlite3.Connection, kill_at: int | None) -> None:
        self._connection, self._left = connection, kill_at
        with transaction(connection):
            self._export = exports.begin(connection, 1).id

    async def position(self, chain: str) -> tuple[bool, str | None]:
        return exports.position(self._connection, self._export, chain)

    async def commit(self, page: Page) -> None:
        await asyncio.sleep(0)
        if self._left == 0:
            raise Killed
        if self._left is not None:
            self._left -= 1
        with transaction(self._connection):
            exports.commit_page(self._connection, self._export, page, 100, 2)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A new state, to be copied."""
    with closing(open_state(tmp_path_factory.mktemp("empty") / "cockpit.db", create=True)) as connection:
        yield connection


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 4), min_size=1),
    st.integers(1, 4),
    st.lists(st.integers(0, 8), max_size=4),
)
def test_whenever_it_is_killed_the_resumed_export_has_the_same_records(
    empty: sqlite3.Connection, pages: dict[str, int], concurrency: int, kills: list[int]
) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        empty.backup(connection)
        killed_and_resumed(connection, pages, concurrency, kills)


def killed_and_resumed(
    connection: sqlite3.Connection, pages: dict[str, int], concurrency: int, kills: list[int]
) -> None:
    async def run(kill_at: int | None) -> list[Asked]:
        kept, provider = Kept(connection, kill_at), Provider(pages)
        take: Take = kept.commit
        context = Reading(provider, concurrency).context
        reader = Reader(context, provider, concurrency, "reading", take, kept.position)
        try:
            await reader.read(await provider.chains())
        except Killed:
            assert kill_at is not None
        return provider.asked

    def committed() -> list[Asked]:
        rows = connection.execute("select chain, cursor from pages order by id").fetchall()
        return [(chain, int(cursor)) for chain, cursor in rows]

    for kill_at in kills:
        before = set(committed())
        asked = asyncio.run(run(kill_at))
        assert not before & set(asked)  # what is committed is asked for no more
        lost = Counter(chain for chain, _ in set(asked) - set(committed()))
        assert max(lost.values(), default=0) <= 1  # the page that was being written
    asyncio.run(run(None))
    everything = [(chain, number) for chain, count in pages.items() for number in range(count)]
    assert sorted(committed()) == sorted(everything)  # each page once
    records = {row[0] for row in connection.execute("select source_id from raw").fetchall()}
    assert records == {f"{chain}-{number}-{part}" for chain, number in everything for part in "ab"}
    assert exports.records(connection) == (2 * len(everything), 0, 0)
    assert check.check(connection) == []
