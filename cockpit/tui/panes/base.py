"""What all panes share: levels to go into and out of, a list, a record, and what can be done with both."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Protocol

from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from cockpit.state.database import StateError
from cockpit.tui import rows_file
from cockpit.tui.commands import Commands
from cockpit.tui.feeds import Feed
from cockpit.tui.poller import Poller
from cockpit.tui.records import Record
from cockpit.tui.situation import Situation
from cockpit.tui.snapshots import Detail, PaneId, Snapshot
from cockpit.tui.widgets.browser import Asked, Browser
from cockpit.tui.widgets.record_view import RecordView
from cockpit.tui.widgets.table import Table


class Host(Protocol):
    """What a pane needs of the application."""

    poller: Poller
    commands: Commands

    def say(self, message: str, *, bad: bool = False) -> None:
        """Tell the person something."""
        ...

    def perform(self, command: Callable[[], str]) -> None:
        """Run a command in a worker thread; its word, or why it was refused, is told."""
        ...

    def quietly(self, command: Callable[[], object]) -> None:
        """Run a command in a worker thread that nobody needs to hear of."""
        ...

    def confirm(self, title: str, says: str, yes: str, then: Callable[[], object]) -> None:
        """Ask first, with the focus on Cancel; `then` is called only after a yes."""
        ...

    def ask_filter(self, text: str) -> None:
        """Let the person type a filter; it comes back as `apply_filter`."""
        ...

    def go(self, pane: PaneId) -> None:
        """Show another pane."""
        ...

    def copy(self, text: str, what: str) -> None:
        """Put text where the person can paste it from."""
        ...

    def to_clipboard(self, text: str) -> bool:
        """Put text on the clipboard and nowhere else; returns whether the terminal was asked to take it."""
        ...

    def situation(self) -> Situation:
        """Where the person is."""
        ...

    def changed(self) -> None:
        """What can be done has changed: the footer is drawn again."""
        ...


class Pane(Vertical):
    """A pane with levels. The first level is the top; `switcher` holds one widget a level."""

    pane_id: ClassVar[PaneId]

    def __init__(self, host: Host) -> None:
        super().__init__(id=self.pane_id, classes="pane")
        self.host = host
        self.trail: list[str] = []
        self._at_hand: tuple[Feed | None, Mapping[int, Record | None]] = (None, {})

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot; called while the pane is visible."""
        raise NotImplementedError

    @property
    def level(self) -> str:
        """The name of the level that is shown."""
        return self.trail[-1] if self.trail else ""

    @property
    def table(self) -> Table | None:
        """The list on the screen."""
        if not self.level:
            return None
        shown = self.query_one(f"#{self.level}")
        return shown if isinstance(shown, Table) else next(iter(shown.query(Table)), None)

    @property
    def browser(self) -> Browser | None:
        """The list on the screen, where it is one that can be filtered."""
        table = self.table
        return table if isinstance(table, Browser) else None

    @property
    def opened(self) -> RecordView | None:
        """The record on the screen."""
        return self.query_one(RecordView) if self.level == "record" else None

    def describe(self, situation: Situation) -> Situation:
        """Complete a situation with what is on the screen here."""
        table = self.table
        return replace(
            situation,
            level=self.level,
            listing=isinstance(table, Browser),
            row=table is not None and table.cursor is not None,
            record=self.opened is not None,
        )

    def enter(self, level: str) -> None:
        """Go to a level; the way back is remembered."""
        if level in self.trail:
            del self.trail[self.trail.index(level) :]
        self.trail.append(level)
        self._switch()

    def _switch(self) -> None:
        self.query_one(ContentSwitcher).current = self.level
        self.focus_main()
        self.host.changed()

    def focus_main(self) -> None:
        """Move the focus to what keys are meant for."""
        target: Widget | None = self.table
        if self.opened is not None:
            self.opened.focus_first()
        elif target is not None:
            target.focus()

    def do_back(self) -> None:
        """Clear the filter, or go one level up."""
        browser = self.browser
        if browser is not None and browser.filter:
            browser.set_filter("")
        elif len(self.trail) > 1:
            self.trail.pop()
            self._switch()
        else:
            self.host.go("overview")

    def do_filter(self) -> None:
        """Ask for a filter."""
        if self.browser is not None:
            self.host.ask_filter(self.browser.filter)

    def apply_filter(self, words: str) -> None:
        """Narrow the list."""
        if self.browser is not None:
            self.browser.set_filter(words)

    def do_sort(self) -> None:
        """Take the next order."""
        if self.browser is not None:
            self.browser.next_order()

    def do_mark(self) -> None:
        """Mark the row."""
        if self.table is not None:
            self.table.toggle_mark()

    def do_reload(self) -> None:
        """Read the list again."""
        if self.browser is not None:
            self.browser.reload()

    def do_open(self) -> None:
        """Open the record under the cursor."""
        self.open_record()

    def open_record(self) -> None:
        """Show the record under the cursor: at once if it was read with one beside it, and as read now."""
        browser = self.source
        if browser is None or browser.feed is None or browser.cursor is None:
            return
        feed, records = self._at_hand
        at_hand = records.get(browser.cursor) if feed is browser.feed else None
        if at_hand is not None:
            self._show_record(at_hand, browser.place())
        reading = self._open(browser, browser.feed, browser.cursor, shown=at_hand is not None)
        self.run_worker(reading, group="record", exclusive=True, exit_on_error=False)

    async def _open(self, browser: Browser, feed: Feed, id_: int, *, shown: bool) -> None:
        wanted = browser.around()
        try:
            records = await browser.reader.ask(
                lambda connection: {one: feed.record(connection, one) for one in wanted}
            )
        except StateError as error:
            self.host.say(str(error), bad=True)
            return
        self._at_hand = feed, records
        record = records[id_]
        if record is None:
            self.host.say("this record is no longer there", bad=True)
        elif shown:
            self.query_one(RecordView).refresh_record(record)
        else:
            self._show_record(record, browser.place())

    def _show_record(self, record: Record, place: str) -> None:
        self.query_one(RecordView).show(record, place)
        if self.level != "record":
            self.enter("record")
        else:
            self.host.changed()

    def do_next(self) -> None:
        """The next record of the list."""
        self._step(1)

    def do_previous(self) -> None:
        """The record before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        if (browser := self.source) is not None:
            browser.step(by)
            self.open_record()

    async def refresh_opened(self) -> None:
        """The open record again: it may have been decided about meanwhile."""
        browser, view = self.source, self.opened
        feed = browser.feed if browser is not None else None
        id_ = browser.cursor if browser is not None else None
        if browser is None or view is None or feed is None or id_ is None:
            return
        record = await browser.reader.ask(lambda connection: feed.record(connection, id_))
        if record is not None and browser.cursor == id_:
            view.refresh_record(record)

    @property
    def source(self) -> Browser | None:
        """The list that the open record came from, else the one on the screen."""
        if self.level != "record":
            return self.browser
        shown = self.query_one(f"#{self.trail[-2]}")
        return shown if isinstance(shown, Browser) else next(iter(shown.query(Browser)), None)

    def do_reveal(self) -> None:
        """Show secrets; the audit row is written first."""
        view = self.opened
        if view is None or view.record is None:
            return
        subject = view.record.subject

        def write() -> str:
            said = self.host.commands.reveal(subject)
            self.app.call_from_thread(view.reveal)
            return said

        self.host.perform(write)

    def do_fold(self) -> None:
        """Fold or unfold long values."""
        if self.opened is not None:
            self.opened.fold()

    def do_copy(self) -> None:
        """Copy the name of the row."""
        table = self.source if self.opened else self.table
        row = table.row(table.cursor) if table is not None else None
        if row is not None and row.name:
            self.host.copy(row.name, "the name of this row")

    def do_copy_record(self) -> None:
        """Copy the record as JSON, as masked as it is shown."""
        self.run_worker(self._copy_record(), group="copy", exit_on_error=False)

    async def _copy_record(self) -> None:
        view, browser = self.opened, self.source
        if view is not None and view.record is not None:
            document = view.record.document(revealed=view.revealed)
        elif browser is not None and browser.feed is not None and browser.cursor is not None:
            feed, id_ = browser.feed, browser.cursor
            record = await browser.reader.ask(lambda connection: feed.record(connection, id_))
            document = record.document() if record is not None else {}
        else:
            return
        self.host.copy(json.dumps(document, ensure_ascii=False, indent=2), "the record as JSON")

    def do_export_rows(self) -> None:
        """Write the filtered rows to a file."""
        self.run_worker(self._export_rows(), group="export", exclusive=True, exit_on_error=False)

    async def _export_rows(self) -> None:
        browser = self.browser
        if browser is not None and browser.feed is not None:
            await self.write_rows(browser.reader, browser.feed, browser.ids)

    async def write_rows(self, reader: Asked, feed: Feed, ids: Sequence[int]) -> None:
        """Write these records to a file beside the state, and say so."""
        state, now = self.host.commands.state, self.host.commands.clock.now()
        file = rows_file.beside(state, self.pane_id, now)
        try:
            count = await reader.ask(
                lambda connection: rows_file.write(rows_file.documents(connection, feed, ids), file)
            )
        except (StateError, OSError) as error:
            self.host.say(f"not written: {error}", bad=True)
            return
        self.host.say(f"{count:,} rows, masked, in {file}")
