"""Pane 3: the import, its pace, the grid of batches, and what happened."""

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import ContentSwitcher

from cockpit.tui import feeds
from cockpit.tui.actions import Situation
from cockpit.tui.panes.base import Host, Pane
from cockpit.tui.panes.overview import event_lines, user_counts
from cockpit.tui.snapshots import Detail, PaneId, Snapshot
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.batch_map import BatchMap
from cockpit.tui.widgets.browser import Browser
from cockpit.tui.widgets.job_panel import JobPanel
from cockpit.tui.widgets.record_view import RecordView
from cockpit.tui.widgets.still import Still


class ImportPane(Pane):
    """What goes to the target."""

    pane_id: ClassVar[PaneId] = "import"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._job = JobPanel("import", "users", paced=True)
        self._counts = Still(classes="counts")
        self._map = BatchMap()
        self._events = Still(classes="box events")
        self._users = Browser(host.poller, name="batch")

    def compose(self) -> ComposeResult:
        """The job, users by state, the grid, events; below a cell its users."""
        yield self._job
        yield self._counts
        with ContentSwitcher(initial="grid"):
            with Vertical(id="grid"):
                yield self._map
                yield self._events
            yield self._users
            yield RecordView()

    def on_mount(self) -> None:
        """Start with the grid."""
        self.trail = ["grid"]
        self._events.border_title = "What happened"

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot."""
        self._job.update(snapshot, detail.samples)
        found = snapshot.summary
        if found is not None:
            self._counts.show_text(lines.content(user_counts(found)))
        self._map.update(detail.cells)
        self._events.show_text(lines.joined(event_lines(detail.events, 12)))
        if self.browser is not None:
            self.browser.tick()

    def describe(self, situation: Situation) -> Situation:
        """On the grid the row is the cell under the cursor."""
        found = super().describe(situation)
        return replace(found, row=self._map.cell is not None) if self.level == "grid" else found

    def focus_main(self) -> None:
        """The grid first."""
        if self.level == "grid":
            self._map.focus()
        else:
            super().focus_main()

    def do_open(self) -> None:
        """A cell opens its users, a user its record."""
        cell = self._map.cell
        if self.level == "grid" and cell is not None:
            size = self.host.commands.batch_size
            self._users.show_feed(feeds.users_of_batches(cell.first, cell.batches, size))
            self.enter("batch")
        elif self.browser is not None:
            self.open_record()
