"""Pane 6: the SSO connections by verdict, the plan for them, and how far their hand-over is."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import ContentSwitcher

from cockpit.tui.connections import summary
from cockpit.tui.connections.rows import ConnectionsFeed
from cockpit.tui.connections.standing import NOTHING, Standing
from cockpit.tui.panes.base import Host
from cockpit.tui.panes.handing_over import HandingOver
from cockpit.tui.snapshots import MOVING, Detail, PaneId, Snapshot
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.job_panel import JobPanel
from cockpit.tui.widgets.record_view import RecordView
from cockpit.tui.widgets.still import Still

NOUNS = {"check": "documents", "match": "connections", "create": "connections", "invite": "invitations"}


class ConnectionsPane(HandingOver):
    """What becomes of every connection."""

    pane_id: ClassVar[PaneId] = "connections"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._jobs = [JobPanel(kind, NOUNS[kind], passing=True) for kind in MOVING]
        self._head = Still(classes="counts")

    def compose(self) -> ComposeResult:
        """Jobs at work, the counts, the list; below a row its record."""
        yield from self._jobs
        yield self._head
        with ContentSwitcher(initial="connections-list"):
            yield self.connections
            yield RecordView()

    def on_mount(self) -> None:
        """Start with all of them, unsorted."""
        self.trail = ["connections-list"]
        self._show(NOTHING)

    def _show(self, standing: Standing) -> None:
        """The list, with users counted as they are now."""
        feed = ConnectionsFeed(self.host.commands.clock, standing.users)
        if self.connections.feed is None:
            self.connections.show_feed(feed)
        else:
            self.connections.feed = feed

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot."""
        for panel in self._jobs:
            panel.update(snapshot)
        self.standing = detail.connections
        self._show(detail.connections)
        # A record needs the room.
        self._head.display = self.level != "record"
        told = summary.of(self.standing, snapshot, max(40, self._head.size.width))
        self._head.show_text(lines.joined(told))
        if self.opened is not None:
            self.run_worker(self.refresh_opened(), group="record", exit_on_error=False)
        elif not self.connections.ids and not self.connections.filter and self.standing.total:
            self.connections.reload()
        else:
            self.connections.tick()

    def do_open(self) -> None:
        """Open the connection under the cursor."""
        if self.opened is None:
            self.open_record()
