"""Pane 3: the import, its pace, how far each kind is, the grid of batches, and what happened."""

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import ContentSwitcher

from cockpit.tui import feeds, kinds
from cockpit.tui.kinds import Family
from cockpit.tui.panes.base import Host
from cockpit.tui.panes.overview import event_lines
from cockpit.tui.panes.viewed import ViewedPane
from cockpit.tui.situation import Situation
from cockpit.tui.snapshots import Detail, PaneId, Snapshot
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.batch_map import BatchMap
from cockpit.tui.widgets.browser import Browser
from cockpit.tui.widgets.job_panel import JobPanel
from cockpit.tui.widgets.record_view import RecordView
from cockpit.tui.widgets.still import Still
from cockpit.tui.widgets.views import View


class ImportPane(ViewedPane):
    """What goes to the target."""

    pane_id: ClassVar[PaneId] = "import"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._job = JobPanel("import", "records", paced="writes")
        self._counts = Still(classes="counts")
        self._map = BatchMap()
        self._events = Still(classes="box events")
        self._users = Browser(host.poller, name="batch")
        self._resources = Browser(host.poller, name="resources")
        self._families: list[Family] = []
        self._family: Family | None = None

    def compose(self) -> ComposeResult:
        """The job, counts, users in a grid or the records of another kind, events; below a cell its users."""
        yield self._job
        yield self._counts
        yield self.views
        with ContentSwitcher(initial="grid"):
            with Vertical(id="grid"):
                yield self._map
                yield self._events
            yield self._users
            yield self._resources
            yield RecordView()

    def on_mount(self) -> None:
        """Start with the grid."""
        self.trail = ["grid"]
        self.views.display = False
        self._events.border_title = "What happened"

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot."""
        found = snapshot.summary
        self._families = kinds.families(found)
        self._job.update(snapshot, detail.samples, "" if self._families else "users")
        if found is not None:
            width = max(40, self._counts.size.width)
            counts = [*lines.packed(("", "plain"), kinds.users_by_state(found), width)]
            if self._families:
                counts += lines.packed(("", "plain"), kinds.beside_users(found), width)
            self._counts.show_text(lines.joined(counts))
        self._arrange()
        self._map.update(detail.cells)
        self._events.show_text(lines.joined(event_lines(detail.events, 12)))
        if self.browser is not None:
            self.browser.tick()

    def _arrange(self) -> None:
        # A record needs the room.
        self._counts.display = self.level != "record"
        self.views.display = bool(self._families) and self.level != "record"
        shown = self._families.index(self._family) + 1 if self._family in self._families else 0
        self.views.show([View("Users"), *(View(family.name) for family in self._families)], shown)

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

    def pick(self, index: int) -> None:
        """The grid of users, or the records of a kind."""
        index %= len(self._families) + 1
        self._family = self._families[index - 1] if index else None
        self.trail = []
        if self._family is None:
            self.enter("grid")
        else:
            self._resources.show_feed(feeds.of_family(self._family))
            self.enter("resources")
        self._arrange()

    def do_next_kind(self) -> None:
        """The next kind."""
        self.do_next_view()

    def do_previous_kind(self) -> None:
        """The kind before."""
        self.do_previous_view()

    def do_open(self) -> None:
        """A cell opens its users, a record its sides."""
        cell = self._map.cell
        if self.level == "grid" and cell is not None:
            size = self.host.commands.given.batch_size
            self._users.show_feed(feeds.users_of_batches(cell.first, cell.batches, size))
            self.enter("batch")
        elif self.browser is not None:
            self.open_record()
