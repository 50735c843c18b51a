"""A table that reads its feed: ids once, in a thread; cells of what is visible, again at every tick."""

import sqlite3
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from textual import on
from textual.message import Message

from cockpit.state import browse
from cockpit.state.database import StateError
from cockpit.tui import text
from cockpit.tui.feeds import Feed
from cockpit.tui.widgets.cells import Row
from cockpit.tui.widgets.table import Table

T = TypeVar("T")


class Asked(Protocol):
    """Who answers questions about the file that a list is of."""

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """The answer, found in another thread. Raises StateError."""
        ...


class Browser(Table):
    """A windowed table over a feed, with a filter, an order, and a count of what came since.

    With `follows` what came is shown at once, while the cursor is on the first row and that is in sight; the
    first order of the list is by id then, the newest first.
    """

    @dataclass
    class Trouble(Message):
        """The state could not be read."""

        error: str

    def __init__(
        self,
        reader: Asked,
        *,
        name: str,
        reload_key: str = "r",
        nothing: str = "nothing here",
        follows: bool = False,
    ) -> None:
        super().__init__((), name=name, empty="reading…")
        self._nothing = nothing
        self._follows = follows
        self.feed: Feed | None = None
        self.filter = ""
        self.order = ""
        self.reader = reader
        self._reload_key = reload_key
        self._newest = 0
        self._newer = 0

    def show_feed(self, feed: Feed, *, keep: bool = False) -> None:
        """Show another list; with `keep` the filter and the order stay."""
        self.feed = feed
        self.columns = tuple(feed.columns)
        if not keep:
            self.filter = ""
        self.order = self.order if self.order in feed.listing.orders else next(iter(feed.listing.orders))
        self.forget()
        self.empty = "reading…"
        self.set_ids(array("q"), fresh=True)
        self.reload(fresh=True)

    def reload(self, *, fresh: bool = False) -> None:
        """Read the ids again; the cursor stays on its row."""
        self.run_worker(self._load(fresh), group="ids", exclusive=True, exit_on_error=False)

    def set_filter(self, words: str) -> None:
        """Narrow the list."""
        self.filter = words.strip()
        self.reload(fresh=True)

    def toggle_mark(self) -> None:
        """Mark the row, and count the marks in the border."""
        super().toggle_mark()
        self._title()

    def unmark(self) -> None:
        """Take all marks away: what they were for is done."""
        self.marked.clear()
        self._title()
        self.refresh()

    def next_order(self) -> None:
        """Sort by the next order of the feed."""
        if self.feed is not None:
            orders = list(self.feed.listing.orders)
            self.order = orders[(orders.index(self.order) + 1) % len(orders)]
            self.reload(fresh=True)

    def place(self) -> str:
        """Where the cursor is among how many, never broken between two lines."""
        return (
            f"{text.number(self.line + 1)}\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}{text.number(len(self.ids))}"
        )

    def around(self) -> list[int]:
        """The id under the cursor, then those after and before it."""
        lines = (self.line, self.line + 1, self.line - 1)
        return [self.ids[line] for line in lines if 0 <= line < len(self.ids)]

    def tick(self) -> None:
        """Read what is visible again, and whether more has come."""
        if self.feed is not None and self.empty != "reading…":
            self.run_worker(self._freshen(), group="tick", exclusive=True, exit_on_error=False)

    async def _load(self, fresh: bool) -> None:
        feed, words, order = self.feed, self.filter, self.order
        if feed is None:
            return

        def read(connection: sqlite3.Connection) -> tuple["array[int]", int]:
            ids = browse.ids(connection, feed.listing, words, order)
            return ids, max(ids, default=0)

        try:
            ids, newest = await self.reader.ask(read)
        except StateError as error:
            self.empty = self._nothing
            self.refresh()
            self.post_message(self.Trouble(str(error)))
            return
        self._newest, self._newer = newest, 0
        self.empty = f"nothing matches {words}; Esc clears the filter" if words else self._nothing
        self.set_ids(ids, fresh=fresh)
        self._title()
        self.refresh()

    async def _freshen(self) -> None:
        feed, words, seen = self.feed, self.filter, self.visible_ids()
        if feed is None:
            return
        newest, following = self._newest, self._at_newest

        def read(connection: sqlite3.Connection) -> tuple[Mapping[int, Row], "array[int]", int]:
            came = browse.ids(connection, feed.listing, words, after=newest) if following else array("q")
            newer = 0 if following else browse.newer(connection, feed.listing, words, newest)
            return _cells(connection, feed, words, seen), came, newer

        try:
            rows, came, newer = await self.reader.ask(read)
        except StateError as error:
            self.post_message(self.Trouble(str(error)))
            return
        if feed is not self.feed or words != self.filter:
            return
        self.put(rows)
        if newest != self._newest or following != self._at_newest:
            return
        if came:
            self._newest = came[0]
            self.set_ids(came + self.ids, fresh=True)
        if came or newer != self._newer:
            self._newer = newer
            self._title()

    @property
    def _at_newest(self) -> bool:
        """Whether what comes is shown at once."""
        feed = self.feed
        return (
            self._follows
            and feed is not None
            and self.line == self.scroll_offset.y == 0
            and self.order == next(iter(feed.listing.orders))
        )

    @on(Table.Needed)
    async def _fetch(self, event: Table.Needed) -> None:
        event.stop()
        self.run_worker(self._cells_of(event.wanted), group="cells", exit_on_error=False)

    async def _cells_of(self, wanted: list[int]) -> None:
        feed, words = self.feed, self.filter
        if feed is None:
            return
        try:
            rows = await self.reader.ask(lambda connection: _cells(connection, feed, words, wanted))
        except StateError as error:
            self.post_message(self.Trouble(str(error)))
            return
        if feed is self.feed:
            self.put(rows)

    def _title(self) -> None:
        if self.feed is None:
            return
        parts = [f"{text.line(self.feed.title, 60)} {text.number(len(self.ids))}"]
        if self.filter:
            parts.append(f"filter: {text.line(self.filter, 40)}")
        if self.marked:
            parts.append(f"{text.number(len(self.marked))} marked")
        if self.order != next(iter(self.feed.listing.orders)):
            parts.append(f"by {self.order}")
        self.entitle(" · ".join(parts))
        more = f"+{text.number(self._newer)} new, {self._reload_key}" if self._newer else ""
        self.border_subtitle = more


def _cells(
    connection: sqlite3.Connection, feed: Feed, words: str, wanted: Sequence[int]
) -> Mapping[int, Row]:
    rows = feed.rows(connection, wanted)
    matching = browse.still(connection, feed.listing, words, wanted)
    return {id_: row if id_ in matching else replace(row, gone=True) for id_, row in rows.items()}
