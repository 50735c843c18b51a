"""Reading for the screen: own connections in own threads, short transactions, never the UI thread."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from cockpit.clock import Clock, millis
from cockpit.state.database import STATE, FileKind, StateError, explain, open_readonly
from cockpit.state.rollout import ROLLOUT
from cockpit.state.rollout import beside as rollout_of
from cockpit.state.tank import TANK, beside
from cockpit.tui import snapshots
from cockpit.tui.given import DEFAULTS, Given
from cockpit.tui.log import kept
from cockpit.tui.rollout import board
from cockpit.tui.snapshots import Detail, PaneId, Snapshot

T = TypeVar("T")

INTERVAL_S = 0.22
FACETS_S = 0.5
_REST = 20
"""A facet that took t seconds is left alone for 20 t: reading may take 5 % of a core, not more."""


class Reader:
    """One read-only connection, used by one thread, opened when first needed and again after an error."""

    def __init__(self, file: Path, name: str, kind: FileKind = STATE) -> None:
        self._file, self._kind = file, kind
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._connection: sqlite3.Connection | None = None

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """The answer to a question, asked in the thread. Raises StateError."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._answer, question)

    def _answer(self, question: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = open_readonly(self._file, kind=self._kind)
            return question(self._connection)
        except (sqlite3.Error, StateError) as error:
            self._drop()
            if isinstance(error, sqlite3.DatabaseError):
                raise explain(error, self._file) from error
            raise

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Finish the question at hand and let go of the file."""
        self._pool.submit(self._drop)
        self._pool.shutdown()


class Poller:
    """Takes snapshots. `interval` None means that nothing moves unless told (tests)."""

    def __init__(
        self, state: Path, clock: Clock, *, given: Given = DEFAULTS, interval: float | None = INTERVAL_S
    ) -> None:
        self.interval = interval
        self._state = state
        self._clock = clock
        self._given = given
        self._watch = Reader(state, "snapshots")
        self._lists = Reader(state, "lists")
        self.tank = Reader(beside(state), "tank", TANK)
        """For lists of the tank's own file."""
        self.rollout = Reader(rollout_of(state), "rollout", ROLLOUT)
        """For lists of the rollout's."""
        self._facets: tuple[PaneId, Detail] | None = None
        self._due = 0.0
        self._last = (Snapshot(clock.now()), Detail())

    def started(self) -> bool:
        """Whether there is anything to read yet (stat only: the file is never opened beside SQLite)."""
        try:
            return self._state.stat().st_size > 0
        except OSError:
            return False

    async def poll(self, pane: PaneId) -> tuple[Snapshot, Detail]:
        """The state now, as one pane needs it. An error comes as the snapshot's problem."""
        if not self.started():
            return Snapshot(self._clock.now()), await self._bare(
                pane, Detail(), f"{self._state} is not there"
            )
        try:
            self._last = await self._watch.ask(lambda connection: self._read(connection, pane))
        except StateError as error:
            snapshot, detail = self._last
            detail = await self._bare(pane, detail, str(error))
            return replace(snapshot, at=self._clock.now(), problem=str(error)), detail
        return self._last

    def _read(self, connection: sqlite3.Connection, pane: PaneId) -> tuple[Snapshot, Detail]:
        snapshot = snapshots.read(connection, self._state, self._clock)
        begun = time.perf_counter()
        known = self._facets[1] if self._facets and self._facets[0] == pane and begun < self._due else None
        detail = snapshots.detail(connection, self._state, snapshot, pane, self._given, known)
        if known is None:
            ended = time.perf_counter()
            self._facets = (pane, detail)
            self._due = ended + max(FACETS_S, _REST * (ended - begun)) if self.interval else 0.0
        return snapshot, detail

    async def _bare(self, pane: PaneId, detail: Detail, why: str) -> Detail:
        """The rollout and what jobs printed have files of their own, which are read even so."""
        if pane == "rollout":
            now = millis(self._clock.now())
            found = await asyncio.to_thread(board.bare, self._state, self._given.rollout, now, why)
            return replace(detail, board=found)
        if pane == "log":
            return replace(detail, log=await asyncio.to_thread(kept.beside, self._state))
        return detail

    def forget(self) -> None:
        """What was read may have changed: the next poll reads it all again."""
        self._due = 0.0

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Read for a list or a record, in a thread of its own beside the snapshots. Raises StateError."""
        return await self._lists.ask(question)

    def close(self) -> None:
        """Let go of the state file."""
        self._watch.close()
        self._lists.close()
        self.tank.close()
        self.rollout.close()
